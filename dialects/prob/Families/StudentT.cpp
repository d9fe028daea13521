/// Student's t distribution of df degrees of freedom, around loc.
#include "dialects/prob/Families/GammaFunction.h"

using namespace mlir;

namespace nnc::prob {
namespace {

using nn::Term;

/// log(gamma(h + 1/2) / (gamma(h) sqrt(2 pi h))) for h = df / 2.
Term logFactorOf(Term h) {
  return h * nn::apply<nn::Log1pOp>(0.5 / h) - 0.5 + (stirlingError(h + 0.5) - stirlingError(h)) -
         halfLogTwoPi;
}

struct StudentT : Formulas {
  /// With z = (x - loc) / scale: logFactorOf(h) - log scale - (h + 1/2) log(1 + z^2 / df).
  Value density(const Instance &d, Term x, RankedTensorType) const override {
    Term h = 0.5 * d[0], z = (x - d[1]) / d[2];
    Term far = (h + 0.5) * nn::apply<nn::Log1pOp>(z * (z / d[0]));
    return logFactorOf(h) - nn::apply<nn::LogOp>(d[2]) - far;
  }

  /// log scale - logFactorOf(h) + (h + 1/2) (digamma(h + 1/2) - digamma(h)).
  Value entropy(const Instance &d, RankedTensorType) const override {
    Term h = 0.5 * d[0];
    Term step = nn::apply<nn::Log1pOp>(0.5 / h) + 1.0 / (d[0] * (d[0] + 1.0)) +
                (stirlingSlope(h) - stirlingSlope(h + 0.5));
    return nn::apply<nn::LogOp>(d[2]) - logFactorOf(h) + (h + 0.5) * step;
  }

  Value divergence(const Instance &, const Instance &) const override {
    llvm_unreachable("none is known in closed form");
  }

  /// A normal number over the square root of an independent gamma number of mean 1.
  Value draw(const Instance &d, const Noise &noise, RankedTensorType) const override {
    Term h = 0.5 * d[0], e = noise.normal(d.emit, h.value.getType());
    auto [value, logFactor] = drawStandardGamma(d, h, noise, 1);
    Term width = nn::apply<nn::SqrtOp>(h / value) * nn::apply<nn::ExpOp>(-0.5 * logFactor);
    return d[1] + d[2] * (e * width);
  }

  /// Has none for df <= 1.
  Value mean(const Instance &) const override { return {}; }
  Value mode(const Instance &d) const override { return d[1]; }
};

} // namespace

const Formulas &formulas::student_t() {
  static const StudentT object;
  return object;
}

} // namespace nnc::prob
