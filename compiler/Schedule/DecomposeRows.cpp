#include "compiler/Schedule/Passes.h"

using namespace mlir;

namespace nnc {
#define GEN_PASS_DEF_DECOMPOSEROWS
#include "compiler/Schedule/Passes.h.inc"

namespace {

/// The first position of a row's maximum: the least position where the element equals it. The
/// maximum of a row with a NaN is NaN, and its place that of the first.
Value decomposeArgmax(nn::ArgmaxOp op) {
  OpBuilder b(op);
  Location loc = op.getLoc();
  auto xType = nn::tensorOf(op.getX()), yType = nn::tensorOf(op.getY());
  int64_t axis = op.getAxis(), size = xType.getDimSize(axis);
  auto placeType = RankedTensorType::get(xType.getShape(), b.getI32Type());
  SmallVector<int64_t> keptAxes;
  for (int64_t k = 0; k < xType.getRank(); ++k)
    if (k != axis)
      keptAxes.push_back(k);
  auto reduce = [&](nn::Reduction kind, Value x, RankedTensorType type) -> Value {
    return nn::ReduceOp::create(b, loc, type, kind, x, ArrayRef<int64_t>{axis});
  };
  Value largest = reduce(nn::Reduction::max, op.getX(), yType.clone(xType.getElementType()));
  Value all = nn::BroadcastOp::create(b, loc, xType, largest, keptAxes);
  auto compare = [&](nn::Comparison predicate, Value y) -> Value {
    return nn::CompareOp::create(b, loc, placeType.clone(b.getI1Type()), predicate, op.getX(), y);
  };
  Value isLargest = compare(nn::Comparison::eq, all);
  if (isa<FloatType>(xType.getElementType()))
    isLargest = nn::OrOp::create(b, loc, isLargest, compare(nn::Comparison::ne, op.getX()));
  Value place = nn::IotaOp::create(b, loc, placeType, axis);
  Value none = nn::ConstantOp::create(b, loc, placeType, double(size - 1));
  return reduce(nn::Reduction::min, nn::SelectOp::create(b, loc, isLargest, place, none), yType);
}

struct DecomposeRows : impl::DecomposeRowsBase<DecomposeRows> {
  using DecomposeRowsBase::DecomposeRowsBase;

  bool isComposite(Operation *op) {
    return isa<nn::SoftmaxOp, nn::LogSoftmaxOp, nn::LogSumExpOp, nn::CrossEntropyOp>(op) ||
           (attention && isa<nn::AttentionOp, nn::AttentionGradOp>(op));
  }

  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isComposite(op) || isa<nn::ArgmaxOp>(op))
        ops.push_back(op);
    });
    while (!ops.empty()) {
      Operation *op = ops.pop_back_val();
      OpBuilder builder(op);
      SmallVector<Value> results;
      if (auto argmax = dyn_cast<nn::ArgmaxOp>(op)) {
        results.push_back(decomposeArgmax(argmax));
      } else {
        Operation *before = op->getPrevNode();
        if (failed(cast<nn::Differentiable>(op).decompose(builder, results))) {
          op->emitError() << "'" << op->getName() << "' has no simpler form";
          return signalPassFailure();
        }
        // What it is written with may be composite itself.
        Operation *made = before ? before->getNextNode() : &op->getBlock()->front();
        for (; made != op; made = made->getNextNode())
          if (isComposite(made))
            ops.push_back(made);
      }
      op->replaceAllUsesWith(results);
      op->erase();
    }
  }
};

} // namespace
} // namespace nnc
