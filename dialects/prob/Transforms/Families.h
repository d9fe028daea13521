/// Formulas of the families of distributions, in nn ops.
#ifndef NNC_DIALECTS_PROB_TRANSFORMS_FAMILIES_H
#define NNC_DIALECTS_PROB_TRANSFORMS_FAMILIES_H

#include "dialects/nn/Autodiff/Emit.h"
#include "dialects/prob/IR/Prob.h"

namespace nnc::prob {

/// The value of a draw, differentiable in its parameters where its estimator says so.
mlir::Value emitDraw(nn::Emit &emit, DrawOp op);

/// The log density, one number an event.
mlir::Value emitLogDensity(nn::Emit &emit, LogProbOp op);

/// The divergence of two distributions of one family, one number an event.
mlir::Value emitDivergence(nn::Emit &emit, KlOp op);

/// x with L x = b for lower triangular L [.., D, D] and b [.., D, N], by a scan over the rows.
mlir::Value emitTriangularSolve(nn::Emit &emit, mlir::Value lower, mlir::Value b);

/// The diagonals [.., D] of matrices [.., D, D].
mlir::Value emitDiagonal(nn::Emit &emit, mlir::Value matrix);

} // namespace nnc::prob

#endif
