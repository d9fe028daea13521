#include "compiler/Pipeline/Pipeline.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <mutex>

namespace nnc {
namespace {

/// Ops that may not be left once a stage is reached: the promise of each row of Stages.def.
bool isForbidden(Stage stage, mlir::Operation *op) {
  llvm::StringRef name = op->getName().getStringRef();
  if (stage >= Stage::estimated && name.starts_with("prob."))
    return true;
  if (stage >= Stage::differentiated && name == "learn.gradient")
    return true;
  // From fused on, tensor ops live in kernels only; control is a loop or an if of the schedule.
  if (stage >= Stage::fused && stage < Stage::loops && name == "nn.scan")
    return true;
  if (stage >= Stage::loops && name.starts_with("nn.") && name != "nn.launch")
    return true;
  return stage >= Stage::llvm && !name.starts_with("llvm.") && name != "builtin.module" &&
         name != "learn.program";
}

llvm::LogicalResult checkBoundary(mlir::ModuleOp module, Stage stage) {
  mlir::WalkResult result = module.walk([&](mlir::Operation *op) {
    if (!isForbidden(stage, op))
      return mlir::WalkResult::advance();
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

llvm::LogicalResult writeDump(mlir::ModuleOp module, Stage stage, llvm::StringRef folder) {
  if (std::error_code error = llvm::sys::fs::create_directories(folder))
    return module.emitError() << "cannot make folder '" << folder << "': " << error.message();
  const StageInfo &info = infoOf(stage);
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, llvm::Twine(static_cast<int>(stage)) + "-" + info.name + "." +
                                    info.extension);
  std::error_code error;
  llvm::raw_fd_ostream out(path, error);
  if (error)
    return module.emitError() << "cannot write '" << path << "': " << error.message();
  mlir::OpPrintingFlags flags;
  module.print(out, flags.enableDebugInfo(true, /*prettyForm=*/false));
  return llvm::success();
}

} // namespace

llvm::LogicalResult runStages(mlir::ModuleOp module, Stage from, Stage to, const Options &options) {
  for (int i = static_cast<int>(from) + 1; i <= static_cast<int>(to); ++i) {
    Stage stage = static_cast<Stage>(i);
    mlir::PassManager manager(module.getContext(), mlir::ModuleOp::getOperationName());
    manager.enableVerifier(true);
    std::string failing;
    manager.addInstrumentation(std::make_unique<FindFailingPass>(failing));
    if (options.time)
      manager.enableTiming();
    buildStage(stage, manager, options);
    if (failed(manager.run(module))) {
      llvm::errs() << "note: pass '" << failing << "' failed on the way to stage "
                   << infoOf(stage).name << "\n";
      return llvm::failure();
    }
    if (failed(checkBoundary(module, stage)))
      return llvm::failure();
    if (!options.dumpFolder.empty() && failed(writeDump(module, stage, options.dumpFolder)))
      return llvm::failure();
  }
  return llvm::success();
}

} // namespace nnc
