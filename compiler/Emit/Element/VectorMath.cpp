/// The polynomials are weighted minimax fits made for this file; each line gives the interval and
/// the relative error of the function that it builds, before rounding.
#include "compiler/Emit/Element/VectorMath.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
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
Value VectorMath::isEqual(Value x, double y) {
  return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, x, c(x, y));
}
Value VectorMath::widened(Value x) {
  return arith::ExtFOp::create(b, loc, withElement(x, b.getF64Type()), x);
}
Value VectorMath::narrowed(Value x, Value like) {
  return arith::TruncFOp::create(b, loc, like.getType(), x);
}
Value VectorMath::select(Value condition, Value x, Value y) {
  return arith::SelectOp::create(b, loc, condition, x, y);
}
Value VectorMath::sqrt(Value x) { return math::SqrtOp::create(b, loc, x); }
Value VectorMath::roundEven(Value x) { return math::RoundEvenOp::create(b, loc, x); }
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

// Adding 1.5 * 2^23 leaves an integer in the low bits: no conversion, and a NaN stays one.
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

/// e^x 2^p in f32, where e^x alone may be too large.
Value VectorMath::expTimes(Value x, int64_t powerOfTwo) {
  // Comparisons are false for NaN, which so passes through.
  Value clamped = select(less(x, c(x, -104.0)), c(x, -104.0), x);
  double most = 89 - powerOfTwo;
  clamped = select(less(c(x, most), clamped), c(x, most), clamped);
  Value rounded = fma(clamped, c(x, log2e), c(x, magic));
  Value n = sub(rounded, c(x, magic));
  Value r = fma(n, c(x, -ln2High), clamped);
  r = fma(n, c(x, -ln2Low), r);
  Value p = fma(polynomial(r, expPolynomial), mul(r, r), add(r, c(x, 1)));
  Value exponent = toInt(rounded);
  if (powerOfTwo)
    exponent = arith::AddIOp::create(b, loc, exponent, ci(x, powerOfTwo));
  return scaleByPowerOfTwo(p, exponent);
}

Value VectorMath::exp(Value x) { return isF64(x) ? callLibm("exp", x) : expTimes(x, 0); }

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
  Value far = mul(c(x, 2), fma(s, q, sub(s, c(x, 0.5))));
  // Near 0 half of q may be subnormal. It has the sign of x, also for -0.
  return copySign(select(isEqual(n, 0), q, far), x);
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
  y = select(isEqual(x, 0), c(x, -infinity), y);
  return select(isEqual(x, infinity), x, y);
}

Value VectorMath::log1p(Value x) {
  if (isF64(x))
    return callLibm("log1p", x);
  // log(u) x / (u - 1) with u = 1 + x rounded: the rounding of u cancels.
  Value u = add(x, c(x, 1));
  Value y = mul(log(u), div(x, sub(u, c(x, 1))));
  // Written so that a subnormal number gives 0, and -0 itself.
  y = select(isEqual(u, 1), fma(mul(x, x), c(x, -0.5), x), y);
  return select(isEqual(u, std::numeric_limits<double>::infinity()), u, y);
}

Value VectorMath::sinh(Value x) {
  if (isF64(x))
    return callLibm("sinh", x);
  Value size = abs(x), z = mul(x, x), half = expTimes(size, -1);
  // |x| <= 1, in z = x^2: (sinh(x) - x) / x^3 by its series, to 2e-10.
  Value p = polynomial(z, {1.0 / 39916800, 1.0 / 362880, 1.0 / 5040, 1.0 / 120, 1.0 / 6});
  Value near = fma(mul(p, z), x, x);
  Value far = copySign(sub(half, div(c(x, 0.25), half)), x);
  return select(less(size, c(x, 1)), near, far);
}

Value VectorMath::cosh(Value x) {
  if (isF64(x))
    return callLibm("cosh", x);
  Value half = expTimes(abs(x), -1);
  return add(half, div(c(x, 0.25), half));
}

