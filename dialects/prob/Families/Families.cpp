/// The table of families.
#include "dialects/prob/Families/Families.h"
#include "dialects/prob/Families/Family.h"

#include "llvm/ADT/STLExtras.h"

namespace nnc::prob {

llvm::ArrayRef<FamilyTraits> allFamilies() {
  static const FamilyTraits table[] = {
#define NNC_FAMILY(row, ...) {.id = #row, .family = Family::row, __VA_ARGS__},
#include "dialects/prob/Families/families.def"
  };
  return table;
}

std::optional<Family> symbolizeFamily(llvm::StringRef id) {
  for (const FamilyTraits &row : allFamilies())
    if (row.id == id)
      return row.family;
  return std::nullopt;
}

unsigned operandCount(Family family) {
  return llvm::count_if(traitsOf(family).parameters,
                        [](const Parameter &p) { return p.domain != Domain::count; });
}

bool hasDivergence(Family q, Family p) {
  return llvm::is_contained(traitsOf(q).divergence, baseFamily(p));
}

} // namespace nnc::prob
