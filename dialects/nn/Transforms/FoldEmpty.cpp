/// Tensors with an axis of size 0. Whatever makes one is a constant, and what reads one is a
/// constant too (a sum over nothing is 0) or does not need it, so that no later
/// stage has to think of loops, tiles and windows of nothing.
#include "dialects/nn/IR/NN.h"
#include "dialects/nn/Transforms/Passes.h"

#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace nnc::nn {
#define GEN_PASS_DEF_FOLDEMPTY
#include "dialects/nn/Transforms/Passes.h.inc"

namespace {

bool isEmpty(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && llvm::is_contained(tensor.getShape(), 0);
}
bool isEmpty(Value value) { return isEmpty(value.getType()); }

/// The value of a reduction over no elements; of a maximum or minimum, which the language refuses
/// there, the neutral element.
double neutralOf(Reduction kind, Type element) {
  double infinity = std::numeric_limits<double>::infinity();
  double highest = isa<FloatType>(element) ? infinity : double(std::numeric_limits<int32_t>::max());
  switch (kind) {
  case Reduction::sum:
  case Reduction::any:
    return 0;
  case Reduction::prod:
  case Reduction::all:
    return 1;
  case Reduction::max:
    return isa<FloatType>(element) ? -infinity : -highest - 1;
  case Reduction::min:
    return highest;
  }
  llvm_unreachable("a reduction of no kind");
}

/// What every element of the result is, if that follows from an operand without elements.
std::optional<double> elementOf(Operation *op) {
  using Result = std::optional<double>;
  return llvm::TypeSwitch<Operation *, Result>(op)
      .Case([](ReduceOp op) -> Result {
        if (!isEmpty(op.getX()))
          return std::nullopt;
        return neutralOf(op.getKind(), tensorOf(op.getX()).getElementType());
      })
      .Case([](ContractOp op) -> Result {
        return isEmpty(op.getA()) || isEmpty(op.getB()) ? Result(0) : std::nullopt;
      })
      .Case([](LogSumExpOp op) -> Result {
        return isEmpty(op.getX()) ? Result(-std::numeric_limits<double>::infinity()) : std::nullopt;
      })
      .Case([](PadOp op) -> Result {
        return isEmpty(op.getX()) ? Result(op.getValue().convertToDouble()) : std::nullopt;
      })
      .Case([](ScatterAddOp op) -> Result {
        return isEmpty(op.getUpdates()) ? Result(0) : std::nullopt;
      })
      .Default([](Operation *) { return std::nullopt; });
}

struct FoldEmpty : RewritePattern {
  explicit FoldEmpty(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/2, context) {}

  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    if (op->hasTrait<OpTrait::ConstantLike>())
      return failure();
    bool changed = false;
    for (OpResult result : op->getResults())
      if (isEmpty(result) && !result.use_empty()) {
        rewriter.replaceAllUsesWith(result, constant(rewriter, op, result.getType(), 0));
        changed = true;
      }
    if (changed)
      return success();
    if (auto element = elementOf(op)) {
      rewriter.replaceOp(op, constant(rewriter, op, op->getResult(0).getType(), *element));
      return success();
    }
    if (auto concat = dyn_cast<ConcatOp>(op))
      return dropParts(concat, rewriter);
    auto scan = dyn_cast<ScanOp>(op);
    if (!scan || scan.getLength())
      return failure();
    // No iteration: the first values are the last ones. The stacked results are empty.
    SmallVector<Value> results(scan.getInits());
    for (Value stacked : scan.getResults().drop_front(results.size()))
      results.push_back(constant(rewriter, op, stacked.getType(), 0));
    rewriter.replaceOp(op, results);
    return success();
  }

  static Value constant(PatternRewriter &rewriter, Operation *op, Type type, double element) {
    return ConstantOp::create(rewriter, op->getLoc(), cast<RankedTensorType>(type), element);
  }

  static LogicalResult dropParts(ConcatOp op, PatternRewriter &rewriter) {
    auto parts = llvm::filter_to_vector(op.getParts(), [](Value part) { return !isEmpty(part); });
    if (parts.empty() || parts.size() == op.getParts().size())
      return failure();
    rewriter.replaceOpWithNewOp<ConcatOp>(op, op.getType(), parts, op.getAxis());
    return success();
  }
};

struct FoldEmptyPass : impl::FoldEmptyBase<FoldEmptyPass> {
  void runOnOperation() override {
    // Hardly any program has one.
    auto reads = [](Operation *op) {
      auto scan = dyn_cast<ScanOp>(op);
      bool found = (scan && !scan.getLength()) ||
                   llvm::any_of(op->getOperandTypes(), [](Type type) { return isEmpty(type); }) ||
                   llvm::any_of(op->getResultTypes(), [](Type type) { return isEmpty(type); });
      return found ? WalkResult::interrupt() : WalkResult::advance();
    };
    if (!getOperation()->walk(reads).wasInterrupted())
      return;
    RewritePatternSet patterns(&getContext());
    patterns.add<FoldEmpty>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace nnc::nn
