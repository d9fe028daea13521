/// The polynomials are weighted minimax fits made for this file; each line gives the interval and
/// the relative error of the function that it builds, before rounding.
#include "compiler/Emit/VectorMath.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace nnc {

// `contract` lets LLVM fuse a multiplication into an addition; nothing else about IEEE is relaxed.
static constexpr auto fused = arith::FastMathFlags::contract;

static Type withElement(Value like, Type element) {
  auto vector = dyn_cast<VectorType>(like.getType());
  return vector ? VectorType::get(vector.getShape(), element) : element;
}
static Value constantOf(OpBuilder &b, Location loc, Type type, Attribute scalar) {
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(vector, scalar));
  return arith::ConstantOp::create(b, loc, cast<TypedAttr>(scalar));
}

bool VectorMath::isF64(Value x) { return getElementTypeOrSelf(x.getType()).isF64(); }
Value VectorMath::c(Value like, double value) {
  return constantOf(b, loc, like.getType(),
                    b.getFloatAttr(getElementTypeOrSelf(like.getType()), value));
}
Value VectorMath::ci(Value like, int64_t value) {
  return constantOf(b, loc, withElement(like, b.getI32Type()), b.getI32IntegerAttr(value));
}
Value VectorMath::add(Value x, Value y) { return arith::AddFOp::create(b, loc, x, y, fused); }
Value VectorMath::sub(Value x, Value y) { return arith::SubFOp::create(b, loc, x, y, fused); }
Value VectorMath::mul(Value x, Value y) { return arith::MulFOp::create(b, loc, x, y, fused); }
Value VectorMath::div(Value x, Value y) { return arith::DivFOp::create(b, loc, x, y); }
Value VectorMath::fma(Value x, Value y, Value z) { return add(mul(x, y), z); }
Value VectorMath::less(Value x, Value y) {
  return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, x, y);
}
Value VectorMath::select(Value condition, Value x, Value y) {
  return arith::SelectOp::create(b, loc, condition, x, y);
}
Value VectorMath::sqrt(Value x) { return math::SqrtOp::create(b, loc, x); }
Value VectorMath::floor(Value x) { return math::FloorOp::create(b, loc, x); }
Value VectorMath::abs(Value x) { return math::AbsFOp::create(b, loc, x); }
Value VectorMath::copySign(Value magnitude, Value sign) {
  return math::CopySignOp::create(b, loc, magnitude, sign);
}
Value VectorMath::asInt(Value x) {
  return arith::BitcastOp::create(b, loc, withElement(x, b.getI32Type()), x);
}
Value VectorMath::asFloat(Value x) {
  return arith::BitcastOp::create(b, loc, withElement(x, b.getF32Type()), x);
}

Value VectorMath::polynomial(Value x, ArrayRef<double> highestFirst) {
  Value result = c(x, highestFirst.front());
  for (double coefficient : highestFirst.drop_front())
    result = fma(result, x, c(x, coefficient));
  return result;
}

// Adding 1.5 * 2^23 leaves a whole number in the low bits: no conversion, and a NaN stays one.
static constexpr double magic = 12582912.0;
Value VectorMath::round(Value x) { return add(x, c(x, magic)); }
Value VectorMath::toInt(Value rounded) {
  return arith::SubIOp::create(b, loc, asInt(rounded), ci(rounded, 0x4B400000));
}

Value VectorMath::callLibm(StringRef name, ValueRange arguments) {
  Type element = getElementTypeOrSelf(arguments[0].getType());
  auto module = b.getBlock()->getParentOp()->getParentOfType<ModuleOp>();
  auto callee = module.lookupSymbol<func::FuncOp>(name);
  if (!callee) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    SmallVector<Type> types(arguments.size(), element);
    callee = func::FuncOp::create(b, loc, name, b.getFunctionType(types, element));
    callee.setPrivate();
  }
  auto vector = dyn_cast<VectorType>(arguments[0].getType());
  if (!vector)
    return func::CallOp::create(b, loc, callee, arguments).getResult(0);
  Value result = c(arguments[0], 0);
  for (int64_t lane = 0; lane < vector.getNumElements(); ++lane) {
    SmallVector<Value> scalars;
    for (Value argument : arguments)
      scalars.push_back(vector::ExtractOp::create(b, loc, argument, lane));
    Value value = func::CallOp::create(b, loc, callee, scalars).getResult(0);
    result = vector::InsertOp::create(b, loc, value, result, lane);
  }
  return result;
}

/// x * 2^n for n in [-252, 254], rounded once if the result is subnormal.
Value VectorMath::scaleByPowerOfTwo(Value x, Value n) {
  Value half = arith::ShRSIOp::create(b, loc, n, ci(x, 1));
  Value rest = arith::SubIOp::create(b, loc, n, half);
  auto power = [&](Value k) {
    Value biased = arith::AddIOp::create(b, loc, k, ci(x, 127));
    return asFloat(arith::ShLIOp::create(b, loc, biased, ci(x, 23)));
  };
  return mul(mul(x, power(half)), power(rest));
}

