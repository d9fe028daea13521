/// Outcomes along an axis, given by logits or by probabilities.
#include "dialects/prob/Families/Outcomes.h"
#include "dialects/prob/Families/SharedOutcomes.h"

#include "dialects/nn/IR/ShapeRules.h"

using namespace mlir;

namespace nnc::prob {

using nn::Emit;
using nn::shapeOf;
using nn::tensorOf;
using nn::Term;

Term negativeMagnitude(Term x) {
  Emit &emit = *x.emit;
  return {&emit, emit.select(emit.compare(nn::Comparison::gt, x, x.number(0)), -x, x)};
}

static Value isFinite(Term x) {
  return x.emit->compare(nn::Comparison::lt, nn::apply<nn::AbsOp>(x), infinity(x));
}

Term weighted(Term weight, Term x) {
  Emit &emit = *x.emit;
  Value counts =
      emit.make<nn::OrOp>(isFinite(x), emit.compare(nn::Comparison::ne, weight, weight.number(0)));
  return weight * Term{&emit, emit.select(counts, x, x.number(0))};
}

Term scored(Term x, Term log) {
  Emit &emit = *x.emit;
  Term still = nn::apply<nn::StopGradientOp>(x);
  return weighted({&emit, emit.select(isFinite(log), x, still)}, log);
}

Term guardedLog(Term x) {
  Emit &emit = *x.emit;
  Value none = emit.compare(nn::Comparison::eq, x, x.number(0));
  Term log = nn::apply<nn::LogOp>({&emit, emit.select(none, x.number(1), x)});
  return {&emit, emit.select(none, -infinity(x), log)};
}

Term expectedSurprise(const Outcomes &all) { return weighted(all.probabilities, -all.logs); }

Term expectedRatio(const Outcomes &q, const Outcomes &p) {
  return weighted(q.probabilities, q.logs - p.logs);
}

Outcomes emitOutcomes(const Instance &d) {
  Emit &emit = d.emit;
  Term p = d[0];
  int64_t axis = lastAxis(p);
  if (!isByProbabilities(d.family))
    return {{&emit, emit.make<nn::SoftmaxOp>(p, axis)},
            {&emit, emit.make<nn::LogSoftmaxOp>(p, axis)}};
  Term total{&emit, emit.restoreAxes(emit.sum(p, axis), shapeOf(p), axis)};
  return {p / total, guardedLog(p) - nn::apply<nn::LogOp>(total)};
}

Value emitOutcomesEntropy(const Instance &d) {
  return sumOfEvent(d.emit, expectedSurprise(emitOutcomes(d)));
}

Value emitOutcomesDivergence(const Instance &q, const Instance &p) {
  Outcomes own = emitOutcomes(q), other = emitOutcomes(p);
  return sumOfEvent(q.emit, expectedRatio(own, other));
}

Value emitLogits(const Instance &d) {
  return isByProbabilities(d.family) ? nn::apply<nn::LogOp>(d[0]) : d[0];
}

/// logits plus Gumbel noise: its largest element is a draw from the categorical distribution.
static Term perturbed(const Instance &d, const Noise &noise) {
  Term logits = isByProbabilities(d.family) ? guardedLog(d[0]) : d[0];
  Term u = noise.uniform(d.emit, logits.value.getType());
  return logits - nn::apply<nn::LogOp>(-nn::apply<nn::LogOp>(u));
}

Value largestOutcome(Emit &emit, Value x) { return emit.make<nn::ArgmaxOp>(x, lastAxis(x)); }

Value drawOutcomes(const Instance &d, const Noise &noise) {
  Emit &emit = d.emit;
  Value given = d[0];
  auto shared = SharedOutcomes::of(given);
  if (!shared)
    return largestOutcome(emit, perturbed(d, noise));
  Term weights{&emit, shared->own()};
  if (!isByProbabilities(d.family)) {
    int64_t axis = lastAxis(weights);
    Value largest = emit.reduce(nn::Reduction::max, weights, axis);
    weights = nn::apply<nn::ExpOp>(weights -
                                   Term{&emit, emit.restoreAxes(largest, shapeOf(weights), axis)});
  }
  auto events = RankedTensorType::get(shapeOf(given).drop_back(), tensorOf(given).getElementType());
  return shared->draw(emit, weights, noise.uniform(emit, events));
}

Value drawRelaxed(const Instance &d, const Noise &noise, Value temperature, bool isHard) {
  Emit &emit = d.emit;
  Term x = perturbed(d, noise);
  Value tau = emit.broadcast(temperature, shapeOf(x), {});
  Term soft{&emit, emit.make<nn::SoftmaxOp>(x / Term{&emit, tau}, lastAxis(x))};
  if (!isHard)
    return soft;
  Value largest = emit.oneHot(largestOutcome(emit, soft), shapeOf(soft), lastAxis(soft));
  Term hard{&emit, emit.cast(largest, tensorOf(soft).getElementType())};
  return soft + nn::apply<nn::StopGradientOp>(hard - soft);
}

} // namespace nnc::prob
