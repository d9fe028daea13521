/// What families of discrete values share: logits or probabilities of outcomes, where 0 log 0 is 0.
#ifndef NNC_DIALECTS_PROB_FAMILIES_OUTCOMES_H
#define NNC_DIALECTS_PROB_FAMILIES_OUTCOMES_H

#include "dialects/prob/Families/Formulas.h"

namespace nnc::prob {

/// -|x|, with the derivative of x at 0, so that even and smooth functions of it have theirs.
nn::Term negativeMagnitude(nn::Term x);

/// weight * x, and 0 where the weight is 0 and x is not finite: 0 log 0 = 0.
nn::Term weighted(nn::Term weight, nn::Term x);

/// The same for a value and a log probability: an infinite one gives the value no derivative, which
/// may be 0 times something.
nn::Term scored(nn::Term x, nn::Term log);

/// log x, and minus infinity without a derivative where x is 0: what 0 log 0 = 0 needs.
nn::Term guardedLog(nn::Term x);

/// The probabilities of an axis of outcomes (or of one outcome), and their logarithms.
struct Outcomes {
  nn::Term probabilities, logs;
};

/// Probabilities times logarithms, negated.
nn::Term expectedSurprise(const Outcomes &all);
/// Probabilities times the differences of logarithms; outcomes that q never has count for nothing.
nn::Term expectedRatio(const Outcomes &q, const Outcomes &p);

/// Of a distribution with outcomes along the last axis of its operand.
Outcomes emitOutcomes(const Instance &d);
mlir::Value emitOutcomesEntropy(const Instance &d);
mlir::Value emitOutcomesDivergence(const Instance &q, const Instance &p);
/// log p up to a constant.
mlir::Value emitLogits(const Instance &d);

/// The numbers of drawn outcomes, one per event. Several draws from one distribution share its
/// running sums and take one number each; otherwise each outcome of each event has its own noise.
mlir::Value drawOutcomes(const Instance &d, const Noise &noise);

/// The largest outcome along the last axis.
mlir::Value largestOutcome(nn::Emit &emit, mlir::Value x);

/// A relaxed one-hot vector; with `hard` its value is the one-hot vector and its gradient that of
/// the relaxed one.
mlir::Value drawRelaxed(const Instance &d, const Noise &noise, mlir::Value temperature, bool hard);

} // namespace nnc::prob

#endif
