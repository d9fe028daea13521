/// Launch functions, entries, and the tables that the runtime reads.
#include "compiler/LLVM/Launch.h"
#include "compiler/LLVM/Passes.h"
#include "compiler/LLVM/ProgramConstant.h"
#include "compiler/Target/Target.h"
#include "dialects/learn/IR/Learn.h"

namespace nnc {
#define GEN_PASS_DEF_FINISHPROGRAM
#include "compiler/LLVM/Passes.h.inc"

namespace {

namespace LLVM = mlir::LLVM;

struct FinishProgram : impl::FinishProgramBase<FinishProgram> {
  using FinishProgramBase::FinishProgramBase;

  void runOnOperation() override {
    mlir::ModuleOp module = getOperation();
    mlir::OpBuilder builder(module.getBodyRegion());
    builder.setInsertionPointToEnd(module.getBody());
    pointer = LLVM::LLVMPointerType::get(&getContext());
    word = builder.getI64Type();
    nothing = LLVM::LLVMVoidType::get(&getContext());
    llvm::SmallVector<LLVM::LLVMFuncOp> functions(module.getOps<LLVM::LLVMFuncOp>());
    for (LLVM::LLVMFuncOp function : functions) {
      if (!function.isExternal()) // Only the table and the runtime's own entry are visible from
                                  // outside.
        function.setLinkage(LLVM::Linkage::Internal);
      if (function->hasAttr(kLaunchKernel))
        defineLaunch(builder, function);
    }
    auto listed = module->getAttrOfType<mlir::ArrayAttr>(kFunctions);
    llvm::SmallVector<LLVM::LLVMFuncOp> entries;
    for (mlir::Attribute entry : listed)
      entries.push_back(makeEntry(builder, mlir::cast<mlir::DictionaryAttr>(entry)));
    makeTable(builder, entries);
    if (failed(makeConstant(builder, listed)))
      return signalPassFailure();
    for (llvm::StringRef name : {kFunctions, kArenaBytes, kScratchBytes, kKernels, kLaunches})
      module->removeAttr(name);
  }

private:
  mlir::Type pointer, word, nothing;

  mlir::Value constant(mlir::OpBuilder &builder, mlir::Location loc, int64_t value) {
    return LLVM::ConstantOp::create(builder, loc, word, builder.getI64IntegerAttr(value));
  }
  /// The address of element k of an array of pointers.
  mlir::Value slot(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value array, int32_t k) {
    return LLVM::GEPOp::create(builder, loc, pointer, pointer, array,
                               llvm::ArrayRef<LLVM::GEPArg>{k});
  }

  /// launch.K.N(context, site, buffers..): nnrt_parallel(context, K.task, buffers as an array, N,
  /// site).
  void defineLaunch(mlir::OpBuilder &builder, LLVM::LLVMFuncOp launch) {
    mlir::OpBuilder::InsertionGuard guard(builder);
    mlir::Location loc = launch.getLoc();
    auto kernel = launch->getAttrOfType<mlir::FlatSymbolRefAttr>(kLaunchKernel).getValue();
    int64_t tasks = launch->getAttrOfType<mlir::IntegerAttr>(kLaunchTasks).getInt();
    LLVM::LLVMFuncOp task = getTask(builder, kernel);
    LLVM::LLVMFuncOp parallel = getParallel(builder);
    launch->removeAttr(kLaunchKernel);
    launch->removeAttr(kLaunchTasks);
    mlir::Block *block = launch.addEntryBlock(builder);
    launch.setLinkage(LLVM::Linkage::Internal);
    builder.setInsertionPointToEnd(block);
    auto buffers = block->getArguments().drop_front(2);
    mlir::Value count = constant(builder, loc, std::max<int64_t>(1, buffers.size()));
    mlir::Value array = LLVM::AllocaOp::create(builder, loc, pointer, pointer, count);
    for (auto [k, buffer] : llvm::enumerate(buffers))
      LLVM::StoreOp::create(builder, loc, buffer, slot(builder, loc, array, k));
    mlir::Value address = LLVM::AddressOfOp::create(builder, loc, task);
    LLVM::CallOp::create(builder, loc, parallel,
                         mlir::ValueRange{block->getArgument(0), address, array,
                                          constant(builder, loc, tasks), block->getArgument(1)});
    LLVM::ReturnOp::create(builder, loc, mlir::ValueRange{});
  }

