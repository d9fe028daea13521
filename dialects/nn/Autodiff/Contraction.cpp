/// The derivative of a contraction: two contractions.
#include "dialects/nn/Build/Emit.h"

using namespace mlir;

namespace nnc::nn {

/// The cotangent of the operand with labels `own`: g times the other operand, repeated along labels
/// that it has alone.
static Value operandRule(Emit &emit, Value own, ArrayRef<int64_t> ownLabels, Value other,
                         ArrayRef<int64_t> otherLabels, Value g, ArrayRef<int64_t> yLabels) {
  SmallVector<int64_t> shared, axes;
  for (auto [axis, label] : llvm::enumerate(ownLabels))
    if (llvm::is_contained(otherLabels, label) || llvm::is_contained(yLabels, label)) {
      shared.push_back(label);
      axes.push_back(axis);
    }
  Value product = emit.contract(g, yLabels, other, otherLabels, shared);
  return axes.size() == ownLabels.size() ? product : emit.broadcast(product, shapeOf(own), axes);
}

LogicalResult ContractOp::backward(OpBuilder &builder, ValueRange resultGrads,
                                   ArrayRef<bool> needed, SmallVectorImpl<Value> &operandGrads) {
  Emit emit = Emit::gradientOf(builder, *this);
  Value g = resultGrads[0];
  if (needed[0])
    operandGrads[0] =
        operandRule(emit, getA(), getALabels(), getB(), getBLabels(), g, getYLabels());
  if (needed[1])
    operandGrads[1] =
        operandRule(emit, getB(), getBLabels(), getA(), getALabels(), g, getYLabels());
  return success();
}

} // namespace nnc::nn
