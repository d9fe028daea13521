/// Exponentials divided by their sum are a softmax, however it is written: with the largest taken
/// off or not, by way of a logarithm, masked by 0 and 1, or divided after the sum over the values.
#include "dialects/nn/IR/NN.h"
#include "dialects/nn/IR/Numbers.h"
#include "dialects/nn/Transforms/Passes.h"

#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace nnc::nn {

namespace {
/// A tensor without one axis, repeated along others: axes[k] is where its axis k stands.
struct Repeated {
  Value value;
  SmallVector<int64_t> axes;
};

Repeated behindBroadcast(Value value) {
  if (auto broadcast = value.getDefiningOp<BroadcastOp>())
    return {broadcast.getX(), SmallVector<int64_t>(broadcast.getAxes())};
  return {value, llvm::to_vector(llvm::seq<int64_t>(0, tensorOf(value).getRank()))};
}

/// Without what is the same along the axis and added or taken off: a softmax does not see it.
Value withoutShift(Value x, int64_t axis) {
  auto isSame = [&](Value shift) {
    if (auto stopped = shift.getDefiningOp<StopGradientOp>())
      shift = stopped.getX();
    return repeatedNumber(shift) || !llvm::is_contained(behindBroadcast(shift).axes, axis);
  };
  for (;;) {
    auto sub = x.getDefiningOp<SubOp>();
    auto add = x.getDefiningOp<AddOp>();
    if (sub && isSame(sub.getB()))
      x = sub.getA();
    else if (add && isSame(add.getB()))
      x = add.getA();
    else if (add && isSame(add.getA()))
      x = add.getB();
    else
      return x;
  }
}

/// Exponentials of x, some of them 0 by a mask that is repeated to their shape.
struct Exponentials {
  Value x;
  Repeated mask;
  bool operator==(const Exponentials &other) const {
    return x == other.x && mask.value == other.mask.value && mask.axes == other.mask.axes;
  }
};

std::optional<Exponentials> exponentialsOf(Value e);

std::optional<Exponentials> masked(Value e, std::optional<Repeated> mask) {
  auto inner = mask ? exponentialsOf(e) : std::nullopt;
  return inner && !inner->mask.value ? std::optional(Exponentials{inner->x, *mask}) : std::nullopt;
}

/// The booleans behind numbers 0 and 1.
std::optional<Repeated> truthOf(Value value) {
  Repeated number = behindBroadcast(value);
  auto select = number.value.getDefiningOp<SelectOp>();
  auto cast = number.value.getDefiningOp<CastOp>();
  Repeated truth;
  if (cast && tensorOf(cast.getX()).getElementType().isInteger(1))
    truth = behindBroadcast(cast.getX());
  else if (select && isNumber(select.getA(), 1) && isNumber(select.getB(), 0))
    truth = behindBroadcast(select.getCondition());
  else
    return std::nullopt;
  for (int64_t &axis : truth.axes)
    axis = number.axes[axis];
  return truth;
}

/// Exponentials times 0 and 1 in a contraction; `labels` are those of the exponentials.
std::optional<Exponentials> factorsOf(ContractOp product, SmallVectorImpl<int64_t> &labels) {
  for (bool isA : {true, false}) {
    labels.assign(isA ? product.getALabels() : product.getBLabels());
    auto mask = truthOf(isA ? product.getB() : product.getA());
    if (!mask)
      continue;
    bool fits = true;
    for (int64_t &axis : mask->axes) {
      int64_t label = (isA ? product.getBLabels() : product.getALabels())[axis];
      axis = llvm::find(labels, label) - labels.begin();
      fits &= axis < int64_t(labels.size());
    }
    if (auto e = fits ? masked(isA ? product.getA() : product.getB(), mask) : std::nullopt)
      return e;
  }
  return std::nullopt;
}

std::optional<Exponentials> exponentialsOf(Value e) {
  if (auto power = e.getDefiningOp<ExpOp>())
    return Exponentials{power.getX(), {}};
  if (auto select = e.getDefiningOp<SelectOp>(); select && isNumber(select.getB(), 0))
    return masked(select.getA(), behindBroadcast(select.getCondition()));
  if (auto mul = e.getDefiningOp<MulOp>()) {
    auto first = masked(mul.getA(), truthOf(mul.getB()));
    return first ? first : masked(mul.getB(), truthOf(mul.getA()));
  }
  auto product = e.getDefiningOp<ContractOp>();
  SmallVector<int64_t> labels;
  auto factors = product ? factorsOf(product, labels) : std::nullopt;
  return factors && product.getYLabels() == ArrayRef<int64_t>(labels) ? factors : std::nullopt;
}

/// A sum of exponentials along one of their axes.
struct Sum {
  Exponentials parts;
  int64_t axis;
};

std::optional<Sum> sumOf(Value value) {
  if (auto sum = value.getDefiningOp<ReduceOp>()) {
    bool isOne = sum.getKind() == Reduction::sum && sum.getAxes().size() == 1;
    auto parts = isOne ? exponentialsOf(sum.getX()) : std::nullopt;
    return parts ? std::optional(Sum{*parts, sum.getAxes()[0]}) : std::nullopt;
  }
  auto product = value.getDefiningOp<ContractOp>();
  SmallVector<int64_t> labels;
  auto factors = product ? factorsOf(product, labels) : std::nullopt;
  if (!factors || labels.size() != product.getYLabels().size() + 1)
    return std::nullopt;
  for (auto [axis, label] : llvm::enumerate(labels)) {
    SmallVector<int64_t> kept(labels);
    kept.erase(kept.begin() + axis);
    if (product.getYLabels() == ArrayRef<int64_t>(kept))
      return Sum{*factors, int64_t(axis)};
  }
  return std::nullopt;
}

/// The softmax that exponentials become when they are divided by their sum.
Value softmaxOf(const Exponentials &e, int64_t axis, PatternRewriter &rewriter, Location loc) {
  Value x = withoutShift(e.x, axis);
  if (e.mask.value) {
    auto type = tensorOf(x);
    Value mask = e.mask.value;
    if (shapeOf(mask) != type.getShape())
      mask =
          BroadcastOp::create(rewriter, loc, type.clone(rewriter.getI1Type()), mask, e.mask.axes);
    Value hidden =
        ConstantOp::create(rewriter, loc, type, -std::numeric_limits<double>::infinity());
    x = SelectOp::create(rewriter, loc, mask, x, hidden);
  }
  return SoftmaxOp::create(rewriter, loc, x, axis);
}

/// A quotient: the divisor is a sum of exponentials along one axis, repeated.
struct Quotient {
  Value numerator;
  Sum sum;
  SmallVector<int64_t> axes; ///< where the sum's axes stand in the numerator
};

std::optional<Quotient> quotientBySum(Value numerator, Value divisor) {
  Repeated total = behindBroadcast(divisor);
  auto sum = sumOf(total.value);
  return sum ? std::optional(Quotient{numerator, *sum, total.axes}) : std::nullopt;
}

/// e / sum e.
Value namedQuotient(const Quotient &quotient, PatternRewriter &rewriter, Location loc) {
  auto parts = exponentialsOf(quotient.numerator);
  if (!parts || !(*parts == quotient.sum.parts))
    return {};
  SmallVector<int64_t> kept;
  for (int64_t axis = 0; axis < tensorOf(parts->x).getRank(); ++axis)
    if (axis != quotient.sum.axis)
      kept.push_back(axis);
  return quotient.axes == kept ? softmaxOf(*parts, quotient.sum.axis, rewriter, loc) : Value();
}

/// (sum_j e_j v_j) / sum_j e_j is a sum of values weighted by a softmax.
Value namedMean(const Quotient &quotient, PatternRewriter &rewriter, Location loc) {
  auto product = quotient.numerator.getDefiningOp<ContractOp>();
  if (!product || !product->hasOneUse())
    return {};
  const auto &[parts, axis] = quotient.sum;
  for (bool isA : {true, false}) {
    ArrayRef<int64_t> labels = isA ? product.getALabels() : product.getBLabels(),
                      others = isA ? product.getBLabels() : product.getALabels();
    auto here = exponentialsOf(isA ? product.getA() : product.getB());
    if (!here || !(*here == parts))
      continue;
    SmallVector<int64_t> kept(labels);
    kept.erase(kept.begin() + axis);
    bool sameRows = kept.size() == quotient.axes.size() &&
                    llvm::all_of(llvm::zip(kept, quotient.axes), [&](auto each) {
                      return product.getYLabels()[std::get<1>(each)] == std::get<0>(each);
                    });
    if (!sameRows || llvm::is_contained(product.getYLabels(), labels[axis]) ||
        !llvm::is_contained(others, labels[axis]))
      continue;
    Value weights = softmaxOf(parts, axis, rewriter, loc);
    Value a = isA ? weights : product.getA(), b = isA ? product.getB() : weights;
    return ContractOp::create(rewriter, loc, product.getType(), a, b, product.getALabels(),
                              product.getBLabels(), product.getYLabels());
  }
  return {};
}

LogicalResult nameQuotient(Operation *op, std::optional<Quotient> quotient,
                           PatternRewriter &rewriter) {
  if (!quotient)
    return rewriter.notifyMatchFailure(op, "not divided by a sum of exponentials");
  Value named = namedQuotient(*quotient, rewriter, op->getLoc());
  if (!named)
    named = namedMean(*quotient, rewriter, op->getLoc());
  if (!named)
    return rewriter.notifyMatchFailure(op, "other exponentials than those of the sum are divided");
  rewriter.replaceOp(op, named);
  return success();
}

struct DivToSoftmax : OpRewritePattern<DivOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(DivOp op, PatternRewriter &rewriter) const override {
    return nameQuotient(op, quotientBySum(op.getA(), op.getB()), rewriter);
  }
};