  LLVM::LLVMFuncOp getParallel(mlir::OpBuilder &builder) {
    constexpr llvm::StringLiteral name = "nnrt_parallel";
    if (auto found = getOperation().lookupSymbol<LLVM::LLVMFuncOp>(name))
      return found;
    builder.setInsertionPointToEnd(getOperation().getBody());
    auto type = LLVM::LLVMFunctionType::get(nothing, {pointer, pointer, pointer, word, word});
    return LLVM::LLVMFuncOp::create(builder, getOperation().getLoc(), name, type);
  }

  /// K.task(args, task, scratch), the form that the runtime calls, for a kernel K(buffers.., task,
  /// scratch).
  LLVM::LLVMFuncOp getTask(mlir::OpBuilder &builder, llvm::StringRef kernelName) {
    std::string name = (kernelName + ".task").str();
    if (auto found = getOperation().lookupSymbol<LLVM::LLVMFuncOp>(name))
      return found;
    auto kernel = getOperation().lookupSymbol<LLVM::LLVMFuncOp>(kernelName);
    mlir::Location loc = kernel.getLoc();
    builder.setInsertionPointToEnd(getOperation().getBody());
    auto type = LLVM::LLVMFunctionType::get(nothing, {pointer, word, pointer});
    auto task = LLVM::LLVMFuncOp::create(builder, loc, name, type, LLVM::Linkage::Internal);
    mlir::Block *block = task.addEntryBlock(builder);
    builder.setInsertionPointToEnd(block);
    llvm::SmallVector<mlir::Value> operands;
    for (unsigned k = 0; k + 2 < kernel.getNumArguments(); ++k)
      operands.push_back(LLVM::LoadOp::create(builder, loc, pointer,
                                              slot(builder, loc, block->getArgument(0), k)));
    operands.push_back(block->getArgument(1));
    operands.push_back(block->getArgument(2));
    LLVM::CallOp::create(builder, loc, kernel, operands);
    LLVM::ReturnOp::create(builder, loc, mlir::ValueRange{});
    return task;
  }

  /// entry(context, args): the function with its arena and buffers.
  LLVM::LLVMFuncOp makeEntry(mlir::OpBuilder &builder, mlir::DictionaryAttr description) {
    llvm::StringRef name = description.getAs<mlir::StringAttr>("name").getValue();
    auto function = getOperation().lookupSymbol<LLVM::LLVMFuncOp>(name);
    mlir::Location loc = function.getLoc();
    builder.setInsertionPointToEnd(getOperation().getBody());
    auto type = LLVM::LLVMFunctionType::get(builder.getI32Type(), {pointer, pointer});
    auto entry = LLVM::LLVMFuncOp::create(builder, loc, (name + ".call").str(), type,
                                          LLVM::Linkage::Internal);
    mlir::Block *block = entry.addEntryBlock(builder);
    builder.setInsertionPointToEnd(block);
    mlir::Value context = block->getArgument(0);
    // The arena is the context's first field.
    llvm::SmallVector<mlir::Value> operands{LLVM::LoadOp::create(builder, loc, pointer, context),
                                            context};
    for (unsigned k = 0; k + 2 < function.getNumArguments(); ++k)
      operands.push_back(LLVM::LoadOp::create(builder, loc, pointer,
                                              slot(builder, loc, block->getArgument(1), k)));
    auto call = LLVM::CallOp::create(builder, loc, function, operands);
    LLVM::ReturnOp::create(builder, loc, call.getResults());
    return entry;
  }

