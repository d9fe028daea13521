/// The adjoint of a conditional: a conditional that recomputes the branch taken and goes back
/// through it.
#include "dialects/nn/Autodiff/Reverse.h"
#include "dialects/nn/Build/Emit.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace nnc::nn {

namespace {
/// What both branches of the adjoint share.
struct IfAdjoint {
  IfOp op;
  ValueRange resultGrads;
  SmallVector<unsigned> captures; ///< whose cotangents are asked for

  LogicalResult buildBranch(OpBuilder &builder, Region &from, Block *to);
};
} // namespace

LogicalResult IfAdjoint::buildBranch(OpBuilder &builder, Region &from, Block *to) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(to);
  unsigned captureCount = op.getCaptures().size();
  IRMapping map;
  for (auto [argument, copy] : llvm::zip(from.getArguments(), to->getArguments()))
    map.map(argument, copy);
  SmallVector<Operation *> ops;
  for (Operation &each : from.front().without_terminator())
    ops.push_back(builder.clone(each, map));
  DenseSet<Value> active;
  for (unsigned k : captures)
    active.insert(to->getArgument(k));
  addDependents(ops, active);
  Reverse reverse(builder, active, /*isInner=*/true);
  unsigned next = captureCount;
  for (auto [value, cotangent] :
       llvm::zip_equal(from.front().getTerminator()->getOperands(), resultGrads))
    if (cotangent)
      reverse.accumulate(map.lookup(value), to->getArgument(next++));
  if (failed(reverse.run(ops)))
    return failure();
  SmallVector<Value> yields;
  for (unsigned k : captures)
    yields.push_back(reverse.getOrZeros(to->getArgument(k)));
  YieldOp::create(builder, op.getLoc(), yields);
  eraseDeadOps(*to);
  return success();
}

LogicalResult IfOp::backward(OpBuilder &builder, ValueRange resultGrads, ArrayRef<bool> needed,
                             SmallVectorImpl<Value> &operandGrads) {
  Emit emit = Emit::gradientOf(builder, *this);
  IfAdjoint adjoint{*this, resultGrads, {}};
  SmallVector<Value> operands(getCaptures());
  SmallVector<Type> types;
  for (auto [k, capture] : llvm::enumerate(getCaptures()))
    if (needed[k + 1]) {
      adjoint.captures.push_back(k);
      types.push_back(capture.getType());
    }
  for (Value cotangent : resultGrads)
    if (cotangent)
      operands.push_back(cotangent);
  auto result = IfOp::create(builder, emit.loc, types, getCondition(), operands);
  SmallVector<Type> argumentTypes(ValueRange(operands).getTypes());
  SmallVector<Location> locations(operands.size(), emit.loc);
  for (auto [from, to] : {std::pair(&getThenRegion(), &result.getThenRegion()),
                          std::pair(&getElseRegion(), &result.getElseRegion())}) {
    Block *block = new Block();
    to->push_back(block);
    block->addArguments(argumentTypes, locations);
    if (failed(adjoint.buildBranch(builder, *from, block)))
      return failure();
  }
  for (auto [k, capture] : llvm::enumerate(adjoint.captures))
    operandGrads[capture + 1] = result.getResult(k);
  return success();
}

} // namespace nnc::nn
