#include "compiler/LLVM/Launch.h"
#include "compiler/LLVM/Passes.h"
#include "dialects/learn/IR/Learn.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace nnc {
namespace {

struct LowerLaunch : mlir::PassWrapper<LowerLaunch, mlir::OperationPass<mlir::ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LowerLaunch)
  llvm::StringRef getArgument() const override { return "nn-lower-launch"; }
  llvm::StringRef getDescription() const override { return "Turn nn.launch into calls"; }
  void getDependentDialects(mlir::DialectRegistry &registry) const override {
    registry.insert<mlir::func::FuncDialect, mlir::LLVM::LLVMDialect>();
  }

  void runOnOperation() override {
    mlir::ModuleOp module = getOperation();
    int64_t scratch = 0;
    llvm::SmallVector<nn::LaunchOp> launches;
    module.walk([&](nn::LaunchOp launch) { launches.push_back(launch); });
    for (nn::LaunchOp launch : launches) {
      scratch = std::max<int64_t>(scratch, launch.getScratch());
      replace(launch);
    }
    describeFunctions(scratch);
  }

  void replace(nn::LaunchOp launch) {
    mlir::OpBuilder builder(launch);
    std::string name = launchName(launch.getKernel(), launch.getTasks());
    mlir::SymbolTable symbols(getOperation());
    auto declared = symbols.lookup<mlir::func::FuncOp>(name);
    if (!declared) {
      mlir::OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToEnd(getOperation().getBody());
      auto type = builder.getFunctionType(launch->getOperandTypes(), {});
      declared = mlir::func::FuncOp::create(builder, launch.getLoc(), name, type);
      declared.setPrivate();
      declared->setAttr(kLaunchKernel, launch.getKernelAttr());
      declared->setAttr(kLaunchTasks, launch.getTasksAttr());
    }
    mlir::func::CallOp::create(builder, launch.getLoc(), declared, launch->getOperands());
    launch.erase();
  }

  /// Notes the program functions in the module's order, which is the order of the runtime's table.
  void describeFunctions(int64_t scratch) {
    mlir::Builder builder(&getContext());
    llvm::SmallVector<mlir::Attribute> functions;
    int64_t arena = 0;
    for (auto function : getOperation().getOps<mlir::func::FuncOp>()) {
      auto arguments = function->getAttrOfType<mlir::ArrayAttr>("learn.args");
      if (!arguments)
        continue;
      if (auto bytes = function->getAttrOfType<mlir::IntegerAttr>("nn.arena_bytes"))
        arena = std::max(arena, bytes.getInt());
      llvm::SmallVector<mlir::NamedAttribute> entries{
          builder.getNamedAttr("name", function.getNameAttr()),
          builder.getNamedAttr("args", arguments)};
      auto asserts = function->getAttrOfType<mlir::ArrayAttr>("nn.asserts");
      entries.push_back(
          builder.getNamedAttr("asserts", asserts ? asserts : builder.getArrayAttr({})));
      functions.push_back(builder.getDictionaryAttr(entries));
    }
    getOperation()->setAttr(kFunctions, builder.getArrayAttr(functions));
    getOperation()->setAttr(kArenaBytes, builder.getI64IntegerAttr(arena));
    getOperation()->setAttr(kScratchBytes, builder.getI64IntegerAttr(scratch));
  }
};

} // namespace

std::unique_ptr<mlir::Pass> createLowerLaunchPass() { return std::make_unique<LowerLaunch>(); }

} // namespace nnc
