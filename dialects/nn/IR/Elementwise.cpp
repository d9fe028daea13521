/// Elementwise ops: result types and folds of neutral elements and of constants that are one
/// repeated number.
#include "dialects/nn/IR/NN.h"
#include "dialects/nn/IR/Numbers.h"
#include "dialects/nn/IR/ShapeRules.h"

#include "mlir/IR/Matchers.h"

#include <cmath>

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
bool isSplat(Attribute value, double number) {
  if (auto real = repeatedNumber(value))
    return *real == number;
  auto integer = repeatedInteger(value);
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
  auto x = repeatedNumber(a), y = repeatedNumber(b);
  if (x && y)
    return splatOf(type, static_cast<double>(real(*x, *y)));
  auto i = repeatedInteger(a), j = repeatedInteger(b);
  if (i && j)
    return splatOf(type, static_cast<int64_t>(integer(*i, *j)));
  return {};
}
} // namespace

OpFoldResult NegOp::fold(FoldAdaptor adaptor) {
  if (auto inner = getX().getDefiningOp<NegOp>())
    return inner.getX();
  if (auto x = repeatedNumber(adaptor.getX()))
    return splatOf(getType(), -*x);
  if (auto x = repeatedInteger(adaptor.getX()))
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
  auto x = repeatedNumber(adaptor.getA()), y = repeatedNumber(adaptor.getB());
  if (x && y)
    return splatOf(getType(), *x / *y);
  return {};
}

OpFoldResult AndOp::fold(FoldAdaptor adaptor) {
  if (auto known = repeatedInteger(adaptor.getA()))
    return *known ? getB() : getA();
  if (auto known = repeatedInteger(adaptor.getB()))
    return *known ? getA() : getB();
  return getA() == getB() ? getA() : Value();
}

OpFoldResult OrOp::fold(FoldAdaptor adaptor) {
  if (auto known = repeatedInteger(adaptor.getA()))
    return *known ? getA() : getB();
  if (auto known = repeatedInteger(adaptor.getB()))
    return *known ? getB() : getA();
  return getA() == getB() ? getA() : Value();
}

OpFoldResult NotOp::fold(FoldAdaptor adaptor) {
  if (auto inner = getX().getDefiningOp<NotOp>())
    return inner.getX();
  if (auto known = repeatedInteger(adaptor.getX()))
    return splatOf(getType(), static_cast<int64_t>(*known == 0));
  return {};
}

OpFoldResult SelectOp::fold(FoldAdaptor adaptor) {
  if (getA() == getB())
    return getA();
  if (auto negation = getCondition().getDefiningOp<NotOp>()) {
    Value a = getA(), b = getB();
    getConditionMutable().assign(negation.getX());
    getAMutable().assign(b);
    getBMutable().assign(a);
    return getResult();
  }
  if (auto chosen = repeatedInteger(adaptor.getCondition()))
    return *chosen ? getA() : getB();
  return {};
}

OpFoldResult CastOp::fold(FoldAdaptor adaptor) {
  if (getX().getType() == getType())
    return getX();
  auto real = repeatedNumber(adaptor.getX());
  auto integer = repeatedInteger(adaptor.getX());
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

//===--- Facts -----------------------------------------------------------------------===//

bool CastOp::isLinearIn(ArrayRef<bool>) {
  return isa<FloatType>(tensorOf(getX()).getElementType()) &&
         isa<FloatType>(getType().getElementType());
}

/// A number times x is sloped alike everywhere.
Slope MulOp::getSlope() {
  bool isScaling = llvm::any_of(getOperands(), [](Value operand) {
    auto factor = repeatedNumber(operand);
    return factor && std::isfinite(*factor);
  });
  return isScaling ? Slope::constant : Slope::finite;
}

Slope DivOp::getSlope() {
  return repeatedNumber(getB()).value_or(0) != 0 ? Slope::constant : Slope::infinite;
}

Slope PowOp::getSlope() {
  auto exponent = repeatedNumber(getB());
  return exponent && *exponent >= 1 ? Slope::finite : Slope::infinite;
}

bool StopGradientOp::view(Layout &) { return true; }

} // namespace nnc::nn
