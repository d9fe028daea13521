/// Derivatives of the elementwise ops: x, a, b are the operands, y the result, g its cotangent.
#include "dialects/nn/Build/Emit.h"

#include <numbers>

using namespace mlir;

namespace nnc::nn {

#define UNARY_RULE(NAME, DX)                                                                       \
  LogicalResult NAME##Op::backward(OpBuilder &builder, ValueRange resultGrads,                     \
                                   ArrayRef<bool> needed, SmallVectorImpl<Value> &operandGrads) {  \
    Emit emit = Emit::gradientOf(builder, *this);                                                  \
    [[maybe_unused]] Term x{&emit, getX()}, y{&emit, getY()}, g{&emit, resultGrads[0]};            \
    if (needed[0])                                                                                 \
      operandGrads[0] = DX;                                                                        \
    return success();                                                                              \
  }

#define BINARY_RULE(NAME, DA, DB)                                                                  \
  LogicalResult NAME##Op::backward(OpBuilder &builder, ValueRange resultGrads,                     \
                                   ArrayRef<bool> needed, SmallVectorImpl<Value> &operandGrads) {  \
    Emit emit = Emit::gradientOf(builder, *this);                                                  \
    [[maybe_unused]] Term a{&emit, getA()}, b{&emit, getB()}, y{&emit, getY()},                    \
        g{&emit, resultGrads[0]};                                                                  \
    if (needed[0])                                                                                 \
      operandGrads[0] = DA;                                                                        \
    if (needed[1])                                                                                 \
      operandGrads[1] = DB;                                                                        \
    return success();                                                                              \
  }

UNARY_RULE(Neg, -g)
UNARY_RULE(Abs, g *apply<SignOp>(x))
UNARY_RULE(Exp, g *y)
UNARY_RULE(Expm1, g *(y + 1.0))
UNARY_RULE(Log, g / x)
UNARY_RULE(Log1p, g / (1.0 + x))
UNARY_RULE(Sqrt, 0.5 * g / y)
UNARY_RULE(Rsqrt, -0.5 * g * (y * y * y))
UNARY_RULE(Log2, std::numbers::log2e *g / x)
UNARY_RULE(Sinh, g *apply<CoshOp>(x))
UNARY_RULE(Cosh, g *apply<SinhOp>(x))
UNARY_RULE(Tanh, g * (1.0 - y * y))
UNARY_RULE(Sin, g *apply<CosOp>(x))
UNARY_RULE(Cos, -(g *apply<SinOp>(x)))
UNARY_RULE(Atan, g / (1.0 + x * x))
UNARY_RULE(Erf, (2.0 * std::numbers::inv_sqrtpi) * g * apply<ExpOp>(-(x * x)))
UNARY_RULE(Sigmoid, g *(y * (1.0 - y)))
UNARY_RULE(Softplus, g *apply<SigmoidOp>(x))

BINARY_RULE(Add, g, g)
BINARY_RULE(Sub, g, -g)
BINARY_RULE(Mul, g *b, a *g)
BINARY_RULE(Div, g / b, -(g *y / b))

/// An operand's share of the cotangent of the larger (smaller) of two: all of it, a half where both
/// are equal, nothing where it `loses` against the other.
static Term shareOf(Comparison loses, Term x, Term other, Term g) {
  Emit &emit = *g.emit;
  Value some = emit.select(emit.compare(Comparison::eq, x, other), 0.5 * g, g);
  return {&emit, emit.select(emit.compare(loses, x, other), emit.zeros(some.getType()), some)};
}

BINARY_RULE(Max, shareOf(Comparison::lt, a, b, g), shareOf(Comparison::lt, b, a, g))
BINARY_RULE(Min, shareOf(Comparison::gt, a, b, g), shareOf(Comparison::gt, b, a, g))

/// a^b with log a = 0 where a is not positive, so that nothing infinite is multiplied by 0.
static Term safeLog(Term a) {
  Emit &emit = *a.emit;
  Value positive = emit.compare(Comparison::gt, a, a.number(0));
  return {&emit, emit.make<LogOp>(emit.select(positive, a, a.number(1)))};
}
static Term power(Term a, Term b) { return {a.emit, a.emit->make<PowOp>(a.value, b.value)}; }

BINARY_RULE(Pow, where(Comparison::ne, b, b.number(0), g *(b *power(a, b - 1.0))),
            where(Comparison::gt, a, a.number(0), g *(y *safeLog(a))))

#undef UNARY_RULE
#undef BINARY_RULE

LogicalResult SelectOp::backward(OpBuilder &builder, ValueRange resultGrads, ArrayRef<bool> needed,
                                 SmallVectorImpl<Value> &operandGrads) {
  Emit emit = Emit::gradientOf(builder, *this);
  Value zero = emit.zeros(getType());
  if (needed[1])
    operandGrads[1] = emit.select(getCondition(), resultGrads[0], zero);
  if (needed[2])
    operandGrads[2] = emit.select(getCondition(), zero, resultGrads[0]);
  return success();
}

LogicalResult CastOp::backward(OpBuilder &builder, ValueRange resultGrads, ArrayRef<bool> needed,
                               SmallVectorImpl<Value> &operandGrads) {
  Type element = tensorOf(getX()).getElementType();
  if (needed[0] && isa<FloatType>(element))
    operandGrads[0] = Emit::gradientOf(builder, *this).cast(resultGrads[0], element);
  return success();
}

} // namespace nnc::nn
