/// The uniform distribution of real numbers, ends included.
#include "dialects/prob/Families/Family.h"
#include "dialects/prob/Families/Formulas.h"

using namespace mlir;

namespace nnc::prob {
namespace {

using nn::Emit;
using nn::Term;

struct Uniform : Formulas {
  Value density(const Instance &d, Term x, RankedTensorType) const override {
    return whereBetween(d[0], x, d[1], -nn::apply<nn::LogOp>(d[1] - d[0]), -infinity(x));
  }

  Value entropy(const Instance &d, RankedTensorType) const override {
    return nn::apply<nn::LogOp>(d[1] - d[0]);
  }

  Value divergence(const Instance &q, const Instance &p) const override {
    return p.family == Family::normal ? toNormal(q, p) : toUniform(q, p);
  }

  Value draw(const Instance &d, const Noise &noise, RankedTensorType) const override {
    return d[0] + (d[1] - d[0]) * noise.uniform(d.emit, d[0].value.getType());
  }

  Value mean(const Instance &d) const override { return (d[0] + d[1]) * 0.5; }
  Value mode(const Instance &) const override { return {}; }

private:
  /// log of the ratio of the widths; infinite unless q lies inside p.
  static Value toUniform(const Instance &q, const Instance &p) {
    Emit &emit = q.emit;
    Value inside = emit.make<nn::AndOp>(emit.compare(nn::Comparison::ge, q[0], p[0]),
                                        emit.compare(nn::Comparison::le, q[1], p[1]));
    Term logs = nn::apply<nn::LogOp>((p[1] - p[0]) / (q[1] - q[0]));
    return emit.select(inside, logs, infinity(q[0]));
  }

  /// E_q of -log p is that of the middle, plus the variance of q over twice that of p.
  static Value toNormal(const Instance &q, const Instance &p) {
    Term low = q[0], high = q[1], m0 = p[0], s0 = p[1];
    Term width = (high - low) / s0, distance = (0.5 * (low + high) - m0) / s0;
    return 0.5 * (distance * distance) + (1.0 / 24) * (width * width) -
           nn::apply<nn::LogOp>(width) + halfLogTwoPi;
  }
};

} // namespace

const Formulas &formulas::uniform() {
  static const Uniform object;
  return object;
}

} // namespace nnc::prob
