/// Draws as functions of uniform and normal random numbers.
#include "dialects/prob/Transforms/Families.h"
#include "dialects/prob/Transforms/Shared.h"

#include "dialects/nn/IR/ShapeRules.h"

using namespace mlir;

namespace nnc::prob {

using nn::Emit;
using nn::shapeOf;
using nn::tensorOf;
using nn::Term;

namespace {
/// The random numbers of a draw, shaped as `type`.
Term noise(Emit &emit, DrawOp op, nn::RandomKind kind, Type type) {
  return {&emit, nn::RandomOp::create(emit.builder, emit.loc, type, kind, op.getSite(),
                                      op.getSeed(), op.getStep(), op.getTurn())};
}

Term parameter(Emit &emit, DrawOp op, unsigned k) { return {&emit, op.getParameters()[k]}; }

/// logits plus Gumbel noise: its largest element is a draw from the categorical distribution.
Term perturbed(Emit &emit, DrawOp op) {
  Term logits = parameter(emit, op, 0);
  if (op.getFamily() != baseFamily(op.getFamily()))
    logits = guardedLog(logits);
  Term u = noise(emit, op, nn::RandomKind::uniform, logits.value.getType());
  return logits - nn::apply<nn::LogOp>(-nn::apply<nn::LogOp>(u));
}

int64_t lastAxis(Value value) { return tensorOf(value).getRank() - 1; }

/// Outcomes, one an event. Several draws from one distribution share its running sums and take one
/// number each; otherwise each outcome of each event has its own noise.
Value drawIndex(Emit &emit, DrawOp op) {
  Value given = op.getParameters()[0];
  auto shared = SharedOutcomes::of(given);
  if (!shared) {
    Term x = perturbed(emit, op);
    return emit.make<nn::ArgmaxOp>(x.value, lastAxis(x));
  }
  Term weights{&emit, shared->own()};
  if (op.getFamily() == baseFamily(op.getFamily())) {
    int64_t axis = lastAxis(weights);
    Value largest = emit.reduce(nn::Reduction::max, weights, axis);
    weights = nn::apply<nn::ExpOp>(weights -
                                   Term{&emit, emit.restoreAxes(largest, shapeOf(weights), axis)});
  }
  auto events = RankedTensorType::get(shapeOf(given).drop_back(), tensorOf(given).getElementType());
  return shared->draw(emit, weights, noise(emit, op, nn::RandomKind::uniform, events));
}

/// One-hot vectors of the largest elements along the last axis.
Value largestOneHot(Emit &emit, Value x, Type element) {
  Value where = emit.oneHot(emit.make<nn::ArgmaxOp>(x, lastAxis(x)), shapeOf(x), lastAxis(x));
  return emit.cast(where, element);
}

/// A relaxed one-hot vector; with `hard` its value is the one-hot vector and its gradient that of
/// the relaxed one.
Value gumbelSoftmax(Emit &emit, DrawOp op) {
  Term x = perturbed(emit, op);
  Value tau = emit.broadcast(op.getEstimatorOperands()[0], shapeOf(x), {});
  Term soft{&emit, emit.make<nn::SoftmaxOp>(x / Term{&emit, tau}, lastAxis(x))};
  if (!op.getHard())
    return soft;
  Term hard{&emit, largestOneHot(emit, soft, tensorOf(soft).getElementType())};
  return soft + nn::apply<nn::StopGradientOp>(hard - soft);
}

/// mean + L e for standard normal e.
Value correlatedNormal(Emit &emit, DrawOp op) {
  Term mean = parameter(emit, op, 0);
  Term e = noise(emit, op, nn::RandomKind::normal, mean.value.getType());
  int64_t row = lastAxis(mean), column = row + 1;
  SmallVector<int64_t> matrix = llvm::to_vector(llvm::seq<int64_t>(0, column + 1));
  SmallVector<int64_t> rows(matrix.begin(), matrix.end() - 1), columns(rows);
  columns.back() = column;
  return mean + Term{&emit, emit.contract(op.getParameters()[1], matrix, e, columns, rows)};
}

/// Whole numbers from 0 to bound - 1: floor(u bound) for a u of 69 bits in three words, each of a
/// stream of its own, multiplied as by hand. No outcome is likelier than another by 2^-37 of it.
Value uniformIndex(Emit &emit, DrawOp op) {
  constexpr int64_t wordBits = 23, words = 3;
  constexpr auto base = static_cast<double>(1 << wordBits);
  auto type = cast<RankedTensorType>(op.getType());
  auto real = type.clone(emit.builder.getF32Type()), wide = type.clone(emit.builder.getI64Type());
  Value bound = emit.constant(wide, static_cast<double>(*op.getBound())),
        radix = emit.constant(wide, base), carry;
  for (int64_t k = 0; k < words; ++k) {
    uint64_t site = op.getSite() + static_cast<uint64_t>(k) * 0x9E3779B97F4A7C15;
    Term u{&emit, nn::RandomOp::create(emit.builder, emit.loc, real, nn::RandomKind::uniform, site,
                                       op.getSeed(), op.getStep(), op.getTurn())};
    Value word = emit.cast(u * base, wide.getElementType()); // u = (word + 1/2) / base
    Value product = emit.mul(word, bound);
    if (carry)
      product = emit.add(product, carry);
    carry = emit.make<nn::FloorDivOp>(product, radix);
  }
  return emit.cast(carry, type.getElementType());
}

Value drawValue(Emit &emit, DrawOp op) {
  Type element = tensorOf(op.getValue()).getElementType();
  switch (baseFamily(op.getFamily())) {
  case Family::normal:
  case Family::diag_normal: {
    Term mean = parameter(emit, op, 0), scale = parameter(emit, op, 1);
    return mean + scale * noise(emit, op, nn::RandomKind::normal, mean.value.getType());
  }
  case Family::mvn:
    return correlatedNormal(emit, op);
  case Family::uniform: {
    Term low = parameter(emit, op, 0), high = parameter(emit, op, 1);
    return low + (high - low) * noise(emit, op, nn::RandomKind::uniform, low.value.getType());
  }
  case Family::bernoulli: {
    Term p = parameter(emit, op, 0);
    Term u = noise(emit, op, nn::RandomKind::uniform, p.value.getType());
    if (op.getFamily() == Family::bernoulli)
      p = nn::apply<nn::SigmoidOp>(p);
    return emit.cast(emit.compare(nn::Comparison::lt, u, p), element);
  }
  case Family::categorical:
    return drawIndex(emit, op);
  case Family::one_hot:
    return emit.cast(
        emit.oneHot(drawIndex(emit, op), shapeOf(op.getValue()), lastAxis(op.getValue())), element);
  case Family::discrete_uniform:
    return uniformIndex(emit, op);
  default:
    break;
  }
  llvm_unreachable("a family without a draw");
}
} // namespace

Value emitDraw(Emit &emit, DrawOp op) {
  switch (op.getEstimator()) {
  case Estimator::none:
  case Estimator::reparam:
    return drawValue(emit, op);
  case Estimator::gumbel:
    return gumbelSoftmax(emit, op);
  case Estimator::score:
  case Estimator::enumerate:
    // The surrogate loss has the derivative; the value has none.
    return emit.make<nn::StopGradientOp>(drawValue(emit, op));
  }
  llvm_unreachable("an estimator without a rule");
}

} // namespace nnc::prob
