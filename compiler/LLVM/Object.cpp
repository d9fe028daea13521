/// From the LLVM dialect to code: LLVM's own passes, for the CPU of the options.
#include "compiler/LLVM/Object.h"
#include "compiler/Target/Target.h"
#include "dialects/learn/IR/Learn.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/Transforms/Utils/SplitModule.h"
#include <atomic>
#include <thread>

namespace nnc {

static std::unique_ptr<llvm::TargetMachine> makeTargetMachine(mlir::ModuleOp module,
                                                              const Options &options) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  llvm::Triple triple(llvm::sys::getDefaultTargetTriple());
  std::string message;
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, message);
  if (!target) {
    module.emitError() << "no code generator for " << triple.str() << ": " << message;
    return nullptr;
  }
  Target cpu = Target::forCpu(options.cpu);
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

/// The module as LLVM IR for the machine's CPU, not yet optimised. Null after an error.
static std::unique_ptr<llvm::Module> translate(mlir::ModuleOp module, const Options &options,
                                               llvm::TargetMachine &machine,
                                               llvm::LLVMContext &context) {
  // What the runtime interprets is in the program constant by now; it has no code.
  for (auto program : llvm::make_early_inc_range(module.getOps<learn::ProgramOp>()))
    program.erase();
  mlir::DialectRegistry registry;
  mlir::registerBuiltinDialectTranslation(registry);
  mlir::registerLLVMDialectTranslation(registry);
  module.getContext()->appendDialectRegistry(registry);
  std::unique_ptr<llvm::Module> code = mlir::translateModuleToLLVMIR(module, context);
  if (!code) {
    module.emitError("the module could not be translated to LLVM IR");
    return nullptr;
  }
  // What the checks of MLIR let through in a dump that was edited.
  std::string message;
  llvm::raw_string_ostream reason(message);
  if (llvm::verifyModule(*code, &reason)) {
    module.emitError("the LLVM IR is not valid: ") << llvm::StringRef(message).split('\n').first;
    return nullptr;
  }
  code->setTargetTriple(machine.getTargetTriple());
  code->setDataLayout(machine.createDataLayout());
  Target cpu = Target::forCpu(options.cpu);
  for (llvm::Function &function : *code) {
    function.addFnAttr("target-cpu", cpu.cpu);
    function.addFnAttr("target-features", cpu.features);
    function.addFnAttr("prefer-vector-width", "512");
    // The runtime decides whether subnormal numbers are 0: so in f32 programs, but not in what
    // reads their data, which may share kernels with a step.
    function.addFnAttr("denormal-fp-math", "dynamic,dynamic");
  }
  return code;
}

/// Optimises a module and writes its code; false if the target cannot.
static bool generate(llvm::Module &code, llvm::TargetMachine &machine, bool optimize, CodeKind kind,
                     llvm::raw_pwrite_stream &out) {
  optimizeModule(code, machine, optimize);
  llvm::legacy::PassManager passes;
  auto type = kind == CodeKind::Assembly ? llvm::CodeGenFileType::AssemblyFile
                                         : llvm::CodeGenFileType::ObjectFile;
  if (machine.addPassesToEmitFile(passes, out, nullptr, type))
    return false;
  passes.run(code);
  return true;
}

llvm::LogicalResult emitCode(mlir::ModuleOp module, const Options &options, CodeKind kind,
                             llvm::raw_pwrite_stream &out) {
  llvm::LLVMContext context;
  std::unique_ptr<llvm::TargetMachine> machine = makeTargetMachine(module, options);
  std::unique_ptr<llvm::Module> code =
      machine ? translate(module, options, *machine, context) : nullptr;
  if (!code)
    return llvm::failure();
  if (!generate(*code, *machine, options.optimize, kind, out))
    return module.emitError("this target cannot emit code of that kind");
  return llvm::success();
}

llvm::LogicalResult emitObjects(mlir::ModuleOp module, const Options &options,
                                llvm::ArrayRef<llvm::raw_pwrite_stream *> outs) {
  if (outs.size() == 1)
    return emitCode(module, options, CodeKind::Object, *outs.front());
  llvm::LLVMContext context;
  std::unique_ptr<llvm::TargetMachine> machine = makeTargetMachine(module, options);
  std::unique_ptr<llvm::Module> code =
      machine ? translate(module, options, *machine, context) : nullptr;
  if (!code)
    return llvm::failure();
  // A context belongs to one thread, so each part travels as bitcode into a context of its own.
  llvm::SmallVector<llvm::SmallString<0>> parts;
  llvm::SplitModule(
      *code, outs.size(),
      [&](std::unique_ptr<llvm::Module> part) {
        llvm::raw_svector_ostream out(parts.emplace_back());
        llvm::WriteBitcodeToFile(*part, out);
      },
      /*PreserveLocals=*/false, /*RoundRobin=*/true);
  llvm::SmallVector<std::unique_ptr<llvm::TargetMachine>> machines;
  for (size_t k = 0; k < parts.size(); ++k)
    machines.push_back(makeTargetMachine(module, options));
  std::atomic<bool> good = parts.size() == outs.size();
  std::vector<std::thread> threads;
  for (size_t k = 0; k < parts.size() && good; ++k)
    threads.emplace_back([&, k] {
      llvm::LLVMContext own;
      auto part = llvm::parseBitcodeFile(llvm::MemoryBufferRef(parts[k], "part"), own);
      if (!part) {
        llvm::consumeError(part.takeError());
        good = false;
      } else if (!generate(**part, *machines[k], options.optimize, CodeKind::Object, *outs[k])) {
        good = false;
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  if (!good)
    return module.emitError("the code could not be generated in parts");
  return llvm::success();
}

} // namespace nnc
