#include "compiler/LLVM/Passes.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

namespace nnc {

void buildLLVMPipeline(mlir::OpPassManager &manager, llvm::StringRef cpu) {
  manager.addPass(createLowerLaunchPass());
  manager.addNestedPass<mlir::func::FuncOp>(mlir::createCanonicalizerPass());
  manager.addNestedPass<mlir::func::FuncOp>(mlir::createCSEPass());
  manager.addPass(mlir::memref::createExpandStridedMetadataPass());
  manager.addPass(mlir::createLowerAffinePass());
  manager.addPass(mlir::createSCFToControlFlowPass());
  manager.addPass(mlir::createConvertVectorToLLVMPass());
  mlir::ConvertFuncToLLVMPassOptions functions;
  // Every memref of a program is dense or a plain view, so a pointer says it all.
  functions.useBarePtrCallConv = true;
  manager.addPass(mlir::createConvertFuncToLLVMPass(functions));
  manager.addPass(mlir::createFinalizeMemRefToLLVMConversionPass());
  manager.addPass(mlir::createConvertMathToLLVMPass());
  manager.addPass(mlir::createConvertMathToLibmPass());
  manager.addPass(mlir::createConvertFuncToLLVMPass(functions));
  manager.addPass(mlir::createConvertIndexToLLVMPass());
  manager.addPass(mlir::createArithToLLVMConversionPass());
  manager.addPass(mlir::createConvertControlFlowToLLVMPass());
  manager.addPass(mlir::createUBToLLVMConversionPass());
  manager.addPass(mlir::createReconcileUnrealizedCastsPass());
  manager.addPass(createFinishProgramPass(cpu.str()));
}

void registerLLVMPasses() {
  mlir::registerPass([] { return createLowerLaunchPass(); });
  mlir::registerPass([] { return createFinishProgramPass(); });
}

} // namespace nnc
