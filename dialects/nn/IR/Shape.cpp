/// Ops that make or move elements at fixed positions: result types, checks, folds.
#include "dialects/nn/IR/AxisRules.h"
#include "dialects/nn/IR/NN.h"
#include "dialects/nn/IR/ShapeRules.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace nnc::nn {

void ConstantOp::build(OpBuilder &builder, OperationState &state, RankedTensorType type,
                       double splat) {
  Type element = type.getElementType();
  Attribute value;
  if (isa<FloatType>(element))
    value = FloatAttr::get(element, splat);
  else
    value = IntegerAttr::get(element, static_cast<int64_t>(splat));
  build(builder, state, type,
        cast<ElementsAttr>(DenseElementsAttr::get(type, ArrayRef<Attribute>(value))));
}

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

LogicalResult IotaOp::verify() { return checkAxis(getLoc(), getAxis(), getType().getRank()); }

LogicalResult BroadcastOp::verify() {
  auto from = tensorOf(getX()), to = tensorOf(getY());
  if (from.getElementType() != to.getElementType())
    return emitOpError("element types of operand and result differ: ") << from << " and " << to;
  if (static_cast<int64_t>(getAxes().size()) != from.getRank())
    return emitOpError("needs one result axis for each of the ")
           << from.getRank() << " operand axes, but got " << getAxes().size();
  if (failed(checkAscendingAxes(getLoc(), getAxes(), to.getRank())))
    return failure();
  for (auto [k, axis] : llvm::enumerate(getAxes()))
    if (from.getDimSize(k) != to.getDimSize(axis))
      return emitOpError("operand axis ")
             << k << " has size " << from.getDimSize(k) << " but result axis " << axis
             << " has size " << to.getDimSize(axis);
  return success();
}

/// The constant under another shape, if it repeats one element.
static Attribute resplat(Attribute value, ShapedType type) {
  auto elements = dyn_cast_or_null<DenseElementsAttr>(value);
  return elements && elements.isSplat() ? elements.resizeSplat(type) : Attribute();
}

OpFoldResult BroadcastOp::fold(FoldAdaptor adaptor) {
  if (getX().getType() == getType())
    return getX();
  if (Attribute value = resplat(adaptor.getX(), getType()))
    return value;
  auto inner = getX().getDefiningOp<BroadcastOp>();
  if (!inner)
    return {};
  SmallVector<int64_t> axes;
  for (int64_t axis : inner.getAxes())
    axes.push_back(getAxes()[axis]);
  getXMutable().assign(inner.getX());
  setAxes(axes);
  return getResult();
}

LogicalResult ReshapeOp::verify() {
  auto from = tensorOf(getX()), to = tensorOf(getY());
  if (from.getElementType() != to.getElementType())
    return emitOpError("element types of operand and result differ: ") << from << " and " << to;
  if (from.getNumElements() != to.getNumElements())
    return emitOpError("cannot give ")
           << from.getNumElements() << " elements a shape of " << to.getNumElements();
  return success();
}

OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  if (getX().getType() == getType())
    return getX();
  if (auto elements = dyn_cast_or_null<DenseElementsAttr>(adaptor.getX()))
    return elements.reshape(getType());
  if (auto inner = getX().getDefiningOp<ReshapeOp>()) {
    getXMutable().assign(inner.getX());
    return getResult();
  }
  return {};
}

LogicalResult TransposeOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto type = rankedOperand(loc, adaptor.getX());
  if (failed(type))
    return failure();
  ArrayRef<int64_t> permutation = adaptor.getPermutation();
  SmallVector<bool> seen(type->getRank());
  SmallVector<int64_t> shape;
  for (int64_t axis : permutation) {
    if (axis < 0 || axis >= type->getRank() || seen[axis])
      break;
    seen[axis] = true;
    shape.push_back(type->getDimSize(axis));
  }
  if (static_cast<int64_t>(shape.size()) != type->getRank() || shape.size() != permutation.size())
    return emitOptionalError(loc, "[", permutation, "] is not a permutation of ", type->getRank(),
                             " axes");
  types.push_back(withShape(*type, shape));
  return success();
}

OpFoldResult TransposeOp::fold(FoldAdaptor adaptor) {
  ArrayRef<int64_t> permutation = getPermutation();
  if (llvm::equal(permutation, llvm::seq<int64_t>(0, permutation.size())))
    return getX();
  if (Attribute value = resplat(adaptor.getX(), getType()))
    return value;
  auto inner = getX().getDefiningOp<TransposeOp>();
  if (!inner)
    return {};
  SmallVector<int64_t> composed;
  for (int64_t axis : permutation)
    composed.push_back(inner.getPermutation()[axis]);
  getXMutable().assign(inner.getX());
  setPermutation(composed);
  return getResult();
}

