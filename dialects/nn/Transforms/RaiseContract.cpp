/// Sums of products spelled with broadcasts become contractions, so that the products are never
/// stored.
#include "dialects/nn/Build/Emit.h"
#include "dialects/nn/IR/Numbers.h"
#include "dialects/nn/Transforms/Passes.h"

#include "mlir/IR/PatternMatch.h"

#include <cmath>

using namespace mlir;

namespace nnc::nn {

namespace {
/// A factor of a product, with the axis of the product that each of its axes is.
struct Factor {
  Value value;
  SmallVector<int64_t> axes;

  bool has(int64_t axis) const { return llvm::is_contained(axes, axis); }
};

/// The factors of a product that are not constants of one number, and the product of those that
/// are.
struct Product {
  SmallVector<Factor> factors;
  double scale = 1;

  void add(Factor factor);
};
} // namespace

void Product::add(Factor factor) {
  Operation *op = factor.value.getDefiningOp();
  if (auto number = repeatedNumber(factor.value)) {
    scale *= *number;
  } else if (auto mul = dyn_cast_or_null<MulOp>(op)) {
    add({mul.getA(), factor.axes});
    add({mul.getB(), factor.axes});
  } else if (auto div = dyn_cast_or_null<DivOp>(op); div && repeatedNumber(div.getB())) {
    scale /= *repeatedNumber(div.getB());
    add({div.getA(), factor.axes});
  } else if (auto broadcast = dyn_cast_or_null<BroadcastOp>(op)) {
    Factor inner{broadcast.getX(), {}};
    for (int64_t axis : broadcast.getAxes())
      inner.axes.push_back(factor.axes[axis]);
    add(inner);
  } else if (auto transpose = dyn_cast_or_null<TransposeOp>(op)) {
    Factor inner{transpose.getX(), SmallVector<int64_t>(factor.axes.size())};
    for (auto [k, axis] : llvm::enumerate(transpose.getPermutation()))
      inner.axes[axis] = factor.axes[k];
    add(inner);
  } else {
    factors.push_back(std::move(factor));
  }
}

namespace {
/// sum(broadcast(a) * broadcast(b) * c) is c * contract(a, b).
struct ContractOfBroadcasts : OpRewritePattern<ReduceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ReduceOp op, PatternRewriter &rewriter) const override {
    auto type = tensorOf(op.getX());
    if (op.getKind() != Reduction::sum || !isa<FloatType>(type.getElementType()))
      return rewriter.notifyMatchFailure(op, "not a sum of real numbers");
    Product product;
    product.add({op.getX(), llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()))});
    if (!std::isfinite(product.scale))
      return rewriter.notifyMatchFailure(op, "infinite times the sum is not the sum of infinities");
    if (product.factors.size() != 2)
      return rewriter.notifyMatchFailure(op, "not a product of two tensors");
    const Factor &a = product.factors[0], &b = product.factors[1];
    SmallVector<int64_t> kept, present, places;
    bool repeats = false;
    for (int64_t axis = 0; axis < type.getRank(); ++axis) {
      bool isSummed = llvm::is_contained(op.getAxes(), axis), isThere = a.has(axis) || b.has(axis);
      if (isSummed && !isThere)
        product.scale *= type.getDimSize(axis);
      if (isSummed)
        continue;
      repeats |= !a.has(axis) || !b.has(axis);
      if (isThere) {
        present.push_back(axis);
        places.push_back(kept.size());
      }
      kept.push_back(axis);
    }
    if (!repeats)
      return rewriter.notifyMatchFailure(
          op, "no factor is repeated: products and sum fuse as they are");
    Emit emit(rewriter, op.getLoc());
    Value y = emit.contract(a.value, a.axes, b.value, b.axes, present);
    if (product.scale != 1)
      y = emit.mul(y, emit.constant(y.getType(), product.scale));
    rewriter.replaceOp(op, emit.broadcast(y, op.getType().getShape(), places));
    return success();
  }
};
} // namespace

void populateRaiseContractPatterns(RewritePatternSet &patterns) {
  patterns.add<ContractOfBroadcasts>(patterns.getContext());
}

} // namespace nnc::nn
