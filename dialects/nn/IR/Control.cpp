/// Checks of the region ops.
#include "dialects/nn/IR/NN.h"
#include "dialects/nn/IR/ShapeRules.h"

using namespace mlir;

namespace nnc::nn {

/// Checks that a block's arguments have the given types.
static LogicalResult checkArguments(Operation *op, Block &block, ArrayRef<Type> expected) {
  if (llvm::equal(block.getArgumentTypes(), expected))
    return success();
  InFlightDiagnostic error = op->emitOpError("expected a region with arguments (");
  llvm::interleaveComma(expected, error);
  return error << ")";
}

/// Checks that a block ends with a yield of the given types.
static LogicalResult checkYield(Operation *op, Block &block, ArrayRef<Type> expected) {
  auto yield = block.empty() ? YieldOp() : dyn_cast<YieldOp>(block.back());
  if (yield && llvm::equal(yield.getValues().getTypes(), expected))
    return success();
  InFlightDiagnostic error = op->emitOpError("expected its region to end with nn.yield of (");
  llvm::interleaveComma(expected, error);
  return error << ")";
}

/// Checks the numbers of bounds, stacked inputs and results of a scan.
static LogicalResult checkCounts(ScanOp op) {
  if (op.getResults().size() < op.getInits().size())
    return op.emitOpError("has ") << op.getInits().size() << " carried values but "
                                  << op.getResults().size() << " results";
  if (static_cast<int64_t>(op.getLength()) < 0)
    return op.emitOpError("length must not be negative");
  if (op.getBounds().empty())
    return success();
  if (op.getBounds().size() != 2)
    return op.emitOpError("bounds are two numbers, first and last");
  if (!op.getInputs().empty() || op.getResults().size() != op.getInits().size())
    return op.emitOpError("with bounds there are no stacked inputs or outputs");
  return success();
}

LogicalResult ScanOp::verify() {
  if (failed(checkCounts(*this)))
    return failure();
  int64_t length = getLength();
  auto pieceOf = [&](Value stacked) -> Type {
    auto type = tensorOf(stacked);
    return type.getRank() && type.getDimSize(0) == length
               ? withShape(type, type.getShape().drop_front())
               : Type();
  };
  SmallVector<Type> arguments = {RankedTensorType::get({}, IntegerType::get(getContext(), 32))};
  llvm::append_range(arguments, getInits().getTypes());
  for (auto [k, input] : llvm::enumerate(getInputs())) {
    arguments.push_back(pieceOf(input));
    if (!arguments.back())
      return emitOpError("stacked input ")
             << k << " of type " << input.getType() << " does not have " << length
             << " iterations on axis 0";
  }
  llvm::append_range(arguments, getConstants().getTypes());
  SmallVector<Type> yields(getInits().getTypes());
  for (auto [k, carry] : llvm::enumerate(getInits()))
    if (getResult(k).getType() != carry.getType())
      return emitOpError("carried value ")
             << k << " starts as " << carry.getType() << " but ends as " << getResult(k).getType();
  for (Value stacked : getResults().drop_front(getInits().size())) {
    yields.push_back(pieceOf(stacked));
    if (!yields.back())
      return emitOpError("stacked output of type ")
             << stacked.getType() << " does not have " << length << " iterations on axis 0";
  }
  if (getUntil())
    yields.push_back(RankedTensorType::get({}, IntegerType::get(getContext(), 1)));
  if (failed(checkArguments(*this, *getBlock(), arguments)))
    return failure();
  return checkYield(*this, *getBlock(), yields);
}

LogicalResult IfOp::verify() {
  SmallVector<Type> arguments(getCaptures().getTypes()), results(getResultTypes());
  for (Region *region : {&getThenRegion(), &getElseRegion()})
    if (failed(checkArguments(*this, region->front(), arguments)) ||
        failed(checkYield(*this, region->front(), results)))
      return failure();
  return success();
}

} // namespace nnc::nn
