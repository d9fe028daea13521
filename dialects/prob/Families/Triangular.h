/// Triangular systems, for the multivariate normal distribution.
#ifndef NNC_DIALECTS_PROB_FAMILIES_TRIANGULAR_H
#define NNC_DIALECTS_PROB_FAMILIES_TRIANGULAR_H

#include "dialects/nn/Build/Emit.h"

namespace nnc::prob {

/// x with L x = b for lower triangular L [.., D, D] and b [.., D, N], by a scan over the rows.
mlir::Value emitTriangularSolve(nn::Emit &emit, mlir::Value lower, mlir::Value b);

/// The diagonals [.., D] of matrices [.., D, D].
mlir::Value emitDiagonal(nn::Emit &emit, mlir::Value matrix);

} // namespace nnc::prob

#endif
