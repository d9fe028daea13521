/// Composite ops written with simpler ones.
#include "compiler/Schedule/Passes.h"

using namespace mlir;

namespace nnc {
#define GEN_PASS_DEF_DECOMPOSEROWS
#include "compiler/Schedule/Passes.h.inc"

namespace {

struct DecomposeRows : impl::DecomposeRowsBase<DecomposeRows> {
  using DecomposeRowsBase::DecomposeRowsBase;

  /// Attention has kernels of its own.
  bool isDecomposed(Operation *op) {
    return isa<nn::Composite>(op) && (attention || !isa<nn::AttentionOp, nn::AttentionGradOp>(op));
  }

  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isDecomposed(op))
        ops.push_back(op);
    });
    while (!ops.empty()) {
      Operation *op = ops.pop_back_val();
      Operation *before = op->getPrevNode();
      OpBuilder builder(op);
      SmallVector<Value> results;
      cast<nn::Composite>(op).decompose(builder, results);
      // What it is written with may be composite itself.
      Operation *made = before ? before->getNextNode() : &op->getBlock()->front();
      for (; made != op; made = made->getNextNode())
        if (isDecomposed(made))
          ops.push_back(made);
      op->replaceAllUsesWith(results);
      op->erase();
    }
  }
};

} // namespace
} // namespace nnc
