/// Cotangents of 0 meet slopes that are not finite: where(x > 0, log(x), 0) at 0.
#include "dialects/nn/Autodiff/Unchosen.h"
#include "dialects/nn/Build/Emit.h"
#include "dialects/nn/IR/Numbers.h"
#include "dialects/nn/IR/ShapeRules.h"

#include <cmath>

using namespace mlir;

namespace nnc::nn {

/// How many ops back an infinite element is looked for.
static constexpr int lookBack = 6;

static bool isExtreme(Reduction kind) { return kind == Reduction::max || kind == Reduction::min; }

/// True if the op itself makes infinite or undefined elements, or slopes, of ordinary ones.
static bool isSingular(Operation *op) {
  if (auto div = dyn_cast<DivOp>(op)) {
    auto divisor = repeatedNumber(div.getB());
    return !divisor || *divisor == 0;
  }
  if (auto pow = dyn_cast<PowOp>(op)) {
    auto exponent = repeatedNumber(pow.getB());
    return !exponent || *exponent < 1;
  }
  return isa<ExpOp, Expm1Op, LogOp, Log1pOp, SqrtOp, RsqrtOp>(op);
}

static bool isNormalisation(Operation *op) {
  return isa<SoftmaxOp, LogSoftmaxOp, LogSumExpOp, CrossEntropyOp>(op);
}

/// True if elements may be infinite, or `undefined` as well, because of one of the ops that made
/// them. Sums of products are taken for finite.
static bool mayOverflow(Value value, int depth, bool undefined = true) {
  Operation *op = value.getDefiningOp();
  if (!op || depth == 0 || !isa<RankedTensorType>(value.getType()))
    return false;
  DenseElementsAttr elements;
  if (matchPattern(value, m_Constant(&elements)))
    return isa<FloatType>(elements.getElementType()) && elements.isSplat() &&
           !elements.getSplatValue<APFloat>().isFinite();
  if ((isSingular(op) && (undefined || !isa<SqrtOp>(op))) || isa<LogSumExpOp, LogSoftmaxOp>(op))
    return true;
  if (!op->hasTrait<ElementwiseMap>() &&
      !isa<BroadcastOp, ReshapeOp, TransposeOp, SliceOp, ReduceOp, ConcatOp>(op))
    return false;
  return llvm::any_of(op->getOperands(),
                      [&](Value operand) { return mayOverflow(operand, depth - 1, undefined); });
}

bool leavesOut(OpOperand &operand) {
  Operation *op = operand.getOwner();
  if (auto reduce = dyn_cast<ReduceOp>(op))
    return isExtreme(reduce.getKind());
  if (isa<DivOp>(op))
    return operand.getOperandNumber() == 1 && mayOverflow(operand.get(), lookBack, false);
  // What goes into a loop or a branch may be chosen from there.
  return op->getNumRegions() ||
         isa<SelectOp, MaxOp, MinOp, TopKOp, SliceOp, AtOp, PutOp, GatherOp>(op);
}

/// True for a number times x and x by a number: the slope is finite everywhere.
static bool hasFiniteFactor(Operation *op) {
  if (auto div = dyn_cast<DivOp>(op))
    return repeatedNumber(div.getB()).value_or(0) != 0;
  return isa<MulOp>(op) && llvm::any_of(op->getOperands(), [](Value operand) {
           return std::isfinite(repeatedNumber(operand).value_or(INFINITY));
         });
}

/// True if a cotangent of 0 may become something else on its way through the op.
static bool hasWildSlope(Operation *op) {
  if (isa<NegOp, AddOp, SubOp, SelectOp, CastOp, MaxOp, MinOp>(op))
    return false;
  if (auto reduce = dyn_cast<ReduceOp>(op); reduce && reduce.getKind() != Reduction::prod)
    return false;
  if (hasFiniteFactor(op))
    return false;
  if (isNormalisation(op)) { // Hidden elements of minus infinity are ordinary there.
    auto hidden = op->getOperand(0).getDefiningOp<SelectOp>();
    return mayOverflow(hidden && repeatedNumber(hidden.getB()) ? hidden.getA() : op->getOperand(0),
                       lookBack);
  }
  if (!op->hasTrait<ElementwiseMap>() && !isa<ReduceOp, CumulativeOp>(op))
    return false;
  return isSingular(op) || llvm::any_of(op->getOperands(), [](Value operand) {
           return mayOverflow(operand, lookBack);
         });
}

/// The cotangent of a result, repeated along the axes that the op reduces.
static Value onOperand(Emit &emit, Operation *op, Value resultGrad) {
  Value x = op->getOperand(0);
  if (auto reduce = dyn_cast<ReduceOp>(op))
    return emit.restoreAxes(resultGrad, shapeOf(x), reduce.getAxes());
  if (auto sum = dyn_cast<LogSumExpOp>(op))
    return emit.restoreAxes(resultGrad, shapeOf(x), sum.getAxis());
  if (isa<CrossEntropyOp>(op))
    return emit.restoreAxes(resultGrad, shapeOf(x), tensorOf(x).getRank() - 1);
  return resultGrad;
}

Value withoutUnchosen(OpBuilder &builder, Operation *op, Value resultGrad, Value cotangent) {
  if (!resultGrad || !cotangent || !hasWildSlope(op))
    return cotangent;
  Emit emit = Emit::gradientOf(builder, op);
  Value zero = emit.zeros(cotangent.getType());
  Value none = emit.compare(Comparison::eq, onOperand(emit, op, resultGrad), zero);
  Value wild = emit.compare(Comparison::ne, cotangent, cotangent);
  return emit.select(emit.make<AndOp>(none, wild), zero, cotangent);
}

} // namespace nnc::nn
