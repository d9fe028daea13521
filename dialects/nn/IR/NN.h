/// The nn dialect: tensor ops, region ops, kernels.
#ifndef NNC_DIALECTS_NN_IR_NN_H
#define NNC_DIALECTS_NN_IR_NN_H

#include "dialects/nn/Interfaces/Interfaces.h"
#include "dialects/nn/Interfaces/Traits.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace nnc::nn {
/// Gradients stop at the op.
template <typename Op> struct NoGradient : mlir::OpTrait::TraitBase<Op, NoGradient> {};

/// True for tensor<iW> of rank 0.
inline bool isScalarOf(mlir::Type type, unsigned width) {
  auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(type);
  return tensor && tensor.getRank() == 0 && tensor.getElementType().isInteger(width);
}
/// The static shape of a tensor value.
inline llvm::ArrayRef<int64_t> shapeOf(mlir::Value value) {
  return mlir::cast<mlir::ShapedType>(value.getType()).getShape();
}
inline mlir::RankedTensorType tensorOf(mlir::Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType());
}
} // namespace nnc::nn

#include "dialects/nn/IR/NNDialect.h.inc"
#include "dialects/nn/IR/NNEnums.h.inc"
#define GET_OP_CLASSES
#include "dialects/nn/IR/NNOps.h.inc"

#endif
