/// Checks that several ops' shape rules share.
#ifndef NNC_DIALECTS_NN_IR_SHAPERULES_H
#define NNC_DIALECTS_NN_IR_SHAPERULES_H

#include "dialects/nn/IR/NN.h"

namespace nnc::nn {

/// The same element type under another shape.
inline mlir::RankedTensorType withShape(mlir::RankedTensorType type,
                                        llvm::ArrayRef<int64_t> shape) {
  return mlir::RankedTensorType::get(shape, type.getElementType());
}

/// The shape without one axis.
inline llvm::SmallVector<int64_t> withoutAxis(llvm::ArrayRef<int64_t> shape, int64_t axis) {
  llvm::SmallVector<int64_t> result(shape);
  result.erase(result.begin() + axis);
  return result;
}

/// Fails with a message unless 0 <= axis < rank.
inline mlir::LogicalResult checkAxis(std::optional<mlir::Location> loc, int64_t axis,
                                     int64_t rank) {
  if (axis >= 0 && axis < rank)
    return mlir::success();
  return mlir::emitOptionalError(loc, "axis ", axis, " is out of range for rank ", rank);
}

/// Fails with a message unless the axes are in range, ascending and distinct.
inline mlir::LogicalResult checkAscendingAxes(std::optional<mlir::Location> loc,
                                              llvm::ArrayRef<int64_t> axes, int64_t rank) {
  int64_t last = -1;
  for (int64_t axis : axes) {
    if (failed(checkAxis(loc, axis, rank)))
      return mlir::failure();
    if (axis <= last)
      return mlir::emitOptionalError(loc, "axes must be ascending and distinct, but ", axis,
                                     " follows ", last);
    last = axis;
  }
  return mlir::success();
}

/// The operand's type if it is a ranked tensor; inference runs before the operands' types are
/// verified.
inline mlir::FailureOr<mlir::RankedTensorType> rankedOperand(std::optional<mlir::Location> loc,
                                                             mlir::Value value) {
  if (auto type = mlir::dyn_cast<mlir::RankedTensorType>(value.getType());
      type && type.hasStaticShape())
    return type;
  return mlir::emitOptionalError(loc, "expected a statically shaped tensor, but got ",
                                 value.getType());
}

/// The strides of a tensor after a reshape, given those before: axes that lie in one run are merged
/// and divided again. Nothing if an axis would need two strides.
std::optional<llvm::SmallVector<int64_t>> reshapeStrides(llvm::ArrayRef<int64_t> from,
                                                         llvm::ArrayRef<int64_t> strides,
                                                         llvm::ArrayRef<int64_t> to);

} // namespace nnc::nn

#endif
