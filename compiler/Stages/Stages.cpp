#include "compiler/Stages/Stages.h"

namespace nnc {

llvm::ArrayRef<StageInfo> allStages() {
  static const StageInfo stages[] = {
#define NNC_STAGE(enumerator, name, extension, holds) {Stage::enumerator, name, extension, holds},
#include "compiler/Stages/Stages.def"
  };
  return stages;
}

const StageInfo &infoOf(Stage stage) { return allStages()[static_cast<size_t>(stage)]; }

std::optional<Stage> parseStage(llvm::StringRef name) {
  for (const StageInfo &info : allStages())
    if (info.name == name)
      return info.stage;
  return std::nullopt;
}

} // namespace nnc
