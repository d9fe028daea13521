/// The Laplace distribution: an exponential one to either side of loc.
#include "dialects/prob/Families/Formulas.h"

using namespace mlir;

namespace nnc::prob {
namespace {

using nn::Term;

struct Laplace : Formulas {
  Value density(const Instance &d, Term x, RankedTensorType) const override {
    Term z = nn::apply<nn::AbsOp>(x - d[0]) / d[1];
    return -z - nn::apply<nn::LogOp>(d[1]) - std::numbers::ln2;
  }

  Value entropy(const Instance &d, RankedTensorType) const override {
    return nn::apply<nn::LogOp>(d[1]) + (1 + std::numbers::ln2);
  }

  /// With r = s / s0 and z = |m - m0| / s: (r - 1 - log r) + r (z + e^-z - 1), neither below 0.
  Value divergence(const Instance &q, const Instance &p) const override {
    Term r = q[1] / p[1], z = nn::apply<nn::AbsOp>(q[0] - p[0]) / q[1];
    return excess(r) + r * (z + nn::apply<nn::Expm1Op>(-z));
  }

  /// The inverse of the distribution function, from u - 1/2 to either side of 0; it never is 0.
  Value draw(const Instance &d, const Noise &noise, RankedTensorType) const override {
    Term c = noise.uniform(d.emit, d[0].value.getType()) - 0.5;
    Term size = nn::apply<nn::Log1pOp>(nn::apply<nn::AbsOp>(c) * -2.0);
    return d[0] - d[1] * (nn::apply<nn::SignOp>(c) * size);
  }

  Value mean(const Instance &d) const override { return d[0]; }
  Value mode(const Instance &d) const override { return d[0]; }
};

} // namespace

const Formulas &formulas::laplace() {
  static const Laplace object;
  return object;
}

} // namespace nnc::prob
