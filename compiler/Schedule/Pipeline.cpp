#include "compiler/Schedule/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace nnc {

void buildFusedPipeline(OpPassManager &manager, const Options &options) {
  auto enabled = [&](llvm::StringRef name) {
    return options.optimize && !llvm::is_contained(options.disabledPasses, name);
  };
  OpPassManager &functions = manager.nest<func::FuncOp>();
  functions.addPass(createLowerScan());
  DecomposeRowsOptions rows;
  rows.attention = !enabled("nn-attention-kernels");
  functions.addPass(createDecomposeRows(rows));
  functions.addPass(createCanonicalizerPass());
  functions.addPass(createCSEPass());
  if (enabled("nn-gather-windows"))
    functions.addPass(createGatherWindows());
  if (enabled("nn-reciprocals"))
    functions.addPass(createReciprocals());
  functions.addPass(createNaturalContractions());
  functions.addPass(createSplitReductions());
  functions.addPass(createCanonicalizerPass());
  functions.addPass(createCSEPass());
  FormKernelsOptions kernels;
  kernels.fuse = enabled("nn-form-kernels");
  kernels.remarks = options.remarks;
  functions.addPass(createFormKernels(kernels));
}

} // namespace nnc
