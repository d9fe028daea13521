/// What to say, and where to go on.

#include "compiler/Syntax/Habits.h"
#include "compiler/Syntax/ParserImpl.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SourceMgr.h"

using namespace nnc;
using llvm::StringRef;

Diagnostics::Builder Parser::report(Code code, SourceRange range, const llvm::Twine &message) {
  file.hasErrors = true;
  return diags.error(code, range, message);
}

Diagnostics::Builder Parser::stop(Code code, SourceRange range, const llvm::Twine &message) {
  panic = true;
  return report(code, range, message);
}

/// The ends of lines and of the file are shown right after the last token.
SourceRange Parser::foundRange() const {
  const Token &found = tok();
  bool isEnd = found.is(Tok::Eof) || (found.is(Tok::Newline) && found.text != ";");
  return isEnd ? SourceRange(lastEnd) : found.range;
}

void Parser::fail(const llvm::Twine &wanted) {
  if (panic)
    return;
  std::string want = wanted.str();
  auto builder =
      stop(Code::ExpectedToken, foundRange(), "expected " + want + ", found " + describe(tok()));
  builder.here("expected " + want);
  explainFound(builder);
}

/// What a token in a place where it makes no sense was probably meant to be.
void Parser::explainFound(Diagnostics::Builder &builder) const {
  switch (tok().kind) {
  case Tok::LeftArrow:
    builder.help("`<-` replaces a value; to compare with a negative number, write `< -…`");
    return;
  case Tok::Question:
    builder.help("`?` stands in types only; a choice is written `if c { a } else { b }`, or "
                 "`where(c, a, b)` element by element");
    return;
  case Tok::kw_else:
    builder.help("`else` follows the `}` of an `if`");
    return;
  case Tok::Equal:
    builder.help("`=` defines a name; to compare, write `==`");
    return;
  case Tok::RightParen:
  case Tok::RightBracket:
  case Tok::RightBrace:
    if (tok().lineStart && lastEnd != tok().range.begin)
      builder.label(SourceRange(lastEnd), "something is missing after this");
    return;
  default:
    return;
  }
}

bool Parser::expect(Tok kind) {
  if (eat(kind))
    return true;
  fail("`" + spelling(kind) + "`");
  return false;
}

bool Parser::stopAtAssign() {
  if (!at(Tok::Equal))
    return false;
  stop(Code::AssignInExpression, tok().range, "`=` cannot stand inside an expression")
      .help("to compare, write `==`; a name is defined in a statement of its own");
  return true;
}

void Parser::close(const Token &open, Tok kind) {
  if (panic || eat(kind) || stopAtAssign())
    return;
  bool atEnd = tok().is(Tok::Newline) || tok().is(Tok::Eof);
  if (open.unclosed || atEnd) {
    stop(Code::UnclosedBracket, foundRange(),
         "expected `" + spelling(kind) + "`, found " + describe(tok()))
        .here("`" + spelling(kind) + "` is missing")
        .label(open.range, "opened here");
    return;
  }
  std::string want = ("`,` or `" + spelling(kind) + "`").str();
  auto builder =
      stop(Code::ExpectedToken, foundRange(), "expected " + want + ", found " + describe(tok()));
  builder.here("expected " + want).label(open.range, "to close this");
  explainFound(builder);
}

/// The name that ends at a place; empty if none does.
static StringRef wordBefore(llvm::SMLoc end) {
  const char *last = end.getPointer(), *first = last;
  while (llvm::isAlnum(first[-1]) || first[-1] == '_')
    --first;
  return StringRef(first, last - first);
}

void Parser::explainStatementEnd(Diagnostics::Builder &builder, const Token &first) const {
  const Token &found = tok();
  bool second = lastEnd == first.range.end;
  StringRef foreign = second ? habit(Habit::Statement, first.text) : StringRef();
  if (foreign.empty())
    foreign = habit(Habit::Operator, found.text);
  if (foreign.empty())
    foreign = habit(Habit::Statement, wordBefore(lastEnd));
  if (!foreign.empty()) {
    builder.help(foreign);
    return;
  }
  switch (found.kind) {
  case Tok::Comma:
    builder.help("several names stand in parentheses: `(a, b) = ...`");
    return;
  case Tok::LeftBrace:
    builder.help("a block follows `if`, `scan`, `repeat` or the head of a declaration");
    return;
  case Tok::Name:
  case Tok::Number:
  case Tok::String:
    builder.help("an operator may be missing; two statements on one line are separated by `;`");
    return;
  default:
    explainFound(builder);
  }
}

void Parser::endStatement(const Token &start) {
  if (atBlockEnd() || eat(Tok::Newline) || stopAtAssign())
    return;
  const Token &found = tok();
  if (found.is(Tok::RightParen) || found.is(Tok::RightBracket)) {
    stop(Code::UnmatchedBracket, found.range, "this `" + found.text + "` closes nothing");
    return;
  }
  auto builder = stop(Code::MissingStatementEnd, found.range,
                      "expected the end of the statement, found " + describe(found));
  explainStatementEnd(builder, start);
}

void Parser::skipBraces() {
  unsigned open = 0;
  do {
    if (tok().is(Tok::LeftBrace))
      ++open;
    else if (tok().is(Tok::RightBrace))
      --open;
    take();
  } while (open && !tok().is(Tok::Eof) && !tok().closesBlocks);
}

void Parser::synchronise() {
  panic = false;
  while (!atBlockEnd()) {
    if (tok().is(Tok::LeftBrace)) {
      skipBraces();
    } else if (take().is(Tok::Newline)) {
      return;
    }
  }
}

void Parser::missingBrace(const Token &open) {
  if (missingAt == tok().range.begin)
    return;
  missingAt = tok().range.begin;
  auto builder = report(Code::UnclosedBracket, open.range, "this `{` is never closed");
  if (stream.suspectOpen.isValid())
    builder.label(stream.suspectOpen, "or is it this one?")
        .label(stream.suspectClose, "indented unlike the line of the `{` that it closes");
  else if (tok().closesBlocks)
    builder.label(tok().range, "`}` is missing before this");
  else
    builder.help("`}` is missing at the end of the file");
}

size_t Parser::indentation(const Token &token) const {
  StringRef text = diags.sourceMgr().getMemoryBuffer(file.bufferId)->getBuffer();
  StringRef before = text.take_front(token.text.begin() - text.begin());
  StringRef line = text.drop_front(before.rfind('\n') + 1);
  return line.find_first_not_of(" \t");
}

void Parser::checkContinuation(const Token &start, const Token &previous, llvm::SMLoc previousEnd,
                               bool isLast) {
  if (isLast && indentation(start) <= indentation(previous))
    return;
  StringRef help = start.is(Tok::Minus)
                       ? "to continue an expression, end the line before it with `-`, or use "
                         "parentheses around the whole"
                       : "to continue an expression, open the bracket on the line before it";
  // The last value of a body may be meant; any other is lost for certain.
  auto builder =
      isLast ? diags.warning(Code::MaybeContinuation, start.range, "this line is a new statement")
             : report(Code::LostContinuation, start.range,
                      "this line is a new statement, and its value is lost");
  builder.label(SourceRange(previousEnd), "the statement before ends here").help(help);
}
