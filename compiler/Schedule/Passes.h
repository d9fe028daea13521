/// Passes of stage fused.
#ifndef NNC_COMPILER_SCHEDULE_PASSES_H
#define NNC_COMPILER_SCHEDULE_PASSES_H

#include "compiler/Stages/Options.h"
#include "dialects/sched/IR/Sched.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace nnc {

#define GEN_PASS_DECL
#include "compiler/Schedule/Passes.h.inc"

/// Appends everything that leads from stage differentiated to stage fused.
void buildFusedPipeline(mlir::OpPassManager &manager, const Options &options);

#define GEN_PASS_REGISTRATION
#include "compiler/Schedule/Passes.h.inc"

} // namespace nnc

#endif
