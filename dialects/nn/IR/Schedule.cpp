/// Verifiers of the schedule's ops.
#include "dialects/nn/IR/NN.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace nnc::nn;

LogicalResult LoopOp::verify() {
  if (getLength() < 0)
    return emitOpError("has a negative length");
  if (!getBounds().empty() && getBounds().size() != 2)
    return emitOpError("takes no bounds or two");
  Operation *yield = getBlock()->getTerminator();
  if (getTurn()) {
    if (getNumResults() || !getInits().empty() || yield->getNumOperands())
      return emitOpError("carries nothing on buffers");
    return success();
  }
  if (getBlock()->getNumArguments() != 1 + getInits().size())
    return emitOpError("needs a turn and one region argument a carried value");
  if (getNumResults() != getInits().size() ||
      yield->getNumOperands() != getInits().size() + (getUntil() ? 1 : 0))
    return emitOpError("must yield and return every carried value");
  for (auto [k, init] : llvm::enumerate(getInits()))
    if (init.getType() != getResult(k).getType() ||
        init.getType() != yield->getOperand(k).getType() ||
        init.getType() != getBlock()->getArgument(1 + k).getType())
      return emitOpError("carries value ") << k << " with different types";
  return success();
}

LogicalResult LaunchOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto kernel = symbols.lookupNearestSymbolFrom<func::FuncOp>(*this, getKernelAttr());
  if (!kernel)
    return emitOpError("refers to no function '") << getKernel() << "'";
  if (kernel.getNumArguments() != getArguments().size() + 2)
    return emitOpError("passes ") << getArguments().size() << " buffers to '" << getKernel()
                                  << "', which takes " << kernel.getNumArguments() - 2;
  return success();
}
