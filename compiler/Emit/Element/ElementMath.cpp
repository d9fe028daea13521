/// One scalar or vector operation per elementwise op.
#include "compiler/Emit/Element/ElementMath.h"
#include "compiler/Emit/Element/VectorMath.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace nnc {

static constexpr auto fused = arith::FastMathFlags::contract;

Value number(OpBuilder &b, Location loc, Type type, double value) {
  Type element = getElementTypeOrSelf(type);
  TypedAttr attribute = isa<FloatType>(element)
                            ? TypedAttr(b.getFloatAttr(element, value))
                            : TypedAttr(b.getIntegerAttr(element, int64_t(value)));
  if (auto vector = dyn_cast<VectorType>(type))
    attribute = DenseElementsAttr::get(vector, attribute);
  return arith::ConstantOp::create(b, loc, attribute);
}

Value multiplyAdd(OpBuilder &b, Location loc, Value a, Value x, Value c) {
  return arith::AddFOp::create(b, loc, arith::MulFOp::create(b, loc, a, x, fused), c, fused);
}

namespace {
/// One op on elements.
struct Rules {
  OpBuilder &b;
  Location loc;
  VectorMath math{b, loc};

  static bool isFloat(Value x) { return isa<FloatType>(getElementTypeOrSelf(x.getType())); }
  static Type withElement(Value like, Type element) {
    auto vector = dyn_cast<VectorType>(like.getType());
    return vector ? VectorType::get(vector.getShape(), element) : element;
  }
  Value zero(Value like) { return number(b, loc, like.getType(), 0); }

