/// From stage differentiated to stage fused.
#include "compiler/Schedule/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace nnc {

void buildFusedPipeline(OpPassManager &manager, const Options &options) {
  OpPassManager &functions = manager.nest<func::FuncOp>();
  functions.addPass(createLowerScan());
  DecomposeRowsOptions rows;
  rows.attention = !options.has(Optimisation::attentionKernels);
  functions.addPass(createDecomposeRows(rows));
  functions.addPass(createCanonicalizerPass());
  functions.addPass(createCSEPass());
  if (options.has(Optimisation::gatherWindows))
    functions.addPass(createGatherWindows());
  if (options.has(Optimisation::reciprocals))
    functions.addPass(createReciprocals());
  functions.addPass(createNaturalContractions());
  functions.addPass(createSplitReductions());
  functions.addPass(createCanonicalizerPass());
  functions.addPass(createCSEPass());
  FormKernelsOptions kernels;
  kernels.fuse = options.has(Optimisation::formKernels);
  kernels.remarks = options.remarks;
  functions.addPass(createFormKernels(kernels));
}

} // namespace nnc
