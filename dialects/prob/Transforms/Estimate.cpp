/// The passes that give draws, densities and divergences a meaning in nn.
#include "dialects/prob/Families/Family.h"
#include "dialects/prob/Families/Outcomes.h"
#include "dialects/prob/Transforms/Passes.h"
#include "dialects/prob/Transforms/Surrogate.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace nnc::prob {
#define GEN_PASS_DEF_ESTIMATE
#define GEN_PASS_DEF_PROBRAISE
#include "dialects/prob/Transforms/Passes.h.inc"

namespace {
Value emitRandomValue(nn::Emit &emit, DrawOp op, bool isDifferentiated) {
  Instance d{emit, op.getFamily(), op.getParameters(), op.getBound(), isDifferentiated};
  Noise noise(op.getSite(), op.getSeed(), op.getStep(), op.getTurn());
  if (op.getEstimator() == Estimator::gumbel)
    return drawRelaxed(d, noise, op.getEstimatorOperands()[0], op.getHard());
  auto type = cast<RankedTensorType>(op.getType());
  return emit.cast(formulasOf(d.family).draw(d, noise, type), type.getElementType());
}

/// The value of a draw, differentiable in its parameters where its estimator says so.
Value emitDraw(nn::Emit &emit, DrawOp op, bool isDifferentiated) {
  Value value = emitRandomValue(emit, op, isDifferentiated);
  switch (op.getEstimator()) {
  case Estimator::none:
  case Estimator::reparam:
  case Estimator::gumbel:
    return value;
  case Estimator::score:
  case Estimator::enumerate:
    // The surrogate loss has the derivative; the value has none.
    return emit.make<nn::StopGradientOp>(value);
  }
  llvm_unreachable("an estimator without a rule");
}

Value emitLogDensity(nn::Emit &emit, LogProbOp op) {
  Instance d{emit, op.getFamily(), op.getParameters(), op.getBound()};
  auto type = cast<RankedTensorType>(op.getType());
  bool isLabel = traitsOf(d.family).values == Values::label;
  Value x = isLabel ? op.getValue() : emit.cast(op.getValue(), type.getElementType());
  return formulasOf(d.family).density(d, {&emit, x}, type);
}

Value emitEntropy(nn::Emit &emit, EntropyOp op) {
  Instance d{emit, op.getFamily(), op.getParameters(), op.getBound()};
  return formulasOf(d.family).entropy(d, cast<RankedTensorType>(op.getType()));
}

Value emitDivergence(nn::Emit &emit, KlOp op) {
  Instance q{emit, op.getQFamily(), op.getQ()}, p{emit, op.getPFamily(), op.getP()};
  return formulasOf(q.family).divergence(q, p);
}

/// Replaces every op of one kind by what `formula` makes of it.
template <typename Op, typename Formula> void replaceAll(Operation *root, Formula formula) {
  root->walk([&](Op op) {
    OpBuilder builder(op);
    nn::Emit emit(builder, op.getLoc());
    op->replaceAllUsesWith(ValueRange(formula(emit, op)));
    op->erase();
  });
}

/// What `Op` made `parameter` from; looks through a repetition. Null if it was not `Op`.
template <typename Op> Value madeBy(Value parameter, OpBuilder &builder) {
  auto broadcast = parameter.getDefiningOp<nn::BroadcastOp>();
  auto op = (broadcast ? broadcast.getX() : parameter).template getDefiningOp<Op>();
  if (!op)
    return Value();
  if constexpr (std::is_same_v<Op, nn::SoftmaxOp>)
    if (op.getAxis() + 1 != static_cast<uint64_t>(nn::tensorOf(op.getX()).getRank()) ||
        (broadcast && broadcast.getAxes().back() + 1 != nn::tensorOf(parameter).getRank()))
      return Value();
  if (!broadcast)
    return op.getX();
  return nn::BroadcastOp::create(builder, broadcast.getLoc(), broadcast.getType(), op.getX(),
                                 broadcast.getAxes());
}

/// The logits of probabilities that a sigmoid or softmax made: nothing is lost by rounding.
Value logitsOf(Family family, Value parameter, OpBuilder &builder) {
  if (!isByProbabilities(family))
    return Value();
  return traitsOf(family).values == Values::binary ? madeBy<nn::SigmoidOp>(parameter, builder)
                                                   : madeBy<nn::SoftmaxOp>(parameter, builder);
}

void takeLogits(Operation *root) {
  root->walk([](Operation *op) {
    OpBuilder builder(op);
    auto take = [&](Family family, OpOperand &parameter, auto setFamily) {
      Value logits = logitsOf(family, parameter.get(), builder);
      if (!logits)
        return;
      parameter.set(logits);
      setFamily(baseFamily(family));
    };
    llvm::TypeSwitch<Operation *>(op)
        .Case<DrawOp, LogProbOp, EntropyOp>([&](auto each) {
          if (!each.getParameters().empty())
            take(each.getFamily(), each.getParametersMutable()[0],
                 [&](Family family) { each.setFamily(family); });
        })
        .Case([&](KlOp each) {
          take(each.getQFamily(), each.getQMutable()[0], [&](Family f) { each.setQFamily(f); });
          take(each.getPFamily(), each.getPMutable()[0], [&](Family f) { each.setPFamily(f); });
        });
  });
}

/// The objective's gradient of a function: the last that it takes.
learn::GradientOp objectiveGradient(func::FuncOp function) {
  learn::GradientOp last;
  for (auto gradient : function.front().getOps<learn::GradientOp>())
    last = gradient;
  return last;
}

struct EstimatePass : impl::EstimateBase<EstimatePass> {
  void runOnOperation() override {
    func::FuncOp root = getOperation();
    if (root.isExternal())
      return;
    takeLogits(root);
    if (learn::GradientOp gradient = objectiveGradient(root))
      if (failed(estimateByEnumeration(root, gradient)) || failed(estimateByScore(root, gradient)))
        return signalPassFailure();
    bool isDifferentiated =
        root.walk([](learn::GradientOp) { return WalkResult::interrupt(); }).wasInterrupted();
    replaceAll<DrawOp>(
        root, [&](nn::Emit &emit, DrawOp op) { return emitDraw(emit, op, isDifferentiated); });
    replaceAll<LogProbOp>(root, emitLogDensity);
    replaceAll<KlOp>(root, emitDivergence);
    replaceAll<EntropyOp>(root, emitEntropy);
  }
};

struct ProbRaisePass : impl::ProbRaiseBase<ProbRaisePass> {
  void runOnOperation() override {
    SmallVector<LogProbOp> found;
    getOperation().walk([&](LogProbOp op) {
      if (op.getFamily() == Family::categorical)
        found.push_back(op);
    });
    for (LogProbOp op : found) {
      OpBuilder builder(op);
      nn::Emit emit(builder, op.getLoc());
      op->replaceAllUsesWith(ValueRange(emitLogDensity(emit, op)));
      op->erase();
    }
  }
};
} // namespace

} // namespace nnc::prob