Value VectorMath::atan(Value x) {
  if (isF64(x))
    return callLibm("atan", x);
  // atan(s) = base + atan(u) with |u| <= tan(pi / 8): base is 0, pi / 4 or pi / 2, u is s,
  // (s - 1) / (s + 1) or -1 / s.
  Value size = abs(x), one = c(x, 1), zero = c(x, 0);
  Value isLarge = less(c(x, 2.414213562), size), isMiddle = less(c(x, 0.4142135624), size);
  auto choose = [&](Value large, Value middle, Value small) {
    return select(isLarge, large, select(isMiddle, middle, small));
  };
  Value u = div(choose(c(x, -1), sub(size, one), size), choose(size, add(size, one), one));
  Value z = mul(u, u);
  // In z = u^2: (atan(u) - u) / u^3 to 7e-10.
  Value p = polynomial(z, {-0.06075913628, 0.1059294556, -0.1424342218, 0.19998466, -0.3333331511});
  Value low = fma(mul(p, z), u, choose(c(x, -4.37113883e-8), c(x, -2.18556941e-8), zero));
  Value y = add(choose(c(x, 1.57079637), c(x, 0.785398185), zero), add(u, low));
  return copySign(y, x);
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
  // Also of -0, which the sum for `near` makes 0.
  return copySign(select(less(size, c(x, 0.625)), near, sub(c(x, 1), far)), x);
}

Value VectorMath::erf(Value x) {
  if (isF64(x))
    return callLibm("erf", x);
  Value z = mul(x, x), size = abs(x);
  // |x| <= 1, in z = x^2: erf(x) / x to 1.2e-9.
  Value near = mul(polynomial(z, {7.853861159e-05, -0.0008010193567, 0.005188327679, -0.02685381193,
                                  0.1128358515, -0.3761262582, 1.1283791657}),
                   x);
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

/// The sine or the cosine, by a quadrant whose low bits count quarter turns.
Value VectorMath::chooseQuadrant(Value quadrant, Value sine, Value cosine) {
  auto bit = [&](int64_t k) -> Value {
    Value masked = arith::AndIOp::create(b, loc, quadrant, ci(quadrant, k));
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, masked, ci(quadrant, 0));
  };
  Value y = select(bit(1), cosine, sine);
  return select(bit(2), Value(arith::NegFOp::create(b, loc, y)), y);
}

/// sin(x + quadrants * pi / 2) in f32 alone, within 2 units in the last place of 1.
Value VectorMath::sinOfAngle(Value x, int64_t quadrants) {
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
  return chooseQuadrant(quadrant, sine, cosine);
}

/// Up to here the number of quarter turns is exact and half pi in three parts takes them away.
static constexpr double longestAngle = 1e6;

/// sin(x + quadrants * pi / 2), rounded once from f64.
Value VectorMath::sinOrCos(Value x, int64_t quadrants) {
  Value rounded = fma(x, c(x, 0.63661977236758134), c(x, magic));
  Value n = widened(sub(rounded, c(x, magic)));
  // The first two parts have 33 bits: their products are exact.
  Value r = fma(n, c(n, -1.57079632673412561417), widened(x));
  r = fma(n, c(n, -6.07710050630396597660e-11), r);
  r = fma(n, c(n, -2.02226624879595063154e-21), r);
  Value z = mul(r, r);
  // |r| <= 0.87, in z = r^2, to 2^-36 and 2^-41. As a product the sine of -0 is -0.
  Value sine = polynomial(z, {2.7098834733121098e-6, -0.00019838362269340202, 0.0083333260572473053,
                              -0.16666666610044352});
  sine = mul(r, fma(sine, z, c(z, 1)));
  Value cosine = polynomial(z, {-2.7086905233403622e-7, 2.4797608266392007e-5,
                                -0.0013888873511212066, 0.04166666640525649, -0.49999999998540542});
  cosine = fma(cosine, z, c(z, 1));
  Value quadrant = arith::AddIOp::create(b, loc, toInt(rounded), ci(x, quadrants));
  Value near = narrowed(chooseQuadrant(quadrant, sine, cosine), x);
  Value isFar =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT, abs(x), c(x, longestAngle));
  return whereAny(isFar, x, near, quadrants ? "cos" : "sin");
}

