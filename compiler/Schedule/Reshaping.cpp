/// Contractions in natural order, and reductions in two steps.
#include "compiler/Schedule/Passes.h"

using namespace mlir;

namespace nnc {
#define GEN_PASS_DEF_NATURALCONTRACTIONS
#define GEN_PASS_DEF_SPLITREDUCTIONS
#include "compiler/Schedule/Passes.h.inc"

namespace {

/// Batch labels, then those of a alone, then those of b alone, each in the operand's order.
SmallVector<int64_t> naturalOrder(ArrayRef<int64_t> a, ArrayRef<int64_t> b, ArrayRef<int64_t> y) {
  SmallVector<int64_t> result;
  auto collect = [&](ArrayRef<int64_t> from, auto keep) {
    for (int64_t label : from)
      if (llvm::is_contained(y, label) && keep(label))
        result.push_back(label);
  };
  collect(a, [&](int64_t label) { return llvm::is_contained(b, label); });
  collect(a, [&](int64_t label) { return !llvm::is_contained(b, label); });
  collect(b, [&](int64_t label) { return !llvm::is_contained(a, label); });
  return result;
}

/// The axis labels of a contraction's operand that are positions of windows.
SmallVector<int64_t> windowPositions(Value operand, ArrayRef<int64_t> labels) {
  SmallVector<int64_t> result;
  if (auto window = operand.getDefiningOp<nn::WindowOp>())
    for (int64_t axis : window.getAxes())
      result.push_back(labels[axis]);
  return result;
}

/// A convolution whose result runs along its positions: what follows it reads them side by side,
/// and so can the product itself, picture by picture.
bool runsAlongWindows(nn::ContractOp op) {
  if (op.getYLabels().empty())
    return false;
  const int64_t last = op.getYLabels().back();
  return llvm::is_contained(windowPositions(op.getA(), op.getALabels()), last) !=
         llvm::is_contained(windowPositions(op.getB(), op.getBLabels()), last);
}

struct NaturalContractions : impl::NaturalContractionsBase<NaturalContractions> {
  void runOnOperation() override {
    getOperation().walk([](nn::ContractOp op) {
      ArrayRef<int64_t> a = op.getALabels(), b = op.getBLabels(), y = op.getYLabels();
      SmallVector<int64_t> natural = naturalOrder(a, b, y), swapped = naturalOrder(b, a, y);
      if (natural == y || runsAlongWindows(op))
        return;
      OpBuilder builder(op);
      if (swapped == y) {
        auto other = nn::ContractOp::create(builder, op.getLoc(), op.getY().getType(), op.getB(),
                                            op.getA(), b, a, y);
        op.replaceAllUsesWith(other.getResult());
        return op.erase();
      }
      SmallVector<int64_t> shape, permutation;
      for (int64_t label : natural)
        shape.push_back(nn::shapeOf(op.getY())[llvm::find(y, label) - y.begin()]);
      for (int64_t label : y)
        permutation.push_back(llvm::find(natural, label) - natural.begin());
      auto type = nn::tensorOf(op.getY()).clone(shape);
      Value product =
          nn::ContractOp::create(builder, op.getLoc(), type, op.getA(), op.getB(), a, b, natural);
      Value ordered =
          nn::TransposeOp::create(builder, op.getLoc(), op.getY().getType(), product, permutation);
      op.replaceAllUsesWith(ordered);
      op.erase();
    });
  }
};

/// The largest divisor of n up to `most`.
int64_t divisorUpTo(int64_t n, int64_t most) {
  for (int64_t d = std::min(n, most); d > 1; --d)
    if (n % d == 0)
      return d;
  return 1;
}

/// Partial results that feed at most this many threads.
constexpr int64_t mostParts = 32, partWork = 16384, enoughUnits = 8, columnsAUnit = 64;

/// Products that a kernel adds up at most, where the partial sums of more are few beside what is
/// read; a product of one row adds blocks of a few.
constexpr int64_t longestContraction = 1 << 16, longestOfOneRow = 1 << 13, shortestPart = 1 << 10;

/// The largest of the axes that both operands have and the result has not.
std::optional<int64_t> longestSummedLabel(nn::ContractOp op) {
  std::optional<int64_t> longest;
  int64_t most = 1;
  for (auto [axis, label] : llvm::enumerate(op.getALabels())) {
    int64_t size = nn::shapeOf(op.getA())[axis];
    if (size > most && llvm::is_contained(op.getBLabels(), label) &&
        !llvm::is_contained(op.getYLabels(), label))
      longest = label, most = size;
  }
  return longest;
}

/// `count` positions of the axis with a label, from `first` on.
Value cutOperand(OpBuilder &b, Value operand, ArrayRef<int64_t> labels, int64_t label,
                 int64_t first, int64_t count) {
  size_t axis = llvm::find(labels, label) - labels.begin();
  SmallVector<int64_t> shape(nn::shapeOf(operand)), offsets(shape.size(), 0),
      strides(shape.size(), 1);
  offsets[axis] = first;
  shape[axis] = count;
  return nn::SliceOp::create(b, operand.getLoc(), nn::tensorOf(operand).clone(shape), operand,
                             offsets, strides);
}

/// The operand with one axis as (parts, rest); the part gets a label of its own before the others.
Value splitOperand(OpBuilder &b, Value operand, SmallVector<int64_t> &labels, int64_t label,
                   int64_t parts, int64_t partLabel) {
  size_t axis = llvm::find(labels, label) - labels.begin();
  SmallVector<int64_t> shape(nn::shapeOf(operand));
  shape[axis] /= parts;
  shape.insert(shape.begin() + axis, parts);
  labels.insert(labels.begin() + axis, partLabel);
  return nn::ReshapeOp::create(b, operand.getLoc(), nn::tensorOf(operand).clone(shape), operand);
}

int64_t sizeOf(nn::ContractOp op, int64_t label) {
  ArrayRef<int64_t> labels = op.getALabels();
  return nn::shapeOf(op.getA())[llvm::find(labels, label) - labels.begin()];
}

/// How many parts a summed axis is cut into; 1 if it stays whole.
int64_t partsOf(nn::ContractOp op, int64_t label) {
  auto isWindow = [](Value v) { return bool(v.getDefiningOp<nn::WindowOp>()); };
  if (isWindow(op.getA()) || isWindow(op.getB()))
    return 1;
  auto countOf = [](Value value) {
    return std::max<int64_t>(1, nn::tensorOf(value).getNumElements());
  };
  // Partial results have to be few beside what is read.
  const int64_t size = sizeOf(op, label);
  const int64_t most = (countOf(op.getA()) + countOf(op.getB())) / (8 * countOf(op.getY()));
  auto lacksOwn = [&](ArrayRef<int64_t> labels, ArrayRef<int64_t> others) {
    return llvm::none_of(labels, [&](int64_t each) {
      return llvm::is_contained(op.getYLabels(), each) && !llvm::is_contained(others, each);
    });
  };
  const bool isOneRow =
      lacksOwn(op.getALabels(), op.getBLabels()) || lacksOwn(op.getBLabels(), op.getALabels());
  if (size < (isOneRow ? longestOfOneRow : longestContraction) || most < 2)
    return 1;
  const int64_t wanted = std::min(most, size / shortestPart);
  const int64_t equal = divisorUpTo(size, wanted);
  return 4 * equal < wanted ? wanted : equal;
}

/// The sum of a contraction's products over equal parts of a summed axis.
Value sumOfParts(OpBuilder &b, nn::ContractOp op, Value a, Value c, int64_t label, int64_t parts) {
  SmallVector<int64_t> aLabels(op.getALabels()), bLabels(op.getBLabels());
  int64_t partLabel = 0;
  for (int64_t each : llvm::concat<const int64_t>(op.getALabels(), op.getBLabels()))
    partLabel = std::max(partLabel, each + 1);
  a = splitOperand(b, a, aLabels, label, parts, partLabel);
  c = splitOperand(b, c, bLabels, label, parts, partLabel);
  SmallVector<int64_t> yLabels{partLabel}, shape{parts};
  llvm::append_range(yLabels, op.getYLabels());
  llvm::append_range(shape, nn::shapeOf(op.getY()));
  auto type = nn::tensorOf(op.getY());
  Value partial =
      nn::ContractOp::create(b, op.getLoc(), type.clone(shape), a, c, aLabels, bLabels, yLabels);
  return nn::ReduceOp::create(b, op.getLoc(), type, nn::Reduction::sum, partial,
                              ArrayRef<int64_t>{0});
}

/// A contraction over a very long axis: partial results, whose sum is a reduction. So no sum has
/// more terms in a row than keep its digits, and few results feed threads.
void splitContraction(nn::ContractOp op) {
  auto label = longestSummedLabel(op);
  const int64_t parts = label ? partsOf(op, *label) : 1;
  if (parts == 1)
    return;
  OpBuilder b(op);
  const int64_t size = sizeOf(op, *label), rest = size % parts, whole = size - rest;
  auto cut = [&](Value operand, ArrayRef<int64_t> labels, int64_t first, int64_t count) {
    return count == size ? operand : cutOperand(b, operand, labels, *label, first, count);
  };
  Value all = sumOfParts(b, op, cut(op.getA(), op.getALabels(), 0, whole),
                         cut(op.getB(), op.getBLabels(), 0, whole), *label, parts);
  if (rest) { // What equal parts leave is a product of its own.
    Value last = nn::ContractOp::create(b, op.getLoc(), op.getY().getType(),
                                        cut(op.getA(), op.getALabels(), whole, rest),
                                        cut(op.getB(), op.getBLabels(), whole, rest),
                                        op.getALabels(), op.getBLabels(), op.getYLabels());
    all = nn::AddOp::create(b, op.getLoc(), all, last);
  }
  op.replaceAllUsesWith(all);
  op.erase();
}

struct SplitReductions : impl::SplitReductionsBase<SplitReductions> {
  void runOnOperation() override {
    getOperation().walk([](nn::ReduceOp op) { split(op); });
    getOperation().walk([](nn::ContractOp op) { splitContraction(op); });
  }

