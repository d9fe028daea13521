/// The meaning of nn ops, element by element in double precision and with no thought of speed: what
/// compiled kernels are checked against.
#ifndef NNC_TEST_EMIT_REFERENCE_H
#define NNC_TEST_EMIT_REFERENCE_H

#include "dialects/nn/IR/NN.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <vector>

namespace nnc::reference {

/// A tensor of any element type; integers and booleans as doubles.
struct Tensor {
  std::vector<int64_t> shape;
  std::vector<double> data;
  explicit Tensor(std::vector<int64_t> shape = {}) : shape(std::move(shape)) {
    data.resize(count());
  }
  int64_t count() const {
    int64_t n = 1;
    for (int64_t size : shape)
      n *= size;
    return n;
  }
};

/// The results of an attention, which are zero at first, given its operands. In
/// AttentionReference.cpp.
void evaluateAttention(nn::AttentionOp op, llvm::function_ref<const Tensor &(mlir::Value)> get,
                       std::vector<Tensor> &results);
void evaluateAttention(nn::AttentionGradOp op, llvm::function_ref<const Tensor &(mlir::Value)> get,
                       std::vector<Tensor> &results);

/// The results of a function of nn ops on tensors.
std::vector<Tensor> evaluate(mlir::func::FuncOp function, const std::vector<Tensor> &arguments);

} // namespace nnc::reference

#endif
