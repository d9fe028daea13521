/// Constants that are one number.
#ifndef NNC_DIALECTS_NN_IR_NUMBERS_H
#define NNC_DIALECTS_NN_IR_NUMBERS_H

#include "dialects/nn/IR/NN.h"

#include "mlir/IR/Matchers.h"

namespace nnc::nn {

/// The repeated number of a constant of floats.
inline std::optional<double> repeatedNumber(mlir::Attribute constant) {
  auto elements = mlir::dyn_cast_or_null<mlir::DenseElementsAttr>(constant);
  if (!elements || !elements.isSplat() || !mlir::isa<mlir::FloatType>(elements.getElementType()))
    return std::nullopt;
  llvm::APFloat number = elements.getSplatValue<llvm::APFloat>();
  bool lost = false;
  number.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &lost);
  return number.convertToDouble();
}

/// The repeated number of a constant of integers.
inline std::optional<int64_t> repeatedInteger(mlir::Attribute constant) {
  auto elements = mlir::dyn_cast_or_null<mlir::DenseElementsAttr>(constant);
  if (!elements || !elements.isSplat() || !mlir::isa<mlir::IntegerType>(elements.getElementType()))
    return std::nullopt;
  return elements.getSplatValue<llvm::APInt>().getSExtValue();
}

/// The constant that a value is, through broadcasts; null if it is none.
inline mlir::Attribute constantBehind(mlir::Value value) {
  while (auto broadcast = value.getDefiningOp<BroadcastOp>())
    value = broadcast.getX();
  mlir::Attribute constant;
  mlir::matchPattern(value, mlir::m_Constant(&constant));
  return constant;
}
inline std::optional<double> repeatedNumber(mlir::Value value) {
  return repeatedNumber(constantBehind(value));
}
inline std::optional<int64_t> repeatedInteger(mlir::Value value) {
  return repeatedInteger(constantBehind(value));
}

/// True for a constant of one repeated number, this one.
inline bool isNumber(mlir::Value value, double number) { return repeatedNumber(value) == number; }

} // namespace nnc::nn

#endif
