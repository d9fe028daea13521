/// One-hot vectors of a categorical distribution: an event is the last axis.
#include "dialects/prob/Families/Outcomes.h"

#include "dialects/nn/IR/ShapeRules.h"

using namespace mlir;

namespace nnc::prob {
namespace {

using nn::Emit;
using nn::shapeOf;
using nn::Term;

/// One-hot vectors of labels, as booleans in the shape of the operand.
Value hotAt(const Instance &d, Value label) {
  return d.emit.oneHot(label, shapeOf(d[0]), lastAxis(d[0]));
}

struct OneHot : Formulas {
  Value density(const Instance &d, Term x, RankedTensorType) const override {
    Term logs = emitOutcomes(d).logs;
    return sumOfEvent(d.emit, isByProbabilities(d.family) ? scored(x, logs) : weighted(x, logs));
  }
  Value entropy(const Instance &d, RankedTensorType) const override {
    return emitOutcomesEntropy(d);
  }
  Value divergence(const Instance &q, const Instance &p) const override {
    return emitOutcomesDivergence(q, p);
  }
  Value draw(const Instance &d, const Noise &noise, RankedTensorType) const override {
    return hotAt(d, drawOutcomes(d, noise));
  }
  Value mean(const Instance &d) const override {
    Emit &emit = d.emit;
    int64_t axis = lastAxis(d[0]);
    if (!isByProbabilities(d.family))
      return emit.make<nn::SoftmaxOp>(d[0], axis);
    return d[0] / Term{&emit, emit.restoreAxes(emit.sum(d[0], axis), shapeOf(d[0]), axis)};
  }
  Value mode(const Instance &d) const override { return hotAt(d, largestOutcome(d.emit, d[0])); }
  Value logits(const Instance &d) const override { return emitLogits(d); }
};

} // namespace

const Formulas &formulas::one_hot() {
  static const OneHot object;
  return object;
}
const Formulas &formulas::one_hot_probs() { return one_hot(); }

} // namespace nnc::prob
