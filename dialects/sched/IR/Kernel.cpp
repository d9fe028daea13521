/// What a kernel's region may hold: what the emitter of its family has code for.
#include "dialects/sched/IR/Sched.h"
#include "dialects/sched/IR/Verify.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;

namespace nnc::sched {

YieldOp KernelOp::getYield() { return cast<YieldOp>(getBlock()->getTerminator()); }

/// True for an op each element of whose result is computed alone, where it is read: kernels of
/// every family compute such ops around what they are built around.
static bool hasElements(Operation &op) {
  return isa<nn::NNDialect>(op.getDialect()) && op.getNumResults() == 1 && !op.getNumRegions() &&
         isMemoryEffectFree(&op) && !isa<nn::Composite>(op);
}

/// True for the op that a kernel of the family is built around where it has no elements.
static bool isCore(KernelFamily family, Operation &op) {
  switch (family) {
  case KernelFamily::elementwise:
  case KernelFamily::row:
  case KernelFamily::contraction:
  case KernelFamily::put:
  case KernelFamily::scatter:
  case KernelFamily::cumulative:
    return false;
  case KernelFamily::attention:
    return isa<nn::AttentionOp>(op);
  case KernelFamily::attention_grad:
    return isa<nn::AttentionGradOp>(op);
  case KernelFamily::sort:
    return isa<nn::TopKOp>(op);
  }
  llvm_unreachable("a kernel of no family");
}

/// The values that a kernel of the family yields.
static LogicalResult checkYields(KernelOp kernel, ArrayRef<Operation *> cores) {
  ValueRange yields = kernel.getYield().getValues();
  auto refuse = [&](StringRef what) {
    return kernel.emitOpError("of family ")
           << stringifyKernelFamily(kernel.getFamily()) << " must yield " << what;
  };
  switch (kernel.getFamily()) {
  case KernelFamily::elementwise:
  case KernelFamily::row:
  case KernelFamily::contraction:
  case KernelFamily::scatter:
  case KernelFamily::cumulative:
    return success();
  case KernelFamily::put: {
    auto put = yields[0].getDefiningOp<nn::PutOp>();
    if (yields.size() != 1 || !put || !isa<BlockArgument>(put.getX()))
      return refuse("one nn.put into an input");
    return success();
  }
  case KernelFamily::attention:
  case KernelFamily::attention_grad:
  case KernelFamily::sort: {
    llvm::SmallPtrSet<Value, 4> results;
    bool own = cores.size() == 1 && llvm::all_of(yields, [&](Value value) {
                 return value.getDefiningOp() == cores[0] && results.insert(value).second;
               });
    return own ? success() : refuse("results of its one op of that kind, each once");
  }
  }
  llvm_unreachable("a kernel of no family");
}

LogicalResult KernelOp::verify() {
  bool onTensors = getNumResults() || isOnTensors(getInputs().getTypes());
  bool onMemory = !getOutputs().empty() || isOnMemory(getInputs().getTypes());
  if (onTensors && onMemory)
    return emitOpError("has inputs and results on tensors, or inputs and outputs on memory");
  if (!getNumResults() && getOutputs().empty())
    return emitOpError("computes nothing");
  SmallVector<Type> arguments, yields;
  for (Type type : getInputs().getTypes())
    arguments.push_back(tensorType(type));
  for (Type type :
       getNumResults() ? TypeRange(getResultTypes()) : TypeRange(getOutputs().getTypes()))
    yields.push_back(tensorType(type));
  if (failed(checkBlock(*this, *getBlock(), arguments, yields)))
    return failure();
  SmallVector<Operation *> cores;
  for (Operation &op : getBlock()->without_terminator())
    if (isCore(getFamily(), op))
      cores.push_back(&op);
    else if (!hasElements(op))
      return op.emitError("'") << op.getName() << "' does not stand in a kernel of family "
                               << stringifyKernelFamily(getFamily());
  return checkYields(*this, cores);
}

} // namespace nnc::sched
