/// nn ops on tensors with named sizes.
#include "compiler/Elaborate/TensorBuilder.h"
#include "llvm/Support/FormatVariadic.h"
#include <numeric>

using namespace mlir;

namespace nnc {

static SmallVector<int64_t> identity(int64_t rank) {
  SmallVector<int64_t> order(rank);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

TensorBuilder::TensorBuilder(MLIRContext *context, bool real64)
    : loc(UnknownLoc::get(context)), real64(real64), context(context) {}

mlir::Type TensorBuilder::elementType(Element element) const {
  switch (element) {
  case Element::F32:
    return real64 ? mlir::Type(Float64Type::get(context)) : mlir::Type(Float32Type::get(context));
  case Element::I32:
    return IntegerType::get(context, 32);
  case Element::Bool:
    return IntegerType::get(context, 1);
  }
  llvm_unreachable("unknown element");
}

RankedTensorType TensorBuilder::type(Element element, llvm::ArrayRef<Dim> dims) const {
  SmallVector<int64_t> shape = numbersOf(dims);
  bool fits = elementCount(dims) <= maxElements &&
              llvm::all_of(shape, [](int64_t n) { return n >= 0 && n <= maxAxis; });
  if (!fits) {
    refusal = "a tensor of " + printShape(dims) + " would have " +
              std::to_string(elementCount(dims)) + " elements, more than any memory holds";
    for (const Dim &dim : dims)
      if (dim.value() < 0 || dim.value() > maxAxis)
        refusal = "an axis of a tensor has 0 to " + std::to_string(maxAxis) + " positions, not " +
                  dim.describe();
    shape.assign(shape.size(), 0);
  }
  return RankedTensorType::get(shape, elementType(element));
}

Tensor TensorBuilder::make(Element element, llvm::ArrayRef<Dim> dims, mlir::Value value) const {
  Tensor tensor;
  tensor.element = element;
  tensor.dims.assign(dims.begin(), dims.end());
  tensor.value = value;
  return tensor;
}

Tensor TensorBuilder::like(const Tensor &x, mlir::Value value) const {
  return make(x.element, x.dims, value);
}

static Attribute scalarAttr(mlir::Type type, double value) {
  if (isa<FloatType>(type))
    return FloatAttr::get(type, value);
  return IntegerAttr::get(type, int64_t(value));
}

Tensor TensorBuilder::constant(double value, Element element, llvm::ArrayRef<Dim> dims) {
  if (element == Element::I32 && (value < -0x1p31 || value >= 0x1p31)) {
    refusal = llvm::formatv("{0:f0} is not an i32: those go from -2147483648 to 2147483647", value);
    value = 0;
  }
  RankedTensorType tensor = type(element, dims);
  auto attr = DenseElementsAttr::get(tensor, scalarAttr(tensor.getElementType(), value));
  Tensor result = make(element, dims, nn::ConstantOp::create(*builder, loc, attr));
  if (element == Element::I32)
    result.range = Interval{int64_t(value), int64_t(value)};
  return result;
}

Tensor TensorBuilder::constants(llvm::ArrayRef<double> values, Element element,
                                llvm::ArrayRef<Dim> dims) {
  RankedTensorType tensor = type(element, dims);
  SmallVector<Attribute> attrs;
  for (double value : values)
    attrs.push_back(scalarAttr(tensor.getElementType(), value));
  return make(element, dims,
              nn::ConstantOp::create(*builder, loc, DenseElementsAttr::get(tensor, attrs)));
}

Tensor TensorBuilder::iota(llvm::ArrayRef<Dim> dims, int64_t axis) {
  Tensor result =
      make(Element::I32, dims, nn::IotaOp::create(*builder, loc, type(Element::I32, dims), axis));
  result.range = Interval{0, dims[axis].value() - 1};
  result.index = true;
  return result;
}

Tensor TensorBuilder::cast(const Tensor &x, Element element) {
  if (x.element == element)
    return x;
  Tensor result =
      make(element, x.dims, nn::CastOp::create(*builder, loc, type(element, x.dims), x.value));
  if (x.element == Element::Bool && element == Element::I32)
    result.range = Interval{0, 1};
  return result;
}

/// The same elements elsewhere: what is known about each of them stays true.
static Tensor moved(const Tensor &x, llvm::ArrayRef<Dim> dims, mlir::Value value) {
  Tensor result = x;
  result.dims.assign(dims.begin(), dims.end());
  result.value = value;
  if (!dims.empty())
    result.base = {};
  return result;
}

Tensor TensorBuilder::broadcast(const Tensor &x, llvm::ArrayRef<int64_t> axes,
                                llvm::ArrayRef<Dim> dims) {
  SmallVector<int64_t> order = identity(axes.size());
  llvm::sort(order, [&](int64_t a, int64_t b) { return axes[a] < axes[b]; });
  Tensor turned = transpose(x, order);
  SmallVector<int64_t> ascending(axes);
  llvm::sort(ascending);
  if (ascending.size() == dims.size())
    return moved(turned, dims, turned.value);
  auto op = nn::BroadcastOp::create(*builder, loc, type(x.element, dims), turned.value, ascending);
  return moved(x, dims, op);
}

Tensor TensorBuilder::transpose(const Tensor &x, llvm::ArrayRef<int64_t> permutation) {
  if (llvm::is_sorted(permutation))
    return x;
  Shape dims = llvm::map_to_vector(permutation, [&](int64_t axis) { return x.dims[axis]; });
  return moved(x, dims,
               nn::TransposeOp::create(*builder, loc, type(x.element, dims), x.value, permutation));
}

Tensor TensorBuilder::moveAxis(const Tensor &x, int64_t from, int64_t to) {
  SmallVector<int64_t> order = identity(x.rank());
  order.erase(order.begin() + from);
  order.insert(order.begin() + to, from);
  return transpose(x, order);
}

Tensor TensorBuilder::reshape(const Tensor &x, llvm::ArrayRef<Dim> dims) {
  if (numbersOf(x.dims) == numbersOf(dims))
    return moved(x, dims, x.value);
  return moved(x, dims, nn::ReshapeOp::create(*builder, loc, type(x.element, dims), x.value));
}

Tensor TensorBuilder::slice(const Tensor &x, int64_t axis, int64_t offset, const Dim &length,
                            int64_t stride) {
  Shape dims(x.dims);
  bool whole = offset == 0 && stride == 1 && length.value() == dims[axis].value();
  dims[axis] = length;
  if (whole)
    return moved(x, dims, x.value);
  SmallVector<int64_t> offsets(x.rank(), 0), strides(x.rank(), 1);
  offsets[axis] = offset;
  strides[axis] = stride;
  return moved(
      x, dims,
      nn::SliceOp::create(*builder, loc, type(x.element, dims), x.value, offsets, strides));
}

Tensor TensorBuilder::reverse(const Tensor &x, int64_t axis) {
  return moved(x, x.dims,
               nn::ReverseOp::create(*builder, loc, x.value, llvm::ArrayRef<int64_t>{axis}));
}

Tensor TensorBuilder::pick(const Tensor &x, int64_t axis, int64_t place) {
  Tensor piece = slice(x, axis, place, Dim(int64_t(1)));
  Shape dims(x.dims);
  dims.erase(dims.begin() + axis);
  return moved(x, dims, nn::ReshapeOp::create(*builder, loc, type(x.element, dims), piece.value));
}

Tensor TensorBuilder::at(const Tensor &x, const Tensor &index, int64_t axis) {
  Shape dims(x.dims);
  dims.erase(dims.begin() + axis);
  return moved(x, dims,
               nn::AtOp::create(*builder, loc, type(x.element, dims), x.value, index.value, axis));
}

Tensor TensorBuilder::gather(const Tensor &x, const Tensor &indices, int64_t axis) {
  Shape dims(llvm::ArrayRef<Dim>(x.dims).take_front(axis));
  llvm::append_range(dims, indices.dims);
  llvm::append_range(dims, llvm::ArrayRef<Dim>(x.dims).drop_front(axis + 1));
  return moved(
      x, dims,
      nn::GatherOp::create(*builder, loc, type(x.element, dims), x.value, indices.value, axis));
}

Tensor TensorBuilder::concat(llvm::ArrayRef<Tensor> parts, int64_t axis, const Dim &size) {
  Shape dims(parts[0].dims);
  dims[axis] = size;
  SmallVector<mlir::Value> values =
      llvm::map_to_vector(parts, [](const Tensor &part) { return part.value; });
  Tensor result =
      make(parts[0].element, dims,
           nn::ConcatOp::create(*builder, loc, type(parts[0].element, dims), values, axis));
  keepCommon(result, parts);
  return result;
}

void TensorBuilder::keepCommon(Tensor &result, llvm::ArrayRef<Tensor> parts) {
  if (result.element != Element::I32)
    return;
  result.index = llvm::all_of(parts, [](const Tensor &part) { return part.index; });
  if (llvm::any_of(parts, [](const Tensor &part) { return !part.limits(); }))
    return;
  Interval all = *parts[0].limits();
  for (const Tensor &part : parts)
    all = {std::min(all.low, part.limits()->low), std::max(all.high, part.limits()->high)};
  result.range = all;
  for (const Tensor &part : parts)
    if (!result.bound && part.bound && all.low >= 0 && all.high < part.bound->value())
      result.bound = part.bound;
  // A number that is written counts as a word where it stands beside words.
  auto joins = [](const Tensor &part, const VocabInfo *vocab) {
    return part.vocab == vocab || (!part.vocab && part.limits()->low == part.limits()->high);
  };
  for (const Tensor &word : parts)
    if (word.vocab && word.bound && all.low >= 0 && all.high < word.bound->value() &&
        llvm::all_of(parts, [&](const Tensor &part) { return joins(part, word.vocab); })) {
      result.bound = word.bound;
      result.vocab = word.vocab;
    }
}

Tensor TensorBuilder::reduce(nn::Reduction kind, const Tensor &x, llvm::ArrayRef<int64_t> axes) {
  if (axes.empty())
    return x;
  SmallVector<int64_t> sorted(axes);
  llvm::sort(sorted);
  Shape dims;
  for (int64_t axis = 0; axis < x.rank(); ++axis)
    if (!llvm::is_contained(sorted, axis))
      dims.push_back(x.dims[axis]);
  auto op = nn::ReduceOp::create(*builder, loc, type(x.element, dims), kind, x.value, sorted);
  if (kind == nn::Reduction::max || kind == nn::Reduction::min)
    return moved(x, dims, op);
  return make(x.element, dims, op);
}

Tensor TensorBuilder::sum(const Tensor &x, llvm::ArrayRef<int64_t> axes) {
  Tensor counted = x.element == Element::Bool ? cast(x, Element::I32) : x;
  Tensor result = reduce(nn::Reduction::sum, counted, axes);
  int64_t count = result.dims.empty()
                      ? elementCount(x.dims)
                      : elementCount(x.dims) / std::max<int64_t>(1, elementCount(result.dims));
  if (auto limits = counted.limits(); limits && count <= maxAxis)
    result.range = Interval{limits->low * count, limits->high * count};
  return result;
}

Tensor TensorBuilder::mean(const Tensor &x, llvm::ArrayRef<int64_t> axes) {
  Tensor real = cast(x, Element::F32);
  Tensor total = reduce(nn::Reduction::sum, real, axes);
  double count = 1;
  for (int64_t axis : axes)
    count *= x.dims[axis].value();
  return mul(total, constant(1 / count, Element::F32, total.dims));
}

Tensor TensorBuilder::compare(nn::Comparison predicate, const Tensor &a, const Tensor &b) {
  return make(Element::Bool, a.dims,
              nn::CompareOp::create(*builder, loc, type(Element::Bool, a.dims), predicate, a.value,
                                    b.value));
}

Tensor TensorBuilder::select(const Tensor &condition, const Tensor &a, const Tensor &b) {
  Tensor result = make(
      a.element, a.dims,
      nn::SelectOp::create(*builder, loc, a.value.getType(), condition.value, a.value, b.value));
  keepCommon(result, {a, b});
  return result;
}

} // namespace nnc
