/// Ops that read or write at run-time positions, and windows.
#include "dialects/nn/IR/NN.h"
#include "dialects/nn/IR/ShapeRules.h"

using namespace mlir;

namespace nnc::nn {

LogicalResult AtOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                     SmallVectorImpl<Type> &types) {
  auto type = rankedOperand(loc, adaptor.getX());
  if (failed(type) || failed(checkAxis(loc, adaptor.getAxis(), type->getRank())))
    return failure();
  types.push_back(withShape(*type, withoutAxis(type->getShape(), adaptor.getAxis())));
  return success();
}

LogicalResult PutOp::verify() {
  auto type = tensorOf(getX());
  if (failed(checkAxis(getLoc(), getAxis(), type.getRank())))
    return failure();
  Type expected = withShape(type, withoutAxis(type.getShape(), getAxis()));
  if (getPiece().getType() != expected)
    return emitOpError("expected a piece of type ")
           << expected << ", but got " << getPiece().getType();
  return success();
}

/// The shape of rows at `indices` in place of `axis`.
static SmallVector<int64_t> gatheredShape(ArrayRef<int64_t> x, ArrayRef<int64_t> indices,
                                          int64_t axis) {
  SmallVector<int64_t> shape(x.take_front(axis));
  llvm::append_range(shape, indices);
  llvm::append_range(shape, x.drop_front(axis + 1));
  return shape;
}

LogicalResult GatherOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto type = rankedOperand(loc, adaptor.getX());
  auto indices = rankedOperand(loc, adaptor.getIndices());
  if (failed(type) || failed(indices) || failed(checkAxis(loc, adaptor.getAxis(), type->getRank())))
    return failure();
  types.push_back(
      withShape(*type, gatheredShape(type->getShape(), indices->getShape(), adaptor.getAxis())));
  return success();
}

LogicalResult ScatterAddOp::verify() {
  auto type = tensorOf(getY());
  if (failed(checkAxis(getLoc(), getAxis(), type.getRank())))
    return failure();
  Type expected = withShape(type, gatheredShape(type.getShape(), shapeOf(getIndices()), getAxis()));
  if (getUpdates().getType() != expected)
    return emitOpError("expected updates of type ")
           << expected << ", but got " << getUpdates().getType();
  return success();
}

/// The type of all windows of a tensor; fails with a message if the windows do not fit.
static FailureOr<RankedTensorType> windowType(std::optional<Location> loc, RankedTensorType type,
                                              ArrayRef<int64_t> axes, ArrayRef<int64_t> sizes,
                                              ArrayRef<int64_t> strides) {
  if (axes.size() != sizes.size() || axes.size() != strides.size())
    return emitOptionalError(loc, "needs a size and a stride for each of the ", axes.size(),
                             " axes");
  if (failed(checkAscendingAxes(loc, axes, type.getRank())))
    return failure();
  SmallVector<int64_t> shape(type.getShape());
  for (auto [axis, size, stride] : llvm::zip_equal(axes, sizes, strides)) {
    if (size < 1 || stride < 1 || size > shape[axis])
      return emitOptionalError(loc, "windows of size ", size, " and stride ", stride,
                               " do not fit axis ", axis, " of size ", shape[axis]);
    shape[axis] = (shape[axis] - size) / stride + 1;
  }
  llvm::append_range(shape, sizes);
  return withShape(type, shape);
}

LogicalResult WindowOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto type = rankedOperand(loc, adaptor.getX());
  if (failed(type))
    return failure();
  auto windows =
      windowType(loc, *type, adaptor.getAxes(), adaptor.getSizes(), adaptor.getStrides());
  if (failed(windows))
    return failure();
  types.push_back(*windows);
  return success();
}

LogicalResult UnwindowOp::verify() {
  auto expected = windowType(getLoc(), tensorOf(getY()), getAxes(), getSizes(), getStrides());
  if (failed(expected))
    return failure();
  if (getX().getType() != *expected)
    return emitOpError("expected windows of type ")
           << *expected << ", but got " << getX().getType();
  return success();
}

} // namespace nnc::nn
