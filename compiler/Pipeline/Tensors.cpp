/// From stage nn to stage differentiated.
#include "compiler/Pipeline/Tensors.h"
#include "dialects/learn/Transforms/Passes.h"
#include "dialects/nn/Transforms/Passes.h"
#include "dialects/prob/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/Passes.h"

namespace nnc {

static void clean(mlir::OpPassManager &functions) {
  functions.addPass(mlir::createCanonicalizerPass());
  functions.addPass(mlir::createCSEPass());
}

void buildRaisedPipeline(mlir::OpPassManager &manager, const Options &options) {
  mlir::OpPassManager &functions = manager.nest<mlir::func::FuncOp>();
  functions.addPass(nn::createFoldEmpty());
  clean(functions);
  functions.addPass(nn::createCheckDivisors());
  if (options.has(Optimisation::raiseLikelihoods))
    functions.addPass(prob::createProbRaise());
  functions.addPass(nn::createNameFormulas());
  nn::SimplifyOptions simplify;
  simplify.remarks = options.remarks;
  if (options.has(Optimisation::simplify))
    functions.addPass(nn::createSimplify(simplify));
  clean(functions);
  functions.addPass(nn::createNameFormulas()); // Of products that were found now.
  nn::RaiseAttentionOptions attention;
  attention.remarks = options.remarks;
  if (options.has(Optimisation::raiseAttention))
    functions.addPass(nn::createRaiseAttention(attention));
  if (options.has(Optimisation::scanInputs))
    functions.addPass(nn::createScanInputs());
}

void buildEstimatedPipeline(mlir::OpPassManager &manager, const Options &options) {
  mlir::OpPassManager &draws = manager.nest<mlir::func::FuncOp>();
  draws.addPass(nn::createFoldEmpty());
  draws.addPass(prob::createEstimate());
  clean(draws);
  manager.addPass(learn::createHoldStopped());
  mlir::OpPassManager &scans = manager.nest<mlir::func::FuncOp>(); // After the module's pass.
  if (options.memoryLimit) {
    learn::CheckpointScansOptions checkpoint;
    checkpoint.limit = *options.memoryLimit;
    checkpoint.remarks = options.remarks;
    scans.addPass(learn::createCheckpointScans(checkpoint));
  }
  nn::ScanSplitOptions split;
  split.remarks = options.remarks;
  if (options.has(Optimisation::scanSplit))
    scans.addPass(nn::createScanSplit(split));
  clean(scans);
}

void buildDifferentiatedPipeline(mlir::OpPassManager &manager, const Options &options) {
  mlir::OpPassManager &functions = manager.nest<mlir::func::FuncOp>();
  functions.addPass(learn::createDifferentiate());
  functions.addPass(nn::createFoldEmpty());
  clean(functions);
  if (options.has(Optimisation::simplify))
    functions.addPass(nn::createSimplify());
  clean(functions);
}

} // namespace nnc
