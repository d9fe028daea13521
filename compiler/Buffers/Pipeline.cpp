#include "compiler/Buffers/Passes.h"
#include "mlir/Pass/PassManager.h"

namespace nnc {

void buildBuffersPipeline(mlir::OpPassManager &manager, const Options &options) {
  PlanBuffersOptions plan;
  plan.reuse = options.optimize && !llvm::is_contained(options.disabledPasses, "nn-reuse-buffers");
  manager.addNestedPass<mlir::func::FuncOp>(createPlanBuffers(plan));
}

} // namespace nnc
