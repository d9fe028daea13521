/// A reference evaluator of nn ops: f64, one element at a time, no cleverness. It knows nothing of
/// how ops are compiled, which makes it the witness for derivatives, rewrites and kernels.
#ifndef NNC_TEST_NN_INTERPRETER_H
#define NNC_TEST_NN_INTERPRETER_H

#include "dialects/nn/IR/NN.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <vector>

namespace nnc::test {

/// Elements of any type, as f64, row-major.
struct Tensor {
  std::vector<int64_t> shape;
  std::vector<double> data;

  Tensor() = default;
  explicit Tensor(llvm::ArrayRef<int64_t> shape, double fill = 0);
  explicit Tensor(mlir::Type type, double fill = 0);
  double &operator[](llvm::ArrayRef<int64_t> index) { return data[offset(index)]; }
  double operator[](llvm::ArrayRef<int64_t> index) const { return data[offset(index)]; }
  int64_t offset(llvm::ArrayRef<int64_t> index) const;
};

/// Calls `visit` with each index of a shape, in row-major order.
void forEachIndex(llvm::ArrayRef<int64_t> shape,
                  llvm::function_ref<void(llvm::ArrayRef<int64_t>)> visit);

/// Evaluates one op without regions; fails for an op that it does not know.
mlir::LogicalResult evaluateElementwise(mlir::Operation *op, llvm::ArrayRef<Tensor> in,
                                        std::vector<Tensor> &out);
mlir::LogicalResult evaluateMovement(mlir::Operation *op, llvm::ArrayRef<Tensor> in,
                                     std::vector<Tensor> &out);
mlir::LogicalResult evaluateReduction(mlir::Operation *op, llvm::ArrayRef<Tensor> in,
                                      std::vector<Tensor> &out);
mlir::LogicalResult evaluateRandom(mlir::Operation *op, llvm::ArrayRef<Tensor> in,
                                   std::vector<Tensor> &out);
mlir::LogicalResult evaluateAttention(mlir::Operation *op, llvm::ArrayRef<Tensor> in,
                                      std::vector<Tensor> &out);

/// Evaluates a block on its arguments; the result is what its terminator returns.
mlir::FailureOr<std::vector<Tensor>> evaluate(mlir::Block &block, llvm::ArrayRef<Tensor> arguments);

} // namespace nnc::test

#endif
