/// The register tile: mr rows times nv vectors of C, all sums of a block, then the store.
#ifndef NNC_COMPILER_EMIT_GEMM_GEMMTILE_H
#define NNC_COMPILER_EMIT_GEMM_GEMMTILE_H

#include "compiler/Emit/Gemm/GemmPack.h"

namespace nnc {

/// The sums of a block and its place among the blocks.
struct SumBlock {
  mlir::Value begin;
  mlir::Value length;
  /// Sums beyond a multiple of the unrolling, in the last block.
  int64_t rest = 0;
  /// Unless it is the single block: its place.
  mlir::Value notFirst, isLast, notLast;
  bool single = true;
};

/// Emits the tile of `rows` x `columns` at (m, n). offsetA, offsetB: of its panels in the packs;
/// column: the number of its panel in the column block.
void emitTile(GemmBuilder &builder, const Gemm &gemm, const GemmPlan &plan, const SumBlock &block,
              int64_t rows, int64_t columns, mlir::Value m, mlir::Value n,
              const PackLayout &layoutA, mlir::Value offsetA, const PackLayout &layoutB,
              mlir::Value offsetB, mlir::Value column);

} // namespace nnc

#endif