static constexpr double log2e = 1.4426950408889634;
static constexpr double ln2High = 0.693115234375, ln2Low = 3.19461849453e-5;
// |r| <= ln2 / 2: (e^r - 1 - r) / r^2 to 5e-11 of e^r.
static constexpr double expPolynomial[] = {0.000199142323, 0.001394611462, 0.008333272332,
                                           0.04166626898,  0.1666666682,   0.5000000078};

Value VectorMath::exp(Value x) {
  if (isF64(x))
    return callLibm("exp", x);
  // Comparisons are false for NaN, which so passes through.
  Value clamped = select(less(x, c(x, -104.0)), c(x, -104.0), x);
  clamped = select(less(c(x, 89.0), clamped), c(x, 89.0), clamped);
  Value rounded = fma(clamped, c(x, log2e), c(x, magic));
  Value n = sub(rounded, c(x, magic));
  Value r = fma(n, c(x, -ln2High), clamped);
  r = fma(n, c(x, -ln2Low), r);
  Value p = fma(polynomial(r, expPolynomial), mul(r, r), add(r, c(x, 1)));
  return scaleByPowerOfTwo(p, toInt(rounded));
}

Value VectorMath::expm1(Value x) {
  if (isF64(x))
    return callLibm("expm1", x);
  Value clamped = select(less(x, c(x, -26.0)), c(x, -26.0), x);
  clamped = select(less(c(x, 89.0), clamped), c(x, 89.0), clamped);
  Value rounded = fma(clamped, c(x, log2e), c(x, magic));
  Value n = sub(rounded, c(x, magic));
  Value r = fma(n, c(x, -ln2High), clamped);
  r = fma(n, c(x, -ln2Low), r);
  Value q = fma(polynomial(r, expPolynomial), mul(r, r), r);
  // 2 (s q + (s - 1/2)) with s = 2^(n-1), which is finite for n = 128.
  Value biased = arith::AddIOp::create(b, loc, toInt(rounded), ci(x, 126));
  Value s = asFloat(arith::ShLIOp::create(b, loc, biased, ci(x, 23)));
  return mul(c(x, 2), fma(s, q, sub(s, c(x, 0.5))));
}

/// x = m 2^e with m in [sqrt(1/2), sqrt(2)), e as a float; subnormals included.
std::pair<Value, Value> VectorMath::splitMantissa(Value x) {
  Value tiny = less(x, c(x, 1.17549435e-38));
  x = select(tiny, mul(x, c(x, 8388608.0)), x);
  Value bits = asInt(x);
  Value above = arith::SubIOp::create(b, loc, bits, ci(x, 0x3F3504F3));
  Value e = arith::ShRSIOp::create(b, loc, above, ci(x, 23));
  Value shifted = arith::ShLIOp::create(b, loc, e, ci(x, 23));
  Value m = asFloat(arith::SubIOp::create(b, loc, bits, shifted));
  Value exponent = arith::SIToFPOp::create(b, loc, x.getType(), e);
  return {m, select(tiny, sub(exponent, c(x, 23)), exponent)};
}

Value VectorMath::log(Value x) {
  if (isF64(x))
    return callLibm("log", x);
  auto [m, e] = splitMantissa(x);
  Value f = sub(m, c(x, 1));
  // f in [sqrt(1/2) - 1, sqrt(2) - 1]: (log(1+f) - f + f^2/2) / f^3 to 7e-10.
  Value p = polynomial(f, {0.06913693255, -0.1178880457, 0.118732055, -0.1238452305, 0.1421864774,
                           -0.1666924223, 0.2000222696, -0.2499998666, 0.3333331043});
  Value square = mul(f, f);
  Value low = fma(e, c(x, ln2Low), mul(mul(p, f), square));
  Value y = add(f, fma(square, c(x, -0.5), low));
  y = fma(e, c(x, ln2High), y);
  double infinity = std::numeric_limits<double>::infinity();
  y = select(less(c(x, 0), x), y, c(x, std::numeric_limits<double>::quiet_NaN()));
  Value isZero = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, x, c(x, 0));
  y = select(isZero, c(x, -infinity), y);
  Value isInfinite = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, x, c(x, infinity));
  return select(isInfinite, x, y);
}

Value VectorMath::log1p(Value x) {
  if (isF64(x))
    return callLibm("log1p", x);
  // log(u) x / (u - 1) with u = 1 + x rounded: the rounding of u cancels.
  Value u = add(x, c(x, 1));
  Value y = mul(log(u), div(x, sub(u, c(x, 1))));
  Value isOne = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, u, c(x, 1));
  y = select(isOne, x, y);
  Value isInfinite = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, u,
                                           c(x, std::numeric_limits<double>::infinity()));
  return select(isInfinite, u, y);
}

