/// Axes through ops, by family.
#include "dialects/nn/IR/AxisFlow.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace nnc::nn {

namespace {
using Axis = std::optional<int64_t>;

/// The axis after others have gone.
Axis withoutAxes(int64_t axis, ArrayRef<int64_t> removed) {
  if (llvm::is_contained(removed, axis))
    return std::nullopt;
  return axis - llvm::count_if(removed, [&](int64_t other) { return other < axis; });
}

/// The axis unless it is the one along which elements meet.
Axis unlessAlong(int64_t axis, int64_t along) { return axis == along ? Axis() : Axis(axis); }

/// The axis of the same size with as many elements in front of it.
Axis throughReshape(ReshapeOp op, int64_t axis) {
  ArrayRef<int64_t> from = shapeOf(op.getX()), to = shapeOf(op.getY());
  int64_t before = 1, seen = 1;
  for (int64_t k = 0; k < axis; ++k)
    before *= from[k];
  for (int64_t k = 0, rank = to.size(); k < rank; ++k) {
    if (seen == before && to[k] == from[axis])
      return k;
    seen *= to[k];
  }
  return std::nullopt;
}

Axis throughSlice(SliceOp op, int64_t axis) {
  bool whole = shapeOf(op.getX())[axis] == shapeOf(op.getY())[axis];
  return whole ? Axis(axis) : std::nullopt;
}

Axis throughPad(PadOp op, int64_t axis) {
  bool grows = op.getLow()[axis] || op.getHigh()[axis] || op.getInterior()[axis];
  return grows ? Axis() : Axis(axis);
}

/// A position that depends on rows mixes them; a piece has one axis less.
Axis throughAt(AtOp op, unsigned operand, int64_t axis) {
  return operand == 0 ? withoutAxes(axis, {static_cast<int64_t>(op.getAxis())}) : Axis();
}

Axis throughPut(PutOp op, unsigned operand, int64_t axis) {
  int64_t along = op.getAxis();
  if (operand == 0)
    return unlessAlong(axis, along);
  return operand == 2 ? Axis(axis + (axis >= along)) : Axis();
}

/// y[o.., i.., r..] = x[o.., indices[i..], r..].
Axis throughGather(GatherOp op, unsigned operand, int64_t axis) {
  int64_t along = op.getAxis(), inserted = tensorOf(op.getIndices()).getRank();
  if (operand == 1)
    return along + axis;
  if (axis == along)
    return std::nullopt;
  return axis < along ? axis : axis - 1 + inserted;
}

/// Only what stands before the scattered axis keeps its place.
Axis throughScatter(ScatterAddOp op, unsigned operand, int64_t axis) {
  int64_t along = op.getAxis();
  return operand == 0 && axis < along ? Axis(axis) : Axis();
}

Axis throughContract(ContractOp op, unsigned operand, int64_t axis) {
  ArrayRef<int64_t> labels = operand == 0 ? op.getALabels() : op.getBLabels();
  const auto *place = llvm::find(op.getYLabels(), labels[axis]);
  if (place == op.getYLabels().end())
    return std::nullopt;
  return place - op.getYLabels().begin();
}

/// The groups of an attention are independent of each other; queries, keys and masks are not.
Axis throughAttention(AttentionOp op, unsigned operand, int64_t axis) {
  int64_t groups = tensorOf(op.getQ()).getRank() - 2;
  return operand < 3 && axis < groups ? Axis(axis) : Axis();
}

Axis throughBroadcast(BroadcastOp op, int64_t axis) { return op.getAxes()[axis]; }

Axis throughTranspose(TransposeOp op, int64_t axis) {
  return llvm::find(op.getPermutation(), axis) - op.getPermutation().begin();
}

/// A wider axis of windows is last, so that the others keep their places.
template <typename Op> Axis unlessWindowed(Op op, int64_t axis) {
  return llvm::is_contained(op.getAxes(), axis) ? Axis() : Axis(axis);
}
} // namespace

std::optional<int64_t> followAxis(OpOperand &operand, OpResult result, int64_t axis) {
  Operation *op = operand.getOwner();
  unsigned k = operand.getOperandNumber();
  if (op->hasTrait<ElementwiseMap>())
    return axis;
  return llvm::TypeSwitch<Operation *, Axis>(op)
      .Case([&](BroadcastOp each) { return throughBroadcast(each, axis); })
      .Case([&](ReshapeOp each) { return throughReshape(each, axis); })
      .Case([&](TransposeOp each) { return throughTranspose(each, axis); })
      .Case([&](ReverseOp each) { return unlessWindowed(each, axis); })
      .Case([&](SliceOp each) { return throughSlice(each, axis); })
      .Case([&](PadOp each) { return throughPad(each, axis); })
      .Case([&](ConcatOp each) { return unlessAlong(axis, each.getAxis()); })
      .Case([&](AtOp each) { return throughAt(each, k, axis); })
      .Case([&](PutOp each) { return throughPut(each, k, axis); })
      .Case([&](GatherOp each) { return throughGather(each, k, axis); })
      .Case([&](ScatterAddOp each) { return throughScatter(each, k, axis); })
      .Case<WindowOp, UnwindowOp>([&](auto each) { return unlessWindowed(each, axis); })
      .Case([&](ContractOp each) { return throughContract(each, k, axis); })
      .Case([&](ReduceOp each) { return withoutAxes(axis, each.getAxes()); })
      .Case<ArgmaxOp, LogSumExpOp>(
          [&](auto each) { return withoutAxes(axis, {static_cast<int64_t>(each.getAxis())}); })
      .Case<SoftmaxOp, LogSoftmaxOp, CumulativeOp>(
          [&](auto each) { return unlessAlong(axis, each.getAxis()); })
      .Case<TopKOp, CrossEntropyOp>(
          [&](auto) { return unlessAlong(axis, tensorOf(op->getOperand(0)).getRank() - 1); })
      .Case([&](AttentionOp each) { return throughAttention(each, k, axis); })
      .Default(Axis());
}

} // namespace nnc::nn
