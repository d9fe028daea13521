/// Launch functions, entries, and the tables that the runtime reads.
#include "compiler/LLVM/Launch.h"
#include "compiler/LLVM/Passes.h"

namespace nnc {
#define GEN_PASS_DEF_FINISHPROGRAM
#include "compiler/LLVM/Passes.h.inc"

namespace {

namespace LLVM = mlir::LLVM;

struct FinishProgram : impl::FinishProgramBase<FinishProgram> {
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
    for (llvm::StringRef name : listed.getAsValueRange<mlir::StringAttr>())
      entries.push_back(makeEntry(builder, name));
    makeTable(builder, entries);
    auto program = module->getAttrOfType<mlir::StringAttr>(kProgram);
    if (!program) {
      module.emitError("the module has no learn.program to run its functions");
      return signalPassFailure();
    }
    makeText(builder, "nn_program", program.getValue());
    makeText(builder, "nn_launches", module->getAttrOfType<mlir::StringAttr>(kLaunches).getValue());
    for (llvm::StringRef name : {kFunctions, kProgram, kLaunches})
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
  LLVM::LLVMFuncOp makeEntry(mlir::OpBuilder &builder, llvm::StringRef name) {
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

  void makeText(mlir::OpBuilder &builder, llvm::StringRef name, llvm::StringRef value) {
    std::string text = value.str();
    text.push_back('\0');
    builder.setInsertionPointToEnd(getOperation().getBody());
    auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), text.size());
    LLVM::GlobalOp::create(builder, getOperation().getLoc(), type, /*isConstant=*/true,
                           LLVM::Linkage::External, name, builder.getStringAttr(text));
  }
};

} // namespace
} // namespace nnc
