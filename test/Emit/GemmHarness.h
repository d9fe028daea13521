/// A product compiled in this process, for tests and the benchmark.
#ifndef NNC_TEST_EMIT_GEMMHARNESS_H
#define NNC_TEST_EMIT_GEMMHARNESS_H

#include "compiler/Emit/Gemm/Gemm.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"

namespace nnc::test {

/// C[m, n] = epilogue(op(A) op(B)) over dense row-major matrices.
struct ProductSpec {
  int64_t m, n, k;
  bool transposeA = false, transposeB = false;
  bool f64 = false;
  /// C stored transposed: its columns are contiguous.
  bool transposeC = false;
  /// C = max(sum + bias[n], 0) instead of the sum.
  bool biasAndRelu = false;
  /// A and B are read through a reader that does not allow direct access: everything is packed.
  bool packOnly = false;
};

/// The machine code of a product: call run(task) for each task.
class CompiledProduct {
public:
  /// `cpu` as in Target::forCpu; `change` may alter the plan.
  CompiledProduct(
      const ProductSpec &spec, llvm::StringRef cpu,
      llvm::function_ref<void(GemmPlan &)> change = [](GemmPlan &) {});

  const GemmPlan &plan() const { return chosen; }
  int64_t tasks() const { return chosen.tasks(); }
  int64_t scratchBytes() const { return scratch; }
  /// Buffers are f32 or f64; bias may be null without an epilogue.
  void run(const void *a, const void *b, const void *bias, void *c, int64_t task,
           void *scratch) const {
    function(a, b, bias, c, task, scratch);
  }

private:
  using Function = void (*)(const void *, const void *, const void *, void *, int64_t, void *);
  mlir::MLIRContext context;
  std::unique_ptr<mlir::ExecutionEngine> engine;
  GemmPlan chosen;
  int64_t scratch = 0;
  Function function = nullptr;
};

/// One line that names the choices of a plan.
std::string describe(const GemmPlan &plan);

} // namespace nnc::test

#endif
