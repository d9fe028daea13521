/// Scans and conditionals as control of the schedule.
#include "compiler/Schedule/Passes.h"

using namespace mlir;

namespace nnc {
#define GEN_PASS_DEF_LOWERSCAN
#include "compiler/Schedule/Passes.h.inc"

namespace {

/// The scan as a loop: the body moves, its arguments become values of the loop or from around it.
void lowerScan(nn::ScanOp scan) {
  OpBuilder builder(scan);
  Location loc = scan.getLoc();
  Block *body = scan.getBlock();
  size_t carried = scan.getInits().size(), stacked = scan.getNumResults() - carried;
  SmallVector<Value> inits(scan.getInits());
  for (Value output : scan.getResults().drop_front(carried))
    inits.push_back(nn::ConstantOp::create(builder, loc, nn::tensorOf(output), 0.0));
  auto loop = sched::LoopOp::create(builder, loc, scan.getResultTypes(), scan.getLengthAttr(),
                                    scan.getBounds(), inits, Value(), Value(),
                                    scan.getReverseAttr(), scan.getUntilAttr());
  Block *block = builder.createBlock(&loop.getBody());
  Value turn = block->addArgument(scan.getTurn().getType(), loc);
  for (Value init : inits)
    block->addArgument(init.getType(), loc);
  IRMapping mapping;
  mapping.map(scan.getTurn(), turn);
  for (auto [k, carry] : llvm::enumerate(scan.getCarries()))
    mapping.map(carry, block->getArgument(1 + k));
  for (auto [piece, input] : llvm::zip_equal(scan.getPieces(), scan.getInputs()))
    mapping.map(piece, nn::AtOp::create(builder, loc, piece.getType(), input, turn,
                                        builder.getI64IntegerAttr(0))
                           .getResult());
  for (auto [argument, constant] :
       llvm::zip_equal(scan.getConstantArguments(), scan.getConstants()))
    mapping.map(argument, constant);
  for (Operation &op : body->without_terminator())
    builder.clone(op, mapping);
  SmallVector<Value> next;
  auto yield = cast<nn::YieldOp>(body->getTerminator());
  for (auto [k, value] : llvm::enumerate(yield.getValues())) {
    Value now = mapping.lookupOrDefault(value);
    if (k >= carried && k < carried + stacked)
      now = nn::PutOp::create(builder, loc, block->getArgument(1 + k), turn, now, /*axis=*/0);
    next.push_back(now);
  }
  sched::YieldOp::create(builder, loc, next);
  scan.replaceAllUsesWith(loop.getResults());
  scan.erase();
}

/// Takes the op's captured values directly and gives up isolation.
void lowerIf(nn::IfOp op) {
  OpBuilder builder(op);
  auto branch =
      sched::BranchOp::create(builder, op.getLoc(), op.getResultTypes(), op.getCondition());
  auto move = [&](Region &from, Region &to) {
    to.takeBody(from);
    Operation *yield = to.front().getTerminator();
    OpBuilder end(yield);
    sched::YieldOp::create(end, yield->getLoc(), yield->getOperands());
    yield->erase();
    for (auto [argument, capture] : llvm::zip_equal(to.front().getArguments(), op.getCaptures()))
      argument.replaceAllUsesWith(capture);
    to.front().eraseArguments(0, to.front().getNumArguments());
  };
  move(op.getThenRegion(), branch.getThenRegion());
  move(op.getElseRegion(), branch.getElseRegion());
  op.replaceAllUsesWith(branch.getResults());
  op.erase();
}

struct LowerScan : impl::LowerScanBase<LowerScan> {
  void runOnOperation() override {
    // Inner ops first: a body is cloned once for each level around it.
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isa<nn::ScanOp, nn::IfOp>(op))
        ops.push_back(op);
    });
    for (Operation *op : ops)
      if (auto scan = dyn_cast<nn::ScanOp>(op))
        lowerScan(scan);
      else
        lowerIf(cast<nn::IfOp>(op));
  }
};

} // namespace
} // namespace nnc
