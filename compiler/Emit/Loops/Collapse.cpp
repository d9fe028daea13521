/// Which neighbouring axes all values of a kernel run through together.
#include "compiler/Emit/Loops/Collapse.h"

using namespace mlir;

namespace nnc {
namespace {

/// A partition of the axes into runs: `starts[k]` if axis k begins a run.
struct Collapse {
  SmallVector<int64_t> shape;
  SmallVector<bool> starts;

  SmallVector<int64_t> merged(ArrayRef<int64_t> sizes, ArrayRef<bool> begins) const {
    SmallVector<int64_t> result;
    for (auto [size, begin] : llvm::zip_equal(sizes, begins))
      if (begin || result.empty())
        result.push_back(size);
      else
        result.back() *= size;
    return result;
  }
  SmallVector<int64_t> mergedShape() const { return merged(shape, starts); }

  /// Which axes of a broadcast's operand begin runs.
  SmallVector<bool> operandStarts(nn::BroadcastOp op) const {
    SmallVector<bool> result;
    for (int64_t axis : op.getAxes())
      result.push_back(starts[axis]);
    return result;
  }

  /// Separates axes k - 1 and k where an op tells them apart; false if an op allows no change.
  bool restrict(Operation &op) {
    if (op.hasTrait<nn::ElementwiseMap>() || isa<nn::RandomOp>(op))
      return true;
    if (auto constant = dyn_cast<nn::ConstantOp>(op))
      return cast<DenseElementsAttr>(constant.getValue()).isSplat();
    if (auto iota = dyn_cast<nn::IotaOp>(op)) {
      starts[iota.getAxis()] = true;
      if (iota.getAxis() + 1 < starts.size())
        starts[iota.getAxis() + 1] = true;
      return true;
    }
    if (auto broadcast = dyn_cast<nn::BroadcastOp>(op)) {
      for (size_t k = 1; k < starts.size(); ++k)
        if (llvm::is_contained(broadcast.getAxes(), int64_t(k)) !=
            llvm::is_contained(broadcast.getAxes(), int64_t(k) - 1))
          starts[k] = true;
      return true;
    }
    return false;
  }
};

bool hasShape(Value value, ArrayRef<int64_t> shape) { return nn::shapeOf(value) == shape; }

void reshapeTo(Value value, ArrayRef<int64_t> shape) {
  value.setType(RankedTensorType::get(shape, nn::tensorOf(value).getElementType()));
}

/// The axes that are left of `axes` when each run becomes one.
SmallVector<int64_t> mergedAxes(ArrayRef<int64_t> axes, ArrayRef<bool> starts) {
  SmallVector<int64_t> result, runOf;
  for (bool start : starts)
    runOf.push_back(runOf.empty() ? 0 : runOf.back() + start);
  for (int64_t axis : axes)
    if (result.empty() || result.back() != runOf[axis])
      result.push_back(runOf[axis]);
  return result;
}

/// The operand of a broadcast under its merged shape.
void mergeOperand(nn::BroadcastOp op, ArrayRef<int64_t> shape) {
  if (hasShape(op.getX(), shape))
    return;
  OpBuilder builder(op);
  auto type = RankedTensorType::get(shape, nn::tensorOf(op.getX()).getElementType());
  op.getXMutable().assign(nn::ReshapeOp::create(builder, op.getLoc(), type, op.getX()));
}

} // namespace

/// The reductions of a kernel, all of one shape over the same axes; none if they differ.
static std::optional<SmallVector<nn::ReduceOp>> equalReductions(Block &body) {
  SmallVector<nn::ReduceOp> result;
  for (auto op : body.getOps<nn::ReduceOp>()) {
    if (!result.empty() && (!hasShape(op.getX(), nn::shapeOf(result[0].getX())) ||
                            op.getAxes() != result[0].getAxes()))
      return std::nullopt;
    result.push_back(op);
  }
  return result;
}

/// Which axes begin a new one of the collapsed shape, as far as the reductions say. What is left by
/// a reduction keeps its shape: only axes that are reduced run together.
static SmallVector<bool> startsAround(ArrayRef<nn::ReduceOp> reductions, size_t rank) {
  SmallVector<bool> starts(rank, false);
  starts[0] = true;
  auto isReduced = [&](size_t axis) {
    nn::ReduceOp first = reductions.front();
    return llvm::is_contained(first.getAxes(), int64_t(axis));
  };
  for (size_t k = 1; k < rank && !reductions.empty(); ++k)
    starts[k] = !isReduced(k) || !isReduced(k - 1);
  return starts;
}

/// The ops whose results have the full shape; none if some of them or their readers tell axes apart
/// that cannot stay so.
static std::optional<SmallVector<Operation *>> fullOps(Block &body, Collapse &collapse) {
  ArrayRef<int64_t> shape = collapse.shape;
  SmallVector<Operation *> full;
  for (Operation &op : body.without_terminator())
    if (isa<nn::ReduceOp>(op)) {
      continue;
    } else if (hasShape(op.getResult(0), shape)) {
      full.push_back(&op);
      if (!collapse.restrict(op))
        return std::nullopt;
    } else if (llvm::any_of(op.getOperands(), [&](Value v) { return hasShape(v, shape); })) {
      return std::nullopt; // A full tensor read at other positions.
    }
  return full;
}

static void collapseOp(Operation *op, const Collapse &collapse, ArrayRef<int64_t> merged) {
  if (auto broadcast = dyn_cast<nn::BroadcastOp>(op)) {
    SmallVector<int64_t> axes = mergedAxes(broadcast.getAxes(), collapse.starts);
    mergeOperand(broadcast,
                 collapse.merged(nn::shapeOf(broadcast.getX()), collapse.operandStarts(broadcast)));
    broadcast.setAxes(axes);
  } else if (auto iota = dyn_cast<nn::IotaOp>(op)) {
    int64_t run = -1;
    for (int64_t k = 0; k <= int64_t(iota.getAxis()); ++k)
      run += collapse.starts[k];
    iota.setAxis(run);
  } else if (auto constant = dyn_cast<nn::ConstantOp>(op)) {
    auto value = cast<DenseElementsAttr>(constant.getValue());
    constant.setValueAttr(value.resizeSplat(cast<ShapedType>(value.getType()).clone(merged)));
  }
  reshapeTo(op->getResult(0), merged);
}

void collapseAxes(sched::KernelOp kernel) {
  Block &body = *kernel.getBlock();
  auto reductions = equalReductions(body);
  if (!reductions)
    return;
  Collapse collapse;
  collapse.shape.assign(reductions->empty() ? nn::shapeOf(body.getTerminator()->getOperand(0))
                                            : nn::shapeOf(reductions->front().getX()));
  const SmallVector<int64_t> before(collapse.shape);
  if (before.size() < 2)
    return;
  collapse.starts = startsAround(*reductions, before.size());
  for (Value value : body.getTerminator()->getOperands())
    if (!hasShape(value, before) && reductions->empty())
      return;
  auto full = fullOps(body, collapse);
  if (!full)
    return;
  SmallVector<int64_t> merged = collapse.mergedShape();
  if (merged.size() == before.size())
    return;
  for (Operation *op : *full)
    collapseOp(op, collapse, merged);
  for (nn::ReduceOp op : *reductions) {
    SmallVector<int64_t> axes(op.getAxes());
    llvm::sort(axes);
    op.setAxes(mergedAxes(axes, collapse.starts));
  }
  for (Value argument : body.getArguments())
    if (hasShape(argument, before))
      reshapeTo(argument, merged);
}

} // namespace nnc
