#include "test/Emit/AttentionHarness.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
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
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;

namespace nnc::test {
namespace {

/// Builds the operands and readers over a function's arguments.
struct ProblemBuilder {
  const AttentionSpec &spec;
  OpBuilder &b;
  Location loc;
  func::FuncOp function;
  FloatType element;

  AttentionOperand rows(unsigned argument, int64_t rows, int64_t features, bool transposed) {
    const int64_t h = spec.heads;
    AttentionOperand operand;
    operand.memref = function.getArgument(argument);
    if (transposed)
      operand.strides = {h * rows * features, rows * features, 1, rows};
    else if (spec.headsInside)
      operand.strides = {h * rows * features, features, h * features, 1};
    else
      operand.strides = {h * rows * features, rows * features, features, 1};
    return operand;
  }
  Value at(ArrayRef<Value> position, ArrayRef<int64_t> strides) {
    Value sum = arith::ConstantIndexOp::create(b, loc, 0);
    for (auto [p, stride] : llvm::zip(position, strides)) {
      Value factor = arith::ConstantIndexOp::create(b, loc, stride);
      sum = arith::AddIOp::create(b, loc, sum, arith::MulIOp::create(b, loc, p, factor));
    }
    return sum;
  }
  /// Elements by strides over the positions; the last stride is 1.
  AttentionReader reader(unsigned argument, SmallVector<int64_t> strides, bool truth) {
    return [=, this](ArrayRef<Value> position, int64_t lanes) -> Value {
      Value place = at(position, strides), memref = function.getArgument(argument);
      Type type = cast<MemRefType>(memref.getType()).getElementType();
      Value value;
      if (lanes == 1)
        value = memref::LoadOp::create(b, loc, memref, place);
      else
        value = vector::LoadOp::create(b, loc, VectorType::get({lanes}, type), memref, place);
      if (!truth)
        return value;
      Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(value.getType()));
      return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, value, zero);
    };
  }

  AttentionProblem problem() {
    const auto &[B, H, I, J, M, N, causal, mask, bias, keep, scale, keepScale, f64, inside,
                 transposed, throughReader] = spec;
    AttentionProblem p;
    p.element = element;
    p.groups = {B, H};
    p.queries = I, p.keys = J, p.features = M, p.valueFeatures = N;
    p.scale = scale, p.keepScale = keepScale, p.causal = causal;
    if (mask)
      p.mask = reader(3, {J, 0, 0, 1}, true);
    if (bias)
      p.bias = reader(4, {0, I * J, J, 1}, false);
    if (keep)
      p.keep = reader(5, {H * I * J, I * J, J, 1}, true);
    p.q = rows(0, I, M, false);
    p.k = rows(1, J, M, transposed);
    p.v = rows(2, J, N, transposed);
    p.y = rows(6, I, N, false);
    p.lse.memref = function.getArgument(7);
    p.lse.strides = {H * I, I, 1};
    p.dy = rows(8, I, N, false);
    p.dq = rows(9, I, M, false);
    p.dk = rows(10, J, M, false);
    p.dv = rows(11, J, N, false);
    if (throughReader)
      for (AttentionOperand *operand : {&p.q, &p.k, &p.v})
        operand->read = reader(operand == &p.q   ? 0
                               : operand == &p.k ? 1
                                                 : 2,
                               operand->strides, false);
    return p;
  }
};

void lower(ModuleOp module) {
  PassManager manager(module.getContext());
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
  manager.addPass(createConvertMathToLLVMPass());
  manager.addPass(createConvertIndexToLLVMPass());
  manager.addPass(createArithToLLVMConversionPass());
  manager.addPass(createConvertControlFlowToLLVMPass());
  manager.addPass(createReconcileUnrealizedCastsPass());
  if (failed(verify(module)) || failed(manager.run(module)))
    llvm::report_fatal_error("the attention could not be lowered");
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

void CompiledAttention::build(ModuleOp module, const AttentionSpec &spec, const Target &target,
                              bool gradient) {
  OpBuilder b = OpBuilder::atBlockEnd(module.getBody());
  Location loc = b.getUnknownLoc();
  FloatType element = spec.f64 ? FloatType(b.getF64Type()) : FloatType(b.getF32Type());
  SmallVector<Type> types(12, MemRefType::get({int64_t(1) << 40}, element));
  types[3] = types[5] = MemRefType::get({int64_t(1) << 40}, b.getI8Type());
  types.push_back(b.getIndexType());
  types.push_back(MemRefType::get({int64_t(1) << 40}, b.getI8Type()));
  auto function =
      func::FuncOp::create(b, loc, gradient ? "backward" : "forward", b.getFunctionType(types, {}));
  b.setInsertionPointToStart(function.addEntryBlock());
  ProblemBuilder builder{spec, b, loc, function, element};
  const AttentionProblem problem = builder.problem();
  int64_t used = 0;
  auto scratch = [&](int64_t count) -> Value {
    Value offset = arith::ConstantIndexOp::create(b, loc, used);
    used += llvm::alignTo(count * element.getWidth() / 8, 64);
    return memref::ViewOp::create(b, loc, MemRefType::get({count}, element),
                                  function.getArgument(13), offset, ValueRange());
  };
  AttentionSite site{b, loc, target, scratch};
  Value task = function.getArgument(12);
  taskCount[gradient] = gradient ? attentionGradTasks(problem) : attentionTasks(problem);
  if (gradient)
    emitAttentionGradTask(site, problem, task);
  else
    emitAttentionTask(site, problem, task);
  func::ReturnOp::create(b, loc);
  scratchSize[gradient] = used;
}

CompiledAttention::CompiledAttention(const AttentionSpec &spec, llvm::StringRef cpu) {
  context
      .loadDialect<arith::ArithDialect, func::FuncDialect, memref::MemRefDialect, math::MathDialect,
                   scf::SCFDialect, vector::VectorDialect, LLVM::LLVMDialect>();
  registerBuiltinDialectTranslation(context);
  registerLLVMDialectTranslation(context);
  const Target target = Target::forCpu(cpu);
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context));
  build(*module, spec, target, false);
  build(*module, spec, target, true);
  if (getenv("NNC_DUMP"))
    module->dump();
  lower(*module);
  auto optimizerMachine = machineFor(target);
  ExecutionEngineOptions options;
  auto optimize = makeOptimizingTransformer(3, 0, optimizerMachine.get());
  options.transformer = optimize;
  options.jitCodeGenOptLevel = llvm::CodeGenOptLevel::Aggressive;
  options.enableObjectDump = getenv("NNC_OBJECT") != nullptr;
  engine = llvm::cantFail(ExecutionEngine::create(*module, options, machineFor(target)));
  function[0] = reinterpret_cast<Function>(llvm::cantFail(engine->lookup("forward")));
  function[1] = reinterpret_cast<Function>(llvm::cantFail(engine->lookup("backward")));
  if (const char *file = getenv("NNC_OBJECT"))
    engine->dumpToObjectFile(file);
}

} // namespace nnc::test
