/// Train blocks.

#include "compiler/Syntax/ParserImpl.h"

using namespace nnc;
using namespace nnc::ast;

Decl *Parser::train() {
  take();
  auto *result = file.make<TrainDecl>();
  if (at(Tok::Name))
    result->name = name("a name");
  parameters(result->hasParams, result->params);
  result->body = trainBlock();
  return result;
}

TrainBlock *Parser::trainBlock() {
  auto *result = file.make<TrainBlock>();
  result->range = braces([&] {
    Token start = tok();
    TrainStmt *parsed = trainStatement();
    endStatement(start);
    if (!panic)
      result->statements.push_back(parsed);
  });
  return result;
}

TrainStmt *Parser::trainStatement() {
  Token start = tok();
  TrainStmt *result = nullptr;
  if (at(Tok::kw_for))
    result = forStatement();
  else if (at(Tok::kw_repeat))
    result = trainRepeat();
  else if (at(Tok::kw_every))
    result = every();
  else if (at(Tok::kw_step))
    result = step();
  else if (atWord("validate"))
    result = validate();
  else if (atWord("run"))
    result = run();
  if (result) {
    result->range = since(start);
    return result;
  }
  stop(Code::NotATrainStatement, foundRange(),
       "expected a train statement, found " + describe(start))
      .here("expected `for`, `repeat`, `every`, `step`, `validate` or `run`")
      .help("values are computed in an `objective`");
  return nullptr;
}

Unit Parser::unit() {
  // The singular reads better after 1; `step` is reserved, the others are ordinary names.
  if (eat(Tok::kw_step) || eatWord("steps"))
    return Unit::Steps;
  if (eatWord("epoch") || eatWord("epochs"))
    return Unit::Epochs;
  if (!panic)
    stop(Code::ExpectedUnit, foundRange(), "expected `steps` or `epochs`, found " + describe(tok()))
        .here("expected `steps` or `epochs`");
  return Unit::Steps;
}

TrainStmt *Parser::forStatement() {
  take();
  auto *result = file.make<ForStmt>();
  result->count = expr();
  result->unit = unit();
  if (eatWord("of"))
    result->data = postfix();
  result->body = trainBlock();
  return result;
}

TrainStmt *Parser::trainRepeat() {
  take();
  auto *result = file.make<TrainRepeatStmt>();
  result->count = expr();
  result->body = trainBlock();
  return result;
}

TrainStmt *Parser::every() {
  take();
  auto *result = file.make<EveryStmt>();
  result->count = expr();
  result->unit = unit();
  result->body = trainBlock();
  return result;
}

TrainStmt *Parser::step() {
  take();
  auto *result = file.make<StepStmt>();
  result->objective = postfix();
  if (eat(Tok::kw_over))
    commas([&] { result->over.push_back(path("a net")); });
  if (!panic && !eat(Tok::kw_with))
    fail("`with` and an optimiser");
  commas([&] { result->with.push_back(expr()); });
  return result;
}

TrainStmt *Parser::validate() {
  take();
  auto *result = file.make<ValidateStmt>();
  result->objective = path("an objective");
  if (!eatWord("on"))
    return result;
  result->rows = expr();
  if (!panic && !eatWord("row") && !eatWord("rows"))
    fail("`rows`");
  return result;
}

TrainStmt *Parser::run() {
  take();
  auto *result = file.make<RunStmt>();
  result->entry = postfix();
  return result;
}
