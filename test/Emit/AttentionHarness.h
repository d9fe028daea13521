/// Attention kernels compiled in this process, for tests and the benchmark.
#ifndef NNC_TEST_EMIT_ATTENTIONHARNESS_H
#define NNC_TEST_EMIT_ATTENTIONHARNESS_H

#include "compiler/Emit/Attention/Attention.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/IR/BuiltinOps.h"

namespace nnc::test {

struct AttentionSpec {
  int64_t batch = 1, heads = 1, queries = 1, keys = 1, features = 1, valueFeatures = 1;
  bool causal = false;
  /// mask[B, J] (true: seen), bias[H, I, J], keep[B, H, I, J].
  bool mask = false, bias = false, keep = false;
  double scale = 1, keepScale = 1;
  bool f64 = false;
  /// Rows as [B, T, H, M] in memory, as after a split of heads; else [B, H, T, M].
  bool headsInside = false;
  /// k and v are stored with neighbouring rows next to each other: [B, H, M, T].
  bool transposedKeys = false;
  /// q, k and v are read through a reader instead of strides.
  bool throughReader = false;

  int64_t groups() const { return batch * heads; }
};

/// Buffers of one call, in f32 or f64 as the spec says; booleans are bytes.
struct AttentionBuffers {
  void *q, *k, *v, *mask, *bias, *keep, *y, *lse, *dy, *dq, *dk, *dv;
};

/// The machine code of both kernels of an attention.
class CompiledAttention {
public:
  CompiledAttention(const AttentionSpec &spec, llvm::StringRef cpu);

  int64_t tasks(bool gradient) const { return taskCount[gradient]; }
  int64_t scratchBytes(bool gradient) const { return scratchSize[gradient]; }
  void run(bool gradient, const AttentionBuffers &b, int64_t task, void *scratch) const {
    function[gradient](b.q, b.k, b.v, b.mask, b.bias, b.keep, b.y, b.lse, b.dy, b.dq, b.dk, b.dv,
                       task, scratch);
  }

private:
  using Function = void (*)(void *, void *, void *, void *, void *, void *, void *, void *, void *,
                            void *, void *, void *, int64_t, void *);
  void build(mlir::ModuleOp module, const AttentionSpec &spec, const Target &target, bool gradient);
  mlir::MLIRContext context;
  std::unique_ptr<mlir::ExecutionEngine> engine;
  int64_t taskCount[2], scratchSize[2];
  Function function[2];
};

} // namespace nnc::test

#endif
