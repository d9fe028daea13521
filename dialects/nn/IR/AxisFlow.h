/// Where an axis of an operand goes: what a row of a result depends on.
#ifndef NNC_DIALECTS_NN_IR_AXISFLOW_H
#define NNC_DIALECTS_NN_IR_AXISFLOW_H

#include "dialects/nn/IR/NN.h"

namespace nnc::nn {

/// The axis r of a result such that its piece at index i of r depends on the operand's piece at
/// index i of `axis` only. Nothing if pieces are mixed, or if the op is not of this dialect. Region
/// ops are the caller's.
std::optional<int64_t> followAxis(mlir::OpOperand &operand, mlir::OpResult result, int64_t axis);

} // namespace nnc::nn

#endif
