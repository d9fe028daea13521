/// Passes of stage buffers.
#ifndef NNC_COMPILER_BUFFERS_PASSES_H
#define NNC_COMPILER_BUFFERS_PASSES_H

#include "compiler/Stages/Options.h"
#include "dialects/sched/IR/Sched.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Pass/Pass.h"

namespace nnc {

#define GEN_PASS_DECL
#include "compiler/Buffers/Passes.h.inc"

/// Appends everything that leads from stage fused to stage buffers.
void buildBuffersPipeline(mlir::OpPassManager &manager, const Options &options);

#define GEN_PASS_REGISTRATION
#include "compiler/Buffers/Passes.h.inc"

} // namespace nnc

#endif
