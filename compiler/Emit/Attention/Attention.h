/// Fused attention on flat buffers: what is computed, apart from where the kernel comes from.
#ifndef NNC_COMPILER_EMIT_ATTENTION_ATTENTION_H
#define NNC_COMPILER_EMIT_ATTENTION_ATTENTION_H

#include "compiler/Target/Target.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include <functional>

namespace nnc {

/// Reads an element, or `lanes` elements along the last axis, at positions of a tensor: one value
/// of type index an axis. Gives a scalar if lanes is 1, else a vector.
using AttentionReader = std::function<mlir::Value(llvm::ArrayRef<mlir::Value> at, int64_t lanes)>;

/// A tensor [G.., rows, features] (or [G.., rows]) as strides over a flat memref. An input without
/// such a form has `read` instead.
struct AttentionOperand {
  mlir::Value memref;
  mlir::Value offset; ///< null: 0
  llvm::SmallVector<int64_t> strides;
  AttentionReader read;
};

/// One nn.attention or nn.attention_grad: see dialects/nn/IR/Attention.td for its meaning.
struct AttentionProblem {
  mlir::FloatType element;
  llvm::SmallVector<int64_t> groups;
  int64_t queries, keys, features, valueFeatures;
  double scale = 1, keepScale = 1;
  bool causal = false;
  /// At positions [G.., i, j] of the scores; null where the attention has none.
  AttentionReader mask, bias, keep;
  /// A result without a memref is not wanted: y or lse; of a gradient dq, dk or dv.
  AttentionOperand q, k, v, y, lse;
  AttentionOperand dy, dq, dk, dv; ///< gradient only

  int64_t heads() const;
  bool readsScores() const { return mask || bias || keep; }
};

/// Where and for what the code is written.
struct AttentionSite {
  mlir::OpBuilder &builder;
  mlir::Location loc;
  const Target &target;
  /// A buffer of `count` elements for the running thread.
  std::function<mlir::Value(int64_t count)> scratch;
};

/// The number of tasks of the kernel.
int64_t attentionTasks(const AttentionProblem &problem);
int64_t attentionGradTasks(const AttentionProblem &problem);
/// Emits the work of one task: y and lse of some rows of one head.
void emitAttentionTask(const AttentionSite &site, const AttentionProblem &problem,
                       mlir::Value task);
/// Emits the work of one task: all gradients of one head, or, where heads are few, dk and dv of
/// some keys or dq of some queries.
void emitAttentionGradTask(const AttentionSite &site, const AttentionProblem &problem,
                           mlir::Value task);

} // namespace nnc

#endif
