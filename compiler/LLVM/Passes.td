// From stage loops to stage llvm.
#ifndef NNC_COMPILER_LLVM_PASSES_TD
#define NNC_COMPILER_LLVM_PASSES_TD

include "mlir/Pass/PassBase.td"

def LowerLaunch : Pass<"nn-lower-launch", "::mlir::ModuleOp"> {
  let summary = "turn sched.launch into calls";
  let description = [{
    A launch becomes a call of a function declared per kernel and task count, so that the conversion to LLVM treats its buffers like
    any other argument. Notes on the module what nn-finish-program needs: the functions of the runtime's table, and the texts that the
    runtime reads, the program constant among them.
  }];
  let options = [Option<"cpu", "cpu", "std::string", "\"native\"", "processor as LLVM names it">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::func::FuncDialect", "::mlir::LLVM::LLVMDialect"];
}

def FinishProgram : Pass<"nn-finish-program", "::mlir::ModuleOp"> {
  let summary = "make the tables that the runtime reads";
  let description = [{
    Defines the launch functions, an entry of the runtime's signature for every program function, the table of entries and the texts.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif
