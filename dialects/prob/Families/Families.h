/// The families of distributions and what each is: the rows of families.def.
#ifndef NNC_DIALECTS_PROB_FAMILIES_FAMILIES_H
#define NNC_DIALECTS_PROB_FAMILIES_FAMILIES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <optional>

namespace nnc::prob {

/// A row of the table. Only who names one needs Family.h, so that a new row is a small build.
enum class Family : uint32_t;

/// What the elements of a draw are.
enum class Values : uint8_t {
  real,     ///< numbers
  positive, ///< numbers above 0
  binary,   ///< 0 or 1, as a number or a boolean
  label,    ///< i32 below the number of outcomes
  oneHot,   ///< 0 or 1, one 1 along the event's axis
};
inline bool isContinuous(Values values) {
  return values == Values::real || values == Values::positive;
}

/// What a parameter may be. Those of one number per outcome have an axis of outcomes last; the
/// others have the shape of a draw, `triangle` with the last axis twice.
enum class Domain : uint8_t {
  real,        ///< any number
  positive,    ///< a number above 0
  scale,       ///< a number of at least 0
  above,       ///< a number not below the parameter before it
  probability, ///< a number from 0 to 1
  logits,      ///< one number per outcome
  weights,     ///< one number of at least 0 per outcome, in proportion to its probability
  triangle,    ///< a lower triangular matrix per event
  count,       ///< the number of outcomes, known at compile time: an attribute, no operand
};

struct Parameter {
  llvm::StringRef name;
  Domain domain;
};

struct FamilyTraits {
  llvm::StringRef id; ///< in a dump
  Family family;
  llvm::StringRef name;
  Values values;
  unsigned eventRank;
  llvm::SmallVector<Parameter, 3> parameters;
  bool reparameterised;
  llvm::SmallVector<Family, 2> divergence;
  std::optional<Family> logits = std::nullopt;
};

llvm::ArrayRef<FamilyTraits> allFamilies();
inline const FamilyTraits &traitsOf(Family family) {
  return allFamilies()[static_cast<unsigned>(family)];
}

/// By its name in a dump.
std::optional<Family> symbolizeFamily(llvm::StringRef id);
inline llvm::StringRef stringifyFamily(Family family) { return traitsOf(family).id; }

/// The number of parameters that are operands.
unsigned operandCount(Family family);
inline bool isByProbabilities(Family family) { return traitsOf(family).logits.has_value(); }
/// The family itself of one that is given by probabilities.
inline Family baseFamily(Family family) { return traitsOf(family).logits.value_or(family); }
/// Whether the divergence from `q` to `p` has a closed form (if their events have one shape).
bool hasDivergence(Family q, Family p);

} // namespace nnc::prob

#endif
