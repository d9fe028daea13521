/// The edge from the syntax tree to stage nn: checks the program and makes its functions and its
/// schedule.
#ifndef NNC_COMPILER_PROGRAM_TRANSLATE_H
#define NNC_COMPILER_PROGRAM_TRANSLATE_H

#include "compiler/Stages/Options.h"
#include "compiler/Syntax/AST.h"
#include "compiler/Syntax/Diagnostics.h"
#include "mlir/IR/BuiltinOps.h"

namespace llvm {
class SourceMgr;
}

namespace nnc {

/// The module of a program: one function for each thing that the runtime calls, and learn.program.
/// Null if `diagnostics` has errors.
mlir::OwningOpRef<mlir::ModuleOp> translateToNN(const ast::File &file, llvm::SourceMgr &sources,
                                                Diagnostics &diagnostics,
                                                mlir::MLIRContext &context, const Options &options);

} // namespace nnc

#endif
