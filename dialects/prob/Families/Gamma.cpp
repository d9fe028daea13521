/// The gamma distribution, by shape a and rate b.
#include "dialects/prob/Families/GammaFunction.h"

using namespace mlir;

namespace nnc::prob {
namespace {

using nn::Emit;
using nn::tensorOf;
using nn::Term;

struct Gamma : Formulas {
  /// log(a / (2 pi)) / 2 - stirlingError(a) - log x - a (r - 1 - log r), r = b x / a: Loader's
  /// saddle point, without the large terms of a log(b x) - b x - log gamma(a).
  Value density(const Instance &d, Term x, RankedTensorType) const override {
    Emit &emit = d.emit;
    Value isInside = emit.compare(nn::Comparison::gt, x, x.number(0));
    Term inside{&emit, emit.select(isInside, x, x.number(1))}, a = d[0];
    Term far = a * excess(d[1] * inside / a);
    Term log = 0.5 * nn::apply<nn::LogOp>(a) - halfLogTwoPi - stirlingError(a) -
               nn::apply<nn::LogOp>(inside) - far;
    return emit.select(isInside, log, -infinity(x));
  }

  /// a - log b + log gamma(a) + (1 - a) digamma(a).
  Value entropy(const Instance &d, RankedTensorType) const override {
    Term a = d[0];
    return 0.5 * nn::apply<nn::LogOp>(a) + (halfLogTwoPi + 0.5) + stirlingError(a) - 0.5 / a -
           (1.0 - a) * stirlingSlope(a) - nn::apply<nn::LogOp>(d[1]);
  }

  /// (a - a0) digamma(a) - log gamma(a) + log gamma(a0) + a0 log(b / b0) + a (b0 - b) / b, ordered
  /// by what each part of Stirling's formula gives; r is the ratio of the means.
  Value divergence(const Instance &q, const Instance &p) const override {
    Term a = q[0], a0 = p[0];
    Term r = (a / a0) * (p[1] / q[1]);
    return a0 * excess(r) + 0.5 * excess(a0 / a) - (a - a0) * stirlingSlope(a) + stirlingError(a0) -
           stirlingError(a);
  }

  /// At least the smallest number, which is in the support.
  Value draw(const Instance &d, const Noise &noise, RankedTensorType) const override {
    auto [value, logFactor] = drawStandardGamma(d, d[0], noise, 0);
    Term x = value * nn::apply<nn::ExpOp>(logFactor) / d[1];
    auto element = cast<FloatType>(tensorOf(x).getElementType());
    double smallest = APFloat::getSmallestNormalized(element.getFloatSemantics()).convertToDouble();
    return d.emit.make<nn::MaxOp>(x, x.number(smallest));
  }

  Value mean(const Instance &d) const override { return d[0] / d[1]; }
  Value mode(const Instance &d) const override {
    return Term{&d.emit, d.emit.make<nn::MaxOp>(d[0] - 1.0, d[0].number(0))} / d[1];
  }
};

} // namespace

const Formulas &formulas::gamma() {
  static const Gamma object;
  return object;
}

} // namespace nnc::prob
