/// Operators, brackets, types.

#include "compiler/Syntax/Habits.h"
#include "compiler/Syntax/ParserImpl.h"

using namespace nnc;
using namespace nnc::ast;

namespace {
struct Infix {
  BinaryOp op;
  int power;
};
} // namespace

/// The Pratt table; power 0 if the token is no infix operator.
static Infix infixOf(Tok kind) {
  switch (kind) {
  case Tok::kw_or:
    return {BinaryOp::Or, 1};
  case Tok::kw_and:
    return {BinaryOp::And, 2};
  case Tok::EqualEqual:
    return {BinaryOp::Eq, 4};
  case Tok::NotEqual:
    return {BinaryOp::Ne, 4};
  case Tok::Less:
    return {BinaryOp::Lt, 4};
  case Tok::LessEqual:
    return {BinaryOp::Le, 4};
  case Tok::Greater:
    return {BinaryOp::Gt, 4};
  case Tok::GreaterEqual:
    return {BinaryOp::Ge, 4};
  case Tok::Plus:
    return {BinaryOp::Add, 5};
  case Tok::Minus:
    return {BinaryOp::Sub, 5};
  case Tok::Star:
    return {BinaryOp::Mul, 6};
  case Tok::Slash:
    return {BinaryOp::Div, 6};
  case Tok::Percent:
    return {BinaryOp::Mod, 6};
  case Tok::At:
    return {BinaryOp::MatMul, 6};
  case Tok::Caret:
    return {BinaryOp::Pow, 8};
  default:
    return {BinaryOp::Or, 0};
  }
}

static std::optional<ReduceOp> reduceOf(llvm::StringRef word) {
  for (int i = 0; i <= int(ReduceOp::LogSoftmax); ++i)
    if (spelling(ReduceOp(i)) == word)
      return ReduceOp(i);
  return std::nullopt;
}

Expr *Parser::expr(int power) {
  Nest nest(*this);
  llvm::SMLoc begin = tok().range.begin;
  return infix(prefix(power), power, begin);
}

Expr *Parser::infix(Expr *left, int power, llvm::SMLoc begin) {
  for (unsigned length = 0; !panic; ++length) {
    auto [op, binds] = infixOf(tok().kind);
    if (!binds || binds < power)
      break;
    Token token = take();
    // `^` is right associative, and its exponent may be negative.
    Expr *right = expr(op == BinaryOp::Pow ? int(Negate) : binds + 1);
    auto *binary = file.make<BinaryExpr>(since(begin));
    binary->op = op;
    binary->opRange = token.range;
    binary->lhs = left;
    binary->rhs = right;
    left = binary;
    if (!length)
      raise();
    else if (length == maxChain)
      stop(Code::TooDeep, foundRange(), "this chain of operators is too long")
          .help("give names to parts of it");
    if (binds == Compare && !panic && infixOf(tok().kind).power == Compare)
      report(Code::ChainedComparison, tok().range, "comparisons do not chain")
          .label(token.range, "the first comparison")
          .help("write `a " + token.text + " b and b " + tok().text + " c`");
  }
  return left;
}

Expr *Parser::prefix(int power) {
  if (at(Tok::Minus) || at(Tok::kw_not)) {
    Token token = take();
    bool isNot = token.is(Tok::kw_not);
    Expr *operand = expr(isNot ? Not : Negate);
    auto *unary = file.make<UnaryExpr>(since(token));
    unary->op = isNot ? UnaryOp::Not : UnaryOp::Neg;
    unary->operand = operand;
    return unary;
  }
  if (at(Tok::Name) && peek().is(Tok::LeftBracket) && reduceOf(tok().text))
    return reduce(power);
  return postfix();
}

/// `sum[j] …`: the body is the longest product. `softmax[j] …` takes the whole sum, as it is read
/// on paper; as a part of a larger sum or product nothing says which sum that is.
Expr *Parser::reduce(int power) {
  Token word = take();
  Token open = take();
  std::vector<Binder *> binders;
  list(open, Tok::RightBracket, [&] { binders.push_back(binder()); });
  if (at(Tok::Equal) && !panic)
    stop(Code::HiddenName, word.range,
         "`" + word.text + "` is a predeclared reduction and cannot be defined")
        .help("choose another name");
  ReduceOp op = *reduceOf(word.text);
  bool normalises = op == ReduceOp::Softmax || op == ReduceOp::LogSoftmax;
  Expr *body = expr(normalises && power <= Sum ? Sum : Product);
  if (normalises && (at(Tok::Plus) || at(Tok::Minus)))
    report(Code::AmbiguousSoftmax, tok().range,
           "is this sum under the `" + word.text + "`, or is it added to the `" + word.text + "`?")
        .label(word.range, "inside of a larger expression")
        .help("write (" + word.text + "[j] a) + b, or " + word.text + "[j] (a + b)");
  auto *result = file.make<ReduceExpr>(since(word));
  result->op = op;
  result->opRange = word.range;
  result->binders = std::move(binders);
  result->body = body;
  return result;
}

Expr *Parser::postfix() {
  llvm::SMLoc begin = tok().range.begin;
  Expr *result = primary();
  while (!panic) {
    if (at(Tok::LeftParen))
      result = call(result, begin);
    else if (at(Tok::LeftBracket))
      result = bracket(result, begin);
    else if (at(Tok::Dot))
      result = member(result, begin);
    else
      break;
    raise();
  }
  return result;
}

