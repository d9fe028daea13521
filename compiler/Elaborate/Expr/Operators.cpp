/// Unary and binary operators: folding of compile-time numbers, element types, broadcasting, ops.
#include "compiler/Elaborate/Elaborator.h"
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

Value Elaborator::unary(ast::UnaryOp op, const Value &operand, SourceRange range) {
  if (operand.isPoison())
    return {};
  if (op == ast::UnaryOp::Not) {
    if (auto *truth = operand.as<bool>())
      return Value::boolean(!*truth);
    auto x = toTensor(operand, range);
    if (x && x->element != Element::Bool) {
      diags.error(Code::ElementMismatch, range, "`not` takes bool, this is " + x->str());
      return {};
    }
    return x ? Value(build.unary<nn::NotOp>(*x)) : Value();
  }
  if (auto *dim = operand.as<Dim>())
    return Dim(int64_t(0)) - *dim;
  if (auto number = operand.number())
    return Value::real(-*number);
  auto x = toTensor(operand, range);
  if (!x)
    return {};
  if (x->element == Element::Bool)
    *x = build.cast(*x, Element::I32);
  Tensor result = build.unary<nn::NegOp>(*x);
  if (auto limits = x->limits())
    result.range = Interval{-limits->high, -limits->low};
  result.index = x->index;
  return result;
}

Value Elaborator::foldBinary(BinaryOp op, const Value &lhs, const Value &rhs, SourceRange range) {
  if (op == BinaryOp::And || op == BinaryOp::Or) {
    if (!lhs.is<bool>() || !rhs.is<bool>()) {
      diags.error(Code::ElementMismatch, range, "`and` and `or` take truth values");
      return {};
    }
    bool a = *lhs.as<bool>(), b = *rhs.as<bool>();
    return Value::boolean(op == BinaryOp::And ? a && b : a || b);
  }
  auto *a = lhs.as<Dim>(), *b = rhs.as<Dim>();
  if (a && b && isComparison(op))
    return Value::boolean(compareNumbers(op, a->value(), b->value()));
  if (a && b)
    return foldSizes(op, *a, *b, range);
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
    diags.error(Code::ElementMismatch, range,
                "`" + ast::spelling(op) + "` does not take real numbers");
    return {};
  }
}

