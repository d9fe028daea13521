/// What the forward and the backward emitter of attention share.
#include "compiler/Emit/Attention/AttentionBuilder.h"
#include "compiler/Emit/Element/VectorMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace nnc {

AttentionBuilder::AttentionBuilder(const AttentionSite &site, FloatType element)
    : GemmBuilder(site.builder, site.loc, element, site.target.lanes(element)), target(site.target),
      scratch(site.scratch) {
  hasFma = target.hasFma;
}

Value AttentionBuilder::maximum(Value a, Value b) {
  auto x = constantIndex(a), y = constantIndex(b);
  if (x && y)
    return index(std::max(*x, *y));
  return arith::MaxSIOp::create(builder, loc, a, b);
}

void AttentionBuilder::range(Value first, Value last, int64_t step, Body body) {
  loop(subtract(last, first), step, [&](Value i) { body(add(first, i)); });
}

SmallVector<Value> AttentionBuilder::range(Value first, Value last, int64_t step, ValueRange inits,
                                           CarriedBody body) {
  return loop(subtract(last, first), step, inits,
              [&](Value i, ValueRange carried) { return body(add(first, i), carried); });
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

Value AttentionBuilder::splat(double value, int64_t lanes) {
  TypedAttr scalar = builder.getFloatAttr(element, value);
  if (lanes == 1)
    return arith::ConstantOp::create(builder, loc, scalar);
  return arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(vectorType(lanes), scalar));
}

Value AttentionBuilder::sub(Value a, Value b) { return arith::SubFOp::create(builder, loc, a, b); }
Value AttentionBuilder::mul(Value a, Value b) { return arith::MulFOp::create(builder, loc, a, b); }

Value AttentionBuilder::larger(Value a, Value b) {
  Value above = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OGT, a, b);
  return arith::SelectOp::create(builder, loc, above, a, b);
}

Value AttentionBuilder::select(Value truth, Value a, Value b) {
  return arith::SelectOp::create(builder, loc, truth, a, b);
}

Value AttentionBuilder::fused(Value a, Value b, Value c) {
  if (isa<VectorType>(a.getType()))
    return fma(a, b, c);
  return addFloats(mul(a, b), c);
}

/// 2^f on [-0.5, 0.5], minimax in relative error; the constant is 1, so that 2^n is exact.
static constexpr double kExp2[] = {1.0,           0.693147182,   0.240226462, 0.0555033311,
                                   0.00961802103, 0.00133988704, 0.000154035};

Value AttentionBuilder::exp2(Value x) {
  auto vector = dyn_cast<VectorType>(x.getType());
  const int64_t lanes = vector ? vector.getNumElements() : 1;
  if (element.isF64())
    return VectorMath(builder, loc).exp(mul(x, splat(1 / kLog2e, lanes)));
  Type bits = builder.getI32Type();
  if (vector)
    bits = VectorType::get({lanes}, bits);
  auto toBits = [&](Value v) { return arith::BitcastOp::create(builder, loc, bits, v); };
  // At -127 and below f is 0 and the exponent field comes out as 0, which is the number 0.
  Value t = larger(splat(-127.0, lanes), x);
  // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
  Value magic = splat(12582912.0, lanes);
  Value shifted = addFloats(t, magic);
  Value f = sub(t, sub(shifted, magic));
  Value r = splat(kExp2[6], lanes);
  for (int k = 5; k >= 0; --k)
    r = fused(r, f, splat(kExp2[k], lanes));
  Value places =
      arith::ConstantOp::create(builder, loc,
                                vector ? cast<TypedAttr>(DenseElementsAttr::get(
                                             cast<VectorType>(bits), builder.getI32IntegerAttr(23)))
                                       : cast<TypedAttr>(builder.getI32IntegerAttr(23)));
  Value exponent = arith::ShLIOp::create(builder, loc, toBits(shifted), places);
  Value sum = arith::AddIOp::create(builder, loc, toBits(r), exponent);
  return arith::BitcastOp::create(builder, loc, t.getType(), sum);
}

Value AttentionBuilder::reduceMax(Value vector) {
  // A NaN may get lost here; the weights computed from it are NaN anyway.
  for (int64_t lanes = width / 2; lanes > 0; lanes /= 2)
    vector = larger(extract(vector, {0, lanes}), extract(vector, {lanes, lanes}));
  return vector;
}

Value AttentionBuilder::reduceSum(Value vector) {
  return vector::ReductionOp::create(builder, loc, vector::CombiningKind::ADD, vector,
                                     arith::FastMathFlags::reassoc);
}

Value AttentionBuilder::lanesBelow(Value count) {
  auto lanes = VectorType::get({width}, builder.getI32Type());
  SmallVector<int32_t> steps;
  for (int64_t lane = 0; lane < width; ++lane)
    steps.push_back(lane);
  Value step = arith::ConstantOp::create(builder, loc,
                                         DenseElementsAttr::get(lanes, ArrayRef<int32_t>(steps)));
  Value limit = arith::IndexCastOp::create(builder, loc, builder.getI32Type(), count);
  Value limits = vector::BroadcastOp::create(builder, loc, lanes, limit);
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt, step, limits);
}

