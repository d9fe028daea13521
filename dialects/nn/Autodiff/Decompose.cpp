/// Normalisations along an axis written with exp, sum and max; argmax with max and min.
#include "dialects/nn/Build/Emit.h"

using namespace mlir;

namespace nnc::nn {

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();

/// The largest element of each row, 0 for a row that is all minus infinity: subtracting it leaves
/// nothing undefined. NaN for a row with a NaN.
Value finiteMaximum(Emit &emit, Value x, int64_t axis) {
  Value largest = emit.reduce(Reduction::max, emit.make<StopGradientOp>(x), axis);
  Value lowest = emit.constant(largest.getType(), -infinity);
  return emit.select(emit.compare(Comparison::eq, largest, lowest), emit.zeros(largest.getType()),
                     largest);
}

/// e^(x - largest) and its sum along the axis.
std::pair<Value, Value> exponentials(Emit &emit, Value x, Value largest, int64_t axis) {
  Value e = emit.make<ExpOp>(emit.sub(x, emit.restoreAxes(largest, shapeOf(x), axis)));
  return {e, emit.sum(e, axis)};
}

/// True where a sum of exponentials has no term; not where it is NaN.
Value isEmpty(Emit &emit, Value sum) {
  return emit.compare(Comparison::eq, sum, emit.zeros(sum.getType()));
}

/// log of a sum of exponentials; for an empty sum minus infinity, through which no cotangent flows.
Value logOfSum(Emit &emit, Value sum) {
  Value none = isEmpty(emit, sum), one = emit.constant(sum.getType(), 1);
  Value lowest = emit.constant(sum.getType(), -infinity);
  return emit.select(none, lowest, emit.make<LogOp>(emit.select(none, one, sum)));
}

Value logSumExp(Emit &emit, Value x, int64_t axis) {
  Value largest = finiteMaximum(emit, x, axis);
  // Beside an infinite element all others count nothing: then the exponentials are taken as they
  // are.
  Value most = emit.constant(largest.getType(), infinity);
  largest = emit.select(emit.compare(Comparison::eq, largest, most), emit.zeros(largest.getType()),
                        largest);
  return emit.add(logOfSum(emit, exponentials(emit, x, largest, axis).second), largest);
}
} // namespace

void SoftmaxOp::decompose(OpBuilder &builder, SmallVectorImpl<Value> &results) {
  Emit emit(builder, getLoc());
  auto [e, sum] = exponentials(emit, getX(), finiteMaximum(emit, getX(), getAxis()), getAxis());
  Value total = emit.select(isEmpty(emit, sum), emit.constant(sum.getType(), 1), sum);
  Value inverse = emit.make<DivOp>(emit.constant(sum.getType(), 1), total);
  results.push_back(emit.mul(e, emit.restoreAxes(inverse, getType().getShape(), getAxis())));
}

void LogSumExpOp::decompose(OpBuilder &builder, SmallVectorImpl<Value> &results) {
  Emit emit(builder, getLoc());
  results.push_back(logSumExp(emit, getX(), getAxis()));
}

void LogSoftmaxOp::decompose(OpBuilder &builder, SmallVectorImpl<Value> &results) {
  // (x - max) - log sum, in this order: with a large maximum x - (max + log sum) loses digits.
  Emit emit(builder, getLoc());
  int64_t axis = getAxis();
  auto restore = [&](Value row) { return emit.restoreAxes(row, getType().getShape(), axis); };
  Value largest = finiteMaximum(emit, getX(), axis);
  Value logs = logOfSum(emit, exponentials(emit, getX(), largest, axis).second);
  results.push_back(emit.sub(emit.sub(getX(), restore(largest)), restore(logs)));
}

void CrossEntropyOp::decompose(OpBuilder &builder, SmallVectorImpl<Value> &results) {
  Emit emit(builder, getLoc());
  ArrayRef<int64_t> shape = shapeOf(getLogits());
  int64_t axis = shape.size() - 1;
  Value truth = emit.oneHot(getLabels(), shape, axis);
  Value chosen = emit.sum(emit.select(truth, getLogits(), emit.zeros(getLogits().getType())), axis);
  Value largest = finiteMaximum(emit, getLogits(), axis);
  Value logs = logOfSum(emit, exponentials(emit, getLogits(), largest, axis).second);
  results.push_back(emit.add(emit.sub(largest, chosen), logs));
}

/// The first index of a row's maximum: the least index where the element equals it. The maximum of
/// a row with a NaN is NaN, and its index that of the first.
void ArgmaxOp::decompose(OpBuilder &builder, SmallVectorImpl<Value> &results) {
  Emit emit(builder, getLoc());
  ArrayRef<int64_t> shape = shapeOf(getX());
  int64_t axis = getAxis();
  Value largest = emit.restoreAxes(emit.reduce(Reduction::max, getX(), axis), shape, axis);
  Value isLargest = emit.compare(Comparison::eq, getX(), largest);
  if (isa<FloatType>(tensorOf(getX()).getElementType()))
    isLargest = emit.make<OrOp>(isLargest, emit.compare(Comparison::ne, getX(), getX()));
  Value index = emit.iota(shape, axis);
  Value none = emit.constant(index.getType(), double(shape[axis] - 1));
  results.push_back(emit.reduce(Reduction::min, emit.select(isLargest, index, none), axis));
}

} // namespace nnc::nn
