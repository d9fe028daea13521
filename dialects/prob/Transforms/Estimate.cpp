/// The passes that give draws, densities and divergences a meaning in nn.
#include "dialects/prob/Transforms/Families.h"
#include "dialects/prob/Transforms/Passes.h"

using namespace mlir;

namespace nnc::prob {
#define GEN_PASS_DEF_ESTIMATE
#define GEN_PASS_DEF_PROBRAISE
#include "dialects/prob/Transforms/Passes.h.inc"

namespace {
/// Replaces every op of one kind by what `formula` makes of it.
template <typename Op, typename Formula>
LogicalResult replaceAll(Operation *root, Formula formula) {
  WalkResult result = root->walk([&](Op op) {
    OpBuilder builder(op);
    nn::Emit emit(builder, op.getLoc());
    FailureOr<Value> value = formula(emit, op);
    if (failed(value))
      return WalkResult::interrupt();
    op->replaceAllUsesWith(ValueRange(*value));
    op->erase();
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

struct EstimatePass : impl::EstimateBase<EstimatePass> {
  void runOnOperation() override {
    Operation *root = getOperation();
    if (failed(replaceAll<DrawOp>(root, emitDraw)) ||
        failed(replaceAll<LogProbOp>(root, emitLogDensity)) ||
        failed(replaceAll<KlOp>(root, emitDivergence)))
      signalPassFailure();
  }
};

struct ProbRaisePass : impl::ProbRaiseBase<ProbRaisePass> {
  void runOnOperation() override {
    SmallVector<LogProbOp> found;
    getOperation().walk([&](LogProbOp op) {
      if (op.getFamily() == Family::categorical)
        found.push_back(op);
    });
    for (LogProbOp op : found) {
      OpBuilder builder(op);
      nn::Emit emit(builder, op.getLoc());
      op->replaceAllUsesWith(ValueRange(emitLogDensity(emit, op)));
      op->erase();
    }
  }
};
} // namespace

} // namespace nnc::prob
