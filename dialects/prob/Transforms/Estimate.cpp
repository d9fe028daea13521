/// The passes that give draws, densities and divergences a meaning in nn.
#include "dialects/prob/Transforms/Families.h"
#include "dialects/prob/Transforms/Passes.h"
#include "dialects/prob/Transforms/Surrogate.h"

using namespace mlir;

namespace nnc::prob {
#define GEN_PASS_DEF_ESTIMATE
#define GEN_PASS_DEF_PROBRAISE
#include "dialects/prob/Transforms/Passes.h.inc"

namespace {
/// Replaces every op of one kind by what `formula` makes of it.
template <typename Op, typename Formula> void replaceAll(Operation *root, Formula formula) {
  root->walk([&](Op op) {
    OpBuilder builder(op);
    nn::Emit emit(builder, op.getLoc());
    op->replaceAllUsesWith(ValueRange(formula(emit, op)));
    op->erase();
  });
}

/// The objective's gradient of a function: the last that it takes.
learn::GradientOp objectiveGradient(func::FuncOp function) {
  learn::GradientOp last;
  for (auto gradient : function.front().getOps<learn::GradientOp>())
    last = gradient;
  return last;
}

struct EstimatePass : impl::EstimateBase<EstimatePass> {
  void runOnOperation() override {
    func::FuncOp root = getOperation();
    if (root.isExternal())
      return;
    if (learn::GradientOp gradient = objectiveGradient(root))
      if (failed(estimateByEnumeration(root, gradient)) || failed(estimateByScore(root, gradient)))
        return signalPassFailure();
    replaceAll<DrawOp>(root, emitDraw);
    replaceAll<LogProbOp>(root, emitLogDensity);
    replaceAll<KlOp>(root, emitDivergence);
    replaceAll<EntropyOp>(root, emitEntropy);
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