SmallVector<Value> groupOf(AttentionBuilder &c, const AttentionProblem &problem, Value head) {
  SmallVector<Value> group(problem.groups.size());
  for (size_t axis = group.size(); axis-- > 0;) {
    group[axis] = axis == 0 ? head : c.remainder(head, problem.groups[axis]);
    head = c.divide(head, problem.groups[axis]);
  }
  return group;
}

//===----------------------------------------------------------------------===//
// Columns of a row of scores
//===----------------------------------------------------------------------===//

Value maskedScore(AttentionBuilder &c, const AttentionProblem &problem, ArrayRef<Value> at,
                  Value score, int64_t lanes, Value live) {
  Value unseen = c.splat(-std::numeric_limits<double>::infinity(), lanes);
  if (problem.bias)
    score = c.fused(problem.bias(at, lanes), c.splat(kLog2e, lanes), score);
  if (problem.mask)
    score = c.select(problem.mask(at, lanes), score, unseen);
  if (live)
    score = c.select(live, score, unseen);
  return score;
}

namespace {
/// Folds the values that a body gives over columns, several vectors at a time.
class ColumnFolder {
public:
  ColumnFolder(AttentionBuilder &c, ColumnFold fold,
               llvm::function_ref<Value(Value, int64_t, Value)> body)
      : c(c), fold(fold), body(body) {}

  Value combine(Value a, Value b) {
    return fold == ColumnFold::max ? c.larger(a, b) : c.addFloats(a, b);
  }
  Value start(int64_t lanes) { return c.splat(fold == ColumnFold::max ? kLowest : 0.0, lanes); }
  /// Columns [first, last), `unroll` accumulators.
  void vectors(Value first, Value last, int64_t unroll, Value live) {
    const int64_t count = fold == ColumnFold::none ? 0 : unroll;
    SmallVector<Value> inits(count);
    for (Value &init : inits)
      init = start(c.width);
    auto results = c.range(first, last, c.width * unroll, inits, [&](Value x, ValueRange carried) {
      SmallVector<Value> next;
      for (int64_t u = 0; u < unroll; ++u) {
        Value value = body(c.add(x, u * c.width), c.width, live);
        if (count)
          next.push_back(combine(carried[u], value));
      }
      return next;
    });
    add(results);
  }
  void elements(Value first, Value last) {
    auto results = c.range(first, last, 1, scalars(), [&](Value x, ValueRange carried) {
      Value value = body(x, 1, Value());
      return fold == ColumnFold::none ? SmallVector<Value>()
                                      : SmallVector<Value>{combine(carried[0], value)};
    });
    if (fold != ColumnFold::none)
      scalar = results[0];
  }
  void add(ArrayRef<Value> results) {
    for (Value result : results)
      vector = vector ? combine(vector, result) : result;
  }
  Value result() {
    if (fold == ColumnFold::none)
      return {};
    Value reduced =
        vector ? (fold == ColumnFold::max ? c.reduceMax(vector) : c.reduceSum(vector)) : start(1);
    return scalar ? combine(reduced, scalar) : reduced;
  }

private:
  SmallVector<Value> scalars() {
    return fold == ColumnFold::none ? SmallVector<Value>() : SmallVector<Value>{start(1)};
  }
  AttentionBuilder &c;
  ColumnFold fold;
  llvm::function_ref<Value(Value, int64_t, Value)> body;
  Value vector, scalar;
};
} // namespace

Value foldColumns(AttentionBuilder &c, const SeenColumns &seen, ColumnFold fold,
                  llvm::function_ref<Value(Value, int64_t, Value)> body) {
  const int64_t unroll = fold == ColumnFold::none ? 2 : 4;
  ColumnFolder folder(c, fold, body);
  Value full = c.roundDown(seen.count, c.width);
  Value main = c.roundDown(seen.count, c.width * unroll);
  folder.vectors(c.index(0), main, unroll, {});
  folder.vectors(main, full, 1, {});
  if (!seen.reads) {
    auto count = constantIndex(seen.count);
    if (count && *count % c.width == 0)
      return folder.result();
    // Without a branch: the scratch has room for one more vector.
    Value last = body(full, c.width, c.lanesBelow(c.subtract(seen.count, full)));
    if (fold != ColumnFold::none)
      folder.add({last});
    return folder.result();
  }
  Value end = c.roundDown(seen.end, c.width);
  if (seen.ragged) {
    Value live = c.lanesBelow(c.subtract(seen.count, full));
    folder.vectors(full, c.minimum(seen.count, end), 1, live);
  }
  if (seen.keys % c.width)
    folder.elements(c.maximum(full, c.minimum(end, seen.count)), seen.count);
  return folder.result();
}

void clearUnseen(AttentionBuilder &c, const SeenColumns &seen, Value count, Value memref,
                 Value row) {
  Value next = c.roundUp(seen.count, c.width);
  if (seen.reads && seen.keys % c.width)
    c.range(seen.count, next, 1, [&](Value x) { c.store(c.zero(1), memref, c.add(row, x)); });
  if (seen.ragged)
    c.range(next, count, c.width,
            [&](Value x) { c.store(c.zero(c.width), memref, c.add(row, x)); });
}

} // namespace nnc
