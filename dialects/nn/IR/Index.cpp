/// Ops that read or write at run-time positions, and windows.
#include "dialects/nn/IR/AxisRules.h"
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

//===--- Facts -----------------------------------------------------------------------===//

/// An index that depends on pieces mixes them.
std::optional<int64_t> AtOp::followAxis(unsigned operand, unsigned, int64_t axis) {
  return operand == 0 ? afterRemoving({static_cast<int64_t>(getAxis())}, axis) : std::nullopt;
}

bool AtOp::canBatch(ArrayRef<bool> varies) { return !varies[0] || !varies[1]; }

/// A gather by indices that differ by iteration: their new axis stands where `axis` was, and goes
/// first.
static Value gatherFirst(Batch &batch, Location loc, Value x, Value indices, int64_t axis) {
  Value all = GatherOp::create(batch.builder, loc, x, indices, axis);
  SmallVector<int64_t> order = {axis};
  for (int64_t k = 0; k < tensorOf(all).getRank(); ++k)
    if (k != axis)
      order.push_back(k);
  return batch.builder.createOrFold<TransposeOp>(loc, all, order);
}

SmallVector<Value> AtOp::batch(Batch &batch) {
  if (batch.isInvariant(getX()))
    return {gatherFirst(batch, getLoc(), batch.invariant(getX()), batch.stacked(getIndex()),
                        getAxis())};
  return {AtOp::create(batch.builder, getLoc(), batch.stacked(getX()), batch.invariant(getIndex()),
                       getAxis() + 1)};
}

bool AtOp::view(Layout &layout) {
  int64_t axis = getAxis();
  layout.indices.push_back({getIndex(), layout.strides[axis], shapeOf(getX())[axis]});
  layout.strides.erase(layout.strides.begin() + axis);
  return true;
}

std::optional<int64_t> PutOp::followAxis(unsigned operand, unsigned, int64_t axis) {
  int64_t along = getAxis();
  if (operand == 0)
    return unlessAmong({along}, axis);
  return operand == 2 ? std::optional(axis + (axis >= along)) : std::nullopt;
}

/// y[o.., i.., r..] = x[o.., indices[i..], r..].
std::optional<int64_t> GatherOp::followAxis(unsigned operand, unsigned, int64_t axis) {
  int64_t along = getAxis(), inserted = tensorOf(getIndices()).getRank();
  if (operand == 1)
    return along + axis;
  if (axis == along)
    return std::nullopt;
  return axis < along ? axis : axis - 1 + inserted;
}

bool GatherOp::canBatch(ArrayRef<bool> varies) { return !varies[0] || !varies[1]; }

SmallVector<Value> GatherOp::batch(Batch &batch) {
  if (batch.isInvariant(getX()))
    return {gatherFirst(batch, getLoc(), batch.invariant(getX()), batch.stacked(getIndices()),
                        getAxis())};
  return {GatherOp::create(batch.builder, getLoc(), batch.stacked(getX()),
                           batch.invariant(getIndices()), getAxis() + 1)};
}

/// Only what stands before the scattered axis keeps its index.
std::optional<int64_t> ScatterAddOp::followAxis(unsigned operand, unsigned, int64_t axis) {
  return operand == 0 && axis < int64_t(getAxis()) ? std::optional(axis) : std::nullopt;
}

/// The axis within a window is last, so that the others keep their indices.
std::optional<int64_t> WindowOp::followAxis(unsigned, unsigned, int64_t axis) {
  return unlessAmong(getAxes(), axis);
}

SmallVector<Value> WindowOp::batch(Batch &batch) {
  return batchAdjusted(*this, batch, [](WindowOp copy) { copy.setAxes(shifted(copy.getAxes())); });
}

bool WindowOp::view(Layout &layout) {
  for (auto [axis, stride] : llvm::zip_equal(getAxes(), getStrides())) {
    layout.strides.push_back(layout.strides[axis]);
    layout.strides[axis] *= stride;
  }
  return true;
}

std::optional<int64_t> UnwindowOp::followAxis(unsigned, unsigned, int64_t axis) {
  return axis < getType().getRank() ? unlessAmong(getAxes(), axis) : std::nullopt;
}

SmallVector<Value> UnwindowOp::batch(Batch &batch) {
  return batchAdjusted(*this, batch,
                       [](UnwindowOp copy) { copy.setAxes(shifted(copy.getAxes())); });
}

} // namespace nnc::nn
