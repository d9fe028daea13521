/// Derivatives of ops that move elements: each is the op that moves them back.
#include "dialects/nn/Build/Emit.h"

using namespace mlir;

namespace nnc::nn {

LogicalResult BroadcastOp::backward(OpBuilder &builder, ValueRange resultGrads,
                                    ArrayRef<bool> needed, SmallVectorImpl<Value> &operandGrads) {
  SmallVector<int64_t> repeated;
  for (int64_t axis = 0; axis < getType().getRank(); ++axis)
    if (!llvm::is_contained(getAxes(), axis))
      repeated.push_back(axis);
  if (needed[0])
    operandGrads[0] = Emit::gradientOf(builder, *this).sum(resultGrads[0], repeated);
  return success();
}

LogicalResult ReshapeOp::backward(OpBuilder &builder, ValueRange resultGrads, ArrayRef<bool> needed,
                                  SmallVectorImpl<Value> &operandGrads) {
  if (needed[0])
    operandGrads[0] = Emit::gradientOf(builder, *this).reshape(resultGrads[0], shapeOf(getX()));
  return success();
}

LogicalResult TransposeOp::backward(OpBuilder &builder, ValueRange resultGrads,
                                    ArrayRef<bool> needed, SmallVectorImpl<Value> &operandGrads) {
  SmallVector<int64_t> inverse(getPermutation().size());
  for (auto [k, axis] : llvm::enumerate(getPermutation()))
    inverse[axis] = k;
  if (needed[0])
    operandGrads[0] = Emit::gradientOf(builder, *this).transpose(resultGrads[0], inverse);
  return success();
}

LogicalResult ReverseOp::backward(OpBuilder &builder, ValueRange resultGrads, ArrayRef<bool> needed,
                                  SmallVectorImpl<Value> &operandGrads) {
  if (needed[0])
    operandGrads[0] = Emit::gradientOf(builder, *this).make<ReverseOp>(resultGrads[0], getAxes());
  return success();
}

LogicalResult SliceOp::backward(OpBuilder &builder, ValueRange resultGrads, ArrayRef<bool> needed,
                                SmallVectorImpl<Value> &operandGrads) {
  if (!needed[0] || getType().getNumElements() == 0)
    return success();
  SmallVector<int64_t> low, high, interior;
  for (auto [from, to, offset, stride] :
       llvm::zip_equal(shapeOf(getX()), getType().getShape(), getOffsets(), getStrides())) {
    low.push_back(offset);
    interior.push_back(to > 1 ? stride - 1 : 0);
    high.push_back(from - offset - (to - 1) * stride - 1);
  }
  Emit emit = Emit::gradientOf(builder, *this);
  operandGrads[0] = emit.make<PadOp>(resultGrads[0], low, high, interior, llvm::APFloat(0.0));
  return success();
}

LogicalResult PadOp::backward(OpBuilder &builder, ValueRange resultGrads, ArrayRef<bool> needed,
                              SmallVectorImpl<Value> &operandGrads) {
  if (!needed[0] || tensorOf(getX()).getNumElements() == 0)
    return success();
  SmallVector<int64_t> strides;
  for (int64_t interior : getInterior())
    strides.push_back(interior + 1);
  operandGrads[0] =
      Emit::gradientOf(builder, *this).slice(resultGrads[0], getLow(), shapeOf(getX()), strides);
  return success();
}

LogicalResult ConcatOp::backward(OpBuilder &builder, ValueRange resultGrads, ArrayRef<bool> needed,
                                 SmallVectorImpl<Value> &operandGrads) {
  Emit emit = Emit::gradientOf(builder, *this);
  SmallVector<int64_t> offsets(getType().getRank());
  for (auto [k, part] : llvm::enumerate(getParts())) {
    if (needed[k])
      operandGrads[k] = emit.slice(resultGrads[0], offsets, shapeOf(part));
    offsets[getAxis()] += shapeOf(part)[getAxis()];
  }
  return success();
}

LogicalResult AtOp::backward(OpBuilder &builder, ValueRange resultGrads, ArrayRef<bool> needed,
                             SmallVectorImpl<Value> &operandGrads) {
  Emit emit = Emit::gradientOf(builder, *this);
  if (needed[0])
    operandGrads[0] =
        emit.make<PutOp>(emit.zeros(getX().getType()), getIndex(), resultGrads[0], getAxis());
  return success();
}

LogicalResult PutOp::backward(OpBuilder &builder, ValueRange resultGrads, ArrayRef<bool> needed,
                              SmallVectorImpl<Value> &operandGrads) {
  Emit emit = Emit::gradientOf(builder, *this);
  if (needed[0])
    operandGrads[0] =
        emit.make<PutOp>(resultGrads[0], getIndex(), emit.zeros(getPiece().getType()), getAxis());
  if (needed[2])
    operandGrads[2] = emit.make<AtOp>(resultGrads[0], getIndex(), getAxis());
  return success();
}

LogicalResult GatherOp::backward(OpBuilder &builder, ValueRange resultGrads, ArrayRef<bool> needed,
                                 SmallVectorImpl<Value> &operandGrads) {
  Emit emit = Emit::gradientOf(builder, *this);
  if (needed[0])
    operandGrads[0] =
        emit.make<ScatterAddOp>(getX().getType(), resultGrads[0], getIndices(), getAxis());
  return success();
}

LogicalResult ScatterAddOp::backward(OpBuilder &builder, ValueRange resultGrads,
                                     ArrayRef<bool> needed, SmallVectorImpl<Value> &operandGrads) {
  Emit emit = Emit::gradientOf(builder, *this);
  if (needed[0])
    operandGrads[0] = emit.make<GatherOp>(resultGrads[0], getIndices(), getAxis());
  return success();
}

LogicalResult WindowOp::backward(OpBuilder &builder, ValueRange resultGrads, ArrayRef<bool> needed,
                                 SmallVectorImpl<Value> &operandGrads) {
  Emit emit = Emit::gradientOf(builder, *this);
  if (needed[0])
    operandGrads[0] = emit.make<UnwindowOp>(getX().getType(), resultGrads[0], getAxes(), getSizes(),
                                            getStrides());
  return success();
}

LogicalResult UnwindowOp::backward(OpBuilder &builder, ValueRange resultGrads,
                                   ArrayRef<bool> needed, SmallVectorImpl<Value> &operandGrads) {
  Emit emit = Emit::gradientOf(builder, *this);
  if (needed[0])
    operandGrads[0] = emit.make<WindowOp>(resultGrads[0], getAxes(), getSizes(), getStrides());
  return success();
}

} // namespace nnc::nn
