/// Unary and binary operators: folding of compile-time numbers, element types, broadcasting, ops.
#include "compiler/Elaborate/Expr/Expr.h"
#include <cmath>

namespace nnc {

using ast::BinaryOp;

static bool isComparison(BinaryOp op) { return op >= BinaryOp::Eq && op <= BinaryOp::Ge; }

/// Where an error about both sides is marked: at the operator.
static SourceRange markOf(const ast::BinaryExpr &expr) {
  return expr.opRange.isValid() ? expr.opRange : expr.range;
}

static nn::Comparison predicateOf(BinaryOp op) {
  switch (op) {
  case BinaryOp::Eq:
    return nn::Comparison::eq;
  case BinaryOp::Ne:
    return nn::Comparison::ne;
  case BinaryOp::Lt:
    return nn::Comparison::lt;
  case BinaryOp::Le:
    return nn::Comparison::le;
  case BinaryOp::Gt:
    return nn::Comparison::gt;
  default:
    return nn::Comparison::ge;
  }
}

template <typename Number> static bool compareNumbers(BinaryOp op, Number a, Number b) {
  switch (op) {
  case BinaryOp::Eq:
    return a == b;
  case BinaryOp::Ne:
    return a != b;
  case BinaryOp::Lt:
    return a < b;
  case BinaryOp::Le:
    return a <= b;
  case BinaryOp::Gt:
    return a > b;
  default:
    return a >= b;
  }
}

Value applyUnary(Body &body, ast::UnaryOp op, const Value &operand, SourceRange range) {
  if (operand.isPoison())
    return {};
  if (op == ast::UnaryOp::Not) {
    if (auto *boolean = operand.as<bool>())
      return Value::boolean(!*boolean);
    auto x = toTensor(body, operand, range);
    if (x && x->element != Element::Bool) {
      body.diags.error(Code::ElementMismatch, range, "`not` takes bool, this is " + x->str());
      return {};
    }
    return x ? Value(body.build.unary<nn::NotOp>(*x)) : Value();
  }
  if (auto *dim = operand.as<Dim>())
    return Dim(int64_t(0)) - *dim;
  if (auto number = operand.number())
    return Value::real(-*number);
  auto x = toTensor(body, operand, range);
  if (!x)
    return {};
  if (x->element == Element::Bool)
    *x = body.build.cast(*x, Element::I32);
  Tensor result = body.build.unary<nn::NegOp>(*x);
  if (auto limits = x->limits())
    result.range = Interval{-limits->high, -limits->low};
  result.index = x->index;
  return result;
}

static Value foldSizes(Body &body, BinaryOp op, const Dim &a, const Dim &b, SourceRange range) {
  int64_t x = a.value(), y = b.value();
  switch (op) {
  case BinaryOp::Add:
    return a + b;
  case BinaryOp::Sub:
    return a - b;
  case BinaryOp::Mul:
    return a * b;
  case BinaryOp::Div:
    if (!body.compileTime)
      return Value::real(double(x) / double(y));
    if (auto quotient = body.dims.divide(a, b))
      return *quotient;
    body.diags
        .error(Code::InexactDivision, range, a.describe() + " does not divide by " + b.describe())
        .help("floor(a / b) rounds down");
    return {};
  case BinaryOp::Mod:
    if (y)
      return Dim(((x % y) + y) % y);
    break;
  case BinaryOp::Pow:
    return foldPower(a, b);
  default:
    break;
  }
  body.diags.error(Code::WrongKind, range,
                   "`" + ast::spelling(op) + "` cannot be computed for " + a.describe() + " and " +
                       b.describe());
  return {};
}

static Value foldBinary(Body &body, BinaryOp op, const Value &lhs, const Value &rhs,
                        SourceRange range) {
  if (op == BinaryOp::And || op == BinaryOp::Or) {
    if (!lhs.is<bool>() || !rhs.is<bool>()) {
      body.diags.error(Code::ElementMismatch, range, "`and` and `or` take booleans");
      return {};
    }
    bool a = *lhs.as<bool>(), b = *rhs.as<bool>();
    return Value::boolean(op == BinaryOp::And ? a && b : a || b);
  }
  auto *a = lhs.as<Dim>(), *b = rhs.as<Dim>();
  if (a && b && isComparison(op))
    return Value::boolean(compareNumbers(op, a->value(), b->value()));
  if (a && b)
    return foldSizes(body, op, *a, *b, range);
  double x = *lhs.number(), y = *rhs.number();
  if (isComparison(op))
    return Value::boolean(compareNumbers(op, x, y));
  switch (op) {
  case BinaryOp::Add:
    return Value::real(x + y);
  case BinaryOp::Sub:
    return Value::real(x - y);
  case BinaryOp::Mul:
    return Value::real(x * y);
  case BinaryOp::Div:
    return Value::real(x / y);
  case BinaryOp::Pow:
    return Value::real(std::pow(x, y));
  default:
    body.diags.error(Code::ElementMismatch, range,
                     "`" + ast::spelling(op) + "` does not take real numbers");
    return {};
  }
}

static Value logical(Body &body, BinaryOp op, const Value &lhs, const Value &rhs,
                     const ast::BinaryExpr &expr) {
  // A boolean of compile time decides, or disappears.
  for (auto [fixed, other] : {std::pair(&lhs, &rhs), std::pair(&rhs, &lhs)}) {
    auto *boolean = fixed->as<bool>();
    auto *tensor = other->tensor();
    if (!boolean || !tensor || tensor->element != Element::Bool)
      continue;
    if (*boolean == (op == BinaryOp::And))
      return *tensor;
    return body.build.constant(*boolean, Element::Bool, tensor->dims);
  }
  auto a = toTensor(body, lhs, expr.lhs->range), b = toTensor(body, rhs, expr.rhs->range);
  if (!a || !b)
    return {};
  if (a->element != Element::Bool || b->element != Element::Bool) {
    body.diags.error(Code::ElementMismatch, expr.range,
                     "`" + ast::spelling(op) + "` takes bool, not " + a->str() + " and " +
                         b->str());
    return {};
  }
  Tensor both[2] = {*a, *b};
  if (!alignShapes(body, both, {expr.lhs->range, expr.rhs->range}, markOf(expr), ast::spelling(op)))
    return {};
  if (op == BinaryOp::And)
    return body.build.binary<nn::AndOp>(both[0], both[1]);
  return body.build.binary<nn::OrOp>(both[0], both[1]);
}

/// What is known about an integer result: whether it counts as an index, and its distance from a
/// run-time position.
static void noteInteger(BinaryOp op, Tensor &result, const Value &lhs, const Value &rhs) {
  auto *a = lhs.tensor(), *b = rhs.tensor();
  result.index = (!a || a->index) && (!b || b->index);
  bool sum = op == BinaryOp::Add || op == BinaryOp::Sub;
  if (sum && a && !a->rank() && rhs.is<Dim>()) {
    result.base = a->base ? a->base : a->value;
    Dim shift = *rhs.as<Dim>();
    result.offset = op == BinaryOp::Add ? a->offset + shift : a->offset - shift;
  } else if (op == BinaryOp::Add && b && !b->rank() && lhs.is<Dim>()) {
    result.base = b->base ? b->base : b->value;
    result.offset = b->offset + *lhs.as<Dim>();
  }
  if (op == BinaryOp::Mod)
    if (auto *modulus = rhs.as<Dim>(); modulus && modulus->value() > 0) {
      result.bound = *modulus;
      result.range = Interval{0, modulus->value() - 1};
    }
}

/// `/` is real division: integers become real.
static Value divide(Body &body, const Value &lhs, const Value &rhs, const ast::BinaryExpr &expr) {
  auto a = toTensor(body, lhs, expr.lhs->range,
                    lhs.isStaticScalar() ? std::optional(Element::F32) : std::nullopt);
  auto b = toTensor(body, rhs, expr.rhs->range,
                    rhs.isStaticScalar() ? std::optional(Element::F32) : std::nullopt);
  if (!a || !b)
    return {};
  Value x = lhs.isStaticScalar() ? lhs : Value(body.build.cast(*a, Element::F32));
  Value y = rhs.isStaticScalar() ? rhs : Value(body.build.cast(*b, Element::F32));
  auto both = align(body, x, y, expr.lhs->range, expr.rhs->range, markOf(expr), "/");
  return both ? Value(body.build.div(both->first, both->second)) : Value();
}

static Interval arithmeticRange(BinaryOp op, Interval a, Interval b) {
  if (op == BinaryOp::Add)
    return {a.low + b.low, a.high + b.high};
  if (op == BinaryOp::Sub)
    return {a.low - b.high, a.high - b.low};
  int64_t products[] = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
  return {*std::min_element(products, products + 4), *std::max_element(products, products + 4)};
}

static Value emitArithmetic(Body &body, BinaryOp op, Tensor a, Tensor b, SourceRange range) {
  Tensor result;
  switch (op) {
  case BinaryOp::Add:
    result = body.build.add(a, b);
    break;
  case BinaryOp::Sub:
    result = body.build.sub(a, b);
    break;
  case BinaryOp::Mul:
    result = body.build.mul(a, b);
    break;
  case BinaryOp::Pow:
    return a.element == Element::I32 ? wholePower(body, a, b, range)
                                     : Value(body.build.binary<nn::PowOp>(a, b));
  case BinaryOp::Mod:
    if (a.element == Element::I32) {
      result = body.build.binary<nn::ModOp>(a, b);
      break;
    }
    [[fallthrough]];
  default:
    body.diags.error(Code::ElementMismatch, range,
                     "`" + ast::spelling(op) + "` takes integers, not " + a.str());
    return {};
  }
  auto left = a.limits(), right = b.limits();
  if (a.element == Element::I32 && left && right && op != BinaryOp::Mod)
    result.range = arithmeticRange(op, *left, *right);
  return result;
}

static Value arithmetic(Body &body, BinaryOp op, const Value &lhs, const Value &rhs,
                        const ast::BinaryExpr &expr) {
  if (op == BinaryOp::Div)
    return divide(body, lhs, rhs, expr);
  if (op == BinaryOp::Pow && rhs.isStaticScalar()) {
    auto base = toTensor(body, lhs, expr.lhs->range);
    return base ? emitPower(body, *base, rhs, expr.range) : Value();
  }
  auto both =
      align(body, lhs, rhs, expr.lhs->range, expr.rhs->range, markOf(expr), ast::spelling(op));
  if (!both)
    return {};
  Value result = emitArithmetic(body, op, both->first, both->second, expr.range);
  auto *tensor = result.tensor();
  if (!tensor || tensor->element != Element::I32)
    return result;
  Tensor noted = *tensor;
  noteInteger(op, noted, lhs, rhs);
  return noted;
}

static void reportProduct(Body &body, const Tensor &a, const Tensor &b, unsigned shared,
                          const ast::BinaryExpr &expr) {
  auto error =
      body.diags.error(Code::ShapeMismatch, markOf(expr),
                       "`@`: the last axis of the left side, " + a.dims.back().describe() +
                           ", is not " + (b.rank() == 1 ? "the axis" : "the last but one") +
                           " of the right side, " + b.dims[shared].describe());
  error.label(expr.lhs->range, printShape(a.dims)).label(expr.rhs->range, printShape(b.dims));
  for (const Dim &dim : {a.dims.back(), b.dims[shared]})
    if (dim.origin().isValid())
      error.label(dim.origin(), dim.describe() + " comes from here");
}

static Value matmul(Body &body, const Value &lhs, const Value &rhs, const ast::BinaryExpr &expr) {
  auto a = toTensor(body, lhs, expr.lhs->range), b = toTensor(body, rhs, expr.rhs->range);
  if (!a || !b)
    return {};
  for (const Tensor *side : {&*a, &*b})
    if (!side->rank() || side->element != Element::F32) {
      body.diags.error(Code::WrongKind, expr.range,
                       "`@` multiplies f32 vectors and matrices, not " + a->str() + " and " +
                           b->str());
      return {};
    }
  unsigned shared = b->rank() == 1 ? 0 : b->rank() - 2;
  if (!tied(body, a->dims.back()).equals(tied(body, b->dims[shared]))) {
    reportProduct(body, *a, *b, shared, expr);
    return {};
  }
  // Axes of a are 0, 1, ...; its last is summed; leading axes of b are those of a.
  bool batched = b->rank() > 2;
  if (batched &&
      (a->rank() != b->rank() || !equalShapes(llvm::ArrayRef<Dim>(a->dims).drop_back(2),
                                              llvm::ArrayRef<Dim>(b->dims).drop_back(2)))) {
    reportShapes(body, Code::ShapeMismatch, "`@`: the leading axes differ", a->dims, b->dims,
                 expr.lhs->range, expr.rhs->range, markOf(expr));
    return {};
  }
  llvm::SmallVector<int64_t> aLabels, bLabels, yLabels;
  Shape dims;
  for (int64_t i = 0; i < a->rank(); ++i)
    aLabels.push_back(i);
  for (int64_t i = 0; i + 1 < a->rank(); ++i) {
    yLabels.push_back(i);
    dims.push_back(a->dims[i]);
  }
  for (int64_t i = 0; i + 2 < b->rank(); ++i)
    bLabels.push_back(i);
  bLabels.push_back(a->rank() - 1);
  if (b->rank() > 1) {
    bLabels.push_back(a->rank());
    yLabels.push_back(a->rank());
    dims.push_back(b->dims.back());
  }
  auto op = nn::ContractOp::create(*body.build.builder, body.build.loc,
                                   body.build.type(Element::F32, dims), a->value, b->value, aLabels,
                                   bLabels, yLabels);
  return body.build.make(Element::F32, dims, op);
}

Value applyBinary(Body &body, BinaryOp op, const Value &lhs, const Value &rhs,
                  const ast::BinaryExpr &expr) {
  if (lhs.isPoison() || rhs.isPoison())
    return {};
  if (isComparison(op) && (lhs.isAbsent() || rhs.isAbsent()))
    return Absent{};
  if (auto *a = lhs.as<std::string>())
    if (auto *b = rhs.as<std::string>(); b && (op == BinaryOp::Eq || op == BinaryOp::Ne))
      return Value::boolean((*a == *b) == (op == BinaryOp::Eq));
  if (lhs.isStaticScalar() && rhs.isStaticScalar())
    return foldBinary(body, op, lhs, rhs, expr.range);
  if (op == BinaryOp::MatMul)
    return matmul(body, lhs, rhs, expr);
  if (op == BinaryOp::And || op == BinaryOp::Or)
    return logical(body, op, lhs, rhs, expr);
  if (isComparison(op)) {
    // In an order, false is 0 and true is 1.
    bool ordered = op != BinaryOp::Eq && op != BinaryOp::Ne;
    auto both = align(body, lhs, rhs, expr.lhs->range, expr.rhs->range, markOf(expr),
                      ast::spelling(op), ordered);
    return both ? Value(body.build.compare(predicateOf(op), both->first, both->second)) : Value();
  }
  return arithmetic(body, op, lhs, rhs, expr);
}

} // namespace nnc
