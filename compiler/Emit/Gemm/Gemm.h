/// C[m, n] (+)= sum_k A[m, k] B[n, k] at the speed of the machine, from readers of A and B and a
/// writer of C.
#ifndef NNC_COMPILER_EMIT_GEMM_GEMM_H
#define NNC_COMPILER_EMIT_GEMM_GEMM_H

#include "compiler/Emit/Gemm/CostModel.h"
#include "compiler/Emit/Gemm/GemmBuilder.h"
#include <functional>

namespace nnc {

/// A factor: how to read it. The reader gives `lanes` elements (a power of two up to the native
/// width) from (outer, sum) along the contiguous index as a vector, or one element as a scalar if
/// lanes is 1.
struct GemmFactor {
  FactorFacts facts;
  std::function<mlir::Value(mlir::Value outer, mlir::Value sum, int64_t lanes)> read;
  /// Fetches the cache line of an element into the first cache, or `near` the second; only of
  /// direct factors, may be null.
  std::function<void(mlir::Value outer, mlir::Value sum, bool near)> prefetch;
};

/// The result, in pieces of power-of-two lanes along n (scalars if lanes is 1).
struct GemmResult {
  /// Stores finished sums: the epilogue of the kernel runs here.
  std::function<void(mlir::Value sums, mlir::Value m, mlir::Value n, int64_t lanes)> finish;
  /// Stores and reads back partial sums; null if the sum is never cut.
  std::function<void(mlir::Value sums, mlir::Value m, mlir::Value n, int64_t lanes)> savePartial;
  std::function<mlir::Value(mlir::Value m, mlir::Value n, int64_t lanes)> readPartial;
  std::function<void(mlir::Value m, mlir::Value n)> prefetch;
  /// finish does no more than savePartial.
  bool plain = false;
};

struct Gemm {
  int64_t m, n, k;
  GemmFactor a, b;
  GemmResult c;
};

/// A matrix in a flat memref: element (i, j) at offset + i * row + j * column.
struct MemoryMatrix {
  mlir::Value memref;
  mlir::Value offset;
  int64_t row, column;
};
/// A direct factor; `sumStride` and `outerStride` name the strides by their index.
GemmFactor memoryFactor(GemmBuilder &builder, mlir::Value memref, mlir::Value offset,
                        int64_t outerStride, int64_t sumStride, int64_t outerSize, int64_t sumSize);
/// A result without an epilogue, or the home of partial sums of one with.
GemmResult memoryResult(GemmBuilder &builder, const MemoryMatrix &c);

/// Emits part `task` (an index below plan.tasks()) of a product. packA and packB: flat memrefs of
/// plan.packedElementsA() and B() elements, or null where nothing is packed.
void emitGemm(GemmBuilder &builder, const Gemm &gemm, const GemmPlan &plan, mlir::Value task,
              mlir::Value packA, mlir::Value packB);

} // namespace nnc

#endif
