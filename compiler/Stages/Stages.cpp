/// The table of stages, and what its rows say about single ops.
#include "compiler/Stages/Stages.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

namespace nnc {

llvm::ArrayRef<StageInfo> allStages() {
  static const StageInfo stages[] = {
#define NNC_STAGE(enumerator, name, extension, legal, holds)                                       \
  {Stage::enumerator, name, extension, legal, holds},
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

bool isLegal(Stage stage, llvm::StringRef op) {
  bool legal = op == "builtin.module";
  for (llvm::StringRef word : llvm::split(infoOf(stage).legal, ' ')) {
    if (word.consume_front("-") && word == op)
      return false;
    legal |= word == op || word == op.split('.').first;
  }
  return legal;
}

} // namespace nnc
