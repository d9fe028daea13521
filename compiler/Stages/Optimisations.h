/// The optimisations (Optimisations.def) by name.
#ifndef NNC_COMPILER_STAGES_OPTIMISATIONS_H
#define NNC_COMPILER_STAGES_OPTIMISATIONS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <optional>

namespace nnc {

enum class Optimisation {
#define NNC_OPTIMISATION(enumerator, name, does) enumerator,
#include "compiler/Stages/Optimisations.def"
};

struct OptimisationInfo {
  Optimisation optimisation;
  llvm::StringRef name, does;
};

/// All optimisations, in the order in which they are done.
llvm::ArrayRef<OptimisationInfo> allOptimisations();
std::optional<Optimisation> parseOptimisation(llvm::StringRef name);

} // namespace nnc

#endif
