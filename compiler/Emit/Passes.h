/// Passes of stage loops.
#ifndef NNC_COMPILER_EMIT_PASSES_H
#define NNC_COMPILER_EMIT_PASSES_H

#include "compiler/Stages/Options.h"
#include "dialects/sched/IR/Sched.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/Pass.h"

namespace nnc {

#define GEN_PASS_DECL
#include "compiler/Emit/Passes.h.inc"

/// Appends everything that leads from stage buffers to stage loops.
void buildLoopsPipeline(mlir::OpPassManager &manager, const Options &options);

#define GEN_PASS_REGISTRATION
#include "compiler/Emit/Passes.h.inc"

} // namespace nnc

#endif
