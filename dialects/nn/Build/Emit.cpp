/// Builders of nn ops for derivatives.
#include "dialects/nn/Build/Emit.h"
#include "dialects/nn/IR/ShapeRules.h"

using namespace mlir;

namespace nnc::nn {

Emit Emit::gradientOf(OpBuilder &builder, Operation *op) {
  return Emit(builder, NameLoc::get(builder.getStringAttr("gradient of"), op->getLoc()));
}

Value Emit::constant(Type type, double number) {
  return ConstantOp::create(builder, loc, llvm::cast<RankedTensorType>(type), number);
}

Value Emit::iota(ArrayRef<int64_t> shape, int64_t axis) {
  return IotaOp::create(builder, loc, RankedTensorType::get(shape, builder.getI32Type()), axis);
}

Value Emit::cast(Value x, Type element) {
  return make<CastOp>(RankedTensorType::get(shapeOf(x), element), x);
}

Value Emit::reshape(Value x, ArrayRef<int64_t> shape) {
  return make<ReshapeOp>(withShape(tensorOf(x), shape), x);
}

Value Emit::transpose(Value x, ArrayRef<int64_t> permutation) {
  return make<TransposeOp>(x, permutation);
}

Value Emit::broadcast(Value x, ArrayRef<int64_t> shape, ArrayRef<int64_t> axes) {
  return make<BroadcastOp>(withShape(tensorOf(x), shape), x, axes);
}

Value Emit::restoreAxes(Value x, ArrayRef<int64_t> shape, ArrayRef<int64_t> removed) {
  SmallVector<int64_t> kept;
  for (int64_t axis = 0, rank = shape.size(); axis < rank; ++axis)
    if (!llvm::is_contained(removed, axis))
      kept.push_back(axis);
  return broadcast(x, shape, kept);
}

Value Emit::sum(Value x, ArrayRef<int64_t> axes) { return reduce(Reduction::sum, x, axes); }

Value Emit::reduce(Reduction kind, Value x, ArrayRef<int64_t> axes) {
  return make<ReduceOp>(kind, x, axes);
}

Value Emit::contract(Value a, ArrayRef<int64_t> aLabels, Value b, ArrayRef<int64_t> bLabels,
                     ArrayRef<int64_t> yLabels) {
  return make<ContractOp>(a, b, aLabels, bLabels, yLabels);
}

Value Emit::slice(Value x, ArrayRef<int64_t> offsets, ArrayRef<int64_t> sizes,
                  ArrayRef<int64_t> strides) {
  SmallVector<int64_t> ones(offsets.size(), 1);
  return make<SliceOp>(withShape(tensorOf(x), sizes), x, offsets,
                       strides.empty() ? ArrayRef<int64_t>(ones) : strides);
}

Value Emit::oneHot(Value index, ArrayRef<int64_t> shape, int64_t axis) {
  return compare(Comparison::eq, iota(shape, axis), restoreAxes(index, shape, axis));
}

} // namespace nnc::nn