Expr *Parser::call(Expr *callee, llvm::SMLoc begin) {
  Token open = take();
  auto *result = file.make<CallExpr>();
  result->callee = callee;
  list(open, Tok::RightParen, [&] { result->args.push_back(arg()); }, /*mayBeEmpty=*/true);
  result->range = since(begin);
  return result;
}

Expr *Parser::bracket(Expr *base, llvm::SMLoc begin) {
  Token open = take();
  auto *result = file.make<BracketExpr>();
  result->base = base;
  list(open, Tok::RightBracket, [&] { result->items.push_back(item()); });
  result->bracketRange = since(open);
  result->range = since(begin);
  return result;
}

Expr *Parser::member(Expr *base, llvm::SMLoc begin) {
  take();
  Ident field = pathPart();
  auto *result = file.make<MemberExpr>(since(begin));
  result->base = base;
  result->member = field;
  return result;
}

Expr *Parser::ellipsis() { return file.make<EllipsisExpr>(take().range); }

Arg Parser::arg() {
  Arg arg;
  llvm::SMLoc begin = tok().range.begin;
  if (at(Tok::Name) && peek().is(Tok::Equal)) {
    arg.name = name("an argument name");
    take();
  } else if (isKeyword(tok().kind) && peek().is(Tok::Equal)) {
    Token word = take();
    take();
    report(Code::ReservedWord, word.range,
           "`" + word.text + "` is a reserved word, not the name of an argument")
        .help(habit(Habit::Argument, word.text));
  }
  arg.value = arg.name.empty() && at(Tok::DotDot) ? ellipsis() : expr();
  arg.range = since(begin);
  return arg;
}

Item Parser::item() {
  Item item;
  llvm::SMLoc begin = tok().range.begin;
  bool atName = at(Tok::Name);
  if (eat(Tok::DotDot)) {
    item.form = Item::Ellipsis;
    if (at(Tok::Dot))
      stop(Code::ExpectedToken, tok().range, "expected `,` or `]`, found `.`")
          .help("two points, `..`, stand for the axes in between");
  } else if (atName && peek().is(Tok::Equal)) {
    item.form = Item::Named;
    item.name = name("a name");
    take();
    item.value = expr();
  } else if (atName && peek().is(Tok::Name) && peek().text == "in") {
    item.form = Item::Range;
    item.binder = binder();
  } else {
    Expr *first = at(Tok::Colon) ? nullptr : expr();
    if (eat(Tok::Colon)) {
      item.form = Item::Slice;
      item.begin = first;
      if (at(Tok::Colon))
        rangeStep();
      item.end = at(Tok::Comma) || at(Tok::RightBracket) ? nullptr : expr();
      if (at(Tok::Colon))
        rangeStep();
    } else {
      item.value = first;
    }
  }
  item.range = since(begin);
  return item;
}

void Parser::rangeStep() {
  if (!panic)
    stop(Code::ExpectedToken, tok().range, "a range has two ends and no step")
        .help("index notation takes every second one: `y[t < n] = x[2 * t]`; backwards it is `x[T "
              "- 1 - t]`");
}

Binder *Parser::binder() {
  auto *result = file.make<Binder>();
  llvm::SMLoc begin = tok().range.begin;
  result->name = name("an index name");
  if (eat(Tok::Less)) {
    result->upper = expr(Sum);
  } else if (eatWord("in")) {
    result->lower = expr(Sum);
    if (!eat(Tok::Colon))
      fail("`:` and the end of the range");
    result->upper = expr(Sum);
  } else if (at(Tok::LessEqual)) {
    stop(Code::ExpectedToken, tok().range, "expected `<`, found `<=`")
        .help("the end of a range does not belong to it: write `" + result->name.text +
              " < N + 1`");
  }
  result->range = since(begin);
  return result;
}

Carry Parser::carry() {
  Carry carry;
  llvm::SMLoc begin = tok().range.begin;
  carry.name = name("the name of a carried value");
  if (eat(Tok::Colon))
    carry.type = type();
  if (!panic && !eat(Tok::Equal))
    fail("`=` and the first value of `" + carry.name.text + "`");
  carry.init = expr();
  carry.range = since(begin);
  return carry;
}

Type *Parser::type() {
  Nest nest(*this);
  auto *result = file.make<Type>();
  Token start = tok();
  if (eat(Tok::LeftParen)) {
    list(start, Tok::RightParen, [&] { result->elements.push_back(type()); });
    result->range = since(start);
    return result;
  }
  result->name = name("a type");
  if (at(Tok::LeftBracket)) {
    Token open = take();
    result->hasDims = true;
    list(open, Tok::RightBracket,
         [&] { result->dims.push_back(at(Tok::DotDot) ? ellipsis() : expr(Sum)); });
  }
  if (eat(Tok::Less))
    result->bound = expr(Sum);
  result->optional = eat(Tok::Question);
  result->range = since(start);
  return result;
}

Type *Parser::requiredType(const Ident &owner) {
  if (eat(Tok::Colon) || panic)
    return type();
  report(Code::MissingType, foundRange(), "`" + owner.text + "` needs a type")
      .here("expected `:` and a type, found " + describe(tok()))
      .help("`" + owner.text + ": f32` is a number, `" + owner.text + ": f32[B, n]` a matrix, `" +
            owner.text + ": f32[..]` has any shape");
  // Whatever else stands here is part of the same mistake.
  panic = at(Tok::Name) || at(Tok::LeftBracket);
  return file.make<Type>(SourceRange(lastEnd));
}
