/// What a user may choose about a compilation. The tools fill it in; no stage reads global state.
#ifndef NNC_COMPILER_STAGES_OPTIONS_H
#define NNC_COMPILER_STAGES_OPTIONS_H

#include "compiler/Stages/Optimisations.h"
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace nnc {

struct Options {
  /// CPU name as LLVM spells it; "native" is the machine that nnc runs on.
  std::string cpu = "native";
  /// Source type f32 is computed in f64, with libm-accurate functions.
  bool real64 = false;
  /// False for -O0: nothing of Optimisations.def is done, and LLVM optimises little.
  bool optimize = true;
  /// Optimisations that are not done (--no-pass).
  std::set<Optimisation> leftOut;
  bool has(Optimisation optimisation) const { return optimize && !leftOut.contains(optimisation); }
  /// Bytes that a scan may keep for its gradient (--memory-limit); above, iterations are computed
  /// again.
  std::optional<int64_t> memoryLimit;
  /// Passes say what they did, and why not, at source lines.
  bool remarks = false;
  /// Folder for one dump per stage; empty for none.
  std::string dumpFolder;
  /// Add each gradient once more for every estimator that its draws allow.
  bool compareEstimators = false;
  /// Print the time that each pass took.
  bool time = false;
  /// -D NAME=VALUE: new values of dims and consts of the source.
  std::vector<std::pair<std::string, std::string>> defines;
};

} // namespace nnc

#endif
