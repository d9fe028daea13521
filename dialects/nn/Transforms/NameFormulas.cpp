/// Formulas that are one op under another spelling: sigmoid, softplus, softmax. Each op is right
/// where its formula overflows, and so is its derivative; therefore this is no optional pass.
#include "dialects/nn/IR/NN.h"
#include "dialects/nn/IR/Numbers.h"
#include "dialects/nn/Transforms/Passes.h"

#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace nnc::nn {
#define GEN_PASS_DEF_NAMEFORMULAS
#include "dialects/nn/Transforms/Passes.h.inc"

namespace {
/// The u of 1 + e^u.
Value exponentOfOnePlus(Value value) {
  auto sum = value.getDefiningOp<AddOp>();
  if (!sum)
    return {};
  auto power = sum.getA().getDefiningOp<ExpOp>();
  return power && isNumber(sum.getB(), 1) ? power.getX() : Value();
}

/// a / (1 + e^u) is a sigmoid(-u), and e^u / (1 + e^u) is sigmoid(u): one function, whose
/// derivative needs its result alone.
struct DivToSigmoid : OpRewritePattern<DivOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(DivOp op, PatternRewriter &rewriter) const override {
    auto repeated = op.getB().getDefiningOp<BroadcastOp>();
    Value u = exponentOfOnePlus(repeated ? repeated.getX() : op.getB());
    if (!u)
      return rewriter.notifyMatchFailure(op, "not a / (1 + exp(u))");
    Location loc = op.getLoc();
    auto power = op.getA().getDefiningOp<ExpOp>();
    if (power && power.getX() == u && !repeated) {
      rewriter.replaceOpWithNewOp<SigmoidOp>(op, u);
      return success();
    }
    Value y = SigmoidOp::create(rewriter, loc, rewriter.createOrFold<NegOp>(loc, u));
    if (repeated)
      y = BroadcastOp::create(rewriter, loc, op.getType(), y, repeated.getAxes());
    if (!isNumber(op.getA(), 1))
      y = MulOp::create(rewriter, loc, op.getA(), y);
    rewriter.replaceOp(op, y);
    return success();
  }
};

/// log(1 + e^u) is softplus(u).
struct LogToSoftplus : OpRewritePattern<LogOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(LogOp op, PatternRewriter &rewriter) const override {
    Value u = exponentOfOnePlus(op.getX());
    if (!u)
      return rewriter.notifyMatchFailure(op, "not log(1 + exp(u))");
    rewriter.replaceOpWithNewOp<SoftplusOp>(op, u);
    return success();
  }
};
struct Log1pToSoftplus : OpRewritePattern<Log1pOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(Log1pOp op, PatternRewriter &rewriter) const override {
    auto power = op.getX().getDefiningOp<ExpOp>();
    if (!power)
      return rewriter.notifyMatchFailure(op, "not log1p(exp(u))");
    rewriter.replaceOpWithNewOp<SoftplusOp>(op, power.getX());
    return success();
  }
};

/// A term of a sum, as an operand of the op that adds it.
struct Term {
  OpOperand *place;
  bool isNegative;
};

/// The terms of a sum that is read here alone.
void collectTerms(Operation *op, bool isNegative, SmallVectorImpl<Term> &terms) {
  for (OpOperand &operand : op->getOpOperands()) {
    bool sign = isNegative != (isa<SubOp>(op) && operand.getOperandNumber() == 1);
    Operation *inner = operand.get().getDefiningOp();
    if (isa_and_nonnull<AddOp, SubOp>(inner) && inner->hasOneUse() && terms.size() < 16)
      collectTerms(inner, sign, terms);
    else
      terms.push_back({&operand, sign});
  }
}

/// The x of softplus(-|x|).
Value magnitudeOf(Value value) {
  auto soft = value.getDefiningOp<SoftplusOp>();
  auto minus = soft ? soft.getX().getDefiningOp<NegOp>() : NegOp();
  auto magnitude = minus ? minus.getX().getDefiningOp<AbsOp>() : AbsOp();
  return magnitude ? magnitude.getX() : Value();
}

/// The larger (smaller) of a value and 0.
struct Extreme {
  Value of;
  bool isMin = false;
};

/// A relu as it is written with a choice: max(x, 0).
bool isRelu(Value value, Value x) {
  auto select = value.getDefiningOp<SelectOp>();
  auto compare = select ? select.getCondition().getDefiningOp<CompareOp>() : CompareOp();
  if (!compare || compare.getA() != x || !isNumber(compare.getB(), 0))
    return false;
  using enum Comparison;
  bool isAbove = compare.getPredicate() == gt || compare.getPredicate() == ge;
  bool isBelow = compare.getPredicate() == lt || compare.getPredicate() == le;
  Value chosen = isAbove ? select.getA() : select.getB(),
        other = isAbove ? select.getB() : select.getA();
  return (isAbove || isBelow) && chosen == x && isNumber(other, 0);
}

/// max or min of 0 and x, or of 0 and -x.
std::optional<Extreme> extremeOf(Value value, Value x) {
  Operation *op = value.getDefiningOp();
  if (isRelu(value, x))
    return Extreme{x};
  if (!isa_and_nonnull<MaxOp, MinOp>(op))
    return std::nullopt;
  Value a = op->getOperand(0);
  auto minus = a.getDefiningOp<NegOp>();
  bool isOfX = a == x || (minus && minus.getX() == x);
  return isOfX && isNumber(op->getOperand(1), 0) ? std::optional(Extreme{a, isa<MinOp>(op)})
                                                 : std::nullopt;
}

/// max(x, 0) + softplus(-|x|) is softplus(x), and min(x, 0) - softplus(-|x|) is -softplus(-x):
/// smooth, where the two parts are not. Other terms may stand between them.
template <typename Op> struct SumToSoftplus : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;
  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    SmallVector<Term> terms;
    collectTerms(op, false, terms);
    for (Term soft : terms) {
      Value x = magnitudeOf(soft.place->get());
      for (Term part : terms) {
        auto extreme = x ? extremeOf(part.place->get(), x) : std::nullopt;
        if (!extreme || extreme->isMin != (part.isNegative != soft.isNegative))
          continue;
        replace(part, soft, *extreme, rewriter);
        return success();
      }
    }
    return rewriter.notifyMatchFailure(op, "no max(x, 0) beside softplus(-|x|)");
  }

private:
  static void replace(Term part, Term soft, Extreme extreme, PatternRewriter &rewriter) {
    Value value = part.place->get(), x = extreme.of;
    Location loc = value.getLoc();
    rewriter.setInsertionPointAfterValue(value);
    Value whole =
        SoftplusOp::create(rewriter, loc, extreme.isMin ? rewriter.createOrFold<NegOp>(loc, x) : x);
    if (extreme.isMin)
      whole = NegOp::create(rewriter, loc, whole);
    Operation *adds = soft.place->getOwner();
    rewriter.setInsertionPoint(adds);
    auto type = tensorOf(x);
    Value none = ConstantOp::create(
        rewriter, loc, DenseElementsAttr::get(type, rewriter.getZeroAttr(type.getElementType())));
    rewriter.modifyOpInPlace(part.place->getOwner(), [&] { part.place->set(whole); });
    rewriter.modifyOpInPlace(adds, [&] { soft.place->set(none); });
  }
};

struct NameFormulasPass : impl::NameFormulasBase<NameFormulasPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<DivToSigmoid, LogToSoftplus, Log1pToSoftplus, SumToSoftplus<AddOp>,
                 SumToSoftplus<SubOp>>(patterns.getContext());
    populateSoftmaxPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace

} // namespace nnc::nn
