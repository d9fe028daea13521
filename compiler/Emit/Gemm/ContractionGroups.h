/// From index labels to batch x M x N x K: which axes run together, and who is A.
#ifndef NNC_COMPILER_EMIT_GEMM_CONTRACTIONGROUPS_H
#define NNC_COMPILER_EMIT_GEMM_CONTRACTIONGROUPS_H

#include "compiler/Emit/Element/Kernel.h"
#include "compiler/Emit/Gemm/CostModel.h"

namespace nnc {

/// Axes that one index of the product runs over, outermost first.
struct LabelGroup {
  llvm::SmallVector<int64_t> labels;
  llvm::SmallVector<int64_t> sizes;

  int64_t size() const;
  void append(int64_t label, int64_t size) { labels.push_back(label), sizes.push_back(size); }
};

/// One operand of the contraction in its role.
struct ContractionFactor {
  mlir::Value tensor;
  llvm::ArrayRef<int64_t> labels;
  /// Its memory, unless elements must be computed.
  std::optional<MemoryView> view;
  FactorFacts facts;
  /// Strides of the flat outer and sum indices, where direct.
  int64_t outerStride = 0, sumStride = 0;

  /// The stride of a label in memory; 0 if the operand lacks it. Only with a view.
  int64_t stride(int64_t label) const;
};

/// Everything that the labels say about a contraction.
struct ContractionGroups {
  LabelGroup copies, m, n, k;
  ContractionFactor a, b;
};

/// The axes of y by label as the outputs lie in memory: strides of each output for each axis of y.
using OutputStrides = llvm::SmallVector<llvm::SmallVector<int64_t>>;

/// Chooses roles and groups. `mayMerge[i]`: the epilogue treats axes i - 1 and i of y as one.
ContractionGroups groupLabels(nn::ContractOp op, ElementEmitter &elements,
                              const OutputStrides &strides, llvm::ArrayRef<bool> mayMerge,
                              unsigned lanes);

/// The axis along which neighbours of a computed tensor can be had as vectors.
std::optional<unsigned> vectorAxis(mlir::Value tensor, ElementEmitter &elements);

} // namespace nnc

#endif