LogicalResult ReverseOp::verify() {
  return checkAscendingAxes(getLoc(), getAxes(), getType().getRank());
}

LogicalResult SliceOp::verify() {
  auto from = tensorOf(getX()), to = tensorOf(getY());
  int64_t rank = from.getRank();
  if (from.getElementType() != to.getElementType())
    return emitOpError("element types of operand and result differ: ") << from << " and " << to;
  if (to.getRank() != rank || static_cast<int64_t>(getOffsets().size()) != rank ||
      static_cast<int64_t>(getStrides().size()) != rank)
    return emitOpError("needs an offset, a stride and a result size for each of the ")
           << rank << " axes";
  for (int64_t axis = 0; axis < rank; ++axis) {
    int64_t offset = getOffsets()[axis], stride = getStrides()[axis], size = to.getDimSize(axis);
    if (stride < 1)
      return emitOpError("stride of axis ") << axis << " must be positive, but is " << stride;
    if (offset < 0 || (size > 0 && offset + stride * (size - 1) >= from.getDimSize(axis)))
      return emitOpError("the box leaves axis ") << axis << " of size " << from.getDimSize(axis);
  }
  return success();
}

OpFoldResult SliceOp::fold(FoldAdaptor adaptor) {
  if (getX().getType() == getType())
    return getX();
  return resplat(adaptor.getX(), getType());
}

LogicalResult PadOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                      SmallVectorImpl<Type> &types) {
  auto type = rankedOperand(loc, adaptor.getX());
  if (failed(type))
    return failure();
  size_t rank = type->getRank();
  if (adaptor.getLow().size() != rank || adaptor.getHigh().size() != rank ||
      adaptor.getInterior().size() != rank)
    return emitOptionalError(loc, "needs low, high and interior counts for each of the ", rank,
                             " axes");
  SmallVector<int64_t> shape;
  for (size_t axis = 0; axis < rank; ++axis) {
    int64_t low = adaptor.getLow()[axis], high = adaptor.getHigh()[axis],
            interior = adaptor.getInterior()[axis];
    if (low < 0 || high < 0 || interior < 0)
      return emitOptionalError(loc, "counts of axis ", axis, " must not be negative");
    int64_t size = type->getDimSize(axis);
    shape.push_back(low + high + size + (size > 0 ? (size - 1) * interior : 0));
  }
  types.push_back(withShape(*type, shape));
  return success();
}

LogicalResult ConcatOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  if (adaptor.getParts().empty())
    return emitOptionalError(loc, "needs at least one part");
  auto first = rankedOperand(loc, adaptor.getParts().front());
  int64_t axis = adaptor.getAxis();
  if (failed(first) || failed(checkAxis(loc, axis, first->getRank())))
    return failure();
  int64_t total = 0;
  for (Value part : adaptor.getParts()) {
    auto type = rankedOperand(loc, part);
    if (failed(type))
      return failure();
    if (type->getElementType() != first->getElementType() || type->getRank() != first->getRank() ||
        withoutAxis(type->getShape(), axis) != withoutAxis(first->getShape(), axis))
      return emitOptionalError(loc, "parts differ outside axis ", axis, ": ", *first, " and ",
                               *type);
    total += type->getDimSize(axis);
  }
  SmallVector<int64_t> shape(first->getShape());
  shape[axis] = total;
  types.push_back(withShape(*first, shape));
  return success();
}

//===--- Facts -----------------------------------------------------------------------===//

std::optional<int64_t> BroadcastOp::followAxis(unsigned, unsigned, int64_t axis) {
  return getAxes()[axis];
}

SmallVector<Value> BroadcastOp::batch(Batch &batch) {
  return batchAdjusted(
      *this, batch, [](BroadcastOp copy) { copy.setAxes(withFirst(0, shifted(copy.getAxes()))); });
}

bool BroadcastOp::view(Layout &layout) {
  SmallVector<int64_t> strides(getType().getRank(), 0);
  for (auto [k, axis] : llvm::enumerate(getAxes()))
    strides[axis] = layout.strides[k];
  layout.strides = strides;
  return true;
}

