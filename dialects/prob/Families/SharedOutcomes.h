/// Outcomes of one distribution for several events: what a table of it, made once, is looked up
/// for.
#ifndef NNC_DIALECTS_PROB_FAMILIES_SHAREDOUTCOMES_H
#define NNC_DIALECTS_PROB_FAMILIES_SHAREDOUTCOMES_H

#include "dialects/nn/Build/Emit.h"

namespace nnc::prob {

class SharedOutcomes {
public:
  /// Of a parameter [.., K] that repeats one with fewer axes; nothing for others.
  static std::optional<SharedOutcomes> of(mlir::Value parameter);

  /// The parameter before it was repeated.
  mlir::Value own() const;
  /// Of a table with own()'s shape, the entry `index` of the distribution of each event.
  mlir::Value lookUp(nn::Emit &emit, mlir::Value table, mlir::Value index) const;
  /// Draws by `uniform` numbers, one an event: the first outcome at which the weights from the
  /// first one on add up to more than that share of their sum. Weights are not negative; one of 0
  /// is never drawn.
  mlir::Value draw(nn::Emit &emit, mlir::Value weights, mlir::Value uniform) const;

private:
  explicit SharedOutcomes(nn::BroadcastOp repeated) : repeated(repeated) {}
  /// Of flat tables with `length` places a distribution: where those of each event's begin.
  mlir::Value starts(nn::Emit &emit, int64_t length) const;
  /// One number a distribution as one an event.
  mlir::Value toEvents(nn::Emit &emit, mlir::Value x) const;
  llvm::ArrayRef<int64_t> events() const;

  nn::BroadcastOp repeated;
};

} // namespace nnc::prob

#endif
