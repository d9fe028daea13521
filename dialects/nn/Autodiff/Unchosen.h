/// What a choice leaves out has no influence, not even where its slope is infinite.
#ifndef NNC_DIALECTS_NN_AUTODIFF_UNCHOSEN_H
#define NNC_DIALECTS_NN_AUTODIFF_UNCHOSEN_H

#include "dialects/nn/IR/NN.h"

#include "mlir/IR/Builders.h"

namespace nnc::nn {

/// True if elements of the operand may be left out of the result, and then get a cotangent of 0:
/// the other branch of a select, the smaller of two, what is cut away, a divisor that is infinite.
bool leavesOut(mlir::OpOperand &operand);

/// The cotangent of an operand, with 0 where it is 0 times a slope that is no number. `resultGrad`
/// is the cotangent of the op's first result.
mlir::Value withoutUnchosen(mlir::OpBuilder &builder, mlir::Operation *op, mlir::Value resultGrad,
                            mlir::Value cotangent);

} // namespace nnc::nn

#endif
