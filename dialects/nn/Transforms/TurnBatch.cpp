/// Each op's rule for one more axis in front.
#include "dialects/nn/Transforms/TurnBatch.h"
#include "dialects/nn/IR/ShapeRules.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace nnc::nn {

TurnBatch::TurnBatch(ScanOp scan, OpBuilder &builder)
    : length(scan.getLength()), turn(scan.getTurn()), builder(builder) {
  for (auto [piece, input] : llvm::zip_equal(scan.getPieces(), scan.getInputs()))
    stackedValues[piece] = input;
  for (auto [argument, constant] :
       llvm::zip_equal(scan.getConstantArguments(), scan.getConstants()))
    invariants[argument] = constant;
}

bool TurnBatch::canBatch(Operation *op, llvm::function_ref<bool(Value)> varies) {
  if (!isMemoryEffectFree(op) || op->getNumRegions() || op->hasTrait<OpTrait::IsTerminator>())
    return false;
  if (llvm::none_of(op->getOperands(), varies) || op->hasTrait<ElementwiseMap>())
    return true;
  if (auto gather = dyn_cast<GatherOp>(op))
    return !varies(gather.getX()) || !varies(gather.getIndices());
  if (auto at = dyn_cast<AtOp>(op))
    return !varies(at.getX()) || !varies(at.getIndex());
  return isa<ContractOp, BroadcastOp, ReshapeOp, TransposeOp, ReverseOp, SliceOp, PadOp, ConcatOp,
             ReduceOp, ArgmaxOp, CumulativeOp, TopKOp, SoftmaxOp, LogSoftmaxOp, LogSumExpOp,
             CrossEntropyOp, WindowOp, UnwindowOp>(op);
}

static RankedTensorType stackedType(Type type, int64_t length) {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<int64_t> shape = {length};
  llvm::append_range(shape, tensor.getShape());
  return withShape(tensor, shape);
}

/// Positions of axes with one more in front; `first` is the new one's entry, if it has one.
static SmallVector<int64_t> shifted(ArrayRef<int64_t> axes, std::optional<int64_t> first = {}) {
  SmallVector<int64_t> result;
  if (first)
    result.push_back(*first);
  for (int64_t axis : axes)
    result.push_back(axis + 1);
  return result;
}

static SmallVector<int64_t> after(int64_t first, ArrayRef<int64_t> entries) {
  SmallVector<int64_t> result = {first};
  llvm::append_range(result, entries);
  return result;
}

Value TurnBatch::stacked(Value value) {
  if (Value known = stackedValues.lookup(value))
    return known;
  if (value == turn) {
    auto type = RankedTensorType::get({length}, builder.getI32Type());
    return stackedValues[value] = IotaOp::create(builder, value.getLoc(), type, 0);
  }
  SmallVector<int64_t> axes;
  for (int64_t k = 0; k < tensorOf(value).getRank(); ++k)
    axes.push_back(k + 1);
  return BroadcastOp::create(builder, value.getLoc(), stackedType(value.getType(), length),
                             invariants.lookup(value), axes);
}

void TurnBatch::compute(Value value) {
  if (value == turn || stackedValues.contains(value) || invariants.contains(value))
    return;
  Operation *op = value.getDefiningOp();
  assert(op && "a carry is not known outside");
  for (Value operand : op->getOperands())
    compute(operand);
  computeOp(op);
}

void TurnBatch::computeOp(Operation *op) {
  if (llvm::all_of(op->getOperands(), [&](Value v) { return isInvariant(v); })) {
    IRMapping map;
    for (Value operand : op->getOperands())
      map.map(operand, invariants.lookup(operand));
    Operation *copy = builder.clone(*op, map);
    for (auto [result, outside] : llvm::zip_equal(op->getResults(), copy->getResults()))
      invariants[result] = outside;
    return;
  }
  if (op->getNumResults() == 1) {
    stackedValues[op->getResult(0)] = batch(op);
    return;
  }
  for (auto [result, outside] : llvm::zip_equal(op->getResults(), cloneStacked(op)->getResults()))
    stackedValues[result] = outside;
}

