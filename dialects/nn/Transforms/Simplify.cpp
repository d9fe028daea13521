/// Folds, transposes that become labels of contractions.
#include "dialects/nn/IR/NN.h"
#include "dialects/nn/Transforms/Passes.h"

#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace nnc::nn {
#define GEN_PASS_DEF_SIMPLIFY
#include "dialects/nn/Transforms/Passes.h.inc"

namespace {
/// The labels of a transpose's operand, from those of its result.
SmallVector<int64_t> labelsBefore(TransposeOp transpose, ArrayRef<int64_t> labels) {
  SmallVector<int64_t> before(labels.size());
  for (auto [k, axis] : llvm::enumerate(transpose.getPermutation()))
    before[axis] = labels[k];
  return before;
}

/// contract(transpose(x)) reads x with permuted labels.
struct ContractOfTranspose : OpRewritePattern<ContractOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ContractOp op, PatternRewriter &rewriter) const override {
    auto a = op.getA().getDefiningOp<TransposeOp>(), b = op.getB().getDefiningOp<TransposeOp>();
    if (!a && !b)
      return rewriter.notifyMatchFailure(op, "no operand is a transpose");
    SmallVector<int64_t> aLabels(op.getALabels()), bLabels(op.getBLabels());
    Value x = op.getA(), y = op.getB();
    if (a) {
      aLabels = labelsBefore(a, op.getALabels());
      x = a.getX();
    }
    if (b) {
      bLabels = labelsBefore(b, op.getBLabels());
      y = b.getX();
    }
    rewriter.replaceOpWithNewOp<ContractOp>(op, op.getType(), x, y, aLabels, bLabels,
                                            op.getYLabels());
    return success();
  }
};

/// transpose(contract) writes its result with permuted labels.
struct TransposeOfContract : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TransposeOp op, PatternRewriter &rewriter) const override {
    auto contract = op.getX().getDefiningOp<ContractOp>();
    if (!contract)
      return rewriter.notifyMatchFailure(op, "the operand is not a contraction");
    if (!contract->hasOneUse())
      return rewriter.notifyMatchFailure(op, "the contraction is used in another layout too");
    SmallVector<int64_t> labels;
    for (int64_t axis : op.getPermutation())
      labels.push_back(contract.getYLabels()[axis]);
    rewriter.replaceOpWithNewOp<ContractOp>(op, op.getType(), contract.getA(), contract.getB(),
                                            contract.getALabels(), contract.getBLabels(), labels);
    return success();
  }
};

/// transpose(broadcast(x)) repeats along permuted axes, if those of x stay in order.
struct TransposeOfBroadcast : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TransposeOp op, PatternRewriter &rewriter) const override {
    auto broadcast = op.getX().getDefiningOp<BroadcastOp>();
    if (!broadcast)
      return rewriter.notifyMatchFailure(op, "the operand is not a broadcast");
    SmallVector<int64_t> axes, order;
    for (auto [k, axis] : llvm::enumerate(op.getPermutation())) {
      auto found = llvm::find(broadcast.getAxes(), axis);
      if (found == broadcast.getAxes().end())
        continue;
      axes.push_back(k);
      order.push_back(found - broadcast.getAxes().begin());
    }
    Value x = rewriter.createOrFold<TransposeOp>(op.getLoc(), broadcast.getX(), order);
    rewriter.replaceOpWithNewOp<BroadcastOp>(op, op.getType(), x, axes);
    return success();
  }
};

struct SimplifyPass : impl::SimplifyBase<SimplifyPass> {
  using SimplifyBase::SimplifyBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateSimplifyPatterns(patterns);
    populateRaiseContractPatterns(patterns);
    populateOneHotPatterns(patterns, remarks);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace

void populateSimplifyPatterns(RewritePatternSet &patterns) {
  patterns.add<ContractOfTranspose, TransposeOfContract, TransposeOfBroadcast>(
      patterns.getContext());
}

} // namespace nnc::nn