Value Elaborator::foldSizes(BinaryOp op, const Dim &a, const Dim &b, SourceRange range) {
  int64_t x = a.value(), y = b.value();
  switch (op) {
  case BinaryOp::Add:
    return a + b;
  case BinaryOp::Sub:
    return a - b;
  case BinaryOp::Mul:
    return a * b;
  case BinaryOp::Div:
    if (!isStaticContext())
      return Value::real(double(x) / double(y));
    if (auto quotient = dimTable.divide(a, b))
      return *quotient;
    diags.error(Code::InexactDivision, range, a.describe() + " does not divide by " + b.describe())
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
  diags.error(Code::WrongKind, range,
              "`" + ast::spelling(op) + "` cannot be computed for " + a.describe() + " and " +
                  b.describe());
  return {};
}

/// The element type of a value, as far as it has one of its own.
static std::optional<Element> ownElement(const Value &value) {
  if (auto *tensor = value.tensor())
    return tensor->element;
  if (value.is<double>() || value.asList())
    return Element::F32;
  return std::nullopt;
}

static bool isSoft(const Value &value) {
  auto *tensor = value.tensor();
  return value.is<Dim>() || (tensor && tensor->element == Element::I32 && tensor->index);
}

std::optional<Element> Elaborator::commonElement(const Value &lhs, const Value &rhs,
                                                 SourceRange range, llvm::StringRef what) {
  auto a = ownElement(lhs), b = ownElement(rhs);
  if (!a && !b)
    return lhs.is<bool>() && rhs.is<bool>() ? Element::Bool : Element::I32;
  if (!a || !b) {
    Element own = a ? *a : *b;
    bool truth = (a ? rhs : lhs).is<bool>();
    return own == Element::Bool && !truth ? Element::I32 : own;
  }
  if (*a == *b)
    return *a;
  if (*a == Element::Bool || *b == Element::Bool)
    return *a == Element::Bool ? *b : *a;
  if (isSoft(*a == Element::I32 ? lhs : rhs))
    return Element::F32;
  diags.error(Code::ElementMismatch, range, what + ": an i32 tensor does not become f32 by itself")
      .note(lhs.describe() + " and " + rhs.describe())
      .help("write f32(x)");
  return std::nullopt;
}

bool Elaborator::alignShapes(llvm::MutableArrayRef<Tensor> tensors,
                             llvm::ArrayRef<SourceRange> ranges, SourceRange range,
                             llvm::StringRef what) {
  size_t widest = 0;
  for (size_t i = 1; i < tensors.size(); ++i)
    if (tensors[i].rank() > tensors[widest].rank())
      widest = i;
  Shape outer =
      llvm::map_to_vector<4>(tensors[widest].dims, [&](const Dim &dim) { return tied(dim); });
  llvm::SmallVector<Fit> fits;
  for (size_t i = 0; i < tensors.size(); ++i) {
    Shape inner =
        llvm::map_to_vector<4>(tensors[i].dims, [&](const Dim &dim) { return tied(dim); });
    fits.push_back(fitInto(inner, outer));
    if (fits.back().ways == 1) {
      // A named size says more than a number.
      for (auto [axis, dim] : llvm::zip(fits.back().axes, inner))
        if (outer[axis].isNameless() && !dim.isNameless())
          outer[axis] = dim;
      continue;
    }
    bool ambiguous = fits.back().ways > 1;
    size_t first = std::min(i, widest), second = std::max(i, widest);
    std::string shapes =
        printShape(tensors[first].dims) + " and " + printShape(tensors[second].dims);
    std::string message = ambiguous ? ": " + printShape(tensors[i].dims) + " goes into " +
                                          printShape(tensors[widest].dims) +
                                          " in two ways: write index notation"
                                    : ": the shapes " + shapes + " do not fit";
    reportShapes(ambiguous ? Code::AmbiguousFit : Code::ShapeMismatch, what + message,
                 tensors[first].dims, tensors[second].dims, ranges[first], ranges[second], range);
    return false;
  }
  for (size_t i = 0; i < tensors.size(); ++i)
    tensors[i] = build.broadcast(tensors[i], fits[i].axes, outer);
  return true;
}

std::optional<std::pair<Tensor, Tensor>> Elaborator::align(const Value &lhs, const Value &rhs,
                                                           SourceRange lhsRange,
                                                           SourceRange rhsRange, SourceRange range,
                                                           llvm::StringRef what, bool promote) {
  auto element = commonElement(lhs, rhs, range, what);
  if (!element)
    return std::nullopt;
  if (promote && *element == Element::Bool)
    element = Element::I32;
  // A literal takes the other's shape at once.
  auto literal = [&](const Value &value, const Tensor &other) {
    return build.constant(*value.number(), *element, other.dims);
  };
  auto *a = lhs.tensor(), *b = rhs.tensor();
  if (a && rhs.isStaticScalar())
    return std::pair(build.cast(*a, *element), literal(rhs, *a));
  if (b && lhs.isStaticScalar())
    return std::pair(literal(lhs, *b), build.cast(*b, *element));
  auto x = toTensor(lhs, lhsRange, element), y = toTensor(rhs, rhsRange, element);
  if (!x || !y)
    return std::nullopt;
  Tensor both[2] = {build.cast(*x, *element), build.cast(*y, *element)};
  if (!alignShapes(both, {lhsRange, rhsRange}, range, what))
    return std::nullopt;
  return std::pair(both[0], both[1]);
}

Value Elaborator::binary(BinaryOp op, const Value &lhs, const Value &rhs,
                         const ast::BinaryExpr &expr) {
  if (lhs.isPoison() || rhs.isPoison())
    return {};
  if (isComparison(op) && (lhs.isAbsent() || rhs.isAbsent()))
    return Absent{};
  if (auto *a = lhs.as<std::string>())
    if (auto *b = rhs.as<std::string>(); b && (op == BinaryOp::Eq || op == BinaryOp::Ne))
      return Value::boolean((*a == *b) == (op == BinaryOp::Eq));
  if (lhs.isStaticScalar() && rhs.isStaticScalar())
    return foldBinary(op, lhs, rhs, expr.range);
  if (op == BinaryOp::MatMul)
    return matmul(lhs, rhs, expr);
  if (op == BinaryOp::And || op == BinaryOp::Or)
    return logical(op, lhs, rhs, expr);
  if (isComparison(op)) {
    // In an order, false is 0 and true is 1.
    bool ordered = op != BinaryOp::Eq && op != BinaryOp::Ne;
    auto both =
        align(lhs, rhs, expr.lhs->range, expr.rhs->range, markOf(expr), ast::spelling(op), ordered);
    return both ? Value(build.compare(predicateOf(op), both->first, both->second)) : Value();
  }
  return arithmetic(op, lhs, rhs, expr);
}

Value Elaborator::logical(BinaryOp op, const Value &lhs, const Value &rhs,
                          const ast::BinaryExpr &expr) {
  // A truth value of compile time decides, or disappears.
  for (auto [fixed, other] : {std::pair(&lhs, &rhs), std::pair(&rhs, &lhs)}) {
    auto *truth = fixed->as<bool>();
    auto *tensor = other->tensor();
    if (!truth || !tensor || tensor->element != Element::Bool)
      continue;
    if (*truth == (op == BinaryOp::And))
      return *tensor;
    return build.constant(*truth, Element::Bool, tensor->dims);
  }
  auto a = toTensor(lhs, expr.lhs->range), b = toTensor(rhs, expr.rhs->range);
  if (!a || !b)
    return {};
  if (a->element != Element::Bool || b->element != Element::Bool) {
    diags.error(Code::ElementMismatch, expr.range,
                "`" + ast::spelling(op) + "` takes bool, not " + a->str() + " and " + b->str());
    return {};
  }
  Tensor both[2] = {*a, *b};
  if (!alignShapes(both, {expr.lhs->range, expr.rhs->range}, markOf(expr), ast::spelling(op)))
    return {};
  if (op == BinaryOp::And)
    return build.binary<nn::AndOp>(both[0], both[1]);
  return build.binary<nn::OrOp>(both[0], both[1]);
}

Value Elaborator::arithmetic(BinaryOp op, const Value &lhs, const Value &rhs,
                             const ast::BinaryExpr &expr) {
  if (op == BinaryOp::Div)
    return divide(lhs, rhs, expr);
  if (op == BinaryOp::Pow && rhs.isStaticScalar()) {
    auto base = toTensor(lhs, expr.lhs->range);
    return base ? emitPower(*base, rhs, expr.range) : Value();
  }
  auto both = align(lhs, rhs, expr.lhs->range, expr.rhs->range, markOf(expr), ast::spelling(op));
  if (!both)
    return {};
  Value result = emitArithmetic(op, both->first, both->second, expr.range);
  auto *tensor = result.tensor();
  if (!tensor || tensor->element != Element::I32)
    return result;
  Tensor noted = *tensor;
  noteInteger(op, noted, lhs, rhs);
  return noted;
}

/// What is known about an integer result: whether it counts as an index, and its distance from a
/// run-time position.
void Elaborator::noteInteger(BinaryOp op, Tensor &result, const Value &lhs, const Value &rhs) {
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

/// `/` is real division: whole numbers become real.
Value Elaborator::divide(const Value &lhs, const Value &rhs, const ast::BinaryExpr &expr) {
  auto a = toTensor(lhs, expr.lhs->range,
                    lhs.isStaticScalar() ? std::optional(Element::F32) : std::nullopt);
  auto b = toTensor(rhs, expr.rhs->range,
                    rhs.isStaticScalar() ? std::optional(Element::F32) : std::nullopt);
  if (!a || !b)
    return {};
  Value x = lhs.isStaticScalar() ? lhs : Value(build.cast(*a, Element::F32));
  Value y = rhs.isStaticScalar() ? rhs : Value(build.cast(*b, Element::F32));
  auto both = align(x, y, expr.lhs->range, expr.rhs->range, markOf(expr), "/");
  return both ? Value(build.div(both->first, both->second)) : Value();
}

Value Elaborator::emitArithmetic(BinaryOp op, Tensor a, Tensor b, SourceRange range) {
  Tensor result;
  switch (op) {
  case BinaryOp::Add:
    result = build.add(a, b);
    break;
  case BinaryOp::Sub:
    result = build.sub(a, b);
    break;
  case BinaryOp::Mul:
    result = build.mul(a, b);
    break;
  case BinaryOp::Pow:
    return a.element == Element::I32 ? wholePower(a, b, range)
                                     : Value(build.binary<nn::PowOp>(a, b));
  case BinaryOp::Mod:
    if (a.element == Element::I32) {
      result = build.binary<nn::ModOp>(a, b);
      break;
    }
    [[fallthrough]];
  default:
    diags.error(Code::ElementMismatch, range,
                "`" + ast::spelling(op) + "` takes whole numbers, not " + a.str());
    return {};
  }
  auto left = a.limits(), right = b.limits();
  if (a.element == Element::I32 && left && right && op != BinaryOp::Mod)
    result.range = arithmeticRange(op, *left, *right);
  return result;
}

Interval Elaborator::arithmeticRange(BinaryOp op, Interval a, Interval b) {
  if (op == BinaryOp::Add)
    return {a.low + b.low, a.high + b.high};
  if (op == BinaryOp::Sub)
    return {a.low - b.high, a.high - b.low};
  int64_t products[] = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
  return {*std::min_element(products, products + 4), *std::max_element(products, products + 4)};
}

Value Elaborator::matmul(const Value &lhs, const Value &rhs, const ast::BinaryExpr &expr) {
  auto a = toTensor(lhs, expr.lhs->range), b = toTensor(rhs, expr.rhs->range);
  if (!a || !b)
    return {};
  for (const Tensor *side : {&*a, &*b})
    if (!side->rank() || side->element != Element::F32) {
      diags.error(Code::WrongKind, expr.range,
                  "`@` multiplies f32 vectors and matrices, not " + a->str() + " and " + b->str());
      return {};
    }
  unsigned shared = b->rank() == 1 ? 0 : b->rank() - 2;
  if (!tied(a->dims.back()).equals(tied(b->dims[shared]))) {
    reportProduct(*a, *b, shared, expr);
    return {};
  }
  // Axes of a are 0, 1, ...; its last is summed; leading axes of b are those of a.
  bool batched = b->rank() > 2;
  if (batched &&
      (a->rank() != b->rank() || !equalShapes(llvm::ArrayRef<Dim>(a->dims).drop_back(2),
                                              llvm::ArrayRef<Dim>(b->dims).drop_back(2)))) {
    reportShapes(Code::ShapeMismatch, "`@`: the leading axes differ", a->dims, b->dims,
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
  auto op = nn::ContractOp::create(*build.builder, build.loc, build.type(Element::F32, dims),
                                   a->value, b->value, aLabels, bLabels, yLabels);
  return build.make(Element::F32, dims, op);
}

void Elaborator::reportProduct(const Tensor &a, const Tensor &b, unsigned shared,
                               const ast::BinaryExpr &expr) {
  auto error = diags.error(Code::ShapeMismatch, markOf(expr),
                           "`@`: the last axis of the left side, " + a.dims.back().describe() +
                               ", is not " + (b.rank() == 1 ? "the axis" : "the last but one") +
                               " of the right side, " + b.dims[shared].describe());
  error.label(expr.lhs->range, printShape(a.dims)).label(expr.rhs->range, printShape(b.dims));
  for (const Dim &dim : {a.dims.back(), b.dims[shared]})
    if (dim.origin().isValid())
      error.label(dim.origin(), dim.describe() + " comes from here");
}

} // namespace nnc
