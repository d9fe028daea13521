/// Cotangents of 0 meet slopes that are not finite: where(x > 0, log(x), 0) at 0.
#include "dialects/nn/Autodiff/Unchosen.h"
#include "dialects/nn/Build/Emit.h"
#include "dialects/nn/IR/Numbers.h"
#include "dialects/nn/IR/ShapeRules.h"

using namespace mlir;

namespace nnc::nn {

/// How many ops back an infinite element is looked for.
static constexpr int lookBack = 6;

/// Nothing for an op that has no derivative.
static std::optional<Slope> slopeOf(Operation *op) {
  auto sloped = dyn_cast<Sloped>(op);
  return sloped ? std::optional(sloped.getSlope()) : std::nullopt;
}

/// True if elements of the results are elements of the operands, or made from those at one index.
static bool passesElements(Operation *op) {
  std::optional<Cost> cost = costOf(op);
  return op->hasTrait<ElementwiseMap>() || isa<ReduceOp>(op) || cost == Cost::free ||
         cost == Cost::choice || cost == Cost::lookup;
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
  std::optional<Slope> slope = slopeOf(op);
  if (slope == Slope::infinite || slope == Slope::logWeights || (slope == Slope::root && undefined))
    return true;
  return passesElements(op) && llvm::any_of(op->getOperands(), [&](Value operand) {
           return mayOverflow(operand, depth - 1, undefined);
         });
}

bool leavesOut(OpOperand &operand) {
  Operation *op = operand.getOwner();
  if (isa<DivOp>(op))
    return operand.getOperandNumber() == 1 && mayOverflow(operand.get(), lookBack, false);
  // What goes into a loop or a branch may be chosen from there.
  return op->getNumRegions() || slopeOf(op) == Slope::choice;
}

/// True if a cotangent of 0 may become something else on its way through the op.
static bool hasWildSlope(Operation *op) {
  auto mayOperandOverflow = [](Value operand) { return mayOverflow(operand, lookBack); };
  switch (slopeOf(op).value_or(Slope::constant)) {
  case Slope::constant:
  case Slope::choice:
    return false;
  case Slope::finite:
    return llvm::any_of(op->getOperands(), mayOperandOverflow);
  case Slope::root:
  case Slope::infinite:
    return true;
  case Slope::weights:
  case Slope::logWeights: // Hidden elements of minus infinity are ordinary there.
    auto hidden = op->getOperand(0).getDefiningOp<SelectOp>();
    bool isHidden = hidden && repeatedNumber(hidden.getB());
    return mayOperandOverflow(isHidden ? hidden.getA() : op->getOperand(0));
  }
  llvm_unreachable("a slope of no kind");
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
