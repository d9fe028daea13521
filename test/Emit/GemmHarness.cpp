#include "test/Emit/GemmHarness.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/ExecutionEngine/OptUtils.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;

namespace nnc::test {
namespace {

GemmFactor makeFactor(GemmBuilder &b, Value memref, int64_t outer, int64_t sum, bool outerMajor,
                      bool packOnly) {
  GemmFactor factor =
      memoryFactor(b, memref, b.index(0), outerMajor ? sum : 1, outerMajor ? 1 : outer, outer, sum);
  factor.facts.direct = !packOnly;
  return factor;
}

FactorFacts factorFacts(int64_t outer, int64_t sum, bool outerMajor, bool packOnly) {
  FactorFacts facts;
  facts.direct = !packOnly;
  const bool alongOuter = !outerMajor && outer > 1;
  facts.contiguous = alongOuter ? FactorFacts::Contiguous::Outer : FactorFacts::Contiguous::Sum;
  facts.run = alongOuter ? outer : sum;
  return facts;
}

/// func @product(%a, %b, %bias, %c, %task, %scratch)
func::FuncOp buildProduct(ModuleOp module, const ProductSpec &spec, const Target &target,
                          const GemmPlan &plan) {
  OpBuilder builder(module.getBodyRegion());
  Location loc = builder.getUnknownLoc();
  Type element = spec.f64 ? Type(builder.getF64Type()) : Type(builder.getF32Type());
  auto flat = [&](int64_t size) { return MemRefType::get({size}, element); };
  const int64_t packA = plan.packedElementsA(), packB = plan.packedElementsB();
  auto type = builder.getFunctionType({flat(spec.m * spec.k), flat(spec.k * spec.n), flat(spec.n),
                                       flat(spec.m * spec.n), builder.getIndexType(),
                                       flat(std::max<int64_t>(1, packA + packB))},
                                      {});
  auto function = func::FuncOp::create(builder, loc, "product", type);
  builder.setInsertionPointToStart(function.addEntryBlock());

  GemmBuilder b(builder, loc, element, target.lanes(element));
  b.hasFma = target.hasFma;
  auto argument = [&](unsigned i) { return Value(function.getArgument(i)); };
  auto piece = [&](int64_t offset, int64_t size) -> Value {
    if (size == 0)
      return {};
    Value view = memref::SubViewOp::create(builder, loc, argument(5), ArrayRef<int64_t>{offset},
                                           ArrayRef<int64_t>{size}, ArrayRef<int64_t>{1});
    return view;
  };
  Gemm gemm{spec.m, spec.n, spec.k, {}, {}, {}};
  gemm.a = makeFactor(b, argument(0), spec.m, spec.k, !spec.transposeA, spec.packOnly);
  gemm.b = makeFactor(b, argument(1), spec.n, spec.k, spec.transposeB, spec.packOnly);
  gemm.c = memoryResult(
      b, {argument(3), b.index(0), spec.transposeC ? 1 : spec.n, spec.transposeC ? spec.m : 1});
  if (spec.biasAndRelu) {
    gemm.c.plain = false;
    auto store = gemm.c.savePartial;
    gemm.c.finish = [&, store](Value sums, Value m, Value n, int64_t lanes) {
      Value biased = b.addFloats(sums, b.load(argument(2), n, lanes));
      Value none = lanes == 1 ? b.zero(1) : b.zero(lanes);
      store(arith::MaximumFOp::create(builder, loc, biased, none), m, n, lanes);
    };
  }
  emitGemm(b, gemm, plan, argument(4), piece(0, packA), piece(packA, packB));
  func::ReturnOp::create(builder, loc);
  return function;
}

void lower(ModuleOp module) {
  PassManager manager(module.getContext());
  manager.enableVerifier(true);
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  manager.addPass(memref::createExpandStridedMetadataPass());
  manager.addPass(createLowerAffinePass());
  manager.addPass(createSCFToControlFlowPass());
  manager.addPass(createConvertVectorToLLVMPass());
  ConvertFuncToLLVMPassOptions options;
  options.useBarePtrCallConv = true;
  manager.addPass(createConvertFuncToLLVMPass(options));
  manager.addPass(createFinalizeMemRefToLLVMConversionPass());
  manager.addPass(createConvertIndexToLLVMPass());
  manager.addPass(createArithToLLVMConversionPass());
  manager.addPass(createConvertControlFlowToLLVMPass());
  manager.addPass(createReconcileUnrealizedCastsPass());
  if (failed(mlir::verify(module)) || failed(manager.run(module)))
    llvm::report_fatal_error("the product could not be lowered");
}

std::unique_ptr<llvm::TargetMachine> machineFor(const Target &target) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  llvm::Triple triple(llvm::sys::getDefaultTargetTriple());
  std::string error;
  const llvm::Target *native = llvm::TargetRegistry::lookupTarget(triple, error);
  return std::unique_ptr<llvm::TargetMachine>(
      native->createTargetMachine(triple, target.cpu, target.features, {}, llvm::Reloc::PIC_,
                                  std::nullopt, llvm::CodeGenOptLevel::Aggressive));
}

} // namespace

CompiledProduct::CompiledProduct(const ProductSpec &spec, llvm::StringRef cpu,
                                 llvm::function_ref<void(GemmPlan &)> change) {
  context.loadDialect<arith::ArithDialect, func::FuncDialect, memref::MemRefDialect,
                      scf::SCFDialect, vector::VectorDialect, LLVM::LLVMDialect>();
  registerBuiltinDialectTranslation(context);
  registerLLVMDialectTranslation(context);
  const Target target = Target::forCpu(cpu);
  GemmFacts facts{spec.m,
                  spec.n,
                  spec.k,
                  spec.f64 ? 8u : 4u,
                  factorFacts(spec.m, spec.k, !spec.transposeA, spec.packOnly),
                  factorFacts(spec.n, spec.k, spec.transposeB, spec.packOnly)};
  chosen = planGemm(facts, target);
  change(chosen);
  scratch = (chosen.packedElementsA() + chosen.packedElementsB()) * facts.elementBytes;

  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context));
  buildProduct(*module, spec, target, chosen);
  if (getenv("NNC_DUMP"))
    module->dump();
  lower(*module);
  ExecutionEngineOptions options;
  options.jitCodeGenOptLevel = llvm::CodeGenOptLevel::Aggressive;
  options.enableObjectDump = true;
  auto optimizerMachine = machineFor(target);
  auto optimize = makeOptimizingTransformer(3, 0, optimizerMachine.get());
  options.transformer = optimize;
  auto created = ExecutionEngine::create(*module, options, machineFor(target));
  engine = llvm::cantFail(std::move(created));
  function = reinterpret_cast<Function>(llvm::cantFail(engine->lookup("product")));
  if (const char *file = getenv("NNC_OBJECT"))
    engine->dumpToObjectFile(file);
}

std::string describe(const GemmPlan &p) {
  return llvm::formatv("{0}x{1} tasks {2}x{3} mc {4} nc {5} kc {6}{7}{8}{9}{10}{11}{12}{13} "
                       "unroll {14}",
                       p.mr, p.nr(), p.tasksM, p.tasksN, p.mc, p.nc, p.kc, p.packA ? " packA" : "",
                       p.packB ? " packB" : "", p.rowsA ? " rowsA" : "", p.rowsB ? " rowsB" : "",
                       p.columnsOuter ? " ji" : " ij", p.sumOutermost ? " pc" : "",
                       p.prefetchNextColumns ? " pfn" : "", p.unroll)
      .str();
}

} // namespace nnc::test
