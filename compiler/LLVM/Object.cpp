#include "compiler/LLVM/Object.h"
#include "dialects/learn/IR/Learn.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

namespace nnc {

CpuFeatures resolveCpu(llvm::StringRef cpu) {
  if (cpu != "native")
    return {cpu.str(), ""};
  std::string features;
  for (const auto &feature : llvm::sys::getHostCPUFeatures()) {
    if (!features.empty())
      features += ",";
    features += (feature.second ? "+" : "-") + feature.first().str();
  }
  return {llvm::sys::getHostCPUName().str(), features};
}

static std::unique_ptr<llvm::TargetMachine> makeTargetMachine(mlir::ModuleOp module,
                                                              const CodeOptions &options) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  llvm::Triple triple(llvm::sys::getDefaultTargetTriple());
  std::string message;
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, message);
  if (!target) {
    module.emitError() << "no code generator for " << triple.str() << ": " << message;
    return nullptr;
  }
  CpuFeatures cpu = resolveCpu(options.cpu);
  llvm::TargetOptions targetOptions;
  // Contraction of a * b + c into one rounding is decided by the emitters, not here.
  targetOptions.AllowFPOpFusion = llvm::FPOpFusion::Standard;
  return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(
      triple, cpu.cpu, cpu.features, targetOptions, llvm::Reloc::PIC_, std::nullopt,
      options.optimize ? llvm::CodeGenOptLevel::Aggressive : llvm::CodeGenOptLevel::Less));
}

static void optimizeModule(llvm::Module &module, llvm::TargetMachine &machine, bool optimize) {
  llvm::PipelineTuningOptions tuning;
  // The emitters choose vectors and unrolling; LLVM's own choices would only undo them.
  tuning.LoopVectorization = false;
  tuning.SLPVectorization = false;
  tuning.LoopUnrolling = optimize;
  llvm::PassBuilder builder(&machine, tuning);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager graph;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graph, modules);
  builder
      .buildPerModuleDefaultPipeline(optimize ? llvm::OptimizationLevel::O3
                                              : llvm::OptimizationLevel::O1)
      .run(module, modules);
}

llvm::LogicalResult emitCode(mlir::ModuleOp module, const CodeOptions &options, CodeKind kind,
                             llvm::raw_pwrite_stream &out) {
  std::unique_ptr<llvm::TargetMachine> machine = makeTargetMachine(module, options);
  if (!machine)
    return llvm::failure();
  // What the runtime interprets is in the program constant by now; it has no code.
  for (auto program : llvm::make_early_inc_range(module.getOps<learn::ProgramOp>()))
    program.erase();
  llvm::LLVMContext context;
  mlir::DialectRegistry registry;
  mlir::registerBuiltinDialectTranslation(registry);
  mlir::registerLLVMDialectTranslation(registry);
  module.getContext()->appendDialectRegistry(registry);
  std::unique_ptr<llvm::Module> code = mlir::translateModuleToLLVMIR(module, context);
  if (!code)
    return module.emitError("the module could not be translated to LLVM IR");
  code->setTargetTriple(machine->getTargetTriple());
  code->setDataLayout(machine->createDataLayout());
  CpuFeatures cpu = resolveCpu(options.cpu);
  for (llvm::Function &function : *code) {
    function.addFnAttr("target-cpu", cpu.cpu);
    if (!cpu.features.empty())
      function.addFnAttr("target-features", cpu.features);
    function.addFnAttr("prefer-vector-width", "512");
  }
  optimizeModule(*code, *machine, options.optimize);
  if (kind == CodeKind::LLVMIR) {
    code->print(out, nullptr);
    return llvm::success();
  }
  llvm::legacy::PassManager passes;
  auto type = kind == CodeKind::Assembly ? llvm::CodeGenFileType::AssemblyFile
                                         : llvm::CodeGenFileType::ObjectFile;
  if (machine->addPassesToEmitFile(passes, out, nullptr, type))
    return module.emitError("this target cannot emit code of that kind");
  passes.run(*code);
  return llvm::success();
}

} // namespace nnc
