/// The stages of a compilation (Stages.def) by name and order.
#ifndef NNC_COMPILER_STAGES_STAGES_H
#define NNC_COMPILER_STAGES_STAGES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <optional>

namespace nnc {

enum class Stage {
#define NNC_STAGE(enumerator, name, extension, legal, holds) enumerator,
#include "compiler/Stages/Stages.def"
};

struct StageInfo {
  Stage stage;
  llvm::StringRef name, extension, legal, holds;
};

/// All stages in order.
llvm::ArrayRef<StageInfo> allStages();
const StageInfo &infoOf(Stage stage);
std::optional<Stage> parseStage(llvm::StringRef name);
/// The stages whose IR is an MLIR module: --from can start there.
inline bool isModuleStage(Stage stage) { return Stage::nn <= stage && stage <= Stage::llvm; }
/// Whether an op (by its name, such as nn.add) may be in a module of the stage, outside of kernels.
bool isLegal(Stage stage, llvm::StringRef op);

} // namespace nnc

#endif
