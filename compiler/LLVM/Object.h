/// From the LLVM dialect to assembly or object code, for one CPU.
#ifndef NNC_COMPILER_LLVM_OBJECT_H
#define NNC_COMPILER_LLVM_OBJECT_H

#include "compiler/Stages/Options.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/raw_ostream.h"

namespace nnc {

enum class CodeKind { Assembly, Object };

/// Translates, optimises (-O3, or -O1 without `optimize`) and writes code for the options' CPU.
/// Emits an error on the module if it cannot.
llvm::LogicalResult emitCode(mlir::ModuleOp module, const Options &options, CodeKind kind,
                             llvm::raw_pwrite_stream &out);

/// The same as object files, compiled side by side: one for each stream. Every function is in one
/// of them.
llvm::LogicalResult emitObjects(mlir::ModuleOp module, const Options &options,
                                llvm::ArrayRef<llvm::raw_pwrite_stream *> outs);

} // namespace nnc

#endif
