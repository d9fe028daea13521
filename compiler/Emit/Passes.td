// From stage buffers to stage loops.
#ifndef NNC_COMPILER_EMIT_PASSES_TD
#define NNC_COMPILER_EMIT_PASSES_TD

include "mlir/Pass/PassBase.td"

def EmitKernels : Pass<"nn-emit-kernels", "::mlir::ModuleOp"> {
  let summary = "outline kernels as functions of loops and vectors, and launch them";
  let description = [{
    Each sched.kernel becomes a private function `kernel_N(buffers.., task, scratch)` written by the emitter of its family, and an
    sched.launch of it; kernels equal but for their locations share one function. Loops and branches of the schedule become scf;
    every function takes the runtime's context as its second argument and returns 0 or the number of a failed assertion.
  }];
  let options = [Option<"cpu", "cpu", "std::string", "\"native\"", "processor as LLVM names it">,
                 Option<"microkernels", "microkernels", "bool", "true", "false: contractions through the generic path">];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect",
                           "::mlir::cf::ControlFlowDialect", "::mlir::vector::VectorDialect", "::mlir::math::MathDialect",
                           "::mlir::LLVM::LLVMDialect"];
}

#endif
