/// The Bernoulli distribution, by the log odds of 1 or by its probability. Log odds are never
/// turned into a probability, whose logarithm would lose digits.
#include "dialects/prob/Families/Outcomes.h"

using namespace mlir;

namespace nnc::prob {
namespace {

using nn::Emit;
using nn::Term;

/// Of 1, and of 0.
std::pair<Outcomes, Outcomes> bothOutcomes(const Instance &d) {
  Emit &emit = d.emit;
  Term p = d[0];
  if (!isByProbabilities(d.family))
    return {{nn::apply<nn::SigmoidOp>(p), -nn::apply<nn::SoftplusOp>(-p)},
            {nn::apply<nn::SigmoidOp>(-p), -nn::apply<nn::SoftplusOp>(p)}};
  Value certain = emit.compare(nn::Comparison::eq, p, p.number(1));
  Term inner{&emit, emit.select(certain, p.number(0), p)};
  Term rest{&emit, emit.select(certain, -infinity(p), nn::apply<nn::Log1pOp>(-inner))};
  return {{p, guardedLog(p)}, {1.0 - p, rest}};
}

struct Bernoulli : Formulas {
  /// By log odds (x - [a > 0]) a - softplus(-|a|), which is x a - softplus(a) without the
  /// difference of two large numbers; by probability x log p + (1 - x) log(1 - p).
  Value density(const Instance &d, Term x, RankedTensorType) const override {
    if (isByProbabilities(d.family)) {
      auto [one, zero] = bothOutcomes(d);
      return scored(x, one.logs) + scored(1.0 - x, zero.logs);
    }
    Term a = d[0];
    Term one = nn::where(nn::Comparison::gt, a, a.number(0), a.number(1));
    return weighted(x - one, a) - nn::apply<nn::SoftplusOp>(negativeMagnitude(a));
  }

  /// softplus(a) - a sigmoid(a), the same for a and -a; neither term is negative for a = -|logits|.
  Value entropy(const Instance &d, RankedTensorType) const override {
    if (isByProbabilities(d.family)) {
      auto [one, zero] = bothOutcomes(d);
      return expectedSurprise(one) + expectedSurprise(zero);
    }
    Term a = negativeMagnitude(d[0]);
    return nn::apply<nn::SoftplusOp>(a) - weighted(nn::apply<nn::SigmoidOp>(a), a);
  }

  Value divergence(const Instance &q, const Instance &p) const override {
    auto [one, zero] = bothOutcomes(q);
    auto [one0, zero0] = bothOutcomes(p);
    return expectedRatio(one, one0) + expectedRatio(zero, zero0);
  }

  Value draw(const Instance &d, const Noise &noise, RankedTensorType) const override {
    Term u = noise.uniform(d.emit, d[0].value.getType());
    return d.emit.compare(nn::Comparison::lt, u, mean(d));
  }

  Value mean(const Instance &d) const override {
    return isByProbabilities(d.family) ? d[0] : nn::apply<nn::SigmoidOp>(d[0]);
  }

  Value mode(const Instance &d) const override {
    Term even = d[0].number(isByProbabilities(d.family) ? 0.5 : 0);
    return d.emit.compare(nn::Comparison::gt, d[0], even);
  }

  Value logits(const Instance &d) const override {
    if (!isByProbabilities(d.family))
      return d[0];
    return nn::apply<nn::LogOp>(d[0]) - nn::apply<nn::Log1pOp>(-d[0]);
  }
};

} // namespace

const Formulas &formulas::bernoulli() {
  static const Bernoulli object;
  return object;
}
const Formulas &formulas::bernoulli_probs() { return bernoulli(); }

} // namespace nnc::prob
