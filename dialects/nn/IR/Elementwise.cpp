/// Elementwise ops: result types and folds of neutral elements and of constants that are one
/// repeated number.
#include "dialects/nn/IR/NN.h"
#include "dialects/nn/IR/ShapeRules.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace nnc::nn {

LogicalResult CompareOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc,
                                          Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto type = rankedOperand(loc, adaptor.getA());
  if (failed(type))
    return failure();
  types.push_back(RankedTensorType::get(type->getShape(), IntegerType::get(context, 1)));
  return success();
}

namespace {
/// The repeated number of a constant of floats, if it is one.
std::optional<double> floatSplat(Attribute value) {
  auto elements = dyn_cast_or_null<DenseElementsAttr>(value);
  if (!elements || !elements.isSplat() || !isa<FloatType>(elements.getElementType()))
    return std::nullopt;
  APFloat number = elements.getSplatValue<APFloat>();
  bool lost = false;
  number.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
  return number.convertToDouble();
}

/// The repeated number of a constant of integers, if it is one.
std::optional<int64_t> integerSplat(Attribute value) {
  auto elements = dyn_cast_or_null<DenseElementsAttr>(value);
  if (!elements || !elements.isSplat() || !isa<IntegerType>(elements.getElementType()))
    return std::nullopt;
  return elements.getSplatValue<APInt>().getSExtValue();
}

bool isSplat(Attribute value, double number) {
  if (auto real = floatSplat(value))
    return *real == number;
  auto integer = integerSplat(value);
  return integer && *integer == static_cast<int64_t>(number);
}

/// A constant of one repeated number, rounded to the element type.
Attribute splatOf(Type type, double number) {
  auto tensor = cast<RankedTensorType>(type);
  auto element = cast<FloatType>(tensor.getElementType());
  return DenseElementsAttr::get(tensor, ArrayRef<Attribute>(FloatAttr::get(element, number)));
}
Attribute splatOf(Type type, int64_t number) {
  auto tensor = cast<RankedTensorType>(type);
  auto element = cast<IntegerType>(tensor.getElementType());
  APInt bits(64, static_cast<uint64_t>(number), true);
  return DenseElementsAttr::get(
      tensor, ArrayRef<Attribute>(IntegerAttr::get(element, bits.sextOrTrunc(element.getWidth()))));
}

/// Folds a binary op on two constants of one repeated number. Floats are computed in f64 and
/// rounded once.
template <typename Real, typename Integer>
Attribute foldSplats(Type type, Attribute a, Attribute b, Real real, Integer integer) {
  auto x = floatSplat(a), y = floatSplat(b);
  if (x && y)
    return splatOf(type, static_cast<double>(real(*x, *y)));
  auto i = integerSplat(a), j = integerSplat(b);
  if (i && j)
    return splatOf(type, static_cast<int64_t>(integer(*i, *j)));
  return {};
}
} // namespace

OpFoldResult NegOp::fold(FoldAdaptor adaptor) {
  if (auto inner = getX().getDefiningOp<NegOp>())
    return inner.getX();
  if (auto x = floatSplat(adaptor.getX()))
    return splatOf(getType(), -*x);
  if (auto x = integerSplat(adaptor.getX()))
    return splatOf(getType(), -*x);
  return {};
}

OpFoldResult AddOp::fold(FoldAdaptor adaptor) {
  if (isSplat(adaptor.getB(), 0))
    return getA();
  if (isSplat(adaptor.getA(), 0))
    return getB();
  return foldSplats(getType(), adaptor.getA(), adaptor.getB(), std::plus<>(), std::plus<>());
}

OpFoldResult SubOp::fold(FoldAdaptor adaptor) {
  if (isSplat(adaptor.getB(), 0))
    return getA();
  return foldSplats(getType(), adaptor.getA(), adaptor.getB(), std::minus<>(), std::minus<>());
}

OpFoldResult MulOp::fold(FoldAdaptor adaptor) {
  if (isSplat(adaptor.getB(), 1))
    return getA();
  if (isSplat(adaptor.getA(), 1))
    return getB();
  return foldSplats(getType(), adaptor.getA(), adaptor.getB(), std::multiplies<>(),
                    std::multiplies<>());
}

OpFoldResult DivOp::fold(FoldAdaptor adaptor) {
  if (isSplat(adaptor.getB(), 1))
    return getA();
  auto x = floatSplat(adaptor.getA()), y = floatSplat(adaptor.getB());
  if (x && y)
    return splatOf(getType(), *x / *y);
  return {};
}

OpFoldResult AndOp::fold(FoldAdaptor adaptor) {
  if (auto known = integerSplat(adaptor.getA()))
    return *known ? getB() : getA();
  if (auto known = integerSplat(adaptor.getB()))
    return *known ? getA() : getB();
  return getA() == getB() ? getA() : Value();
}

OpFoldResult OrOp::fold(FoldAdaptor adaptor) {
  if (auto known = integerSplat(adaptor.getA()))
    return *known ? getA() : getB();
  if (auto known = integerSplat(adaptor.getB()))
    return *known ? getB() : getA();
  return getA() == getB() ? getA() : Value();
}

OpFoldResult NotOp::fold(FoldAdaptor adaptor) {
  if (auto inner = getX().getDefiningOp<NotOp>())
    return inner.getX();
  if (auto known = integerSplat(adaptor.getX()))
    return splatOf(getType(), static_cast<int64_t>(*known == 0));
  return {};
}

OpFoldResult SelectOp::fold(FoldAdaptor adaptor) {
  if (getA() == getB())
    return getA();
  if (auto chosen = integerSplat(adaptor.getCondition()))
    return *chosen ? getA() : getB();
  return {};
}

OpFoldResult CastOp::fold(FoldAdaptor adaptor) {
  if (getX().getType() == getType())
    return getX();
  auto real = floatSplat(adaptor.getX());
  auto integer = integerSplat(adaptor.getX());
  if (!real && !integer)
    return {};
  bool fromBool = tensorOf(getX()).getElementType().isInteger(1);
  double number = real ? *real : static_cast<double>(fromBool ? (*integer & 1) : *integer);
  Type element = getType().getElementType();
  if (isa<FloatType>(element))
    return splatOf(getType(), number);
  if (element.isInteger(1))
    return splatOf(getType(), static_cast<int64_t>(number != 0));
  return splatOf(getType(), static_cast<int64_t>(number));
}

} // namespace nnc::nn
