/// Losses whose derivative estimates that of an expectation over draws.
#ifndef NNC_DIALECTS_PROB_TRANSFORMS_SURROGATE_H
#define NNC_DIALECTS_PROB_TRANSFORMS_SURROGATE_H

#include "dialects/learn/IR/Learn.h"
#include "dialects/nn/Build/Emit.h"
#include "dialects/prob/IR/Prob.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace nnc::prob {

/// Makes the loss of a gradient one with score-function terms for the draws that ask for them.
llvm::LogicalResult estimateByScore(mlir::func::FuncOp function, learn::GradientOp gradient);

/// Makes the loss of a gradient an exact expectation over the draws that ask for it.
llvm::LogicalResult estimateByEnumeration(mlir::func::FuncOp function, learn::GradientOp gradient);

/// The sums of an event tensor over all axes but that of the rows; over all without one.
mlir::Value sumToRows(nn::Emit &emit, mlir::Value x, std::optional<int64_t> row);

} // namespace nnc::prob

#endif
