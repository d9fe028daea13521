/// The text of a stage: its first line says which stage it is, and what is read back is checked.
#ifndef NNC_COMPILER_PIPELINE_DUMP_H
#define NNC_COMPILER_PIPELINE_DUMP_H

#include "compiler/Stages/Stages.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

namespace nnc {

/// `// nnc dump: stage fused`, with its newline.
std::string dumpHeader(Stage stage);
/// The stage that the first line of a text names; none in any other text.
std::optional<Stage> stageOfDump(llvm::StringRef text);

/// Prints a module as the dump of a stage.
void printDump(mlir::ModuleOp module, Stage stage, llvm::raw_ostream &out);
/// Writes `N-STAGE.EXT` into a folder, which is made if it is not there.
llvm::Error writeDump(Stage stage, llvm::StringRef folder,
                      llvm::function_ref<void(llvm::raw_ostream &)> print);

/// A dump may have been edited. Emits an error for what no program of the stage holds, so that the
/// passes that follow meet only what they know.
llvm::LogicalResult checkDump(mlir::ModuleOp module, Stage stage);

} // namespace nnc

#endif
