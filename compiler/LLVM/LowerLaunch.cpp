/// Launches as calls, and what the runtime's tables need to know of them.
#include "compiler/LLVM/Launch.h"
#include "compiler/LLVM/Passes.h"
#include "dialects/learn/IR/Learn.h"
#include "dialects/nn/IR/SourceLines.h"
#include "dialects/sched/IR/Sched.h"

namespace nnc {
#define GEN_PASS_DEF_LOWERLAUNCH
#include "compiler/LLVM/Passes.h.inc"

namespace {

struct LowerLaunch : impl::LowerLaunchBase<LowerLaunch> {
  void runOnOperation() override {
    mlir::ModuleOp module = getOperation();
    int64_t scratch = 0;
    llvm::SmallVector<sched::LaunchOp> launches;
    module.walk([&](sched::LaunchOp launch) { launches.push_back(launch); });
    for (sched::LaunchOp launch : launches) {
      scratch = std::max<int64_t>(scratch, launch.getScratch());
      replace(launch);
    }
    describeFunctions(scratch);
    mlir::Builder builder(&getContext());
    module->setAttr(kKernels, builder.getArrayAttr(kernels));
    module->setAttr(kLaunches, builder.getArrayAttr(sites));
    for (auto function : module.getOps<mlir::func::FuncOp>())
      for (llvm::StringRef name : {"nn.uses", "nn.infinite"})
        function->removeAttr(name);
  }

  void replace(sched::LaunchOp launch) {
    mlir::OpBuilder builder(launch);
    std::string name = launchName(launch.getKernel(), launch.getTasks());
    mlir::SymbolTable symbols(getOperation());
    auto kernel = symbols.lookup<mlir::func::FuncOp>(launch.getKernel());
    auto declared = symbols.lookup<mlir::func::FuncOp>(name);
    llvm::SmallVector<mlir::Value> operands(launch->getOperands());
    mlir::Value site = mlir::arith::ConstantOp::create(
        builder, launch.getLoc(), builder.getI64IntegerAttr(describeLaunch(launch, kernel)));
    operands.insert(operands.begin() + 1, site);
    if (!declared) {
      mlir::OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToEnd(getOperation().getBody());
      auto type = builder.getFunctionType(mlir::ValueRange(operands).getTypes(), {});
      declared = mlir::func::FuncOp::create(builder, launch.getLoc(), name, type);
      declared.setPrivate();
      declared->setAttr(kLaunchKernel, launch.getKernelAttr());
      declared->setAttr(kLaunchTasks, launch.getTasksAttr());
    }
    mlir::func::CallOp::create(builder, launch.getLoc(), declared, operands);
    launch.erase();
  }

  /// Notes what a check of the launch's numbers needs to know; gives the launch's number.
  int64_t describeLaunch(sched::LaunchOp launch, mlir::func::FuncOp kernel) {
    mlir::Builder builder(&getContext());
    auto [known, isNew] = numbers.try_emplace(kernel, kernels.size());
    if (isNew)
      kernels.push_back(describeKernel(kernel));
    sites.push_back(builder.getDictionaryAttr(
        {builder.getNamedAttr("kernel", builder.getI64IntegerAttr(known->second)),
         builder.getNamedAttr("lines",
                              builder.getStringAttr(nn::describeLines(launch.getLoc())))}));
    return int64_t(sites.size()) - 1;
  }

  /// Of each buffer its use and the count of its floating-point numbers.
  mlir::Attribute describeKernel(mlir::func::FuncOp kernel) {
    mlir::Builder builder(&getContext());
    auto uses = kernel->getAttrOfType<mlir::StringAttr>("nn.uses");
    auto name = kernel->getAttrOfType<mlir::StringAttr>("nn.kernel");
    llvm::SmallVector<int64_t> counts;
    for (mlir::Type type : kernel.getArgumentTypes().drop_back(2)) {
      auto memory = mlir::cast<mlir::MemRefType>(type);
      bool isReal = mlir::isa<mlir::FloatType>(memory.getElementType());
      counts.push_back(isReal ? memory.getNumElements() : 0);
    }
    return builder.getDictionaryAttr(
        {builder.getNamedAttr("name", name ? name : kernel.getNameAttr()),
         builder.getNamedAttr("uses", uses ? uses : builder.getStringAttr("")),
         builder.getNamedAttr("counts", builder.getI64ArrayAttr(counts)),
         builder.getNamedAttr("infinite", builder.getBoolAttr(kernel->hasAttr("nn.infinite")))});
  }

  llvm::SmallVector<mlir::Attribute> kernels, sites;
  llvm::DenseMap<mlir::Operation *, int64_t> numbers; ///< of kernels

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
} // namespace nnc
