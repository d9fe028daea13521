/// Elementwise ops on scalars and vectors.
#ifndef NNC_COMPILER_EMIT_ELEMENT_ELEMENTMATH_H
#define NNC_COMPILER_EMIT_ELEMENT_ELEMENTMATH_H

#include "dialects/nn/IR/NN.h"

namespace nnc {

/// The result of an elementwise nn op for operands that are elements, all scalars or all vectors of
/// one width (a select's condition may be a scalar beside vectors).
mlir::Value emitElementwiseOp(mlir::OpBuilder &builder, mlir::Location loc, mlir::Operation *op,
                              llvm::ArrayRef<mlir::Value> operands);
/// One step of a reduction.
mlir::Value combine(mlir::OpBuilder &builder, mlir::Location loc, nn::Reduction kind, mlir::Value a,
                    mlir::Value b);
/// The neutral element of a reduction, as a value of `type` (scalar or vector).
mlir::Value neutral(mlir::OpBuilder &builder, mlir::Location loc, nn::Reduction kind,
                    mlir::Type type);
/// a * b + c, fused where the target has it.
mlir::Value multiplyAdd(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value a, mlir::Value b,
                        mlir::Value c);
/// a comes before b in an ascending order, where NaN is above all numbers.
mlir::Value isBelow(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value a, mlir::Value b);
mlir::Value isNan(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x);
/// A number as a value of `type` (scalar or vector, integer or float).
mlir::Value number(mlir::OpBuilder &builder, mlir::Location loc, mlir::Type type, double value);

} // namespace nnc

#endif