  Value add(Value x, Value y) {
    if (isFloat(x))
      return arith::AddFOp::create(b, loc, x, y, fused);
    return arith::AddIOp::create(b, loc, x, y);
  }
  Value sub(Value x, Value y) {
    if (isFloat(x))
      return arith::SubFOp::create(b, loc, x, y, fused);
    return arith::SubIOp::create(b, loc, x, y);
  }
  Value mul(Value x, Value y) {
    if (isFloat(x))
      return arith::MulFOp::create(b, loc, x, y, fused);
    return arith::MulIOp::create(b, loc, x, y);
  }
  Value less(Value x, Value y) {
    if (isFloat(x))
      return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, x, y);
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, x, y);
  }
  Value select(Value c, Value x, Value y) { return arith::SelectOp::create(b, loc, c, x, y); }
  /// A NaN on either side is the result, as in NumPy and PyTorch; of equal ones the first.
  Value extreme(Value x, Value y, bool largest) {
    if (isFloat(x) && isNumber(x))
      std::swap(x, y); // One comparison is enough beside a constant.
    Value chosen = select(largest ? less(x, y) : less(y, x), y, x);
    if (!isFloat(x) || isNumber(y))
      return chosen;
    return select(isNan(b, loc, y), y, chosen);
  }
  Value max(Value x, Value y) { return extreme(x, y, true); }
  Value min(Value x, Value y) { return extreme(x, y, false); }
  /// True for a constant that is not NaN.
  static bool isNumber(Value x) {
    FloatAttr scalar;
    SplatElementsAttr splat;
    if (matchPattern(x, m_Constant(&scalar)))
      return !scalar.getValue().isNaN();
    if (auto broadcast = x.getDefiningOp<vector::BroadcastOp>())
      return isNumber(broadcast.getSource());
    return matchPattern(x, m_Constant(&splat)) && !splat.getSplatValue<APFloat>().isNaN();
  }
  Value neg(Value x) {
    if (isFloat(x))
      return arith::NegFOp::create(b, loc, x);
    return sub(zero(x), x);
  }
  Value sign(Value x) {
    Value y = isFloat(x) ? mul(x, zero(x)) : zero(x); // NaN stays one
    y = select(less(zero(x), x), number(b, loc, x.getType(), 1), y);
    return select(less(x, zero(x)), number(b, loc, x.getType(), -1), y);
  }
  /// Quotient towards minus infinity and the remainder with the divisor's sign.
  /// A divisor that has no result is taken for 1: nn.assert speaks of it where the result is
  /// needed, and the processor would end the program where it is not.
  std::pair<Value, Value> floorDivide(Value x, Value y) {
    unsigned bits = getElementTypeOrSelf(x.getType()).getIntOrFloatBitWidth();
    Value least = number(b, loc, x.getType(), -std::ldexp(1.0, bits - 1));
    auto equal = [&](Value p, Value q) -> Value {
      return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, p, q);
    };
    Value overflows =
        arith::AndIOp::create(b, loc, equal(x, least), equal(y, number(b, loc, x.getType(), -1)));
    Value wrong = arith::OrIOp::create(b, loc, equal(y, zero(y)), overflows);
    y = select(wrong, number(b, loc, x.getType(), 1), y);
    Value q = arith::DivSIOp::create(b, loc, x, y), r = arith::RemSIOp::create(b, loc, x, y);
    Value opposite = less(arith::XOrIOp::create(b, loc, r, y), zero(x));
    Value inexact = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, r, zero(x));
    Value adjust = arith::AndIOp::create(b, loc, opposite, inexact);
    Value one = number(b, loc, x.getType(), 1);
    return {select(adjust, sub(q, one), q), select(adjust, add(r, y), r)};
  }
  Value logicalNot(Value x) {
    Value all = arith::ConstantOp::create(b, loc, cast<TypedAttr>(Attribute(trueOf(x.getType()))));
    return arith::XOrIOp::create(b, loc, x, all);
  }
  Value constantInteger(Type type, const APInt &value) {
    TypedAttr attribute = b.getIntegerAttr(getElementTypeOrSelf(type), value);
    if (auto vector = dyn_cast<VectorType>(type))
      attribute = DenseElementsAttr::get(vector, attribute);
    return arith::ConstantOp::create(b, loc, attribute);
  }
  Attribute trueOf(Type type) {
    if (auto vector = dyn_cast<VectorType>(type))
      return DenseElementsAttr::get(vector, true);
    return b.getBoolAttr(true);
  }
  Value compare(nn::Comparison predicate, Value x, Value y);
  Value cast_(Value x, Type element);
  Value toInteger(Value x, Type to);
};
} // namespace

Value Rules::compare(nn::Comparison predicate, Value x, Value y) {
  using F = arith::CmpFPredicate;
  using I = arith::CmpIPredicate;
  static constexpr F floats[] = {F::OEQ, F::UNE, F::OLT, F::OLE, F::OGT, F::OGE};
  static constexpr I ints[] = {I::eq, I::ne, I::slt, I::sle, I::sgt, I::sge};
  static constexpr I truths[] = {I::eq, I::ne, I::ult, I::ule, I::ugt, I::uge};
  auto k = static_cast<size_t>(predicate);
  if (isFloat(x))
    return arith::CmpFOp::create(b, loc, floats[k], x, y);
  bool isTruth = getElementTypeOrSelf(x.getType()).isInteger(1);
  return arith::CmpIOp::create(b, loc, isTruth ? truths[k] : ints[k], x, y);
}

/// Towards zero; the nearest integer for what is too large, 0 for NaN.
Value Rules::toInteger(Value x, Type to) {
  unsigned bits = getElementTypeOrSelf(to).getIntOrFloatBitWidth();
  double least = -std::ldexp(1.0, bits - 1);
  Value low = number(b, loc, x.getType(), least), high = number(b, loc, x.getType(), -least);
  // Comparisons are false for NaN, which so is 0.
  Value above = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGE, x, low);
  Value fits = arith::AndIOp::create(b, loc, above, less(x, high));
  Value inside = arith::FPToSIOp::create(b, loc, to, select(fits, x, zero(x)));
  inside = select(less(x, low), constantInteger(to, APInt::getSignedMinValue(bits)), inside);
  Value tooHigh = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGE, x, high);
  return select(tooHigh, constantInteger(to, APInt::getSignedMaxValue(bits)), inside);
}