Value VectorMath::tanh(Value x) {
  if (isF64(x))
    return callLibm("tanh", x);
  Value size = abs(x), z = mul(x, x);
  // |x| <= 0.625, in z = x^2: (tanh(x) - x) / x^3 to 4e-9.
  Value p =
      polynomial(z, {-0.005716939212, 0.02065037227, -0.05374338812, 0.1333148942, -0.3333328385});
  Value near = fma(mul(p, z), x, x);
  Value far = div(c(x, 2), add(exp(mul(size, c(x, 2))), c(x, 1)));
  far = copySign(sub(c(x, 1), far), x);
  return select(less(size, c(x, 0.625)), near, far);
}

Value VectorMath::erf(Value x) {
  if (isF64(x))
    return callLibm("erf", x);
  Value z = mul(x, x), size = abs(x);
  // |x| <= 1, in z = x^2: erf(x) / x - 1 to 1.2e-9.
  Value near = fma(polynomial(z, {7.853861159e-05, -0.0008010193567, 0.005188327679, -0.02685381193,
                                  0.1128358515, -0.3761262582, 0.1283791657}),
                   x, x);
  // 1 <= t <= 3.9, in t - 2.45: erfc(t), so that erf is right to 3e-8; beyond it is 1. Comparisons
  // are false for NaN, which so passes through.
  Value t = select(less(c(x, 3.9), size), c(x, 3.9), size);
  Value q =
      polynomial(sub(t, c(x, 2.45)),
                 {9.124774925e-06, -2.651538073e-05, -4.881042523e-05, 0.0003066998715,
                  -0.0004185100618, -0.0004297833617, 0.002994740085, -0.006976414068,
                  0.01024917128, -0.01023604546, 0.006836764469, -0.002789898565, 0.0005305522238});
  Value far = copySign(sub(c(x, 1), q), x);
  return select(less(size, c(x, 1)), near, far);
}

/// sin(x + quadrants * pi / 2); positions beyond 2^22 quadrants lose all accuracy.
Value VectorMath::sinOrCos(Value x, int64_t quadrants) {
  Value rounded = fma(x, c(x, 0.63661977236758134), c(x, magic));
  Value n = sub(rounded, c(x, magic));
  Value r = fma(n, c(x, -1.5703125), x);
  r = fma(n, c(x, -0.0004837512969970703), r);
  r = fma(n, c(x, -7.54978995489e-8), r);
  Value quadrant = arith::AddIOp::create(b, loc, toInt(rounded), ci(x, quadrants));
  Value z = mul(r, r);
  // |r| <= pi / 4, in z = r^2, to 5e-12 and 1e-10.
  Value sine = polynomial(z, {2.718324258e-6, -0.0001983933642, 0.008333329392, -0.1666666664});
  sine = fma(mul(sine, z), r, r);
  Value cosine = polynomial(z, {2.443872624e-5, -0.001388736957, 0.04166664689});
  cosine = fma(mul(cosine, z), z, fma(z, c(x, -0.5), c(x, 1)));
  auto bit = [&](int64_t k) -> Value {
    Value masked = arith::AndIOp::create(b, loc, quadrant, ci(x, k));
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, masked, ci(x, 0));
  };
  Value y = select(bit(1), cosine, sine);
  return select(bit(2), Value(arith::NegFOp::create(b, loc, y)), y);
}

Value VectorMath::sin(Value x) { return isF64(x) ? callLibm("sin", x) : sinOrCos(x, 0); }
Value VectorMath::cos(Value x) { return isF64(x) ? callLibm("cos", x) : sinOrCos(x, 1); }

Value VectorMath::sigmoid(Value x) {
  return div(c(x, 1), add(exp(arith::NegFOp::create(b, loc, x)), c(x, 1)));
}

Value VectorMath::softplus(Value x) {
  Value positive = select(less(x, c(x, 0)), c(x, 0), x);
  return add(positive, log1p(exp(arith::NegFOp::create(b, loc, abs(x)))));
}

Value VectorMath::pow(Value x, Value y) {
  if (isF64(x))
    return callLibm("pow", {x, y});
  if (!isa<VectorType>(x.getType())) { // A scalar is a schedule's factor: exactness before speed.
    Value wide[] = {arith::ExtFOp::create(b, loc, b.getF64Type(), x),
                    arith::ExtFOp::create(b, loc, b.getF64Type(), y)};
    return arith::TruncFOp::create(b, loc, x.getType(), callLibm("pow", wide));
  }
  auto is = [&](Value p, double q) -> Value {
    return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, p, c(p, q));
  };
  Value size = exp(mul(y, log(abs(x))));
  Value whole = floor(y), half = mul(y, c(y, 0.5));
  Value isWhole = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, whole, y);
  Value isEven = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, floor(half), half);
  Value minus = arith::NegFOp::create(b, loc, size);
  Value negative = select(isEven, size, minus);
  negative = select(isWhole, negative, c(x, std::numeric_limits<double>::quiet_NaN()));
  Value result = select(less(x, c(x, 0)), negative, size);
  return select(is(y, 0), c(x, 1), result);
}

} // namespace nnc
