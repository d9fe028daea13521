/// Packs: copies of a block of a factor in the order in which the register tile reads it.
#ifndef NNC_COMPILER_EMIT_GEMM_GEMMPACK_H
#define NNC_COMPILER_EMIT_GEMM_GEMMPACK_H

#include "compiler/Emit/Gemm/Gemm.h"

namespace nnc {

/// Rows or columns of a block: `panels` whole panels, then `tail` more where hasTail holds (null:
/// always).
struct GemmSpan {
  mlir::Value begin;
  mlir::Value panels;
  int64_t tail = 0;
  mlir::Value hasTail;
};

/// Where element (outer, sum) of a block lies: panels of `panel` outer indices, each sum-major; or,
/// if `rows`, one sum-major block of row length `stride`.
struct PackLayout {
  mlir::Value buffer;
  int64_t panel;
  /// Lengths of the tail panel: its rows are `tail` rounded up to a multiple of this.
  int64_t align;
  int64_t kc;
  bool rows;
  int64_t stride;

  int64_t tailRow(int64_t tail) const { return (tail + align - 1) / align * align; }
  /// Length of a row of a panel in which `live` outer indices are used.
  int64_t rowLength(int64_t live) const { return rows ? stride : tailRow(live); }
  /// Offset of a panel.
  mlir::Value panelOffset(GemmBuilder &builder, mlir::Value panelIndex) const {
    return builder.multiply(panelIndex, rows ? panel : panel * kc);
  }
};

/// Packs outer span x sums [sumBegin, sumBegin + sums).
void emitPack(GemmBuilder &builder, const GemmFactor &factor, const GemmSpan &span,
              mlir::Value sumBegin, mlir::Value sums, int64_t totalSums, const PackLayout &layout);

} // namespace nnc

#endif
