// Which passes lead to which stage.
#include "compiler/Buffers/Passes.h"
#include "compiler/Emit/Passes.h"
#include "compiler/LLVM/Passes.h"
#include "compiler/Pipeline/Pipeline.h"
#include "compiler/Schedule/Passes.h"
#include "dialects/InitAllDialects.h"
#include "dialects/learn/Transforms/Passes.h"
#include "dialects/nn/Transforms/Passes.h"
#include "dialects/prob/Transforms/Passes.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Index/IR/IndexDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

namespace nnc {

llvm::ArrayRef<OptionalPass> optionalPasses() {
  static const OptionalPass passes[] = {
      {"prob-raise", "names log densities that are single ops: cross entropy"},
      {"nn-simplify",
       "folds transposes into contractions, names sums of products, reads one-hot rows"},
      {"nn-raise-attention", "names attention however it is spelled"},
      {"nn-scan-inputs", "reads a scan's x[t] as a stacked input"},
      {"nn-scan-split",
       "computes what no turn of a scan waits for outside of it, for all turns at once"},
      {"nn-gather-windows", "writes the gradient of a convolution's input as a convolution"},
      {"nn-reciprocals", "multiplies by the reciprocal of what divides many elements"},
      {"nn-attention-kernels", "emits attention as one kernel that stores no scores"},
      {"nn-reuse-buffers", "lets values that are not alive together share memory"},
      {"nn-form-kernels", "fuses tensor ops into kernels"},
      {"microkernels", "emits contractions with packed operands and register tiles"},
  };
  return passes;
}

namespace {

/// Adds passes to functions; optional ones only if the user has not left them out.
struct FunctionPasses {
  FunctionPasses(mlir::OpPassManager &manager, const Options &options)
      : manager(manager.nest<mlir::func::FuncOp>()), options(options) {}

  void add(std::unique_ptr<mlir::Pass> pass) { manager.addPass(std::move(pass)); }
  void addOptional(std::unique_ptr<mlir::Pass> pass) {
    if (options.optimize && !llvm::is_contained(options.disabledPasses, pass->getArgument()))
      add(std::move(pass));
  }
  void clean() {
    add(mlir::createCanonicalizerPass());
    add(mlir::createCSEPass());
  }

  mlir::OpPassManager &manager;
  const Options &options;
};

void buildRaised(mlir::OpPassManager &manager, const Options &options) {
  FunctionPasses passes(manager, options);
  passes.add(nn::createFoldEmpty());
  passes.clean();
  passes.add(nn::createCheckDivisors());
  passes.addOptional(prob::createProbRaise());
  passes.add(nn::createNameFormulas());
  nn::SimplifyOptions simplify;
  simplify.remarks = options.remarks;
  passes.addOptional(nn::createSimplify(simplify));
  passes.clean();
  passes.add(nn::createNameFormulas()); // Of products that were found now.
  nn::RaiseAttentionOptions attention;
  attention.remarks = options.remarks;
  passes.addOptional(nn::createRaiseAttention(attention));
  passes.addOptional(nn::createScanInputs());
}

void buildEstimated(mlir::OpPassManager &manager, const Options &options) {
  FunctionPasses passes(manager, options);
  passes.add(nn::createFoldEmpty());
  passes.add(prob::createEstimate());
  passes.clean();
  manager.addPass(learn::createHoldStopped());
  FunctionPasses scans(manager, options); // After the module's pass.
  if (options.memoryLimit) {
    learn::CheckpointScansOptions checkpoint;
    checkpoint.limit = *options.memoryLimit;
    checkpoint.remarks = options.remarks;
    scans.add(learn::createCheckpointScans(checkpoint));
  }
  nn::ScanSplitOptions split;
  split.remarks = options.remarks;
  scans.addOptional(nn::createScanSplit(split));
  scans.clean();
}

void buildDifferentiated(mlir::OpPassManager &manager, const Options &options) {
  FunctionPasses passes(manager, options);
  passes.add(learn::createDifferentiate());
  passes.add(nn::createFoldEmpty());
  passes.clean();
  passes.addOptional(nn::createSimplify());
  passes.clean();
}

} // namespace

void registerDialects(mlir::DialectRegistry &registry) {
  registerNNCDialects(registry);
  registry.insert<mlir::arith::ArithDialect, mlir::cf::ControlFlowDialect, mlir::func::FuncDialect,
                  mlir::index::IndexDialect, mlir::LLVM::LLVMDialect, mlir::math::MathDialect,
                  mlir::memref::MemRefDialect, mlir::scf::SCFDialect, mlir::ub::UBDialect,
                  mlir::vector::VectorDialect>();
}

void buildStage(Stage stage, mlir::OpPassManager &manager, const Options &options) {
  switch (stage) {
  case Stage::raised:
    return buildRaised(manager, options);
  case Stage::estimated:
    return buildEstimated(manager, options);
  case Stage::differentiated:
    return buildDifferentiated(manager, options);
  case Stage::fused:
    return buildFusedPipeline(manager, options);
  case Stage::buffers:
    return buildBuffersPipeline(manager, options);
  case Stage::loops:
    return buildLoopsPipeline(manager, options);
  case Stage::llvm:
    return buildLLVMPipeline(manager, options.cpu);
  default:
    return; // Before nn there is no module, after llvm none is left.
  }
}

void registerPassesAndPipelines() {
  nn::registerNNPasses();
  prob::registerProbPasses();
  learn::registerLearnPasses();
  registerSchedulePasses();
  registerBuffersPasses();
  registerEmitPasses();
  registerLLVMPasses();
  mlir::registerTransformsPasses();
  mlir::registerConversionPasses();
  mlir::memref::registerMemRefPasses();
  for (const StageInfo &info : allStages())
    if (isModuleStage(info.stage) && info.stage != Stage::nn)
      new mlir::PassPipelineRegistration<>( // Registered for the life of the tool.
          ("to-" + info.name).str(), ("To stage " + info.name + ": " + info.holds).str(),
          [stage = info.stage](mlir::OpPassManager &manager) {
            buildStage(stage, manager, Options());
          });
}

} // namespace nnc
