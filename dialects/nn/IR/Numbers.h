/// Constants that are one number.
#ifndef NNC_DIALECTS_NN_IR_NUMBERS_H
#define NNC_DIALECTS_NN_IR_NUMBERS_H

#include "dialects/nn/IR/NN.h"

#include "mlir/IR/Matchers.h"

namespace nnc::nn {

/// The repeated number of a constant of floats, through broadcasts.
inline std::optional<double> repeatedNumber(mlir::Value value) {
  while (auto broadcast = value.getDefiningOp<BroadcastOp>())
    value = broadcast.getX();
  mlir::DenseElementsAttr elements;
  if (!mlir::matchPattern(value, mlir::m_Constant(&elements)) || !elements.isSplat() ||
      !mlir::isa<mlir::FloatType>(elements.getElementType()))
    return std::nullopt;
  llvm::APFloat number = elements.getSplatValue<llvm::APFloat>();
  bool lost = false;
  number.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &lost);
  return number.convertToDouble();
}

/// True for a constant of one repeated number, this one.
inline bool isNumber(mlir::Value value, double number) { return repeatedNumber(value) == number; }

} // namespace nnc::nn

#endif
