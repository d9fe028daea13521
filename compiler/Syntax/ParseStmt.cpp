/// Statements of bodies.

#include "compiler/Syntax/ParserImpl.h"
#include "llvm/ADT/StringSwitch.h"

using namespace nnc;
using namespace nnc::ast;

/// A line that its writer may have taken for the rest of the line before.
static bool mayContinue(const Token &start, const Stmt *statement) {
  bool opens = start.is(Tok::Minus) || start.is(Tok::LeftParen) || start.is(Tok::LeftBracket);
  return start.lineStart && opens && llvm::isa<ExprStmt>(statement);
}

Block *Parser::block() {
  auto *result = file.make<Block>();
  // The statement before, and a suspicious one whose place in the block is not known yet.
  std::optional<Token> previous, suspect, beforeSuspect;
  llvm::SMLoc previousEnd, beforeSuspectEnd;
  auto judge = [&](bool isLast) {
    if (suspect)
      checkContinuation(*suspect, *beforeSuspect, beforeSuspectEnd, isLast);
    suspect.reset();
  };
  result->range = braces([&] {
    judge(/*isLast=*/false);
    Token start = tok();
    Stmt *parsed = statement();
    llvm::SMLoc end = lastEnd;
    endStatement(start);
    if (panic)
      return;
    result->statements.push_back(parsed);
    if (previous && mayContinue(start, parsed)) {
      suspect = start;
      beforeSuspect = previous;
      beforeSuspectEnd = previousEnd;
    }
    previous = start;
    previousEnd = end;
  });
  judge(/*isLast=*/true);
  return result;
}

Stmt *Parser::statement() {
  if (!isKeyword(tok().kind) || panic)
    return expressionStatement();
  switch (peek().kind) {
  case Tok::Equal:
  case Tok::Tilde:
  case Tok::Colon:
  case Tok::LeftArrow:
    return misplacedKeyword();
  default:
    return keywordStatement();
  }
}

Stmt *Parser::declStatement(Decl *decl) {
  auto *result = file.make<DeclStmt>(decl->range);
  result->decl = decl;
  return result;
}

Stmt *Parser::keywordStatement() {
  switch (tok().kind) {
  case Tok::kw_dim:
    return declStatement(constants());
  case Tok::kw_net:
  case Tok::kw_frozen:
    return declStatement(net());
  case Tok::kw_param:
  case Tok::kw_running:
    return paramStatement();
  case Tok::kw_observe:
    return observe();
  case Tok::kw_minimize:
  case Tok::kw_maximize:
    return optimize();
  case Tok::kw_report:
    return reportStatement();
  case Tok::kw_show:
    return show();
  case Tok::kw_assert:
    return assertStatement();
  case Tok::kw_yield:
    return yield();
  case Tok::kw_repeat:
    return repeat();
  case Tok::kw_if:
  case Tok::kw_scan:
  case Tok::kw_not:
  case Tok::kw_true:
  case Tok::kw_false:
  case Tok::kw_none:
    return expressionStatement();
  default:
    return misplacedKeyword();
  }
}

/// A keyword that starts no statement of a body, or is used as the name that one defines.
Stmt *Parser::misplacedKeyword() {
  const Token &found = tok();
  auto *result = file.make<ExprStmt>(found.range);
  switch (peek().kind) {
  case Tok::Equal:
  case Tok::Tilde:
  case Tok::Colon:
  case Tok::LeftArrow:
    stop(Code::ReservedWord, found.range, "`" + found.text + "` is a reserved word, not a name")
        .help("choose another name, such as `" + found.text + "_`");
    return result;
  default:
    break;
  }
  switch (found.kind) {
  case Tok::kw_import:
  case Tok::kw_const:
  case Tok::kw_vocab:
  case Tok::kw_data:
  case Tok::kw_fn:
  case Tok::kw_layer:
  case Tok::kw_objective:
  case Tok::kw_train:
  case Tok::kw_entry: {
    auto builder = stop(Code::NestedDeclaration, found.range,
                        "`" + found.text + "` cannot stand inside a body");
    builder.help(found.is(Tok::kw_const) ? "inside a body, `name = value` is enough"
                                         : "move it to file level; a `}` may be missing before it");
    return result;
  }
  case Tok::kw_for:
  case Tok::kw_every:
  case Tok::kw_step:
    stop(Code::NotATrainStatement, found.range, "`" + found.text + "` belongs in a `train` block")
        .help("in a body, `repeat n { … }` is written out at compile time and `scan t < T { … }` "
              "loops at run time");
    return result;
  default:
    fail("a statement");
    return result;
  }
}