/// The axis of the same size with as many elements in front of it.
std::optional<int64_t> ReshapeOp::followAxis(unsigned, unsigned, int64_t axis) {
  ArrayRef<int64_t> from = shapeOf(getX()), to = shapeOf(getY());
  int64_t before = 1, seen = 1;
  for (int64_t k = 0; k < axis; ++k)
    before *= from[k];
  for (int64_t k = 0, rank = to.size(); k < rank; ++k) {
    if (seen == before && to[k] == from[axis])
      return k;
    seen *= to[k];
  }
  return std::nullopt;
}

SmallVector<Value> ReshapeOp::batch(Batch &batch) {
  return batchAdjusted(*this, batch, [](ReshapeOp) {});
}

std::optional<SmallVector<int64_t>>
reshapeStrides(ArrayRef<int64_t> from, ArrayRef<int64_t> strides, ArrayRef<int64_t> to) {
  SmallVector<std::pair<int64_t, int64_t>> runs; // size and stride
  for (auto [size, stride] : llvm::zip_equal(from, strides)) {
    if (size == 1)
      continue;
    if (!runs.empty() && runs.back().second == stride * size)
      runs.back() = {runs.back().first * size, stride};
    else
      runs.push_back({size, stride});
  }
  SmallVector<int64_t> result(to.size(), 0);
  for (size_t axis = to.size(); axis-- > 0;) {
    if (to[axis] == 1)
      continue;
    if (runs.empty() || runs.back().first % to[axis] != 0)
      return std::nullopt;
    auto &[size, stride] = runs.back();
    result[axis] = stride;
    stride *= to[axis];
    size /= to[axis];
    if (size == 1)
      runs.pop_back();
  }
  return result;
}

bool ReshapeOp::view(Layout &layout) {
  auto strides = reshapeStrides(shapeOf(getX()), layout.strides, shapeOf(getY()));
  if (strides)
    layout.strides = *strides;
  return strides.has_value();
}

std::optional<int64_t> TransposeOp::followAxis(unsigned, unsigned, int64_t axis) {
  return llvm::find(getPermutation(), axis) - getPermutation().begin();
}

SmallVector<Value> TransposeOp::batch(Batch &batch) {
  return batchAdjusted(*this, batch, [](TransposeOp copy) {
    copy.setPermutation(withFirst(0, shifted(copy.getPermutation())));
  });
}

bool TransposeOp::view(Layout &layout) {
  layout.strides =
      llvm::map_to_vector<6>(getPermutation(), [&](int64_t axis) { return layout.strides[axis]; });
  return true;
}

std::optional<int64_t> ReverseOp::followAxis(unsigned, unsigned, int64_t axis) {
  return unlessAmong(getAxes(), axis);
}

SmallVector<Value> ReverseOp::batch(Batch &batch) {
  return batchAdjusted(*this, batch, [](ReverseOp copy) { copy.setAxes(shifted(copy.getAxes())); });
}

bool ReverseOp::view(Layout &layout) {
  for (int64_t axis : getAxes()) {
    layout.offset += (getType().getDimSize(axis) - 1) * layout.strides[axis];
    layout.strides[axis] = -layout.strides[axis];
  }
  return true;
}

std::optional<int64_t> SliceOp::followAxis(unsigned, unsigned, int64_t axis) {
  bool isWhole = shapeOf(getX())[axis] == getType().getDimSize(axis);
  return isWhole ? std::optional(axis) : std::nullopt;
}

SmallVector<Value> SliceOp::batch(Batch &batch) {
  return batchAdjusted(*this, batch, [](SliceOp copy) {
    copy.setOffsets(withFirst(0, copy.getOffsets()));
    copy.setStrides(withFirst(1, copy.getStrides()));
  });
}

bool SliceOp::view(Layout &layout) {
  for (auto [k, stride] : llvm::enumerate(layout.strides)) {
    layout.offset += getOffsets()[k] * stride;
    stride *= getStrides()[k];
  }
  return true;
}

std::optional<int64_t> PadOp::followAxis(unsigned, unsigned, int64_t axis) {
  bool grows = getLow()[axis] || getHigh()[axis] || getInterior()[axis];
  return grows ? std::nullopt : std::optional(axis);
}

SmallVector<Value> PadOp::batch(Batch &batch) {
  return batchAdjusted(*this, batch, [](PadOp copy) {
    copy.setLow(withFirst(0, copy.getLow()));
    copy.setHigh(withFirst(0, copy.getHigh()));
    copy.setInterior(withFirst(0, copy.getInterior()));
  });
}

} // namespace nnc::nn
