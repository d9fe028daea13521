/// Reductions and normalisations along an axis: result types and checks.
#include "dialects/nn/IR/AxisRules.h"
#include "dialects/nn/IR/NN.h"
#include "dialects/nn/IR/ShapeRules.h"

using namespace mlir;

namespace nnc::nn {

LogicalResult ReduceOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto type = rankedOperand(loc, adaptor.getX());
  if (failed(type) || failed(checkAscendingAxes(loc, adaptor.getAxes(), type->getRank())))
    return failure();
  bool logical = adaptor.getKind() == Reduction::any || adaptor.getKind() == Reduction::all;
  if (logical != type->getElementType().isInteger(1))
    return emitOptionalError(loc, stringifyReduction(adaptor.getKind()), " of ",
                             type->getElementType(), " is not defined");
  SmallVector<int64_t> shape;
  for (int64_t axis = 0; axis < type->getRank(); ++axis)
    if (!llvm::is_contained(adaptor.getAxes(), axis))
      shape.push_back(type->getDimSize(axis));
  types.push_back(withShape(*type, shape));
  return success();
}

OpFoldResult ReduceOp::fold(FoldAdaptor) { return getAxes().empty() ? getX() : Value(); }

/// Appends the operand's type without `axis`, with another element type if one is given.
static LogicalResult inferWithoutAxis(std::optional<Location> loc, Value x, int64_t axis,
                                      Type element, SmallVectorImpl<Type> &types) {
  auto type = rankedOperand(loc, x);
  if (failed(type) || failed(checkAxis(loc, axis, type->getRank())))
    return failure();
  types.push_back(RankedTensorType::get(withoutAxis(type->getShape(), axis),
                                        element ? element : type->getElementType()));
  return success();
}

LogicalResult ArgmaxOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferWithoutAxis(loc, adaptor.getX(), adaptor.getAxis(), IntegerType::get(context, 32),
                          types);
}

LogicalResult LogSumExpOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferWithoutAxis(loc, adaptor.getX(), adaptor.getAxis(), Type(), types);
}

LogicalResult CumulativeOp::verify() {
  if (getKind() != Reduction::sum && getKind() != Reduction::prod)
    return emitOpError("runs a sum or a product, not ") << stringifyReduction(getKind());
  return checkAxis(getLoc(), getAxis(), getType().getRank());
}

LogicalResult TopKOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc,
                                       Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto type = rankedOperand(loc, adaptor.getX());
  if (failed(type))
    return failure();
  int64_t k = adaptor.getK();
  if (type->getRank() == 0 || k < 1 || k > type->getShape().back())
    return emitOptionalError(loc, "cannot take the ", k, " largest of ", *type,
                             " along its last axis");
  SmallVector<int64_t> shape(type->getShape());
  shape.back() = k;
  types.push_back(withShape(*type, shape));
  types.push_back(RankedTensorType::get(shape, IntegerType::get(context, 32)));
  return success();
}

LogicalResult SoftmaxOp::verify() { return checkAxis(getLoc(), getAxis(), getType().getRank()); }

LogicalResult LogSoftmaxOp::verify() { return checkAxis(getLoc(), getAxis(), getType().getRank()); }

LogicalResult CrossEntropyOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                               Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto logits = rankedOperand(loc, adaptor.getLogits());
  auto labels = rankedOperand(loc, adaptor.getLabels());
  if (failed(logits) || failed(labels))
    return failure();
  if (logits->getRank() == 0 || logits->getShape().drop_back() != labels->getShape())
    return emitOptionalError(loc, "labels of ", *labels, " do not index the last axis of ",
                             *logits);
  types.push_back(withShape(*logits, labels->getShape()));
  return success();
}

//===--- Facts -----------------------------------------------------------------------===//

std::optional<int64_t> ReduceOp::followAxis(unsigned, unsigned, int64_t axis) {
  return afterRemoving(getAxes(), axis);
}

SmallVector<Value> ReduceOp::batch(Batch &batch) {
  return batchAdjusted(*this, batch, [](ReduceOp copy) { copy.setAxes(shifted(copy.getAxes())); });
}

bool ReduceOp::isLinearIn(ArrayRef<bool>) { return getKind() == Reduction::sum; }

Slope ReduceOp::getSlope() {
  switch (getKind()) {
  case Reduction::prod:
    return Slope::finite;
  case Reduction::max:
  case Reduction::min:
    return Slope::choice;
  case Reduction::sum:
  case Reduction::any:
  case Reduction::all:
    return Slope::constant;
  }
  llvm_unreachable("a reduction of no kind");
}

bool CumulativeOp::isLinearIn(ArrayRef<bool>) { return getKind() == Reduction::sum; }

} // namespace nnc::nn
