/// The derivative of attention, and attention written with contractions and a softmax.
#include "dialects/nn/Autodiff/Reverse.h"
#include "dialects/nn/Build/Emit.h"
#include "dialects/nn/IR/ShapeRules.h"

using namespace mlir;

namespace nnc::nn {

namespace {
/// Labels of group axes 0 .. n-1, then the two given ones.
SmallVector<int64_t> groupLabels(int64_t groups, ArrayRef<int64_t> last) {
  SmallVector<int64_t> labels = llvm::to_vector(llvm::seq<int64_t>(0, groups));
  llvm::append_range(labels, last);
  return labels;
}

/// Repeats an operand with `axes` (sizes equal or 1) to the shape of the scores.
Value onScores(Emit &emit, Value x, ArrayRef<int64_t> axes, ArrayRef<int64_t> scores) {
  SmallVector<int64_t> shape, kept;
  for (auto [size, axis] : llvm::zip_equal(shapeOf(x), axes))
    if (size == scores[axis]) {
      shape.push_back(size);
      kept.push_back(axis);
    }
  return emit.broadcast(emit.reshape(x, shape), scores, kept);
}

/// The scores [G.., I, J] after scale, bias and masks: minus infinity where a key is not seen.
template <typename AttentionLike> Value maskedScores(Emit &emit, AttentionLike op) {
  int64_t groups = tensorOf(op.getQ()).getRank() - 2, i = groups, j = groups + 1, m = groups + 2;
  Value s = emit.contract(op.getQ(), groupLabels(groups, {i, m}), op.getK(),
                          groupLabels(groups, {j, m}), groupLabels(groups, {i, j}));
  ArrayRef<int64_t> shape = shapeOf(s);
  s = emit.mul(s, emit.constant(s.getType(), op.getScale().convertToDouble()));
  if (Value bias = op.getBias())
    s = emit.add(s, onScores(emit, bias, *op.getBiasAxes(), shape));
  Value hidden = emit.constant(s.getType(), -std::numeric_limits<double>::infinity());
  if (Value mask = op.getMask())
    s = emit.select(onScores(emit, mask, *op.getMaskAxes(), shape), s, hidden);
  if (op.getCausal())
    s = emit.select(emit.compare(Comparison::le, emit.iota(shape, j), emit.iota(shape, i)), s,
                    hidden);
  return s;
}

/// Dropout of the weights, or of their cotangents.
template <typename AttentionLike> Value dropped(Emit &emit, AttentionLike op, Value weights) {
  if (!op.getKeep())
    return weights;
  Value factor = emit.constant(weights.getType(), op.getKeepScale().convertToDouble());
  return emit.select(op.getKeep(), emit.mul(weights, factor), emit.zeros(weights.getType()));
}
} // namespace

void AttentionOp::decompose(OpBuilder &builder, SmallVectorImpl<Value> &results) {
  Emit emit(builder, getLoc());
  int64_t groups = tensorOf(getQ()).getRank() - 2, i = groups, j = groups + 1, n = groups + 2;
  Value s = maskedScores(emit, *this);
  Value weights = emit.make<SoftmaxOp>(s, j);
  weights = dropped(emit, *this, weights);
  results.push_back(emit.contract(weights, groupLabels(groups, {i, j}), getV(),
                                  groupLabels(groups, {j, n}), groupLabels(groups, {i, n})));
  results.push_back(emit.make<LogSumExpOp>(s, j));
}

bool AttentionOp::hasTerminalGradient() { return true; }

/// Differentiates the spelled-out form: for a cotangent of the bias or of the log-sum-exp.
static LogicalResult backwardDecomposed(AttentionOp op, OpBuilder &builder, ValueRange resultGrads,
                                        ArrayRef<bool> needed,
                                        SmallVectorImpl<Value> &operandGrads) {
  Block *block = builder.getInsertionBlock();
  auto start = builder.getInsertionPoint();
  Operation *before = start == block->begin() ? nullptr : &*std::prev(start);
  SmallVector<Value> results;
  op.decompose(builder, results);
  SmallVector<Operation *> ops;
  for (auto it = before ? std::next(before->getIterator()) : block->begin(); it != start; ++it)
    ops.push_back(&*it);
  DenseSet<Value> active;
  for (auto [operand, isNeeded] : llvm::zip_equal(op->getOperands(), needed))
    if (isNeeded)
      active.insert(operand);
  addDependents(ops, active);
  Reverse reverse(builder, active);
  for (auto [result, cotangent] : llvm::zip_equal(results, resultGrads))
    reverse.accumulate(result, cotangent);
  if (failed(reverse.run(ops)))
    return failure();
  for (auto [k, operand] : llvm::enumerate(op->getOperands()))
    if (needed[k] && !llvm::is_contained(op->getOperands().take_front(k), operand))
      operandGrads[k] = reverse.get(operand);
  return success();
}

LogicalResult AttentionOp::backward(OpBuilder &builder, ValueRange resultGrads,
                                    ArrayRef<bool> needed, SmallVectorImpl<Value> &operandGrads) {
  int64_t bias = getBias() ? getODSOperandIndexAndLength(4).first : 0;
  if (resultGrads[1] || (getBias() && needed[bias]))
    return backwardDecomposed(*this, builder, resultGrads, needed, operandGrads);
  Emit emit = Emit::gradientOf(builder, *this);
  auto grad = AttentionGradOp::create(
      builder, emit.loc, TypeRange{getQ().getType(), getK().getType(), getV().getType()}, getQ(),
      getK(), getV(), getY(), getLse(), resultGrads[0], getMask(), getBias(), getKeep(),
      getScaleAttr(), getCausalAttr(), getMaskAxesAttr(), getBiasAxesAttr(), getKeepScaleAttr());
  for (int64_t k = 0; k < 3; ++k)
    if (needed[k])
      operandGrads[k] = grad.getResult(k);
  return success();
}

LogicalResult AttentionGradOp::backward(OpBuilder &, ValueRange, ArrayRef<bool>,
                                        SmallVectorImpl<Value> &) {
  return emitOpError("stands in outermost derivatives only: its attention was not decomposed");
}

bool AttentionGradOp::isTerminalGradient() { return true; }

/// With w = exp(s - lse): dv = w' dy, ds = w (dy v' - rows of y . dy), dq = scale ds k, dk = scale
/// ds' q.
void AttentionGradOp::decompose(OpBuilder &builder, SmallVectorImpl<Value> &results) {
  Emit emit(builder, getLoc());
  int64_t groups = tensorOf(getQ()).getRank() - 2, i = groups, j = groups + 1, c = groups + 2;
  SmallVector<int64_t> query = groupLabels(groups, {i, c}), key = groupLabels(groups, {j, c}),
                       score = groupLabels(groups, {i, j});
  Value s = maskedScores(emit, *this);
  auto onRows = [&](Value x) { return emit.restoreAxes(x, shapeOf(s), j); };
  // A row that sees no key has a log-sum-exp of minus infinity; its weights are zeros all the same.
  Value zero = emit.zeros(getLse().getType());
  Value lowest = emit.constant(getLse().getType(), -std::numeric_limits<double>::infinity());
  Value lse = emit.select(emit.compare(Comparison::eq, getLse(), lowest), zero, getLse());
  Value weights = emit.make<ExpOp>(emit.sub(s, onRows(lse)));
  Value dWeights = dropped(emit, *this, emit.contract(getDy(), query, getV(), key, score));
  Value rows = emit.sum(emit.mul(getDy(), getY()), i + 1);
  Value ds = emit.mul(weights, emit.sub(dWeights, onRows(rows)));
  ds = emit.mul(ds, emit.constant(s.getType(), getScale().convertToDouble()));
  results.push_back(emit.contract(ds, score, getK(), key, query));
  results.push_back(emit.contract(ds, score, getQ(), query, key));
  results.push_back(emit.contract(dropped(emit, *this, weights), score, getDy(), query, key));
}

} // namespace nnc::nn
