/// Log densities. Families with logits are never turned into probabilities, whose logarithm would
/// lose digits.
#include "dialects/prob/Transforms/Families.h"
#include "dialects/prob/Transforms/Shared.h"

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

Value normalDensity(Emit &emit, LogProbOp op, Term x) {
  Term mean{&emit, op.getParameters()[0]}, scale{&emit, op.getParameters()[1]};
  Term z = (x - mean) / scale;
  return -0.5 * (z * z) - nn::apply<nn::LogOp>(scale) - halfLogTwoPi;
}

Value uniformDensity(Emit &emit, LogProbOp op, Term x) {
  Term low{&emit, op.getParameters()[0]}, high{&emit, op.getParameters()[1]};
  Value inside = emit.make<nn::AndOp>(emit.compare(nn::Comparison::ge, x, low),
                                      emit.compare(nn::Comparison::le, x, high));
  Value outside = emit.constant(x.value.getType(), -std::numeric_limits<double>::infinity());
  return emit.select(inside, -nn::apply<nn::LogOp>(high - low), outside);
}

/// (x - [a > 0]) a - softplus(-|a|), which is x a - softplus(a) without the difference of two large
/// numbers.
Value bernoulliDensity(Emit &emit, LogProbOp op, Term x) {
  Term logits{&emit, op.getParameters()[0]};
  Term one = nn::where(nn::Comparison::gt, logits, logits.number(0), logits.number(1));
  return weighted(x - one, logits) - nn::apply<nn::SoftplusOp>(negativeMagnitude(logits));
}

/// x log p + (1 - x) log(1 - p).
Value bernoulliProbsDensity(Emit &emit, LogProbOp op, Term x) {
  auto [one, zero] = emitBothOutcomes(emit, op.getFamily(), op.getParameters()[0]);
  return weighted(x, one.logs) + weighted(1.0 - x, zero.logs);
}

/// log p of the label: its probability is picked before the logarithm, so that the others have
/// none.
Value categoricalProbsDensity(Emit &emit, LogProbOp op) {
  Term p{&emit, op.getParameters()[0]};
  int64_t axis = lastAxis(p);
  Value label = emit.oneHot(op.getValue(), shapeOf(p), axis);
  Term picked{&emit, emit.sum(emit.select(label, p, p.number(0)), axis)};
  Term total{&emit, emit.sum(p, axis)};
  return guardedLog(picked) - nn::apply<nn::LogOp>(total);
}

/// log p of the labels of several events of one distribution, whose logarithms are taken once.
Value sharedDensity(Emit &emit, LogProbOp op, const SharedOutcomes &shared) {
  Value p = shared.own();
  if (op.getFamily() == Family::categorical)
    return shared.lookUp(emit, emit.make<nn::LogSoftmaxOp>(p, lastAxis(p)), op.getValue());
  Term total{&emit, emit.sum(p, lastAxis(p))};
  Term logs = guardedLog({&emit, p}) -
              Term{&emit, emit.restoreAxes(nn::apply<nn::LogOp>(total), shapeOf(p), lastAxis(p))};
  return shared.lookUp(emit, logs, op.getValue());
}

/// With z = L^-1 (x - mean): -|z|^2 / 2 - sum log L_ii - D/2 log 2 pi.
Value correlatedDensity(Emit &emit, LogProbOp op, Term x) {
  Term mean{&emit, op.getParameters()[0]};
  Value lower = op.getParameters()[1];
  SmallVector<int64_t> column(shapeOf(x));
  column.push_back(1);
  Value solved = emitTriangularSolve(emit, lower, emit.reshape(x - mean, column));
  Term z{&emit, emit.reshape(solved, shapeOf(x))};
  Term square{&emit, emit.sum(z * z, lastAxis(x))};
  Value logs = emit.make<nn::LogOp>(emitDiagonal(emit, lower));
  Term volume{&emit, emit.sum(logs, lastAxis(logs))};
  return -0.5 * square - volume - halfLogTwoPi * static_cast<double>(shapeOf(x).back());
}