/// The same with the reciprocal of the sum.
struct MulToSoftmax : OpRewritePattern<MulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MulOp op, PatternRewriter &rewriter) const override {
    for (auto [factor, numerator] :
         {std::pair(op.getA(), op.getB()), std::pair(op.getB(), op.getA())}) {
      Repeated inverse = behindBroadcast(factor);
      auto div = inverse.value.getDefiningOp<DivOp>();
      if (!div || !isNumber(div.getA(), 1))
        continue;
      auto quotient = quotientBySum(numerator, div.getB());
      if (!quotient)
        continue;
      for (int64_t &axis : quotient->axes)
        axis = inverse.axes[axis];
      if (succeeded(nameQuotient(op, quotient, rewriter)))
        return success();
    }
    return rewriter.notifyMatchFailure(op, "no factor is 1 / a sum of exponentials");
  }
};

/// exp(log_softmax(x)) and exp(x - logsumexp(x)).
struct ExpToSoftmax : OpRewritePattern<ExpOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ExpOp op, PatternRewriter &rewriter) const override {
    if (auto logs = op.getX().getDefiningOp<LogSoftmaxOp>()) {
      rewriter.replaceOpWithNewOp<SoftmaxOp>(op, logs.getX(), logs.getAxis());
      return success();
    }
    auto sub = op.getX().getDefiningOp<SubOp>();
    Repeated total = sub ? behindBroadcast(sub.getB()) : Repeated();
    auto sum = total.value ? total.value.getDefiningOp<LogSumExpOp>() : LogSumExpOp();
    if (!sum || sum.getX() != sub.getA() ||
        llvm::is_contained(total.axes, int64_t(sum.getAxis())) || !llvm::is_sorted(total.axes))
      return rewriter.notifyMatchFailure(op, "not exp(x - logsumexp(x))");
    rewriter.replaceOpWithNewOp<SoftmaxOp>(op, sum.getX(), sum.getAxis());
    return success();
  }
};

/// softmax(x - r), where r is the same along the axis.
struct SoftmaxOfShift : OpRewritePattern<SoftmaxOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SoftmaxOp op, PatternRewriter &rewriter) const override {
    Value x = withoutShift(op.getX(), op.getAxis());
    if (x == op.getX())
      return rewriter.notifyMatchFailure(op, "nothing is added along the axis");
    rewriter.replaceOpWithNewOp<SoftmaxOp>(op, x, op.getAxis());
    return success();
  }
};
} // namespace

void populateSoftmaxPatterns(RewritePatternSet &patterns) {
  patterns.add<DivToSoftmax, MulToSoftmax, ExpToSoftmax, SoftmaxOfShift>(patterns.getContext());
}

} // namespace nnc::nn
