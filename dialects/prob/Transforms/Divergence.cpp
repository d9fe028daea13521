/// Kullback-Leibler divergences KL(q || p) in closed form.
#include "dialects/prob/Transforms/Families.h"

#include "dialects/nn/IR/ShapeRules.h"

#include <cmath>
#include <numbers>

using namespace mlir;

namespace nnc::prob {

using nn::Emit;
using nn::shapeOf;
using nn::tensorOf;
using nn::Term;

namespace {
const double halfLogTwoPi = 0.5 * std::log(2 * std::numbers::pi);

int64_t lastAxis(Value value) { return tensorOf(value).getRank() - 1; }

/// log(s0 / s) + (s^2 + (m - m0)^2) / (2 s0^2) - 1/2.
Term normalDivergence(Emit &emit, KlOp op) {
  Term m{&emit, op.getQ()[0]}, s{&emit, op.getQ()[1]}, m0{&emit, op.getP()[0]},
      s0{&emit, op.getP()[1]};
  Term ratio = s / s0, distance = (m - m0) / s0;
  return 0.5 * (ratio * ratio + distance * distance) - 0.5 - nn::apply<nn::LogOp>(ratio);
}

/// log of the ratio of the widths; infinite unless q lies inside p.
Value uniformDivergence(Emit &emit, KlOp op) {
  Term low{&emit, op.getQ()[0]}, high{&emit, op.getQ()[1]}, low0{&emit, op.getP()[0]},
      high0{&emit, op.getP()[1]};
  Value inside = emit.make<nn::AndOp>(emit.compare(nn::Comparison::ge, low, low0),
                                      emit.compare(nn::Comparison::le, high, high0));
  Value infinite = emit.constant(low.value.getType(), std::numeric_limits<double>::infinity());
  return emit.select(inside, nn::apply<nn::LogOp>((high0 - low0) / (high - low)), infinite);
}

/// E_q of -log p is that of the middle, plus the variance of q over twice that of p.
Value uniformToNormalDivergence(Emit &emit, KlOp op) {
  Term low{&emit, op.getQ()[0]}, high{&emit, op.getQ()[1]}, m0{&emit, op.getP()[0]},
      s0{&emit, op.getP()[1]};
  Term width = (high - low) / s0, distance = (0.5 * (low + high) - m0) / s0;
  return 0.5 * (distance * distance) + (1.0 / 24) * (width * width) - nn::apply<nn::LogOp>(width) +
         halfLogTwoPi;
}

/// Probabilities times the differences of logarithms; outcomes that q never has count for nothing.
Term expectedRatio(const Outcomes &q, const Outcomes &p) {
  return weighted(q.probabilities, q.logs - p.logs);
}

Value bernoulliDivergence(Emit &emit, KlOp op) {
  auto [one, zero] = emitBothOutcomes(emit, op.getQFamily(), op.getQ()[0]);
  auto [one0, zero0] = emitBothOutcomes(emit, op.getPFamily(), op.getP()[0]);
  return expectedRatio(one, one0) + expectedRatio(zero, zero0);
}

Value categoricalDivergence(Emit &emit, KlOp op) {
  return emit.sum(expectedRatio(emitOutcomes(emit, op.getQFamily(), op.getQ()[0]),
                                emitOutcomes(emit, op.getPFamily(), op.getP()[0])),
                  lastAxis(op.getQ()[0]));
}

/// (|L0^-1 L|^2 + |L0^-1 (m - m0)|^2 - D) / 2 + sum log L0_ii - sum log L_ii.
Value correlatedDivergence(Emit &emit, KlOp op) {
  Term m{&emit, op.getQ()[0]}, m0{&emit, op.getP()[0]};
  Value lower = op.getQ()[1], lower0 = op.getP()[1];
  int64_t axis = lastAxis(m);
  SmallVector<int64_t> column(shapeOf(m));
  column.push_back(1);
  Value both = emit.make<nn::ConcatOp>(ValueRange{lower, emit.reshape(m - m0, column)}, axis + 1);
  Term solved{&emit, emitTriangularSolve(emit, lower0, both)};
  Term square{&emit, emit.sum(solved * solved, {axis, axis + 1})};
  auto volume = [&](Value matrix) {
    Value logs = emit.make<nn::LogOp>(emitDiagonal(emit, matrix));
    return Term{&emit, emit.sum(logs, lastAxis(logs))};
  };
  return 0.5 * (square - static_cast<double>(shapeOf(m).back())) + volume(lower0) - volume(lower);
}
} // namespace

Value emitDivergence(Emit &emit, KlOp op) {
  switch (baseFamily(op.getQFamily())) {
  case Family::normal:
    return normalDivergence(emit, op);
  case Family::diag_normal:
    return emit.sum(normalDivergence(emit, op), lastAxis(op.getQ()[0]));
  case Family::mvn:
    return correlatedDivergence(emit, op);
  case Family::uniform:
    return op.getPFamily() == Family::normal ? uniformToNormalDivergence(emit, op)
                                             : uniformDivergence(emit, op);
  case Family::bernoulli:
    return bernoulliDivergence(emit, op);
  case Family::categorical:
  case Family::one_hot:
    return categoricalDivergence(emit, op);
  default:
    break;
  }
  llvm_unreachable("the verifier refuses discrete_uniform");
}

} // namespace nnc::prob