Value Rules::cast_(Value x, Type element) {
  Type from = getElementTypeOrSelf(x.getType()), to = withElement(x, element);
  if (from == element)
    return x;
  if (element.isInteger(1))
    return compare(nn::Comparison::ne, x, zero(x));
  unsigned fromBits = from.getIntOrFloatBitWidth(), toBits = element.getIntOrFloatBitWidth();
  if (isa<FloatType>(from) && isa<FloatType>(element)) {
    if (fromBits < toBits)
      return arith::ExtFOp::create(b, loc, to, x);
    return arith::TruncFOp::create(b, loc, to, x);
  }
  if (isa<FloatType>(from))
    return toInteger(x, to);
  if (isa<FloatType>(element)) {
    if (from.isInteger(1))
      return arith::UIToFPOp::create(b, loc, to, x);
    return arith::SIToFPOp::create(b, loc, to, x);
  }
  if (from.isInteger(1))
    return arith::ExtUIOp::create(b, loc, to, x);
  if (fromBits < toBits)
    return arith::ExtSIOp::create(b, loc, to, x);
  return arith::TruncIOp::create(b, loc, to, x);
}

namespace {
/// Each elementwise op on elements of its operands. One that is missing does not build.
struct Elements : Rules {
  ArrayRef<Value> in;

  Value of(nn::NegOp) { return neg(in[0]); }
  Value of(nn::AbsOp) { return isFloat(in[0]) ? math.abs(in[0]) : max(in[0], neg(in[0])); }
  Value of(nn::ExpOp) { return math.exp(in[0]); }
  Value of(nn::Expm1Op) { return math.expm1(in[0]); }
  Value of(nn::LogOp) { return math.log(in[0]); }
  Value of(nn::Log1pOp) { return math.log1p(in[0]); }
  Value of(nn::SqrtOp) { return math.sqrt(in[0]); }
  Value of(nn::RsqrtOp) { return math.rsqrt(in[0]); }
  Value of(nn::Log2Op) { return math.log2(in[0]); }
  Value of(nn::SinhOp) { return math.sinh(in[0]); }
  Value of(nn::CoshOp) { return math.cosh(in[0]); }
  Value of(nn::TanhOp) { return math.tanh(in[0]); }
  Value of(nn::SinOp) { return math.sin(in[0]); }
  Value of(nn::CosOp) { return math.cos(in[0]); }
  Value of(nn::AtanOp) { return math.atan(in[0]); }
  Value of(nn::ErfOp) { return math.erf(in[0]); }
  Value of(nn::SigmoidOp) { return math.sigmoid(in[0]); }
  Value of(nn::SoftplusOp) { return math.softplus(in[0]); }
  Value of(nn::SignOp) { return sign(in[0]); }
  Value of(nn::FloorOp) { return math.floor(in[0]); }
  Value of(nn::RoundOp) { return math.roundEven(in[0]); }
  Value of(nn::AddOp) { return add(in[0], in[1]); }
  Value of(nn::SubOp) { return sub(in[0], in[1]); }
  Value of(nn::MulOp) { return mul(in[0], in[1]); }
  Value of(nn::DivOp) { return arith::DivFOp::create(b, loc, in[0], in[1]); }
  Value of(nn::PowOp) { return math.pow(in[0], in[1]); }
  Value of(nn::MaxOp) { return max(in[0], in[1]); }
  Value of(nn::MinOp) { return min(in[0], in[1]); }
  Value of(nn::FloorDivOp) { return floorDivide(in[0], in[1]).first; }
  Value of(nn::ModOp) { return floorDivide(in[0], in[1]).second; }
  Value of(nn::AndOp) { return arith::AndIOp::create(b, loc, in[0], in[1]); }
  Value of(nn::OrOp) { return arith::OrIOp::create(b, loc, in[0], in[1]); }
  Value of(nn::XorOp) { return arith::XOrIOp::create(b, loc, in[0], in[1]); }
  Value of(nn::NotOp) { return logicalNot(in[0]); }
  Value of(nn::CompareOp op) { return compare(op.getPredicate(), in[0], in[1]); }
  Value of(nn::SelectOp) { return select(in[0], in[1], in[2]); }
  Value of(nn::CastOp op) { return cast_(in[0], getElementTypeOrSelf(op.getY().getType())); }
  Value of(nn::StopGradientOp) { return in[0]; }
};

template <typename Op> bool emitIf(Operation *op, Elements &elements, Value &result) {
  if constexpr (Op::template hasTrait<nn::ElementwiseMap>())
    if (auto each = dyn_cast<Op>(op)) {
      result = elements.of(each);
      return true;
    }
  return false;
}

template <typename... Ops> Value emitOneOf(Operation *op, Elements elements) {
  Value result;
  (emitIf<Ops>(op, elements, result) || ...);
  return result;
}
} // namespace

