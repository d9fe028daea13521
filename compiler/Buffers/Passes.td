// From stage fused to stage buffers.
#ifndef NNC_COMPILER_BUFFERS_PASSES_TD
#define NNC_COMPILER_BUFFERS_PASSES_TD

include "mlir/Pass/PassBase.td"

def PlanBuffers : Pass<"nn-plan-buffers", "::mlir::func::FuncOp"> {
  let summary = "give every tensor of the schedule a place in memory";
  let description = [{
    Arguments and results become memref arguments after the arena; a result that replaces an argument is written over it. Every
    other tensor has a place in the arena from the first kernel that writes it to the last that reads it. Values carried by a
    loop, tensors that nn.put changes, and elementwise results share the buffer of what they replace where nothing reads that
    afterwards.
  }];
  let options = [Option<"reuse", "reuse", "bool", "true", "false: every tensor has memory of its own">];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::arith::ArithDialect"];
}

#endif
