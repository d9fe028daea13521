/// Kernels as functions.
#ifndef NNC_COMPILER_EMIT_OUTLINE_H
#define NNC_COMPILER_EMIT_OUTLINE_H

#include "compiler/Emit/Element/Kernel.h"
#include "llvm/ADT/StringMap.h"

namespace nnc {

/// A kernel's function, which equal kernels share.
struct OutlinedKernel {
  mlir::func::FuncOp function;
  int64_t tasks = 1, scratch = 0;
};

/// Emits each different kernel once.
class Outliner {
public:
  Outliner(mlir::ModuleOp module, const Target &target, bool microkernels)
      : module(module), target(target), microkernels(microkernels) {}

  /// The function of a kernel on buffers. `parameterOf[i]` is the place among `types` of the i-th
  /// of its inputs and outputs, equal for buffers that are one.
  const OutlinedKernel &outline(sched::KernelOp kernel, llvm::ArrayRef<mlir::Type> types,
                                llvm::ArrayRef<unsigned> parameterOf);

private:
  std::string keyOf(sched::KernelOp kernel, llvm::ArrayRef<mlir::Type> types,
                    llvm::ArrayRef<unsigned> parameterOf);

  mlir::ModuleOp module;
  const Target &target;
  bool microkernels;
  llvm::StringMap<OutlinedKernel> known;
  unsigned count = 0;
};

} // namespace nnc

#endif
