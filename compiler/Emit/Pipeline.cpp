/// From stage buffers to stage loops.
#include "compiler/Emit/Passes.h"
#include "mlir/Pass/PassManager.h"

namespace nnc {

void buildLoopsPipeline(mlir::OpPassManager &manager, const Options &options) {
  EmitKernelsOptions emit;
  emit.cpu = options.cpu;
  emit.microkernels = options.has(Optimisation::microkernels);
  manager.addPass(createEmitKernels(emit));
}

} // namespace nnc
