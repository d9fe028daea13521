/// Passes of stage llvm.
#ifndef NNC_COMPILER_LLVM_PASSES_H
#define NNC_COMPILER_LLVM_PASSES_H

#include "compiler/Stages/Options.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Pass/Pass.h"

namespace nnc {

#define GEN_PASS_DECL
#include "compiler/LLVM/Passes.h.inc"

/// Appends everything that leads from stage loops to stage llvm.
void buildLLVMPipeline(mlir::OpPassManager &manager, const Options &options);

#define GEN_PASS_REGISTRATION
#include "compiler/LLVM/Passes.h.inc"

} // namespace nnc

#endif
