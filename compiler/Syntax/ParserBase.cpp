/// Cursor, lists and blocks.

#include "compiler/Syntax/ParserImpl.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SourceMgr.h"

using namespace nnc;

Parser::Parser(TokenStream lexed, ast::File &file, Diagnostics &diags)
    : tokens(std::move(lexed.tokens)), stream(std::move(lexed)), file(file), diags(diags) {
  file.hasErrors = stream.hasErrors;
  file.doc = stream.fileDoc;
  file.expectations = std::move(stream.expectations);
  lastEnd = tokens.front().range.begin;
}

std::unique_ptr<ast::File> nnc::parseFile(llvm::SourceMgr &sources, unsigned bufferId,
                                          Diagnostics &diags) {
  const llvm::MemoryBuffer *buffer = sources.getMemoryBuffer(bufferId);
  auto file = std::make_unique<ast::File>(bufferId, buffer->getBufferIdentifier().str());
  Parser(lex(buffer->getBuffer(), diags), *file, diags).parseFile();
  return file;
}

Token Parser::take() {
  Token token = tokens[position];
  if (!token.is(Tok::Eof))
    ++position;
  if (!token.is(Tok::Newline) && !token.is(Tok::Eof))
    lastEnd = token.range.end;
  return token;
}

bool Parser::atBlockEnd() const {
  return panic || tok().is(Tok::RightBrace) || tok().is(Tok::Eof) || tok().closesBlocks;
}

SourceRange Parser::since(llvm::SMLoc begin) const {
  // Empty if nothing has been taken.
  bool any = lastEnd.getPointer() > begin.getPointer();
  return {begin, any ? lastEnd : begin};
}

Parser::Nest::Nest(Parser &parser) : parser(parser), outerHeight(parser.height) {
  ++parser.depth;
  parser.height = 0;
  parser.raise();
}

Parser::Nest::~Nest() {
  --parser.depth;
  parser.height = std::max(parser.height, outerHeight);
}

void Parser::raise() {
  if (panic || depth + ++height <= maxDepth)
    return;
  stop(Code::TooDeep, foundRange(), "this is nested too deeply").help("give names to parts of it");
}

/// Whether a reserved word was most likely meant as a name, and not to start the next part.
bool Parser::meantAsName() const {
  if (!isKeyword(tok().kind) || tok().lineStart)
    return false;
  switch (tok().kind) {
  case Tok::kw_carry:
  case Tok::kw_until:
  case Tok::kw_else:
  case Tok::kw_over:
  case Tok::kw_by:
  case Tok::kw_given:
  case Tok::kw_with:
  case Tok::kw_and:
  case Tok::kw_or:
    break;
  default:
    return true;
  }
  bool operandFollows = peek().is(Tok::Name) || peek().is(Tok::Number) || peek().is(Tok::LeftBrace);
  return !operandFollows && !isKeyword(peek().kind);
}

ast::Ident Parser::name(const llvm::Twine &what) {
  if (at(Tok::Name)) {
    Token token = take();
    return {token.text, token.range};
  }
  if (!panic && meantAsName()) {
    Token token = take();
    report(Code::ReservedWord, token.range,
           "expected " + what + ", found the reserved word `" + token.text + "`")
        .help("choose another name, such as `" + token.text + "_`");
    return {token.text, token.range};
  }
  fail(what);
  return {};
}

std::string Parser::string(SourceRange *range) {
  if (!at(Tok::String)) {
    fail("a string");
    return {};
  }
  Token token = take();
  if (range)
    *range = token.range;
  return stringValue(token);
}

/// What stands after a point: a name, or the iteration of a `repeat`: `block.3.w`.
ast::Ident Parser::pathPart() {
  if (!at(Tok::Number) || !llvm::all_of(tok().text, llvm::isDigit))
    return name("a name after `.`");
  Token token = take();
  return {token.text, token.range};
}

ast::Path Parser::path(const llvm::Twine &what) {
  ast::Path path;
  llvm::SMLoc begin = tok().range.begin;
  path.parts.push_back(name(what));
  while (eat(Tok::Dot))
    path.parts.push_back(pathPart());
  path.range = since(begin);
  return path;
}

void Parser::list(const Token &open, Tok closer, llvm::function_ref<void()> one, bool mayBeEmpty) {
  while (!panic && (!at(closer) || !mayBeEmpty)) {
    one();
    mayBeEmpty = true; // a comma may stand before the closing bracket
    if (!eat(Tok::Comma))
      break;
  }
  close(open, closer);
}

void Parser::commas(llvm::function_ref<void()> one) {
  do
    one();
  while (eat(Tok::Comma));
}

/// Takes `{`, also one that stands on the next line by mistake.
bool Parser::openBrace(Token &open) {
  if (at(Tok::Newline) && peek().is(Tok::LeftBrace)) {
    report(Code::ExpectedToken, peek().range, "`{` belongs at the end of the line before")
        .label(SourceRange(lastEnd), "a newline ends the statement here")
        .help("write `… {` on one line");
    take();
  }
  open = tok();
  return expect(Tok::LeftBrace);
}

SourceRange Parser::braces(llvm::function_ref<void()> one) {
  llvm::SMLoc begin = tok().range.begin;
  Nest nest(*this);
  Token open;
  if (!openBrace(open))
    return since(begin);
  auto skipNewlines = [&] {
    while (at(Tok::Newline))
      take();
  };
  skipNewlines();
  while (!atBlockEnd()) {
    one();
    if (panic)
      synchronise();
    skipNewlines();
  }
  if (at(Tok::RightBrace))
    take();
  else if (!panic)
    missingBrace(open);
  return since(begin);
}

void Parser::parseFile() {
  auto skipNewlines = [&] {
    while (at(Tok::Newline))
      take();
  };
  skipNewlines();
  while (!tok().is(Tok::Eof)) {
    Token start = tok();
    // This declaration may stand inside unclosed braces, which end before it; here they have ended.
    tokens[position].closesBlocks = false;
    ast::Decl *decl = declaration();
    if (!panic)
      endStatement(start);
    if (decl && !panic) {
      decl->range = since(start);
      if (auto doc = stream.docs.find(start.text.begin()); doc != stream.docs.end())
        decl->doc = doc->second;
      file.decls.push_back(decl);
    }
    if (panic) {
      synchronise();
      // At file level a `}` ends nothing; here it belongs to what has been reported.
      if (tok().is(Tok::RightBrace))
        take();
    }
    skipNewlines();
  }
}