Value emitElementwiseOp(OpBuilder &b, Location loc, Operation *op, ArrayRef<Value> in) {
  return emitOneOf<
#define GET_OP_LIST
#include "dialects/nn/IR/NNOps.cpp.inc"
      >(op, Elements{{b, loc}, in});
}

Value isNan(OpBuilder &b, Location loc, Value x) {
  return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNO, x, x);
}

Value isBelow(OpBuilder &b, Location loc, Value x, Value y) {
  if (!Rules::isFloat(x))
    return Rules{b, loc}.less(x, y);
  // x < y or only y is NaN: one unordered comparison and one for x.
  Value notAbove = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::ULT, x, y);
  Value isNumber = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::ORD, x, x);
  return arith::AndIOp::create(b, loc, notAbove, isNumber);
}

Value combine(OpBuilder &b, Location loc, nn::Reduction kind, Value x, Value y) {
  Rules r{b, loc};
  switch (kind) {
  case nn::Reduction::sum:
    return r.add(x, y);
  case nn::Reduction::prod:
    return r.mul(x, y);
  case nn::Reduction::max:
    return r.max(x, y);
  case nn::Reduction::min:
    return r.min(x, y);
  case nn::Reduction::any:
    return arith::OrIOp::create(b, loc, x, y);
  case nn::Reduction::all:
    return arith::AndIOp::create(b, loc, x, y);
  }
  llvm_unreachable("a reduction of no kind");
}

Value neutral(OpBuilder &b, Location loc, nn::Reduction kind, Type type) {
  Type element = getElementTypeOrSelf(type);
  bool isFloat = isa<FloatType>(element);
  unsigned bits = element.getIntOrFloatBitWidth();
  double infinity = std::numeric_limits<double>::infinity();
  double lowest = isFloat ? -infinity : -std::ldexp(1.0, bits - 1);
  switch (kind) {
  case nn::Reduction::sum:
  case nn::Reduction::any:
    return number(b, loc, type, 0);
  case nn::Reduction::prod:
    return number(b, loc, type, 1);
  case nn::Reduction::all: {
    if (auto vector = dyn_cast<VectorType>(type))
      return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(vector, true));
    return arith::ConstantOp::create(b, loc, b.getBoolAttr(true));
  }
  case nn::Reduction::max:
  case nn::Reduction::min: {
    if (isFloat)
      return number(b, loc, type, kind == nn::Reduction::max ? lowest : infinity);
    return Rules{b, loc}.constantInteger(type, kind == nn::Reduction::max
                                                   ? APInt::getSignedMinValue(bits)
                                                   : APInt::getSignedMaxValue(bits));
  }
  }
  llvm_unreachable("a reduction of no kind");
}

} // namespace nnc
