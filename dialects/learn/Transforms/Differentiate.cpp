/// Expansion of learn.gradient by reverse mode.
#include "dialects/learn/IR/Learn.h"
#include "dialects/learn/Transforms/Passes.h"
#include "dialects/nn/Autodiff/Reverse.h"
#include "dialects/nn/Build/Emit.h"

#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace nnc::learn {
#define GEN_PASS_DEF_DIFFERENTIATE
#include "dialects/learn/Transforms/Passes.h.inc"

namespace {
/// The values that a gradient is taken in, kept beside the op: a rule may replace an op and its
/// uses.
SmallVector<Value> valuesOf(GradientOp op) { return SmallVector<Value>(op.getOf()); }

/// The ops of the gradient's block between its values and its loss, in program order.
SmallVector<Operation *> sliceOf(GradientOp gradient, DenseSet<Value> &active) {
  SmallVector<Operation *> before;
  for (Operation &op : llvm::make_range(gradient->getBlock()->begin(), gradient->getIterator()))
    before.push_back(&op);
  nn::addDependents(before, active);
  DenseSet<Value> wanted = {gradient.getLoss()};
  SmallVector<Operation *> slice;
  for (Operation *op : llvm::reverse(before)) {
    if (llvm::none_of(op->getResults(),
                      [&](Value v) { return active.contains(v) && wanted.contains(v); }))
      continue;
    wanted.insert(op->operand_begin(), op->operand_end());
    slice.push_back(op);
  }
  std::reverse(slice.begin(), slice.end());
  return slice;
}

/// True if a value reaches, through any ops and out of regions, the loss of another gradient.
bool feedsGradient(GradientOp gradient) {
  SetVector<Operation *> reached;
  reached.insert(gradient);
  for (size_t k = 0; k < reached.size(); ++k) {
    Operation *op = reached[k];
    if (op->hasTrait<OpTrait::IsTerminator>() && op->getParentOp())
      reached.insert(op->getParentOp());
    for (OpOperand &use : op->getUses()) {
      auto other = dyn_cast<GradientOp>(use.getOwner());
      if (other && use.getOperandNumber() == 0)
        return true;
      if (!other)
        reached.insert(use.getOwner());
    }
  }
  return false;
}

/// Replaces ops whose derivative could not be differentiated again, inside regions too.
void decomposeTerminal(Operation *root) {
  SmallVector<nn::Differentiable> found;
  root->walk([&](nn::Differentiable op) {
    if (op.hasTerminalGradient())
      found.push_back(op);
  });
  for (nn::Differentiable op : found) {
    OpBuilder builder(op);
    SmallVector<Value> results;
    cast<nn::Composite>(*op).decompose(builder, results);
    op->replaceAllUsesWith(results);
    op->erase();
  }
}

LogicalResult expand(GradientOp gradient) {
  SmallVector<Value> values = valuesOf(gradient);
  auto activeSlice = [&](DenseSet<Value> &active) {
    active.insert(values.begin(), values.end());
    return sliceOf(gradient, active);
  };
  if (feedsGradient(gradient)) {
    DenseSet<Value> active;
    for (Operation *op : activeSlice(active))
      if (llvm::none_of(op->getResults(), [&](Value v) { return llvm::is_contained(values, v); }))
        decomposeTerminal(op);
  }
  DenseSet<Value> active;
  SmallVector<Operation *> slice = activeSlice(active);
  OpBuilder builder(gradient);
  nn::Emit emit = nn::Emit::gradientOf(builder, gradient);
  nn::Reverse reverse(builder, active);
  double sign = gradient.getMaximize() ? -1 : 1;
  reverse.accumulate(gradient.getLoss(), emit.constant(gradient.getLoss().getType(), sign));
  if (failed(reverse.run(slice)))
    return failure();
  SmallVector<Value> results;
  for (Value value : values)
    results.push_back(reverse.getOrZeros(value));
  gradient->replaceAllUsesWith(results);
  gradient->erase();
  return success();
}

/// Erases unused ops everywhere, users before what they use.
void eraseDeadOps(Operation *root) {
  SmallVector<Block *> blocks;
  root->walk<WalkOrder::PreOrder>([&](Block *block) { blocks.push_back(block); });
  for (Block *block : llvm::reverse(blocks))
    nn::eraseDeadOps(*block);
}

struct DifferentiatePass : impl::DifferentiateBase<DifferentiatePass> {
  void runOnOperation() override {
    SmallVector<GradientOp> gradients;
    getOperation().walk<WalkOrder::PostOrder>([&](GradientOp op) { gradients.push_back(op); });
    for (GradientOp gradient : gradients)
      if (failed(expand(gradient)))
        return signalPassFailure();
    if (!gradients.empty())
      eraseDeadOps(getOperation());
  }
};
} // namespace

} // namespace nnc::learn