  void makeTable(mlir::OpBuilder &builder, llvm::ArrayRef<LLVM::LLVMFuncOp> entries) {
    mlir::Location loc = getOperation().getLoc();
    builder.setInsertionPointToEnd(getOperation().getBody());
    auto type = LLVM::LLVMArrayType::get(pointer, entries.size());
    auto table = LLVM::GlobalOp::create(builder, loc, type, /*isConstant=*/true,
                                        LLVM::Linkage::External, "nn_functions", mlir::Attribute());
    mlir::Block *block = builder.createBlock(&table.getInitializerRegion());
    builder.setInsertionPointToEnd(block);
    mlir::Value value = LLVM::UndefOp::create(builder, loc, type);
    for (auto [k, entry] : llvm::enumerate(entries)) {
      mlir::Value address = LLVM::AddressOfOp::create(builder, loc, entry);
      value = LLVM::InsertValueOp::create(builder, loc, value, address, static_cast<int64_t>(k));
    }
    LLVM::ReturnOp::create(builder, loc, value);
  }

  /// The vector extension that the code is made for, for a reader of `info`; the name of a CPU that
  /// was asked for says it.
  std::string describeFeatures(const Target &target) {
    if (cpu == "native")
      for (llvm::StringRef feature : {"avx512f", "avx2", "avx"})
        if (target.has(feature))
          return feature.str();
    return target.cpu;
  }

  /// The sets of instructions that LLVM may use in code for a CPU; the runtime asks for each.
  static llvm::json::Array instructionSets(const Target &target) {
    llvm::json::Array sets;
    for (llvm::StringRef set : {"sse3",       "ssse3",      "sse4.1",       "sse4.2",
                                "sse4a",      "popcnt",     "avx",          "avx2",
                                "fma",        "bmi",        "bmi2",         "lzcnt",
                                "movbe",      "f16c",       "gfni",         "avxvnni",
                                "avx512f",    "avx512bw",   "avx512cd",     "avx512dq",
                                "avx512vl",   "avx512ifma", "avx512vbmi",   "avx512vbmi2",
                                "avx512vnni", "avx512bf16", "avx512bitalg", "avx512vpopcntdq",
                                "avx512fp16"})
      if (target.has(set))
        sets.push_back(set);
    return sets;
  }

  llvm::LogicalResult makeConstant(mlir::OpBuilder &builder, mlir::ArrayAttr functions) {
    auto programs = getOperation().getOps<learn::ProgramOp>();
    if (programs.empty())
      return getOperation().emitError("the module has no learn.program to run its functions");
    llvm::json::Value program = toJSON((*programs.begin()).getValue());
    llvm::json::Object &object = *program.getAsObject();
    object["functions"] = toJSON(functions);
    object["arena"] = getOperation()->getAttrOfType<mlir::IntegerAttr>(kArenaBytes).getInt();
    object["scratch"] = getOperation()->getAttrOfType<mlir::IntegerAttr>(kScratchBytes).getInt();
    Target target = Target::forCpu(cpu);
    object["cpu"] = target.cpu;
    object["features"] = describeFeatures(target);
    object["instructions"] = instructionSets(target);
    makeText(builder, "nn_program", std::move(program));
    makeText(builder, "nn_launches",
             llvm::json::Object{{"kernels", toJSON(getOperation()->getAttr(kKernels))},
                                {"launches", toJSON(getOperation()->getAttr(kLaunches))}});
    return llvm::success();
  }

  void makeText(mlir::OpBuilder &builder, llvm::StringRef name, llvm::json::Value value) {
    std::string text = llvm::formatv("{0}", value).str();
    text.push_back('\0');
    builder.setInsertionPointToEnd(getOperation().getBody());
    auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), text.size());
    LLVM::GlobalOp::create(builder, getOperation().getLoc(), type, /*isConstant=*/true,
                           LLVM::Linkage::External, name, builder.getStringAttr(text));
  }
};

} // namespace
} // namespace nnc
