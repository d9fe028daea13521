/// Verifiers of the schedule's control and launches.
#include "dialects/sched/IR/Verify.h"
#include "dialects/sched/IR/Sched.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace nnc::sched {

LogicalResult checkBlock(Operation *op, Block &block, ArrayRef<Type> arguments,
                         ArrayRef<Type> yields) {
  auto refuse = [&](StringRef what, ArrayRef<Type> types) -> LogicalResult {
    InFlightDiagnostic error = op->emitOpError("expected a region that ") << what << " (";
    llvm::interleaveComma(types, error);
    return error << ")";
  };
  if (!llvm::equal(block.getArgumentTypes(), arguments))
    return refuse("takes", arguments);
  auto yield = dyn_cast<YieldOp>(block.back());
  if (!yield || !llvm::equal(yield.getValues().getTypes(), yields))
    return refuse("yields", yields);
  return success();
}

LogicalResult LoopOp::verify() {
  if (int64_t(getLength()) < 0)
    return emitOpError("has a negative length");
  if (!getBounds().empty() && getBounds().size() != 2)
    return emitOpError("takes no bounds or two");
  if (getIteration()) {
    if (getNumResults() || !getInits().empty())
      return emitOpError("carries nothing on memory");
    if (isOnTensors(getBounds().getTypes()))
      return emitOpError("has bounds in memory where its iteration is");
    if (getUntil() != bool(getStop()))
      return emitOpError("has until and stop on memory, or neither");
    return checkBlock(*this, *getBlock(), {}, {});
  }
  if (getStop() || isOnMemory(getBounds().getTypes()))
    return emitOpError("on memory needs an iteration");
  SmallVector<Type> arguments{RankedTensorType::get({}, IntegerType::get(getContext(), 32))};
  llvm::append_range(arguments, getInits().getTypes());
  SmallVector<Type> yields(getInits().getTypes());
  if (!llvm::equal(getResultTypes(), yields))
    return emitOpError("returns every carried value, of its type");
  if (getUntil())
    yields.push_back(RankedTensorType::get({}, IntegerType::get(getContext(), 1)));
  return checkBlock(*this, *getBlock(), arguments, yields);
}

LogicalResult BranchOp::verify() {
  if (getNumResults() && isOnMemory(getCondition().getType()))
    return emitOpError("returns nothing on memory");
  SmallVector<Type> results(getResultTypes());
  for (Region *region : {&getThenRegion(), &getElseRegion()})
    if (failed(checkBlock(*this, region->front(), {}, results)))
      return failure();
  return success();
}

LogicalResult LaunchOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto kernel = symbols.lookupNearestSymbolFrom<func::FuncOp>(*this, getKernelAttr());
  if (!kernel || kernel.isExternal() || !kernel->hasAttr("nn.kernel"))
    return emitOpError("'") << getKernel() << "' is no kernel";
  if (kernel.getNumArguments() != getArguments().size() + 2)
    return emitOpError("passes ") << getArguments().size() << " buffers to '" << getKernel()
                                  << "', which takes " << int64_t(kernel.getNumArguments()) - 2;
  if (!llvm::equal(getArguments().getTypes(), kernel.getArgumentTypes().drop_back(2)))
    return emitOpError("passes buffers to '") << getKernel() << "' of other types than it takes";
  return success();
}

} // namespace nnc::sched
