/// The table of optimisations, and its search by name.
#include "compiler/Stages/Optimisations.h"

namespace nnc {

llvm::ArrayRef<OptimisationInfo> allOptimisations() {
  static const OptimisationInfo optimisations[] = {
#define NNC_OPTIMISATION(enumerator, name, does) {Optimisation::enumerator, name, does},
#include "compiler/Stages/Optimisations.def"
  };
  return optimisations;
}

std::optional<Optimisation> parseOptimisation(llvm::StringRef name) {
  for (const OptimisationInfo &info : allOptimisations())
    if (info.name == name)
      return info.optimisation;
  return std::nullopt;
}

} // namespace nnc