Stmt *Parser::expressionStatement() {
  llvm::SMLoc begin = tok().range.begin;
  Expr *left = expr();
  Type *declared = eat(Tok::Colon) ? type() : nullptr;
  if (at(Tok::Equal))
    return define(left, declared, begin);
  if (at(Tok::Tilde))
    return draw(left, declared, begin);
  if (declared)
    fail("`=` or `~`");
  if (at(Tok::LeftArrow))
    return update(left, begin);
  auto *result = file.make<ExprStmt>(since(begin));
  result->value = left;
  return result;
}

Stmt *Parser::paramStatement() {
  Token word = take();
  auto *result = file.make<ParamStmt>();
  result->running = word.is(Tok::kw_running);
  result->name =
      name(llvm::Twine("the name of the ") + (result->running ? "running value" : "parameter"));
  result->type = requiredType(result->name);
  result->drawn = eat(Tok::Tilde);
  if (!result->drawn && !eat(Tok::Equal))
    fail("`= value` or `~ distribution`");
  result->init = expr();
  result->range = since(word);
  return result;
}

Stmt *Parser::observe() {
  Token word = take();
  auto *result = file.make<ObserveStmt>();
  result->value = expr();
  if (at(Tok::Equal))
    fail("`~` and a distribution");
  else
    expect(Tok::Tilde);
  result->distribution = expr();
  if (eatWord("where"))
    result->where = expr();
  result->range = since(word);
  return result;
}

Stmt *Parser::optimize() {
  Token word = take();
  auto *result = file.make<OptimizeStmt>();
  result->maximize = word.is(Tok::kw_maximize);
  result->value = expr();
  if (!eat(Tok::kw_over))
    fail("`over` and the nets that it moves");
  commas([&] { result->over.push_back(path("a net")); });
  result->range = since(word);
  return result;
}

Stmt *Parser::reportStatement() {
  Token word = take();
  auto *result = file.make<ReportStmt>();
  result->name = name("a name for the reported value");
  expect(Tok::Equal);
  result->value = expr();
  result->range = since(word);
  return result;
}

static std::optional<ShowKind> showKind(llvm::StringRef word) {
  return llvm::StringSwitch<std::optional<ShowKind>>(word)
      .Case("image", ShowKind::Image)
      .Case("svg", ShowKind::Svg)
      .Case("csv", ShowKind::Csv)
      .Case("npy", ShowKind::Npy)
      .Default(std::nullopt);
}

Stmt *Parser::show() {
  Token word = take();
  auto *result = file.make<ShowStmt>();
  if (at(Tok::Name) && peek().is(Tok::Name)) {
    Token kind = take();
    if (auto known = showKind(kind.text))
      result->show = *known;
    else
      report(Code::UnknownShowKind, kind.range, "there is no `show " + kind.text + "`")
          .help("`image`, `svg`, `csv` and `npy` write a file; without one of them `show` prints");
  }
  result->name = name("a name for the shown value");
  if (!panic && !eat(Tok::Equal))
    fail("`=` and the value to show");
  result->value = expr();
  result->range = since(word);
  return result;
}

Stmt *Parser::assertStatement() {
  Token word = take();
  auto *result = file.make<AssertStmt>();
  result->condition = condition();
  if (eat(Tok::Comma))
    result->message = string();
  result->range = since(word);
  return result;
}

Stmt *Parser::yield() {
  Token word = take();
  auto *result = file.make<YieldStmt>();
  commas([&] { result->values.push_back(expr()); });
  result->range = since(word);
  return result;
}

Stmt *Parser::repeat() {
  Token word = take();
  auto *result = file.make<RepeatStmt>();
  bool named = at(Tok::Name);
  if (named && peek().is(Tok::Less)) {
    result->form = RepeatStmt::Below;
    result->name = name("an index name");
    take();
    result->upper = expr(Sum);
  } else if (named && peek().is(Tok::Name) && peek().text == "in") {
    result->name = name("an index name");
    take();
    Expr *first = expr(Sum);
    bool range = eat(Tok::Colon);
    result->form = range ? RepeatStmt::Range : RepeatStmt::List;
    (range ? result->lower : result->list) = first;
    if (range)
      result->upper = expr(Sum);
  } else {
    result->upper = expr(Sum);
  }
  result->body = block();
  result->range = since(word);
  return result;
}
