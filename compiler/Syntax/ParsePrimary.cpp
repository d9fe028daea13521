/// Operands, if and scan.

#include "compiler/Syntax/ParserImpl.h"
#include <cmath>
#include <cstdlib>

using namespace nnc;
using namespace nnc::ast;

Expr *Parser::primary() {
  if (panic)
    return file.make<ErrorExpr>(tok().range);
  switch (tok().kind) {
  case Tok::Number:
    return number();
  case Tok::String: {
    auto *result = file.make<StringExpr>(tok().range);
    result->value = stringValue(take());
    return result;
  }
  case Tok::Name: {
    auto *result = file.make<NameExpr>(tok().range);
    result->name = take().text;
    return result;
  }
  case Tok::LeftParen:
    return parenthesised();
  case Tok::LeftBracket:
    return listLiteral();
  case Tok::kw_true:
  case Tok::kw_false: {
    auto *result = file.make<BoolExpr>(tok().range);
    result->value = take().is(Tok::kw_true);
    return result;
  }
  case Tok::kw_none:
    return file.make<NoneExpr>(take().range);
  case Tok::kw_if:
    return ifExpr();
  case Tok::kw_scan:
    return scanExpr();
  default:
    return keywordAsName();
  }
}

/// No operand stands here; a reserved word between operators was meant as a name.
Expr *Parser::keywordAsName() {
  Token found = tok();
  auto followsName = [&] {
    switch (peek().kind) {
    case Tok::Name:
    case Tok::Number:
    case Tok::String:
    case Tok::LeftBrace:
    case Tok::Tilde:
      return false;
    default:
      return !isKeyword(peek().kind);
    }
  };
  bool joins = found.is(Tok::kw_and) || found.is(Tok::kw_or) || found.is(Tok::kw_else);
  if (!isKeyword(found.kind) || joins || found.lineStart || !followsName()) {
    fail("an expression");
    return file.make<ErrorExpr>(found.range);
  }
  take();
  report(Code::ReservedWord, found.range, "`" + found.text + "` is a reserved word, not a value")
      .help("choose another name, such as `" + found.text + "_`");
  return file.make<ErrorExpr>(found.range);
}

Expr *Parser::number() {
  Token token = take();
  auto *result = file.make<NumberExpr>(token.range);
  result->text = token.text;
  result->value = std::strtod(token.text.str().c_str(), nullptr);
  if (std::isinf(result->value))
    report(Code::MalformedNumber, token.range, "this number is too large: numbers go up to 1.7e308")
        .help("infinity is `inf`");
  int64_t integer;
  if (!token.text.getAsInteger(10, integer))
    result->integer = integer;
  return result;
}

Expr *Parser::parenthesised() {
  Token open = take();
  std::vector<Expr *> elements;
  list(open, Tok::RightParen, [&] { elements.push_back(at(Tok::DotDot) ? ellipsis() : expr()); });
  if (elements.size() == 1) {
    elements[0]->parenthesised = true;
    return elements[0];
  }
  auto *tuple = file.make<TupleExpr>(since(open));
  tuple->elements = std::move(elements);
  return tuple;
}

Expr *Parser::listLiteral() {
  Token open = take();
  auto *result = file.make<ListExpr>();
  list(open, Tok::RightBracket, [&] { result->elements.push_back(expr()); }, /*mayBeEmpty=*/true);
  result->range = since(open);
  return result;
}

Expr *Parser::condition() {
  Expr *left = expr();
  if (!at(Tok::Equal))
    return left;
  Token token = take();
  report(Code::AssignInExpression, token.range, "`=` does not compare")
      .help("write `==` to compare two values");
  expr();
  return left;
}

Expr *Parser::ifExpr() {
  Nest nest(*this);
  Token word = take();
  auto *result = file.make<IfExpr>();
  result->condition = condition();
  result->thenBlock = block();
  if (eat(Tok::kw_else)) {
    if (at(Tok::kw_if)) {
      auto *statement = file.make<ExprStmt>();
      statement->value = ifExpr();
      statement->range = statement->value->range;
      result->elseBlock = file.make<Block>(statement->range);
      result->elseBlock->statements.push_back(statement);
    } else {
      result->elseBlock = block();
    }
  }
  result->range = since(word);
  return result;
}

Expr *Parser::scanExpr() {
  Token word = take();
  auto *result = file.make<ScanExpr>();
  result->binder = binder();
  if (eat(Tok::kw_carry))
    commas([&] { result->carries.push_back(carry()); });
  if (eat(Tok::kw_until))
    result->until = condition();
  result->body = block();
  result->range = since(word);
  return result;
}
