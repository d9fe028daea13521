/// From stage fused to stage buffers.
#include "compiler/Buffers/Passes.h"
#include "mlir/Pass/PassManager.h"

namespace nnc {

void buildBuffersPipeline(mlir::OpPassManager &manager, const Options &options) {
  PlanBuffersOptions plan;
  plan.reuse = options.has(Optimisation::reuseBuffers);
  manager.addNestedPass<mlir::func::FuncOp>(createPlanBuffers(plan));
}

} // namespace nnc
