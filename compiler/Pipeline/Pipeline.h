/// From one stage to the next: which passes run, in which order, and what is checked between them.
#ifndef NNC_COMPILER_PIPELINE_PIPELINE_H
#define NNC_COMPILER_PIPELINE_PIPELINE_H

#include "compiler/Stages/Options.h"
#include "compiler/Stages/Stages.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/Timing.h"

namespace nnc {

/// Registers every dialect, interface and translation that a stage needs.
void registerDialects(mlir::DialectRegistry &registry);
/// Registers the passes and one pipeline per stage ("--to-fused" ...) for nn-opt.
void registerPassesAndPipelines();

/// Appends the passes that lead from the stage before `stage` to it.
void buildStage(Stage stage, mlir::OpPassManager &manager, const Options &options);

/// Takes a module from stage `from` to stage `to`; both hold modules. Verifies after each pass,
/// checks at each boundary that every op is legal in the stage (Stages.def), writes dumps. Emits
/// errors at source locations; the failing pass is named. `time` gets a part for each stage.
llvm::LogicalResult runStages(mlir::ModuleOp module, Stage from, Stage to, const Options &options,
                              mlir::TimingScope &time);

} // namespace nnc

#endif
