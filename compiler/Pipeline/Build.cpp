/// Which passes lead to which stage, and what tools register.
#include "compiler/Buffers/Passes.h"
#include "compiler/Emit/Passes.h"
#include "compiler/LLVM/Passes.h"
#include "compiler/Pipeline/Pipeline.h"
#include "compiler/Pipeline/Tensors.h"
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
    return buildRaisedPipeline(manager, options);
  case Stage::estimated:
    return buildEstimatedPipeline(manager, options);
  case Stage::differentiated:
    return buildDifferentiatedPipeline(manager, options);
  case Stage::fused:
    return buildFusedPipeline(manager, options);
  case Stage::buffers:
    return buildBuffersPipeline(manager, options);
  case Stage::loops:
    return buildLoopsPipeline(manager, options);
  case Stage::llvm:
    return buildLLVMPipeline(manager, options);
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
