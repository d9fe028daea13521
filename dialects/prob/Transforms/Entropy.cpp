/// Entropies in closed form.
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
const double halfLogTwoPiE = 0.5 * (std::log(2 * std::numbers::pi) + 1);

int64_t lastAxis(Value value) { return tensorOf(value).getRank() - 1; }

Term normalEntropy(Emit &emit, EntropyOp op) {
  return nn::apply<nn::LogOp>(Term{&emit, op.getParameters()[1]}) + halfLogTwoPiE;
}

/// Sum of log L_ii, and D times what a standard normal number has.
Value correlatedEntropy(Emit &emit, EntropyOp op) {
  Value logs = emit.make<nn::LogOp>(emitDiagonal(emit, op.getParameters()[1]));
  Term volume{&emit, emit.sum(logs, lastAxis(logs))};
  return volume + halfLogTwoPiE * static_cast<double>(shapeOf(logs).back());
}

/// softplus(a) - a sigmoid(a), the same for a and -a; neither term is negative for a = -|logits|.
Value bernoulliEntropy(Emit &emit, EntropyOp op) {
  if (op.getFamily() == Family::bernoulli_probs) {
    auto [one, zero] = emitBothOutcomes(emit, op.getFamily(), op.getParameters()[0]);
    return weighted(one.probabilities, -one.logs) + weighted(zero.probabilities, -zero.logs);
  }
  Term a = negativeMagnitude({&emit, op.getParameters()[0]});
  return nn::apply<nn::SoftplusOp>(a) - weighted(nn::apply<nn::SigmoidOp>(a), a);
}

Value categoricalEntropy(Emit &emit, EntropyOp op) {
  Outcomes all = emitOutcomes(emit, op.getFamily(), op.getParameters()[0]);
  return emit.sum(weighted(all.probabilities, -all.logs), lastAxis(all.logs));
}
} // namespace

Value emitEntropy(Emit &emit, EntropyOp op) {
  switch (baseFamily(op.getFamily())) {
  case Family::normal:
    return normalEntropy(emit, op);
  case Family::diag_normal: {
    Value each = normalEntropy(emit, op);
    return emit.sum(each, lastAxis(each));
  }
  case Family::mvn:
    return correlatedEntropy(emit, op);
  case Family::uniform: {
    Term low{&emit, op.getParameters()[0]}, high{&emit, op.getParameters()[1]};
    return nn::apply<nn::LogOp>(high - low);
  }
  case Family::bernoulli:
    return bernoulliEntropy(emit, op);
  case Family::categorical:
  case Family::one_hot:
    return categoricalEntropy(emit, op);
  case Family::discrete_uniform:
    return emit.constant(op.getType(), std::log(static_cast<double>(*op.getBound())));
  default:
    break;
  }
  llvm_unreachable("a family without an entropy");
}

} // namespace nnc::prob
