/// Checks of attention and its gradient.
#include "dialects/nn/IR/NN.h"
#include "dialects/nn/IR/ShapeRules.h"

using namespace mlir;

namespace nnc::nn {

/// Checks that an optional operand fits the scores [G.., I, J] through its axes.
static LogicalResult checkOnScores(Operation *op, StringRef name, Value value,
                                   std::optional<ArrayRef<int64_t>> axes,
                                   ArrayRef<int64_t> scores) {
  if (!value)
    return success();
  auto type = tensorOf(value);
  if (!axes || static_cast<int64_t>(axes->size()) != type.getRank())
    return op->emitOpError() << name << " needs one axis of the scores for each of its "
                             << type.getRank() << " axes";
  if (failed(checkAscendingAxes(op->getLoc(), *axes, scores.size())))
    return failure();
  for (auto [k, axis] : llvm::enumerate(*axes))
    if (type.getDimSize(k) != scores[axis] && type.getDimSize(k) != 1)
      return op->emitOpError() << name << " axis " << k << " has size " << type.getDimSize(k)
                               << " but axis " << axis << " of the scores has size "
                               << scores[axis];
  return success();
}

/// The checks that attention and its gradient share.
template <typename Op> static LogicalResult checkOperands(Op op) {
  auto q = tensorOf(op.getQ()), k = tensorOf(op.getK()), v = tensorOf(op.getV());
  int64_t rank = q.getRank();
  if (rank < 2 || k.getRank() != rank || v.getRank() != rank)
    return op.emitOpError("needs q [G.., I, M], k [G.., J, M] and v [G.., J, N] of one rank");
  auto group = q.getShape().drop_back(2);
  if (k.getShape().drop_back(2) != group || v.getShape().drop_back(2) != group)
    return op.emitOpError("leading axes of q, k and v differ");
  if (q.getElementType() != k.getElementType() || q.getElementType() != v.getElementType())
    return op.emitOpError("element types of q, k and v differ");
  if (q.getDimSize(rank - 1) != k.getDimSize(rank - 1))
    return op.emitOpError("q and k have different features");
  if (k.getDimSize(rank - 2) != v.getDimSize(rank - 2))
    return op.emitOpError("k and v have a different number of keys");
  SmallVector<int64_t> scores(group);
  scores.push_back(q.getDimSize(rank - 2));
  scores.push_back(k.getDimSize(rank - 2));
  if (failed(checkOnScores(op, "mask", op.getMask(), op.getMaskAxes(), scores)) ||
      failed(checkOnScores(op, "bias", op.getBias(), op.getBiasAxes(), scores)))
    return failure();
  if (op.getKeep() && shapeOf(op.getKeep()) != ArrayRef<int64_t>(scores))
    return op.emitOpError("keep must have the shape of the scores");
  return success();
}

/// The type of y for these queries and values, and that of lse.
static std::pair<Type, Type> resultTypes(RankedTensorType q, RankedTensorType v) {
  SmallVector<int64_t> shape(q.getShape());
  shape.back() = v.getShape().back();
  return {withShape(q, shape), withShape(q, q.getShape().drop_back())};
}

LogicalResult AttentionOp::verify() {
  if (failed(checkOperands(*this)))
    return failure();
  auto [y, lse] = resultTypes(tensorOf(getQ()), tensorOf(getV()));
  if (getY().getType() != y || getLse().getType() != lse)
    return emitOpError("expected results ") << y << " and " << lse;
  return success();
}

LogicalResult AttentionGradOp::verify() {
  if (failed(checkOperands(*this)))
    return failure();
  auto [y, lse] = resultTypes(tensorOf(getQ()), tensorOf(getV()));
  if (getY().getType() != y || getDy().getType() != y || getLse().getType() != lse)
    return emitOpError("expected y and dy of type ") << y << " and lse of type " << lse;
  if (getDq().getType() != getQ().getType() || getDk().getType() != getK().getType() ||
      getDv().getType() != getV().getType())
    return emitOpError("the results have the types of q, k and v");
  return success();
}

//===--- Facts -----------------------------------------------------------------------===//

/// So many products of I x J x M for each group; causal attention computes half of them.
static int64_t countProducts(Value q, Value k, bool causal, int64_t products) {
  int64_t count = 2 * products * shapeOf(k).drop_back().back();
  for (int64_t size : shapeOf(q))
    count *= size;
  return causal ? count / 2 : count;
}

int64_t AttentionOp::countOperations() { return countProducts(getQ(), getK(), getCausal(), 2); }
int64_t AttentionGradOp::countOperations() { return countProducts(getQ(), getK(), getCausal(), 5); }

/// The groups are independent of each other; queries, keys and masks are not.
std::optional<int64_t> AttentionOp::followAxis(unsigned operand, unsigned, int64_t axis) {
  int64_t groups = tensorOf(getQ()).getRank() - 2;
  return operand < 3 && axis < groups ? std::optional(axis) : std::nullopt;
}

} // namespace nnc::nn
