/// The categorical distribution: a label, by logits or by weights along the last axis.
#include "dialects/prob/Families/Outcomes.h"
#include "dialects/prob/Families/SharedOutcomes.h"

#include "dialects/nn/IR/ShapeRules.h"

using namespace mlir;

namespace nnc::prob {
namespace {

using nn::Emit;
using nn::shapeOf;
using nn::Term;

/// log p of the label: its weight is picked before the logarithm, so that the others have none.
Value pickedDensity(const Instance &d, Value x) {
  Emit &emit = d.emit;
  Term p = d[0];
  int64_t axis = lastAxis(p);
  Value label = emit.oneHot(x, shapeOf(p), axis);
  Term picked{&emit, emit.sum(emit.select(label, p, p.number(0)), axis)};
  Term total{&emit, emit.sum(p, axis)};
  return guardedLog(picked) - nn::apply<nn::LogOp>(total);
}

/// log p of the labels of several events of one distribution, whose logarithms are taken once.
Value sharedDensity(const Instance &d, Value x, const SharedOutcomes &shared) {
  Emit &emit = d.emit;
  Term p{&emit, shared.own()};
  int64_t axis = lastAxis(p);
  if (!isByProbabilities(d.family))
    return shared.lookUp(emit, emit.make<nn::LogSoftmaxOp>(p, axis), x);
  Term total{&emit, emit.sum(p, axis)};
  Term logs =
      guardedLog(p) - Term{&emit, emit.restoreAxes(nn::apply<nn::LogOp>(total), shapeOf(p), axis)};
  return shared.lookUp(emit, logs, x);
}

struct Categorical : Formulas {
  Value density(const Instance &d, Term x, RankedTensorType) const override {
    if (auto shared = SharedOutcomes::of(d[0]))
      return sharedDensity(d, x, *shared);
    if (isByProbabilities(d.family))
      return pickedDensity(d, x);
    return d.emit.make<nn::NegOp>(d.emit.make<nn::CrossEntropyOp>(d[0], x));
  }

  Value entropy(const Instance &d, RankedTensorType) const override {
    return emitOutcomesEntropy(d);
  }
  Value divergence(const Instance &q, const Instance &p) const override {
    return emitOutcomesDivergence(q, p);
  }
  Value draw(const Instance &d, const Noise &noise, RankedTensorType) const override {
    return drawOutcomes(d, noise);
  }
  Value mean(const Instance &) const override { return {}; }
  Value mode(const Instance &d) const override { return largestOutcome(d.emit, d[0]); }
  Value logits(const Instance &d) const override { return emitLogits(d); }
};

} // namespace

const Formulas &formulas::categorical() {
  static const Categorical object;
  return object;
}
const Formulas &formulas::categorical_probs() { return categorical(); }

} // namespace nnc::prob
