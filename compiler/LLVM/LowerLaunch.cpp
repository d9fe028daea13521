/// Launches as calls, and what the runtime's tables need to know of them.
#include "compiler/LLVM/Launch.h"
#include "compiler/LLVM/Passes.h"
#include "compiler/LLVM/ProgramConstant.h"
#include "dialects/nn/IR/SourceLines.h"
#include "dialects/sched/IR/Sched.h"
#include "runtime/contract/Json.h"

namespace nnc {
#define GEN_PASS_DEF_LOWERLAUNCH
#include "compiler/LLVM/Passes.h.inc"

namespace {

struct LowerLaunch : impl::LowerLaunchBase<LowerLaunch> {
  using LowerLaunchBase::LowerLaunchBase;

  void runOnOperation() override {
    mlir::ModuleOp module = getOperation();
    int64_t scratch = 0;
    llvm::SmallVector<sched::LaunchOp> launches;
    module.walk([&](sched::LaunchOp launch) { launches.push_back(launch); });
    for (sched::LaunchOp launch : launches) {
      scratch = std::max<int64_t>(scratch, launch.getScratch());
      replace(launch);
    }
    describeProgram(scratch);
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
    auto [known, isNew] = numbers.try_emplace(kernel, table.kernels.size());
    if (isNew)
      table.kernels.push_back(describeKernel(kernel));
    table.launches.push_back({known->second, nn::describeLines(launch.getLoc())});
    return int64_t(table.launches.size()) - 1;
  }

  /// Of each buffer its use and the count of its floating-point numbers.
  nnrt::KernelUse describeKernel(mlir::func::FuncOp kernel) {
    auto uses = kernel->getAttrOfType<mlir::StringAttr>("nn.uses");
    auto name = kernel->getAttrOfType<mlir::StringAttr>("nn.kernel");
    nnrt::KernelUse record;
    record.name = (name ? name.getValue() : kernel.getName()).str();
    record.uses = uses ? uses.str() : "";
    for (mlir::Type type : kernel.getArgumentTypes().drop_back(2)) {
      auto memory = mlir::cast<mlir::MemRefType>(type);
      bool isReal = mlir::isa<mlir::FloatType>(memory.getElementType());
      record.counts.push_back(isReal ? memory.getNumElements() : 0);
    }
    record.infinite = kernel->hasAttr("nn.infinite");
    return record;
  }

  nnrt::LaunchTable table;
  llvm::DenseMap<mlir::Operation *, uint64_t> numbers; ///< of kernels

  /// Notes the functions that the runtime calls, and the texts that it reads.
  void describeProgram(int64_t scratch) {
    mlir::ModuleOp module = getOperation();
    mlir::Builder builder(&getContext());
    for (learn::ProgramOp program : module.getOps<learn::ProgramOp>())
      module->setAttr(kProgram, builder.getStringAttr(writeProgramConstant(program, scratch, cpu)));
    module->setAttr(kLaunches, builder.getStringAttr(nnrt::JsonWriter::write(table)));
    llvm::SmallVector<llvm::StringRef> names;
    for (mlir::func::FuncOp function : programFunctions(module)) {
      names.push_back(function.getName());
      learn::dropBindings(function);
    }
    module->setAttr(kFunctions, builder.getStrArrayAttr(names));
  }
};

} // namespace
} // namespace nnc