/// The function of libm where the condition holds, in a branch that is rarely taken.
Value VectorMath::whereAny(Value condition, Value x, Value otherwise, StringRef function) {
  auto vector = dyn_cast<VectorType>(x.getType());
  Value any = vector
                  ? Value(vector::ReductionOp::create(b, loc, vector::CombiningKind::OR, condition))
                  : condition;
  auto branch = scf::IfOp::create(b, loc, x.getType(), any, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, loc, otherwise);
  b.setInsertionPointToStart(branch.thenBlock());
  auto apply = [&](Value scalar) { return narrowed(callLibm(function, widened(scalar)), scalar); };
  if (!vector) {
    scf::YieldOp::create(b, loc, apply(x));
    return branch.getResult(0);
  }
  auto index = [&](int64_t k) -> Value { return arith::ConstantIndexOp::create(b, loc, k); };
  auto loop = scf::ForOp::create(b, loc, index(0), index(vector.getNumElements()), index(1), x);
  {
    OpBuilder::InsertionGuard inner(b);
    b.setInsertionPointToStart(loop.getBody());
    Value lane = loop.getInductionVar(), result = loop.getRegionIterArg(0);
    Value y = apply(vector::ExtractOp::create(b, loc, x, lane));
    Value next = vector::InsertOp::create(b, loc, y, result, lane);
    scf::YieldOp::create(b, loc, next);
  }
  scf::YieldOp::create(b, loc, select(condition, loop.getResult(0), otherwise));
  return branch.getResult(0);
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

/// The base 2 logarithm of size >= 0 in f64, to 2^-45; not of NaN.
Value VectorMath::wideLog2(Value size) {
  double infinity = std::numeric_limits<double>::infinity();
  auto [m, e] = splitMantissa(size);
  Value f = sub(widened(m), c(widened(m), 1));
  Value s = div(f, add(f, c(f, 2)));
  Value p = polynomial(mul(s, s), {0.28289928270370604, 0.31990575525048201, 0.41220925104196578,
                                   0.57707794237703016, 0.96179669411330522, 2.88539008177785});
  Value y = fma(s, p, widened(e));
  y = select(isEqual(size, 0), c(y, -infinity), y);
  return select(isEqual(size, infinity), c(y, infinity), y);
}

Value VectorMath::log2(Value x) {
  if (isF64(x))
    return callLibm("log2", x);
  Value y = narrowed(wideLog2(x), x);
  Value isReal = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGE, x, c(x, 0));
  return select(isReal, y, c(x, std::numeric_limits<double>::quiet_NaN()));
}

/// 2^t in f64 to 2^-34; what f32 cannot hold is 2^-200 or 2^200.
Value VectorMath::wideExp2(Value t) {
  constexpr double wideMagic = 6755399441055744.0; // 1.5 * 2^52
  Value clamped = select(less(t, c(t, -200)), c(t, -200), t);
  clamped = select(less(c(t, 200), clamped), c(t, 200), clamped);
  Value rounded = add(clamped, c(t, wideMagic));
  Value r = sub(clamped, sub(rounded, c(t, wideMagic)));
  Value p = polynomial(r, {1.5201924248838622e-5, 0.00015469291407534769, 0.001333392255491749,
                           0.009618027252690619, 0.055504103534569272, 0.24022651198167253,
                           0.69314718072843843, 0.99999999996167934});
  auto asWord = [&](Value x) -> Value {
    return arith::BitcastOp::create(b, loc, withElement(x, b.getI64Type()), x);
  };
  Type words = withElement(t, b.getI64Type());
  Value places = constantOf(b, loc, words, b.getI64IntegerAttr(52));
  Value exponent = arith::ShLIOp::create(b, loc, asWord(rounded), places);
  Value bits = arith::AddIOp::create(b, loc, asWord(p), exponent);
  return arith::BitcastOp::create(b, loc, t.getType(), bits);
}

/// As C's pow, rounded once from f64: 1 where y is 0 or x is 1, NaN or not.
Value VectorMath::pow(Value x, Value y) {
  if (isF64(x))
    return callLibm("pow", {x, y});
  double infinity = std::numeric_limits<double>::infinity();
  Value nan = c(x, std::numeric_limits<double>::quiet_NaN());
  Value size = abs(x);
  Value t = mul(wideLog2(size), widened(y));
  t = select(isEqual(size, 1), c(t, 0), t); // not 0 * infinity
  Value result = narrowed(wideExp2(t), x);
  Value half = mul(y, c(y, 0.5));
  auto isWhole = [&](Value v) -> Value {
    return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, floor(v), v);
  };
  // An odd power has the sign of x; no other power of a finite negative number is real.
  Value odd = select(isWhole(y), select(isWhole(half), result, copySign(result, x)), result);
  Value isReal = arith::OrIOp::create(b, loc, isWhole(y), isEqual(size, infinity));
  result = select(less(x, c(x, 0)), select(isReal, odd, nan), odd);
  Value isNan = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNO, x, y);
  result = select(isNan, nan, result);
  Value isOne = arith::OrIOp::create(b, loc, isEqual(y, 0), isEqual(x, 1));
  return select(isOne, c(x, 1), result);
}

} // namespace nnc
