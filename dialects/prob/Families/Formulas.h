/// What each family of distributions can compute, in nn ops: one class per family, one object per
/// row of families.def.
#ifndef NNC_DIALECTS_PROB_FAMILIES_FORMULAS_H
#define NNC_DIALECTS_PROB_FAMILIES_FORMULAS_H

#include "dialects/nn/Build/Emit.h"
#include "dialects/prob/Families/Families.h"

#include <cmath>
#include <numbers>

namespace nnc::prob {

/// A distribution: a family and its operands, which are repeated to the shape of a draw.
struct Instance {
  nn::Term operator[](unsigned k) const { return {&emit, operands[k]}; }

  nn::Emit &emit;
  Family family;
  mlir::ValueRange operands;
  /// The number of outcomes where it is no operand's axis.
  std::optional<int64_t> count = std::nullopt;
  /// Whether a draw needs its derivative.
  bool isDifferentiated = false;
};

/// The random numbers of one draw: streams that have nothing in common.
class Noise {
public:
  Noise(uint64_t site, mlir::Value seed, mlir::Value step, mlir::Value turn)
      : site(site), seed(seed), step(step), turn(turn) {}
  nn::Term uniform(nn::Emit &emit, mlir::Type type, uint64_t stream = 0) const {
    return make(emit, nn::RandomKind::uniform, type, stream);
  }
  nn::Term normal(nn::Emit &emit, mlir::Type type, uint64_t stream = 0) const {
    return make(emit, nn::RandomKind::normal, type, stream);
  }

private:
  nn::Term make(nn::Emit &emit, nn::RandomKind kind, mlir::Type type, uint64_t stream) const;

  uint64_t site;
  mlir::Value seed, step, turn;
};

/// The formulas of a family. Each result is one number per event, but for `draw`, `mean` and
/// `mode`, which have the shape of a draw.
class Formulas {
public:
  virtual ~Formulas() = default;
  /// The log density of x: real numbers, or labels. `type` is that of the result.
  virtual mlir::Value density(const Instance &d, nn::Term x, mlir::RankedTensorType type) const = 0;
  virtual mlir::Value entropy(const Instance &d, mlir::RankedTensorType type) const = 0;
  /// KL(q || p), for a p of the families that the table names.
  virtual mlir::Value divergence(const Instance &q, const Instance &p) const = 0;
  /// A draw of the type, or of the same shape with elements that are cast to it. Of a family that
  /// is reparameterised, its derivative is that of the draw.
  virtual mlir::Value draw(const Instance &d, const Noise &noise,
                           mlir::RankedTensorType type) const = 0;
  /// Null where it has no closed form.
  virtual mlir::Value mean(const Instance &d) const = 0;
  virtual mlir::Value mode(const Instance &d) const = 0;
  /// Of discrete families: the log odds of 1, or log p up to a constant; null for others.
  virtual mlir::Value logits(const Instance &d) const { return {}; }
};

/// The object of each row, defined in the file of the family.
namespace formulas {
#define NNC_FAMILY(id, ...) const Formulas &id();
#include "dialects/prob/Families/families.def"
} // namespace formulas

const Formulas &formulasOf(Family family);

//===--- Parts of formulas ----------------------------------------------------------===//

inline const double halfLogTwoPi = 0.5 * std::log(2 * std::numbers::pi);

inline int64_t lastAxis(mlir::Value value) { return nn::tensorOf(value).getRank() - 1; }

inline nn::Term infinity(nn::Term like) {
  return like.number(std::numeric_limits<double>::infinity());
}

/// x where low <= y <= high, `otherwise` elsewhere.
nn::Term whereBetween(nn::Term low, nn::Term y, nn::Term high, nn::Term x, nn::Term otherwise);

/// r - 1 - log r, which is 0 at 1 and nowhere less, to its last digits.
nn::Term excess(nn::Term r);

/// Sums over the last axis of one formula per element: an event of independent elements.
inline mlir::Value sumOfEvent(nn::Emit &emit, mlir::Value x) { return emit.sum(x, lastAxis(x)); }

} // namespace nnc::prob

#endif
