/// Lists of axes that several ops' facts share.
#ifndef NNC_DIALECTS_NN_IR_AXISRULES_H
#define NNC_DIALECTS_NN_IR_AXISRULES_H

#include "dialects/nn/IR/NN.h"

namespace nnc::nn {

/// The axis after others have gone.
inline std::optional<int64_t> afterRemoving(llvm::ArrayRef<int64_t> removed, int64_t axis) {
  if (llvm::is_contained(removed, axis))
    return std::nullopt;
  return axis - llvm::count_if(removed, [&](int64_t other) { return other < axis; });
}

/// The axis unless it is one of those along which elements meet.
inline std::optional<int64_t> unlessAmong(llvm::ArrayRef<int64_t> along, int64_t axis) {
  return llvm::is_contained(along, axis) ? std::nullopt : std::optional(axis);
}

/// An entry before others: what a list of one entry per axis says of a new first axis.
inline llvm::SmallVector<int64_t> withFirst(int64_t first, llvm::ArrayRef<int64_t> entries) {
  llvm::SmallVector<int64_t> result = {first};
  llvm::append_range(result, entries);
  return result;
}

/// Axes where there is a new one in front.
inline llvm::SmallVector<int64_t> shifted(llvm::ArrayRef<int64_t> axes) {
  return llvm::map_to_vector(axes, [](int64_t axis) { return axis + 1; });
}

/// The results of a copy on stacked operands, whose attributes `adjust` makes those of one more
/// axis.
template <typename Op, typename Adjust>
llvm::SmallVector<mlir::Value> batchAdjusted(Op op, Batch &batch, Adjust adjust) {
  auto copy = mlir::cast<Op>(batch.cloneStacked(op));
  adjust(copy);
  return llvm::to_vector_of<mlir::Value>(copy->getResults());
}

} // namespace nnc::nn

#endif
