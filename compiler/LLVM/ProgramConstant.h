/// The program constant: what libnnrt reads, written from the ops of learn.program and the
/// functions of stage loops (runtime/contract/program.def is the table of both sides).
#ifndef NNC_COMPILER_LLVM_PROGRAMCONSTANT_H
#define NNC_COMPILER_LLVM_PROGRAMCONSTANT_H

#include "dialects/learn/IR/Learn.h"

namespace nnc {

/// The functions that the runtime calls, in the order of its table.
llvm::SmallVector<mlir::func::FuncOp> programFunctions(mlir::ModuleOp module);

/// The constant as JSON text.
std::string writeProgramConstant(learn::ProgramOp program, int64_t scratchBytes,
                                 llvm::StringRef cpu);

} // namespace nnc

#endif
