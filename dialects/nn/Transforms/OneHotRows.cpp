/// one_hot(u) . W reads the rows u of W: no product over all of them, and its gradient adds to
/// these rows alone.
#include "dialects/nn/Build/Emit.h"
#include "dialects/nn/IR/Numbers.h"
#include "dialects/nn/Transforms/Passes.h"

#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace nnc::nn {

namespace {
/// A tensor of 0 and 1: 1 where the index along `axis` equals the number.
struct OneHot {
  Value numbers; ///< integers, of the other axes
  int64_t axis;
};

std::optional<OneHot> oneHotOf(Value value) {
  Value truth;
  if (auto cast = value.getDefiningOp<CastOp>())
    truth = cast.getX();
  else if (auto select = value.getDefiningOp<SelectOp>();
           select && isNumber(select.getA(), 1) && isNumber(select.getB(), 0))
    truth = select.getCondition();
  auto compare = truth ? truth.getDefiningOp<CompareOp>() : CompareOp();
  if (!compare || compare.getPredicate() != Comparison::eq)
    return std::nullopt;
  for (auto [number, place] :
       {std::pair(compare.getA(), compare.getB()), std::pair(compare.getB(), compare.getA())}) {
    // Counting may be repeated along the other axes, and numbers along the counted one.
    auto repeated = place.getDefiningOp<BroadcastOp>();
    auto iota = (repeated ? repeated.getX() : place).getDefiningOp<IotaOp>();
    auto numbers = number.getDefiningOp<BroadcastOp>();
    if (!iota || !numbers || !isa<IntegerType>(tensorOf(number).getElementType()))
      continue;
    int64_t axis = repeated ? repeated.getAxes()[iota.getAxis()] : int64_t(iota.getAxis());
    SmallVector<int64_t> others;
    for (int64_t k = 0; k < tensorOf(number).getRank(); ++k)
      if (k != axis)
        others.push_back(k);
    if (numbers.getAxes() == ArrayRef<int64_t>(others))
      return OneHot{numbers.getX(), axis};
  }
  return std::nullopt;
}

struct ContractOfOneHot : OpRewritePattern<ContractOp> {
  ContractOfOneHot(MLIRContext *context, bool remarks)
      : OpRewritePattern(context), remarks(remarks) {}

  LogicalResult matchAndRewrite(ContractOp op, PatternRewriter &rewriter) const override {
    for (bool isA : {true, false}) {
      Value whole = isA ? op.getA() : op.getB(), table = isA ? op.getB() : op.getA();
      auto hot = oneHotOf(whole);
      SmallVector<int64_t> labels(isA ? op.getALabels() : op.getBLabels()),
          rows(isA ? op.getBLabels() : op.getALabels());
      if (!hot || shapeOf(whole)[hot->axis] == 0 || !isRead(op, labels, rows, hot->axis))
        continue;
      rewriter.replaceOp(op, readRows(op, *hot, table, labels, rows, rewriter));
      if (remarks)
        emitRemark(op.getLoc()) << "the product with one-hot rows reads the rows that they name";
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no operand is one-hot along the summed axis alone");
  }

private:
  /// True if the counted axis is summed, and no other of either operand is or is shared.
  static bool isRead(ContractOp op, ArrayRef<int64_t> labels, ArrayRef<int64_t> rows,
                     int64_t axis) {
    auto isKept = [&](int64_t label) { return llvm::is_contained(op.getYLabels(), label); };
    for (auto [k, label] : llvm::enumerate(labels))
      if (int64_t(k) != axis && (!isKept(label) || llvm::is_contained(rows, label)))
        return false;
    return !isKept(labels[axis]) && llvm::count(rows, labels[axis]) == 1 &&
           llvm::all_of(rows,
                        [&](int64_t label) { return label == labels[axis] || isKept(label); });
  }

  /// Rows where the number names one, zeros elsewhere, in the order of the product's axes.
  static Value readRows(ContractOp op, OneHot hot, Value table, ArrayRef<int64_t> labels,
                        ArrayRef<int64_t> rows, PatternRewriter &rewriter) {
    Emit emit(rewriter, op.getLoc());
    int64_t place = llvm::find(rows, labels[hot.axis]) - rows.begin();
    Type type = hot.numbers.getType();
    Value first = emit.constant(type, 0),
          last = emit.constant(type, double(shapeOf(table)[place] - 1));
    Value inside = emit.make<AndOp>(emit.compare(Comparison::ge, hot.numbers, first),
                                    emit.compare(Comparison::le, hot.numbers, last));
    Value safe = emit.make<MinOp>(emit.make<MaxOp>(hot.numbers, first), last);
    Value read = emit.make<GatherOp>(table, safe, place);
    SmallVector<int64_t> have(rows.take_front(place)), axes, permutation;
    for (auto [k, label] : llvm::enumerate(labels))
      if (int64_t(k) != hot.axis) {
        axes.push_back(have.size());
        have.push_back(label);
      }
    llvm::append_range(have, rows.drop_front(place + 1));
    read =
        emit.select(emit.broadcast(inside, shapeOf(read), axes), read, emit.zeros(read.getType()));
    for (int64_t label : op.getYLabels())
      permutation.push_back(llvm::find(have, label) - have.begin());
    return emit.transpose(read, permutation);
  }

  bool remarks;
};
} // namespace

void populateOneHotPatterns(RewritePatternSet &patterns, bool remarks) {
  patterns.add<ContractOfOneHot>(patterns.getContext(), remarks);
}

} // namespace nnc::nn