/// -log n inside 0 .. n - 1, minus infinity elsewhere.
Value discreteDensity(Emit &emit, LogProbOp op) {
  Value x = op.getValue();
  Value least = emit.constant(x.getType(), 0),
        bound = emit.constant(x.getType(), static_cast<double>(*op.getBound()));
  Value inside = emit.make<nn::AndOp>(emit.compare(nn::Comparison::ge, x, least),
                                      emit.compare(nn::Comparison::lt, x, bound));
  return emit.select(inside,
                     emit.constant(op.getType(), -std::log(static_cast<double>(*op.getBound()))),
                     emit.constant(op.getType(), -std::numeric_limits<double>::infinity()));
}
} // namespace

Outcomes emitOutcomes(Emit &emit, Family family, Value parameter) {
  int64_t axis = lastAxis(parameter);
  if (family == baseFamily(family))
    return {{&emit, emit.make<nn::SoftmaxOp>(parameter, axis)},
            {&emit, emit.make<nn::LogSoftmaxOp>(parameter, axis)}};
  Term p{&emit, parameter};
  Term total{&emit, emit.restoreAxes(emit.sum(p, axis), shapeOf(p), axis)};
  return {p / total, guardedLog(p) - nn::apply<nn::LogOp>(total)};
}

std::pair<Outcomes, Outcomes> emitBothOutcomes(Emit &emit, Family family, Value parameter) {
  Term p{&emit, parameter};
  if (family == baseFamily(family))
    return {{nn::apply<nn::SigmoidOp>(p), -nn::apply<nn::SoftplusOp>(-p)},
            {nn::apply<nn::SigmoidOp>(-p), -nn::apply<nn::SoftplusOp>(p)}};
  Value certain = emit.compare(nn::Comparison::eq, p, p.number(1));
  Term inner{&emit, emit.select(certain, p.number(0), p)};
  Term rest{&emit, emit.select(certain, p.number(-std::numeric_limits<double>::infinity()),
                               nn::apply<nn::Log1pOp>(-inner))};
  return {{p, guardedLog(p)}, {1.0 - p, rest}};
}

Value emitLogDensity(Emit &emit, LogProbOp op) {
  Term x{&emit, op.getValue()};
  Type element = tensorOf(op.getY()).getElementType();
  auto real = [&] { return Term{&emit, emit.cast(op.getValue(), element)}; };
  switch (op.getFamily()) {
  case Family::normal:
    return normalDensity(emit, op, x);
  case Family::diag_normal:
    return emit.sum(normalDensity(emit, op, x), lastAxis(x));
  case Family::mvn:
    return correlatedDensity(emit, op, x);
  case Family::uniform:
    return uniformDensity(emit, op, x);
  case Family::bernoulli:
    return bernoulliDensity(emit, op, real());
  case Family::categorical:
    if (auto shared = SharedOutcomes::of(op.getParameters()[0]))
      return sharedDensity(emit, op, *shared);
    return emit.make<nn::NegOp>(
        emit.make<nn::CrossEntropyOp>(op.getParameters()[0], op.getValue()));
  case Family::bernoulli_probs:
    return bernoulliProbsDensity(emit, op, real());
  case Family::categorical_probs:
    if (auto shared = SharedOutcomes::of(op.getParameters()[0]))
      return sharedDensity(emit, op, *shared);
    return categoricalProbsDensity(emit, op);
  case Family::one_hot:
  case Family::one_hot_probs: {
    Term logs = emitOutcomes(emit, op.getFamily(), op.getParameters()[0]).logs;
    return emit.sum(weighted(real(), logs), lastAxis(logs));
  }
  case Family::discrete_uniform:
    return discreteDensity(emit, op);
  }
  llvm_unreachable("a family without a density");
}

} // namespace nnc::prob
