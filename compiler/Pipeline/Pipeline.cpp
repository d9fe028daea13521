/// Runs the passes from one stage to another, with a check and a dump at each.
#include "compiler/Pipeline/Pipeline.h"
#include "compiler/Pipeline/Dump.h"
#include "dialects/sched/IR/Sched.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "llvm/Support/raw_ostream.h"
#include <mutex>

namespace nnc {
namespace {

/// What is in a kernel is the kernel's own affair, and its verifier's.
llvm::LogicalResult checkBoundary(mlir::ModuleOp module, Stage stage) {
  llvm::DenseMap<mlir::OperationName, bool> legal;
  mlir::WalkResult result = module.walk<mlir::WalkOrder::PreOrder>([&](mlir::Operation *op) {
    auto [known, isNew] = legal.try_emplace(op->getName());
    if (isNew)
      known->second = isLegal(stage, op->getName().getStringRef());
    if (known->second)
      return mlir::isa<sched::KernelOp>(op) ? mlir::WalkResult::skip()
                                            : mlir::WalkResult::advance();
    op->emitError() << "'" << op->getName() << "' is left after stage " << infoOf(stage).name;
    return mlir::WalkResult::interrupt();
  });
  return llvm::failure(result.wasInterrupted());
}

/// Remembers the pass that failed, which MLIR itself does not say.
struct FindFailingPass : mlir::PassInstrumentation {
  explicit FindFailingPass(std::string &name) : name(name) {}
  void runAfterPassFailed(mlir::Pass *pass, mlir::Operation *op) override {
    // Functions fail side by side, and the adaptor around them has no name.
    std::lock_guard<std::mutex> lock(mutex);
    if (name.empty())
      name = pass->getArgument().str();
  }
  std::string &name;
  std::mutex mutex;
};

} // namespace

llvm::LogicalResult runStages(mlir::ModuleOp module, Stage from, Stage to, const Options &options,
                              mlir::TimingScope &time) {
  for (int i = static_cast<int>(from) + 1; i <= static_cast<int>(to); ++i) {
    Stage stage = static_cast<Stage>(i);
    mlir::PassManager manager(module.getContext(), mlir::ModuleOp::getOperationName());
    manager.enableVerifier(true);
    std::string failing;
    manager.addInstrumentation(std::make_unique<FindFailingPass>(failing));
    mlir::TimingScope stageTime = time.nest("to stage " + infoOf(stage).name.str());
    manager.enableTiming(stageTime);
    buildStage(stage, manager, options);
    if (failed(manager.run(module))) {
      llvm::errs() << "note: pass '" << failing << "' failed on the way to stage "
                   << infoOf(stage).name << "\n";
      return llvm::failure();
    }
    if (failed(checkBoundary(module, stage)))
      return llvm::failure();
    if (options.dumpFolder.empty())
      continue;
    if (llvm::Error error = writeDump(stage, options.dumpFolder, [&](llvm::raw_ostream &out) {
          printDump(module, stage, out);
        }))
      return module.emitError(llvm::toString(std::move(error)));
  }
  return llvm::success();
}

} // namespace nnc
