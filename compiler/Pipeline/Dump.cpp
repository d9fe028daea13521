/// Dumps: their first line, their files.
#include "compiler/Pipeline/Dump.h"
#include "dialects/nn/IR/SourceLines.h"
#include "mlir/IR/OperationSupport.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

namespace nnc {

static constexpr llvm::StringLiteral headerStart = "// nnc dump: stage ";

std::string dumpHeader(Stage stage) { return (headerStart + infoOf(stage).name + "\n").str(); }

std::optional<Stage> stageOfDump(llvm::StringRef text) {
  if (!text.consume_front(headerStart))
    return std::nullopt;
  return parseStage(text.take_until([](char c) { return c == '\n' || c == '\r'; }).trim());
}

void printDump(mlir::ModuleOp module, Stage stage, llvm::raw_ostream &out) {
  out << dumpHeader(stage);
  mlir::OwningOpRef<mlir::ModuleOp> copy(module.clone());
  nn::giveLocations(*copy);
  mlir::OpPrintingFlags flags;
  copy->print(out, flags.enableDebugInfo(true, /*prettyForm=*/false));
}

llvm::Error writeDump(Stage stage, llvm::StringRef folder,
                      llvm::function_ref<void(llvm::raw_ostream &)> print) {
  if (std::error_code error = llvm::sys::fs::create_directories(folder))
    return llvm::createStringError(error,
                                   "cannot make folder '" + folder + "': " + error.message());
  const StageInfo &info = infoOf(stage);
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, llvm::Twine(static_cast<int>(stage)) + "-" + info.name + "." +
                                    info.extension);
  std::error_code error;
  llvm::raw_fd_ostream out(path, error);
  if (!error) {
    print(out);
    out.flush();
    error = out.error();
    out.clear_error();
  }
  if (error)
    return llvm::createStringError(error, "cannot write '" + path + "': " + error.message());
  return llvm::Error::success();
}

} // namespace nnc
