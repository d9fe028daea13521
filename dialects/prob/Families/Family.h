/// The rows of families.def by their enumerators.
#ifndef NNC_DIALECTS_PROB_FAMILIES_FAMILY_H
#define NNC_DIALECTS_PROB_FAMILIES_FAMILY_H

#include "dialects/prob/Families/Families.h"

namespace nnc::prob {

enum class Family : uint32_t {
#define NNC_FAMILY(row, ...) row,
#include "dialects/prob/Families/families.def"
};

} // namespace nnc::prob

#endif
