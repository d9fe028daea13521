/// What ops share that say something about themselves: layouts, batches, axes of any op.
#include "dialects/nn/Interfaces/Interfaces.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;

#include "dialects/nn/Interfaces/Axes.cpp.inc"
#include "dialects/nn/Interfaces/Cost.cpp.inc"
#include "dialects/nn/Interfaces/Differentiable.cpp.inc"

namespace nnc::nn {

Layout Layout::rowMajor(ArrayRef<int64_t> shape) {
  Layout layout;
  int64_t stride = 1;
  for (int64_t size : llvm::reverse(shape)) {
    layout.strides.insert(layout.strides.begin(), stride);
    stride *= size;
  }
  return layout;
}

RankedTensorType stackedType(Type type, int64_t length) {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<int64_t> shape = {length};
  llvm::append_range(shape, tensor.getShape());
  return tensor.clone(shape);
}

Operation *Batch::cloneStacked(Operation *op) {
  IRMapping map;
  for (Value operand : op->getOperands())
    map.map(operand, stacked(operand));
  Operation *copy = builder.clone(*op, map);
  for (OpResult result : copy->getResults())
    result.setType(stackedType(result.getType(), length));
  return copy;
}

std::optional<int64_t> followAxis(OpOperand &operand, OpResult result, int64_t axis) {
  auto op = dyn_cast<AxisMap>(operand.getOwner());
  if (!op)
    return std::nullopt;
  return op.followAxis(operand.getOperandNumber(), result.getResultNumber(), axis);
}

} // namespace nnc::nn