  static void split(nn::ReduceOp op) {
    auto type = nn::tensorOf(op.getX());
    SmallVector<int64_t> axes(op.getAxes());
    llvm::sort(axes);
    if (axes.empty())
      return;
    int64_t total = type.getNumElements(), results = nn::tensorOf(op.getY()).getNumElements();
    bool isRow = axes.back() == type.getRank() - 1 && results > 1;
    int64_t units = isRow || results == 1 ? results : results / columnsAUnit;
    if (units >= enoughUnits || total < 4 * partWork)
      return;
    int64_t axis = axes.front(), size = type.getDimSize(axis);
    int64_t parts = divisorUpTo(size, std::min(mostParts, total / partWork));
    if (parts == 1)
      return;
    // Axis -> (parts, rest): sum over the rest, then over the parts.
    OpBuilder builder(op);
    SmallVector<int64_t> shape(type.getShape()), inner;
    shape[axis] = size / parts;
    shape.insert(shape.begin() + axis, parts);
    for (int64_t k : axes)
      inner.push_back(k + 1);
    Location loc = op.getLoc();
    Value x = nn::ReshapeOp::create(builder, loc, type.clone(shape), op.getX());
    SmallVector<int64_t> partialShape(nn::shapeOf(op.getY()));
    partialShape.insert(partialShape.begin() + axis, parts);
    Value partial = nn::ReduceOp::create(builder, loc, nn::tensorOf(op.getY()).clone(partialShape),
                                         op.getKind(), x, inner);
    Value all = nn::ReduceOp::create(builder, loc, op.getY().getType(), op.getKind(), partial,
                                     ArrayRef<int64_t>{axis});
    op.replaceAllUsesWith(all);
    op.erase();
  }
};

} // namespace
} // namespace nnc
