/// From stage loops to stage llvm.
#include "compiler/LLVM/Passes.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

namespace nnc {

/// What needs one function only runs on all of them at once.
static void convertBodies(mlir::OpPassManager &functions) {
  functions.addPass(mlir::createCanonicalizerPass());
  functions.addPass(mlir::createCSEPass());
  functions.addPass(mlir::memref::createExpandStridedMetadataPass());
  functions.addPass(mlir::createLowerAffinePass());
  functions.addPass(mlir::createSCFToControlFlowPass());
  functions.addPass(mlir::createConvertVectorToLLVMPass());
  functions.addPass(mlir::createConvertMathToLLVMPass());
}

void buildLLVMPipeline(mlir::OpPassManager &manager, const Options &options) {
  LowerLaunchOptions lower;
  lower.cpu = options.cpu;
  manager.addPass(createLowerLaunch(lower));
  convertBodies(manager.nest<mlir::func::FuncOp>());
  manager.addPass(mlir::createConvertMathToLibmPass()); // Declares functions in the module.
  mlir::ConvertFuncToLLVMPassOptions signatures;
  // Every memref of a program is dense or a plain view, so a pointer says it all.
  signatures.useBarePtrCallConv = true;
  manager.addPass(mlir::createConvertFuncToLLVMPass(signatures));
  manager.addPass(mlir::createFinalizeMemRefToLLVMConversionPass());
  mlir::OpPassManager &bodies = manager.nest<mlir::LLVM::LLVMFuncOp>();
  bodies.addPass(mlir::createConvertIndexToLLVMPass());
  bodies.addPass(mlir::createArithToLLVMConversionPass());
  bodies.addPass(mlir::createUBToLLVMConversionPass());
  manager.addPass(mlir::createConvertControlFlowToLLVMPass());
  manager.nest<mlir::LLVM::LLVMFuncOp>().addPass(mlir::createReconcileUnrealizedCastsPass());
  manager.addPass(createFinishProgram());
}

} // namespace nnc
