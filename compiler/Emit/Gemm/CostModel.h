/// The form of a matrix product, chosen from the target and static shapes alone.
#ifndef NNC_COMPILER_EMIT_GEMM_COSTMODEL_H
#define NNC_COMPILER_EMIT_GEMM_COSTMODEL_H

#include "compiler/Target/Target.h"

namespace nnc {

/// How a factor of C[m, n] = sum_k A[m, k] B[n, k] lies in memory. `outer` is m for A and n for B;
/// each of outer and sum may run over several tensor axes.
struct FactorFacts {
  enum class Contiguous { Outer, Sum, Neither };
  /// The index along which neighbours can be read as one vector.
  Contiguous contiguous = Contiguous::Neither;
  /// Vectors along that index must not cross a multiple of this.
  int64_t run = 1;
  /// Elements may be read inside the register tile, at an address linear in outer and sum. Of a
  /// factor that is not direct each element is read once a block, into a pack.
  bool direct = false;
};

/// A product C[m, n] of one task grid; `copies` products of the same form run beside it.
struct GemmFacts {
  int64_t m = 0, n = 0, k = 0;
  unsigned elementBytes = 4;
  FactorFacts a, b;
  int64_t copies = 1;
  /// C can hold partial sums, so that the sum may be cut.
  bool canCutSum = true;
};

/// The loops, from outermost: tasks, columns by nc, sums by kc, (pack B), rows by mc, (pack A),
/// tiles of mr x nv vectors. With sumOutermost the sums come first and A is packed once a sum
/// block.
struct GemmPlan {
  int64_t lanes = 1;
  int64_t mr = 1, nv = 1;
  int64_t mc = 0, nc = 0, kc = 0;
  bool packA = false, packB = false;
  /// B is packed as kc long rows instead of panels, since its runs do not respect panels.
  bool rowsA = false, rowsB = false;
  bool sumOutermost = false;
  /// Tiles go down the rows first: the B panel stays in the first cache (else the A panel).
  bool columnsOuter = false;
  int64_t unroll = 4;
  bool prefetchC = false;
  /// While a panel of an unpacked A is used, fetch the next one into the second cache.
  bool prefetchNextRows = false;
  /// In each step fetch what the next columns' tile reads from an unpacked B.
  bool prefetchNextColumns = false;
  /// Task grid of one product, and rows and columns of a task.
  int64_t tasksM = 1, tasksN = 1;
  int64_t taskRows = 0, taskColumns = 0;

  int64_t nr() const { return nv * lanes; }
  int64_t tasks() const { return tasksM * tasksN; }
  /// Elements between rows of a row-wise pack: odd multiples of a vector, away from powers of two.
  int64_t rowStride(int64_t block) const;
  int64_t packedElementsA() const;
  int64_t packedElementsB() const;
};

/// A function of its arguments, never of the number of threads that will run.
GemmPlan planGemm(const GemmFacts &facts, const Target &target);

} // namespace nnc

#endif
