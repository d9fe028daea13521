/// The pipelines of the stages on tensors, whose passes are the dialects' own.
#ifndef NNC_COMPILER_PIPELINE_TENSORS_H
#define NNC_COMPILER_PIPELINE_TENSORS_H

#include "compiler/Stages/Options.h"
#include "mlir/Pass/PassManager.h"

namespace nnc {

/// Append everything that leads from stage nn to stage raised, from there to stage estimated, and
/// from there to stage differentiated.
void buildRaisedPipeline(mlir::OpPassManager &manager, const Options &options);
void buildEstimatedPipeline(mlir::OpPassManager &manager, const Options &options);
void buildDifferentiatedPipeline(mlir::OpPassManager &manager, const Options &options);

} // namespace nnc

#endif
