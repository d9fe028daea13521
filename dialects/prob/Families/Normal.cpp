/// The normal distribution.
#include "dialects/prob/Families/Formulas.h"

using namespace mlir;

namespace nnc::prob {
namespace {

using nn::Term;

struct Normal : Formulas {
  /// With z = (x - mean) / sigma: -z^2 / 2 - log sigma - log(2 pi) / 2.
  Value density(const Instance &d, Term x, RankedTensorType) const override {
    Term z = (x - d[0]) / d[1];
    return -0.5 * (z * z) - nn::apply<nn::LogOp>(d[1]) - halfLogTwoPi;
  }

  Value entropy(const Instance &d, RankedTensorType) const override {
    return nn::apply<nn::LogOp>(d[1]) + (halfLogTwoPi + 0.5);
  }

  /// log(s0 / s) + (s^2 + (m - m0)^2) / (2 s0^2) - 1/2.
  Value divergence(const Instance &q, const Instance &p) const override {
    Term ratio = q[1] / p[1], distance = (q[0] - p[0]) / p[1];
    return 0.5 * (ratio * ratio + distance * distance) - 0.5 - nn::apply<nn::LogOp>(ratio);
  }

  Value draw(const Instance &d, const Noise &noise, RankedTensorType) const override {
    return d[0] + d[1] * noise.normal(d.emit, d[0].value.getType());
  }

  Value mean(const Instance &d) const override { return d[0]; }
  Value mode(const Instance &d) const override { return d[0]; }
};

} // namespace

const Formulas &formulas::normal() {
  static const Normal object;
  return object;
}

} // namespace nnc::prob
