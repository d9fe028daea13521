/// Tables of the outcomes of one distribution.
#include "dialects/prob/Families/SharedOutcomes.h"

#include "dialects/nn/IR/ShapeRules.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace nnc::prob {

using nn::Emit;
using nn::shapeOf;
using nn::tensorOf;
using nn::Term;

/// Terms that are added one after the other: longer sums are made of sums of so many.
constexpr int64_t block = 64;

std::optional<SharedOutcomes> SharedOutcomes::of(Value parameter) {
  auto repeated = parameter.getDefiningOp<nn::BroadcastOp>();
  if (!repeated || repeated.getAxes().empty())
    return std::nullopt;
  auto from = tensorOf(repeated.getX()), to = tensorOf(parameter);
  bool keepsOutcomes = repeated.getAxes().back() + 1 == to.getRank();
  bool shares = from.getNumElements() < to.getNumElements();
  // Places in tables are i32.
  bool fits = 2 * from.getNumElements() < std::numeric_limits<int32_t>::max();
  return keepsOutcomes && shares && fits ? std::optional(SharedOutcomes(repeated)) : std::nullopt;
}

Value SharedOutcomes::own() const { return nn::BroadcastOp(repeated).getX(); }

ArrayRef<int64_t> SharedOutcomes::events() const {
  return shapeOf(nn::BroadcastOp(repeated).getY()).drop_back();
}

Value SharedOutcomes::toEvents(Emit &emit, Value x) const {
  return emit.broadcast(x, events(), nn::BroadcastOp(repeated).getAxes().drop_back());
}

Value SharedOutcomes::starts(Emit &emit, int64_t length) const {
  SmallVector<int64_t> shape(shapeOf(own()).drop_back());
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  Value numbers = emit.iota({count}, 0);
  Value starts = emit.mul(numbers, emit.constant(numbers.getType(), static_cast<double>(length)));
  return toEvents(emit, emit.reshape(starts, shape));
}

Value SharedOutcomes::lookUp(Emit &emit, Value table, Value index) const {
  int64_t length = shapeOf(table).back();
  Value flat = emit.reshape(table, {tensorOf(table).getNumElements()});
  return emit.make<nn::GatherOp>(flat, emit.add(starts(emit, length), index), 0);
}

/// Sums of the elements up to each, along the last axis, which may get longer: the sums of blocks
/// are added to those within each, so that rounding grows with the square root of the length. A sum
/// at the end of a block is the one at the start of the next without its element, to the last bit.
static Value runningSums(Emit &emit, Value x) {
  SmallVector<int64_t> shape(shapeOf(x));
  int64_t axis = shape.size() - 1, length = shape[axis];
  auto cumulative = [&](Value value, int64_t along) {
    return emit.make<nn::CumulativeOp>(nn::Reduction::sum, value, along, /*reverse=*/false);
  };
  if (length <= block)
    return cumulative(x, axis);
  int64_t blocks = llvm::divideCeil(length, block);
  SmallVector<int64_t> none(shape.size(), 0), more(shape.size(), 0);
  more[axis] = blocks * block - length;
  if (more[axis])
    x = emit.make<nn::PadOp>(x, none, more, none, llvm::APFloat(0.0));
  SmallVector<int64_t> split(shape);
  split[axis] = blocks;
  SmallVector<int64_t> totalsShape(split), last(split.size(), 0);
  split.push_back(block);
  Term within{&emit, cumulative(emit.reshape(x, split), axis + 1)};
  last.push_back(block - 1);
  SmallVector<int64_t> ends(split);
  ends.back() = 1;
  Value totals = emit.reshape(emit.slice(within, last, ends), totalsShape);
  // Of all blocks before each.
  SmallVector<int64_t> first(totalsShape.size(), 0), low(totalsShape.size(), 0),
      allButLast(totalsShape);
  --allButLast[axis];
  low[axis] = 1;
  Value before = emit.make<nn::PadOp>(emit.slice(cumulative(totals, axis), first, allButLast), low,
                                      none, none, llvm::APFloat(0.0));
  Term offset{&emit, emit.restoreAxes(before, split, {axis + 1})};
  shape[axis] = blocks * block;
  return emit.reshape(offset + within, shape);
}

Value SharedOutcomes::draw(Emit &emit, Value weights, Value uniform) const {
  int64_t outcomes = shapeOf(weights).back();
  Value sums = runningSums(emit, weights);
  SmallVector<int64_t> ends(shapeOf(sums)), last(ends.size(), 0);
  int64_t length = ends.back();
  last.back() = length - 1;
  ends.back() = 1;
  Value total = emit.reshape(emit.slice(sums, last, ends), ArrayRef(ends).drop_back());
  Term share = Term{&emit, uniform} * Term{&emit, toEvents(emit, total)};
  // How many sums are not beyond the share: by halving the steps.
  auto type = RankedTensorType::get(events(), emit.builder.getI32Type());
  auto number = [&](int64_t n) { return emit.constant(type, static_cast<double>(n)); };
  Value count = number(0);
  for (int64_t step = static_cast<int64_t>(llvm::PowerOf2Ceil(outcomes)); step; step /= 2) {
    Value next = emit.add(count, number(step));
    Value place = emit.make<nn::MinOp>(emit.sub(next, number(1)), number(length - 1));
    Value within = emit.compare(nn::Comparison::le, next, number(length));
    Value below = emit.compare(nn::Comparison::le, lookUp(emit, sums, place), share);
    count = emit.select(emit.make<nn::AndOp>(within, below), next, count);
  }
  return emit.make<nn::MinOp>(count, number(outcomes - 1));
}

} // namespace nnc::prob
