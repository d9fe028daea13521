/// From loops to the LLVM dialect.
#ifndef NNC_COMPILER_LLVM_PASSES_H
#define NNC_COMPILER_LLVM_PASSES_H

#include "compiler/LLVM/ProgramConstant.h"
#include "mlir/Pass/Pass.h"

namespace nnc {

/// `nn-lower-launch`: nn.launch becomes a call of a function declared per kernel and task count, so
/// that the conversion to LLVM treats its buffers like any other argument. Notes on the module what
/// `nn-finish-program` needs.
std::unique_ptr<mlir::Pass> createLowerLaunchPass();

/// `nn-finish-program`: defines the launch functions, an entry of the runtime's signature for every
/// program function, the table of entries and the program constant.
std::unique_ptr<mlir::Pass> createFinishProgramPass(std::string cpu = "native");

/// Appends everything that leads from stage loops to stage llvm.
void buildLLVMPipeline(mlir::OpPassManager &manager, llvm::StringRef cpu);

void registerLLVMPasses();

} // namespace nnc

#endif
