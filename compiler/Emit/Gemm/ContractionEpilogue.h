/// What a contraction kernel computes from its sums before they are stored.
#ifndef NNC_COMPILER_EMIT_GEMM_CONTRACTIONEPILOGUE_H
#define NNC_COMPILER_EMIT_GEMM_CONTRACTIONEPILOGUE_H

#include "compiler/Emit/Gemm/ContractionGroups.h"

namespace nnc {

/// The yielded values as functions of the sums at one position. Every yielded value is elementwise
/// in the sums, under transposes and reshapes that only say where it is stored.
class ContractionEpilogue {
public:
  /// Fails, without a message, if the kernel has another form.
  llvm::LogicalResult analyse(sched::KernelOp kernel, nn::ContractOp op);

  /// Strides of each output along the axes of y.
  const OutputStrides &strides() const { return outputStrides; }
  /// mayMerge()[i]: all of the epilogue allows axes i - 1 and i of y to run as one.
  llvm::ArrayRef<bool> mayMerge() const { return mergeable; }
  /// Nothing is computed: the sums are the outputs.
  bool plain();
  /// An output that can hold partial sums until the end; none if each is also an input or has
  /// another type.
  std::optional<unsigned> partialOutput(KernelContext &context);

  /// Merges neighbouring axes of y into one wherever `starts` is false: rebuilds the epilogue over
  /// fewer axes.
  void merge(KernelContext &context, llvm::ArrayRef<bool> starts);
  /// Computes and stores all outputs at `at` (over the merged axes); `sums` stands for y there.
  void emit(ElementEmitter &elements, llvm::ArrayRef<Index> at, mlir::Value sums);
  const OutputStrides &mergedStrides() const { return strideOfMerged; }

private:
  bool dependsOnSums(mlir::Value value);
  bool isElementwiseInSums(mlir::Value value);
  void findMergeable();
  mlir::Value rebuild(mlir::Value value, KernelContext &context, mlir::OpBuilder &builder);
  mlir::Value rebuildBroadcast(nn::BroadcastOp op, mlir::OpBuilder &builder);

  nn::ContractOp contract;
  llvm::SmallVector<mlir::Value>
      values; ///< one an output, of y's shape; after merge of the merged shape
  OutputStrides outputStrides, strideOfMerged;
  llvm::SmallVector<bool> mergeable, starts;
  llvm::SmallVector<int64_t> mergedShape;
  llvm::DenseMap<mlir::Value, bool> dependence;
  llvm::DenseMap<mlir::Value, mlir::Value> rebuilt;
  mlir::Value sumsValue;
};

} // namespace nnc

#endif
