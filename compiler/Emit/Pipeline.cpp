#include "compiler/Emit/Passes.h"
#include "mlir/Pass/PassManager.h"

namespace nnc {

void buildLoopsPipeline(mlir::OpPassManager &manager, const Options &options) {
  EmitKernelsOptions emit;
  emit.cpu = options.cpu;
  emit.microkernels =
      options.optimize && !llvm::is_contained(options.disabledPasses, "microkernels");
  manager.addPass(createEmitKernels(emit));
}

} // namespace nnc
