#include "test/Emit/Jit.h"
#include "dialects/sched/IR/Sched.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;

namespace nnc {

/// Launches as loops over tasks on the calling thread.
static void lowerLaunches(ModuleOp module) {
  module.walk([](sched::LaunchOp launch) {
    OpBuilder b(launch);
    Location loc = launch.getLoc();
    auto parent = launch->getParentOfType<func::FuncOp>();
    OpBuilder start = OpBuilder::atBlockBegin(&parent.getBody().front());
    auto bytes = MemRefType::get({int64_t(launch.getScratch())}, b.getI8Type());
    Value scratch = memref::AllocaOp::create(start, loc, bytes, start.getI64IntegerAttr(64));
    auto constant = [&](int64_t v) {
      return arith::ConstantIndexOp::create(b, loc, v).getResult();
    };
    auto loop = scf::ForOp::create(b, loc, constant(0), constant(launch.getTasks()), constant(1));
    b.setInsertionPointToStart(loop.getBody());
    // Last task first: nothing may depend on the order.
    Value task = arith::SubIOp::create(b, loc, constant(int64_t(launch.getTasks()) - 1),
                                       loop.getInductionVar());
    SmallVector<Value> operands(launch.getArguments());
    operands.append({task, scratch});
    func::CallOp::create(b, loc, launch.getKernel(), TypeRange(), operands);
    launch.erase();
  });
}

static LogicalResult lowerToLlvm(ModuleOp module) {
  lowerLaunches(module);
  PassManager manager(module.getContext());
  manager.addPass(memref::createExpandStridedMetadataPass());
  manager.addPass(createLowerAffinePass());
  manager.addPass(createSCFToControlFlowPass());
  manager.addPass(createConvertVectorToLLVMPass());
  ConvertFuncToLLVMPassOptions functions;
  functions.useBarePtrCallConv = true;
  manager.addPass(createConvertFuncToLLVMPass(functions));
  manager.addPass(createFinalizeMemRefToLLVMConversionPass());
  manager.addPass(createConvertMathToLLVMPass());
  manager.addPass(createConvertMathToLibmPass());
  manager.addPass(createConvertFuncToLLVMPass(functions));
  manager.addPass(createConvertIndexToLLVMPass());
  manager.addPass(createArithToLLVMConversionPass());
  manager.addPass(createConvertControlFlowToLLVMPass());
  manager.addPass(createUBToLLVMConversionPass());
  manager.addPass(createReconcileUnrealizedCastsPass());
  return manager.run(module);
}

/// call.NAME(arena, buffers): unpacks the array.
static void addEntries(llvm::Module &module) {
  llvm::SmallVector<llvm::Function *> functions;
  for (llvm::Function &function : module)
    if (!function.isDeclaration() && function.getReturnType()->isIntegerTy(32))
      functions.push_back(&function);
  auto *pointer = llvm::PointerType::get(module.getContext(), 0);
  for (llvm::Function *function : functions) {
    auto *type = llvm::FunctionType::get(function->getReturnType(), {pointer, pointer}, false);
    auto *entry = llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage,
                                         "call." + function->getName(), module);
    llvm::IRBuilder<> b(llvm::BasicBlock::Create(module.getContext(), "", entry));
    llvm::SmallVector<llvm::Value *> arguments{entry->getArg(0),
                                               llvm::ConstantPointerNull::get(pointer)};
    for (unsigned k = 0; k + 2 < function->arg_size(); ++k)
      arguments.push_back(
          b.CreateLoad(pointer, b.CreateConstGEP1_32(pointer, entry->getArg(1), k)));
    b.CreateRet(b.CreateCall(function, arguments));
  }
}

static void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager graphs;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graphs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graphs, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3).run(module, modules);
}

llvm::Expected<std::unique_ptr<Jit>> Jit::create(ModuleOp module, const std::string &cpu,
                                                 const std::string &features, bool printIr) {
  auto fail = [](const char *text) {
    return llvm::createStringError(llvm::inconvertibleErrorCode(), text);
  };
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  registerBuiltinDialectTranslation(*module.getContext());
  registerLLVMDialectTranslation(*module.getContext());
  if (failed(lowerToLlvm(module)))
    return fail("lowering to the LLVM dialect failed");
  auto context = std::make_unique<llvm::LLVMContext>();
  auto llvmModule = translateModuleToLLVMIR(module, *context);
  if (!llvmModule)
    return fail("translation to LLVM IR failed");
  llvm::orc::JITTargetMachineBuilder target(
      llvm::Triple(llvm::Triple::normalize("x86_64-unknown-linux-gnu")));
  target.setCPU(cpu);
  llvm::SmallVector<llvm::StringRef> list;
  llvm::StringRef(features).split(list, ',', -1, false);
  for (llvm::StringRef feature : list)
    target.addFeatures({feature.str()});
  target.setCodeGenOptLevel(llvm::CodeGenOptLevel::Aggressive);
  auto machine = target.createTargetMachine();
  if (!machine)
    return machine.takeError();
  llvmModule->setTargetTriple((*machine)->getTargetTriple());
  llvmModule->setDataLayout((*machine)->createDataLayout());
  addEntries(*llvmModule);
  for (llvm::Function &function : *llvmModule)
    if (!function.isDeclaration()) {
      function.addFnAttr("target-cpu", cpu);
      function.addFnAttr("target-features", features);
    }
  optimize(*llvmModule, **machine);
  if (printIr)
    llvmModule->print(llvm::errs(), nullptr);
  auto jit = llvm::orc::LLJITBuilder().setJITTargetMachineBuilder(target).create();
  if (!jit)
    return jit.takeError();
  if (auto error = (*jit)->addIRModule(
          llvm::orc::ThreadSafeModule(std::move(llvmModule), std::move(context))))
    return std::move(error);
  auto generator = llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      (*jit)->getDataLayout().getGlobalPrefix());
  (*jit)->getMainJITDylib().addGenerator(std::move(*generator));
  auto result = std::make_unique<Jit>();
  result->jit = std::move(*jit);
  return result;
}

Jit::~Jit() = default;

int32_t Jit::call(const std::string &name, void *arena, llvm::ArrayRef<void *> buffers) {
  auto symbol = jit->lookup("call." + name);
  if (!symbol) {
    llvm::errs() << toString(symbol.takeError()) << "\n";
    abort();
  }
  auto *entry = symbol->toPtr<int32_t (*)(void *, void *const *)>();
  return entry(arena, buffers.data());
}

} // namespace nnc
