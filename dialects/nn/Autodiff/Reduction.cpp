/// Derivatives of reductions, running reductions and normalisations along an axis.
#include "dialects/nn/Build/Emit.h"
#include "dialects/nn/IR/ShapeRules.h"

using namespace mlir;

namespace nnc::nn {

namespace {
/// Moves `axes` to the end and merges them into one; remembers how to go back.
struct MergedAxes {
  SmallVector<int64_t> permutation, inverse, moved, merged;

  MergedAxes(ArrayRef<int64_t> shape, ArrayRef<int64_t> axes) {
    for (int64_t axis = 0, rank = shape.size(); axis < rank; ++axis)
      if (!llvm::is_contained(axes, axis))
        permutation.push_back(axis);
    int64_t kept = permutation.size(), size = 1;
    llvm::append_range(permutation, axes);
    inverse.resize(permutation.size());
    for (auto [k, axis] : llvm::enumerate(permutation)) {
      inverse[axis] = k;
      moved.push_back(shape[axis]);
    }
    merged.assign(moved.begin(), moved.begin() + kept);
    for (int64_t axis : axes)
      size *= shape[axis];
    merged.push_back(size);
  }
  Value merge(Emit &emit, Value x) const {
    return emit.reshape(emit.transpose(x, permutation), merged);
  }
  Value restore(Emit &emit, Value x) const {
    return emit.transpose(emit.reshape(x, moved), inverse);
  }
  int64_t lastAxis() const { return merged.size() - 1; }
};

/// x moved by one position along an axis, towards higher indices or lower ones; the free position
/// is `fill`.
Value shifted(Emit &emit, Value x, int64_t axis, bool up, double fill) {
  auto type = tensorOf(x);
  SmallVector<int64_t> offsets(type.getRank()), sizes(type.getShape()), low(type.getRank()),
      high(type.getRank());
  SmallVector<int64_t> interior(type.getRank());
  --sizes[axis];
  offsets[axis] = up ? 0 : 1;
  low[axis] = up ? 1 : 0;
  high[axis] = up ? 0 : 1;
  return emit.make<PadOp>(emit.slice(x, offsets, sizes), low, high, interior, llvm::APFloat(fill));
}

Value cumulative(Emit &emit, Reduction kind, Value x, int64_t axis, bool reverse) {
  return emit.make<CumulativeOp>(kind, x, axis, reverse);
}

/// d prod / dx_i as the product of all elements before and all after, which is right for zeros too.
Value productRule(Emit &emit, ReduceOp op, Value g) {
  ArrayRef<int64_t> shape = shapeOf(op.getX());
  MergedAxes axes(shape, op.getAxes());
  Value x = axes.merge(emit, op.getX());
  int64_t last = axes.lastAxis();
  Value before = cumulative(emit, Reduction::prod, shifted(emit, x, last, true, 1), last, false);
  Value after = cumulative(emit, Reduction::prod, shifted(emit, x, last, false, 1), last, true);
  Value others = axes.restore(emit, emit.mul(before, after));
  return emit.mul(emit.restoreAxes(g, shape, op.getAxes()), others);
}

/// The cotangent goes to the first extreme element.
Value extremeRule(Emit &emit, ReduceOp op, Value g) {
  ArrayRef<int64_t> shape = shapeOf(op.getX());
  MergedAxes axes(shape, op.getAxes());
  Value x = axes.merge(emit, op.getX());
  if (op.getKind() == Reduction::min)
    x = emit.make<NegOp>(x);
  int64_t last = axes.lastAxis();
  Value where = emit.oneHot(emit.make<ArgmaxOp>(x, last), axes.merged, last);
  Value merged =
      emit.restoreAxes(emit.reshape(g, ArrayRef(axes.merged).drop_back()), axes.merged, last);
  return axes.restore(emit, emit.select(where, merged, emit.zeros(merged.getType())));
}
} // namespace

LogicalResult ReduceOp::backward(OpBuilder &builder, ValueRange resultGrads, ArrayRef<bool> needed,
                                 SmallVectorImpl<Value> &operandGrads) {
  Emit emit = Emit::gradientOf(builder, *this);
  if (!needed[0])
    return success();
  switch (getKind()) {
  case Reduction::sum:
    operandGrads[0] = emit.restoreAxes(resultGrads[0], shapeOf(getX()), getAxes());
    return success();
  case Reduction::prod:
    operandGrads[0] = productRule(emit, *this, resultGrads[0]);
    return success();
  case Reduction::max:
  case Reduction::min:
    operandGrads[0] = extremeRule(emit, *this, resultGrads[0]);
    return success();
  default:
    return emitOpError("of booleans has no derivative");
  }
}

/// With y_k = x_0 ... x_k: dx_i = y_{i-1} s_i where s_i = g_i + x_{i+1} s_{i+1}, a scan from the
/// end; no division.
static Value runningProductRule(Emit &emit, CumulativeOp op, Value g) {
  auto type = tensorOf(op.getX());
  int64_t axis = op.getAxis();
  bool reverse = op.getReverse();
  Value previous = shifted(emit, op.getY(), axis, !reverse, 1);
  Value next = shifted(emit, op.getX(), axis, reverse, 0);
  SmallVector<int64_t> toFront = {axis}, fromFront(type.getRank());
  for (int64_t k = 0; k < type.getRank(); ++k)
    if (k != axis)
      toFront.push_back(k);
  for (auto [k, from] : llvm::enumerate(toFront))
    fromFront[from] = k;
  Value gs = emit.transpose(g, toFront), xs = emit.transpose(next, toFront);
  Type piece = withShape(type, shapeOf(gs).drop_front());
  Value start = emit.zeros(piece);
  auto scan = ScanOp::create(emit.builder, emit.loc, TypeRange{piece, gs.getType()}, shapeOf(gs)[0],
                             ValueRange(), start, ValueRange{gs, xs}, ValueRange(),
                             /*reverse=*/!reverse, /*until=*/false);
  OpBuilder::InsertionGuard guard(emit.builder);
  Type turn = RankedTensorType::get({}, emit.builder.getI32Type());
  Block *body = emit.builder.createBlock(&scan.getBody(), {}, {turn, piece, piece, piece},
                                         SmallVector<Location>(4, emit.loc));
  Value s = emit.add(body->getArgument(2), emit.mul(body->getArgument(3), body->getArgument(1)));
  YieldOp::create(emit.builder, emit.loc, ValueRange{s, s});
  emit.builder.setInsertionPointAfter(scan);
  return emit.mul(previous, emit.transpose(scan.getResult(1), fromFront));
}

LogicalResult CumulativeOp::backward(OpBuilder &builder, ValueRange resultGrads,
                                     ArrayRef<bool> needed, SmallVectorImpl<Value> &operandGrads) {
  Emit emit = Emit::gradientOf(builder, *this);
  if (!needed[0])
    return success();
  if (getKind() == Reduction::sum)
    operandGrads[0] = cumulative(emit, Reduction::sum, resultGrads[0], getAxis(), !getReverse());
  else
    operandGrads[0] = runningProductRule(emit, *this, resultGrads[0]);
  return success();
}

LogicalResult TopKOp::backward(OpBuilder &builder, ValueRange resultGrads, ArrayRef<bool> needed,
                               SmallVectorImpl<Value> &operandGrads) {
  if (!needed[0] || !resultGrads[0])
    return success();
  Emit emit = Emit::gradientOf(builder, *this);
  auto type = tensorOf(getX());
  int64_t rank = type.getRank();
  SmallVector<int64_t> shape(shapeOf(getValues())), labels, places;
  shape.push_back(type.getShape().back());
  Value where = emit.cast(emit.oneHot(getIndices(), shape, rank), type.getElementType());
  for (int64_t k = 0; k <= rank; ++k)
    places.push_back(k);
  labels.assign(places.begin(), places.end() - 1);
  SmallVector<int64_t> result(labels);
  result.back() = rank;
  operandGrads[0] = emit.contract(resultGrads[0], labels, where, places, result);
  return success();
}

LogicalResult SoftmaxOp::backward(OpBuilder &builder, ValueRange resultGrads, ArrayRef<bool> needed,
                                  SmallVectorImpl<Value> &operandGrads) {
  Emit emit = Emit::gradientOf(builder, *this);
  int64_t axis = getAxis();
  Value weighted = emit.sum(emit.mul(resultGrads[0], getY()), axis);
  Value mean = emit.restoreAxes(weighted, getType().getShape(), axis);
  if (needed[0])
    operandGrads[0] = emit.mul(getY(), emit.sub(resultGrads[0], mean));
  return success();
}

LogicalResult LogSoftmaxOp::backward(OpBuilder &builder, ValueRange resultGrads,
                                     ArrayRef<bool> needed, SmallVectorImpl<Value> &operandGrads) {
  Emit emit = Emit::gradientOf(builder, *this);
  int64_t axis = getAxis();
  Value total = emit.restoreAxes(emit.sum(resultGrads[0], axis), getType().getShape(), axis);
  if (needed[0])
    operandGrads[0] = emit.sub(resultGrads[0], emit.mul(emit.make<SoftmaxOp>(getX(), axis), total));
  return success();
}

LogicalResult LogSumExpOp::backward(OpBuilder &builder, ValueRange resultGrads,
                                    ArrayRef<bool> needed, SmallVectorImpl<Value> &operandGrads) {
  Emit emit = Emit::gradientOf(builder, *this);
  int64_t axis = getAxis();
  Value g = emit.restoreAxes(resultGrads[0], shapeOf(getX()), axis);
  if (needed[0])
    operandGrads[0] = emit.mul(g, emit.make<SoftmaxOp>(getX(), axis));
  return success();
}

LogicalResult CrossEntropyOp::backward(OpBuilder &builder, ValueRange resultGrads,
                                       ArrayRef<bool> needed,
                                       SmallVectorImpl<Value> &operandGrads) {
  Emit emit = Emit::gradientOf(builder, *this);
  auto type = tensorOf(getLogits());
  int64_t axis = type.getRank() - 1;
  Value truth = emit.cast(emit.oneHot(getLabels(), type.getShape(), axis), type.getElementType());
  Value error = emit.sub(emit.make<SoftmaxOp>(getLogits(), axis), truth);
  if (needed[0])
    operandGrads[0] = emit.mul(emit.restoreAxes(resultGrads[0], type.getShape(), axis), error);
  return success();
}

} // namespace nnc::nn