/// The op on stacked operands; its attributes are still those of one turn.
Operation *TurnBatch::cloneStacked(Operation *op) {
  IRMapping map;
  for (Value operand : op->getOperands())
    map.map(operand, stacked(operand));
  Operation *copy = builder.clone(*op, map);
  for (OpResult result : copy->getResults())
    result.setType(stackedType(result.getType(), length));
  return copy;
}

Value TurnBatch::batchContract(ContractOp op) {
  int64_t label = 0;
  for (int64_t each : llvm::concat<const int64_t>(op.getALabels(), op.getBLabels()))
    label = std::max(label, each + 1);
  auto side = [&](Value value, ArrayRef<int64_t> labels) {
    bool same = isInvariant(value);
    return std::pair(same ? invariant(value) : stacked(value),
                     same ? SmallVector<int64_t>(labels) : after(label, labels));
  };
  auto [a, aLabels] = side(op.getA(), op.getALabels());
  auto [b, bLabels] = side(op.getB(), op.getBLabels());
  return ContractOp::create(builder, op.getLoc(), a, b, aLabels, bLabels,
                            after(label, op.getYLabels()));
}

/// A gather by indices that differ by turn: their new axis stands where `axis` was, and goes first.
Value TurnBatch::batchGather(Value x, Value indices, int64_t axis, Location loc) {
  Value all = GatherOp::create(builder, loc, x, indices, axis);
  SmallVector<int64_t> order = {axis};
  for (int64_t k = 0; k < tensorOf(all).getRank(); ++k)
    if (k != axis)
      order.push_back(k);
  return builder.createOrFold<TransposeOp>(loc, all, order);
}

Value TurnBatch::batch(Operation *op) {
  if (auto contract = dyn_cast<ContractOp>(op))
    return batchContract(contract);
  if (auto gather = dyn_cast<GatherOp>(op)) {
    if (isInvariant(gather.getX()))
      return batchGather(invariant(gather.getX()), stacked(gather.getIndices()), gather.getAxis(),
                         op->getLoc());
    return GatherOp::create(builder, op->getLoc(), stacked(gather.getX()),
                            invariant(gather.getIndices()), gather.getAxis() + 1);
  }
  if (auto at = dyn_cast<AtOp>(op)) {
    if (isInvariant(at.getX()))
      return batchGather(invariant(at.getX()), stacked(at.getIndex()), at.getAxis(), op->getLoc());
    return AtOp::create(builder, op->getLoc(), stacked(at.getX()), invariant(at.getIndex()),
                        at.getAxis() + 1);
  }
  Operation *copy = cloneStacked(op);
  llvm::TypeSwitch<Operation *>(copy)
      .Case<BroadcastOp>([](auto op) { op.setAxes(shifted(op.getAxes(), 0)); })
      .Case<TransposeOp>([](auto op) { op.setPermutation(shifted(op.getPermutation(), 0)); })
      .Case<ReverseOp, ReduceOp, WindowOp, UnwindowOp>(
          [](auto op) { op.setAxes(shifted(op.getAxes())); })
      .Case<SliceOp>([](auto op) {
        op.setOffsets(after(0, op.getOffsets()));
        op.setStrides(after(1, op.getStrides()));
      })
      .Case<PadOp>([](auto op) {
        op.setLow(after(0, op.getLow()));
        op.setHigh(after(0, op.getHigh()));
        op.setInterior(after(0, op.getInterior()));
      })
      .Case<ConcatOp, ArgmaxOp, CumulativeOp, SoftmaxOp, LogSoftmaxOp, LogSumExpOp>(
          [](auto op) { op.setAxis(op.getAxis() + 1); });
  return copy->getResult(0);
}

} // namespace nnc::nn
