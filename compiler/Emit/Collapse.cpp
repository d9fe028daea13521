#include "compiler/Emit/Collapse.h"

using namespace mlir;

namespace nnc {
namespace {

/// A partition of the axes into runs: `starts[k]` if axis k begins a run.
struct Collapse {
  SmallVector<int64_t> shape;
  SmallVector<bool> starts;

  SmallVector<int64_t> merged(ArrayRef<int64_t> sizes, ArrayRef<bool> begins) {
    SmallVector<int64_t> result;
    for (auto [size, begin] : llvm::zip_equal(sizes, begins))
      if (begin || result.empty())
        result.push_back(size);
      else
        result.back() *= size;
    return result;
  }
  SmallVector<int64_t> mergedShape() { return merged(shape, starts); }

  /// Which axes of a broadcast's operand begin runs.
  SmallVector<bool> operandStarts(nn::BroadcastOp op) {
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

/// The operand of a broadcast under its merged shape.
void mergeOperand(nn::BroadcastOp op, ArrayRef<int64_t> shape) {
  if (hasShape(op.getX(), shape))
    return;
  OpBuilder builder(op);
  auto type = RankedTensorType::get(shape, nn::tensorOf(op.getX()).getElementType());
  op.getXMutable().assign(nn::ReshapeOp::create(builder, op.getLoc(), type, op.getX()));
}

} // namespace

void collapseAxes(nn::KernelOp kernel) {
  Block &body = *kernel.getBlock();
  Collapse collapse;
  collapse.shape.assign(nn::shapeOf(body.getTerminator()->getOperand(0)));
  ArrayRef<int64_t> shape = collapse.shape;
  if (shape.size() < 2)
    return;
  collapse.starts.assign(shape.size(), false);
  collapse.starts[0] = true;
  for (Value value : body.getTerminator()->getOperands())
    if (!hasShape(value, shape))
      return;
  SmallVector<Operation *> full;
  for (Operation &op : body.without_terminator())
    if (hasShape(op.getResult(0), shape)) {
      full.push_back(&op);
      if (!collapse.restrict(op))
        return;
    } else if (llvm::any_of(op.getOperands(), [&](Value v) { return hasShape(v, shape); })) {
      return; // A full tensor read at other positions.
    }
  SmallVector<int64_t> merged = collapse.mergedShape();
  if (merged.size() == shape.size())
    return;
  SmallVector<int64_t> before(shape);
  for (Operation *op : full) {
    if (auto broadcast = dyn_cast<nn::BroadcastOp>(op)) {
      SmallVector<int64_t> axes;
      SmallVector<int64_t> runOf;
      for (bool start : collapse.starts)
        runOf.push_back(runOf.empty() ? 0 : runOf.back() + start);
      for (int64_t axis : broadcast.getAxes())
        if (axes.empty() || axes.back() != runOf[axis])
          axes.push_back(runOf[axis]);
      mergeOperand(broadcast, collapse.merged(nn::shapeOf(broadcast.getX()),
                                              collapse.operandStarts(broadcast)));
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
  for (Value argument : body.getArguments())
    if (hasShape(argument, before))
      reshapeTo(argument, merged);
}

} // namespace nnc
