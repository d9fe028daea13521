/// The register tile: rows times vectors of the result.
#include "compiler/Emit/Gemm/GemmTile.h"

using namespace mlir;

namespace nnc {
namespace {

/// Products that are added up one after the other.
constexpr int64_t longestSum = 512;

class Tile {
public:
  Tile(GemmBuilder &b, const Gemm &gemm, const GemmPlan &plan, const SumBlock &block, int64_t rows,
       int64_t columns, Value m, Value n)
      : b(b), gemm(gemm), plan(plan), block(block), rows(rows), columns(columns),
        vectors((columns + b.width - 1) / b.width), m(m), n(n) {}

  void emit(const PackLayout &packA, Value offsetA, const PackLayout &packB, Value offsetB,
            Value column) {
    if (plan.prefetchNextRows && gemm.a.prefetch)
      chooseRowsToFetch(column);
    layoutA = &packA, layoutB = &packB, baseA = offsetA, baseB = offsetB;
    if (plan.prefetchC && gemm.c.prefetch)
      prefetchResult();
    SmallVector<Value> sums(rows * vectors, b.zero(b.width));
    sums = addProducts(sums);
    if (!block.single)
      sums = addPartial(sums);
    if (block.single || gemm.c.plain)
      return store(sums, gemm.c.finish);
    b.when(block.isLast, [&] { store(sums, gemm.c.finish); });
    b.when(block.notLast, [&] { store(sums, gemm.c.savePartial); });
  }

private:
  int64_t live(int64_t v) const { return std::min(b.width, columns - v * b.width); }

  void prefetchResult() {
    const int64_t line = 64 * 8 / b.element.getIntOrFloatBitWidth();
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t column = 0; column < columns; column += line)
        gemm.c.prefetch(b.add(m, row), b.add(n, column));
  }

  /// The tiles of a row of tiles share the fetching of the next A panel.
  void chooseRowsToFetch(Value column) {
    const int64_t tiles = std::max<int64_t>(1, plan.nc / plan.nr());
    rowsToFetch = (plan.mr + tiles - 1) / tiles;
    firstToFetch = b.add(b.add(m, plan.mr), b.multiply(column, rowsToFetch));
  }

  /// All products of the block, `unroll` sums per iteration.
  SmallVector<Value> addProducts(SmallVector<Value> sums) {
    auto steps = [&](Value k, ValueRange carried) {
      SmallVector<Value> next = llvm::to_vector(carried);
      for (int64_t row = 0; row < rowsToFetch; ++row)
        gemm.a.prefetch(b.add(firstToFetch, row), b.add(block.begin, k), /*near=*/true);
      for (int64_t u = 0; u < plan.unroll; ++u)
        next = addStep(b.add(k, u), next);
      return next;
    };
    Value whole = b.multiply(b.divide(block.length, plan.unroll), plan.unroll);
    if (plan.kc <= 2 * longestSum)
      sums = b.loop(whole, plan.unroll, sums, steps);
    else // Partial sums, which lose no digits; the totals wait in memory meanwhile.
      sums = b.loop(whole, longestSum, sums, [&](Value first, ValueRange totals) {
        Value count = b.minimum(b.index(longestSum), b.subtract(whole, first));
        SmallVector<Value> part(totals.size(), b.zero(b.width));
        part = b.loop(count, plan.unroll, part,
                      [&](Value k, ValueRange carried) { return steps(b.add(first, k), carried); });
        for (auto [sum, total] : llvm::zip_equal(part, totals))
          sum = b.addFloats(total, sum);
        return part;
      });
    if (block.rest == 0)
      return sums;
    return b.choose(block.single ? Value() : block.isLast, sums, [&] {
      SmallVector<Value> next = sums;
      for (int64_t u = 0; u < block.rest; ++u)
        next = addStep(b.add(whole, u), next);
      return next;
    });
  }

  /// One sum index: the vectors of B, then row by row one broadcast of A. Rows outer, because a
  /// broadcast is dead after its row; columns outer would keep all of them in registers and spill.
  SmallVector<Value> addStep(Value k, ArrayRef<Value> sums) {
    SmallVector<Value> columnsOfB, next;
    for (int64_t v = 0; v < vectors; ++v)
      columnsOfB.push_back(readB(k, v));
    if (plan.prefetchNextColumns && gemm.b.prefetch)
      for (int64_t v = 0; v < vectors; ++v)
        gemm.b.prefetch(b.add(n, (vectors + v) * b.width), b.add(block.begin, k),
                        /*near=*/false);
    for (int64_t row = 0; row < rows; ++row) {
      Value a = b.broadcast(readA(k, row), b.width);
      for (int64_t v = 0; v < vectors; ++v)
        next.push_back(b.fma(a, columnsOfB[v], sums[row * vectors + v]));
    }
    return next;
  }

  Value readA(Value k, int64_t row) {
    if (!plan.packA)
      return gemm.a.read(b.add(m, row), b.add(block.begin, k), 1);
    Value at = b.add(baseA, b.multiply(k, layoutA->rowLength(rows)));
    return b.load(layoutA->buffer, b.add(at, row), 1);
  }

  Value readB(Value k, int64_t v) {
    if (plan.packB) {
      Value at = b.add(baseB, b.multiply(k, layoutB->rowLength(columns)));
      return b.load(layoutB->buffer, b.add(at, v * b.width), b.width);
    }
    return b.gatherPieces(live(v), [&](LanePiece piece) {
      return gemm.b.read(b.add(n, v * b.width + piece.offset), b.add(block.begin, k), piece.lanes);
    });
  }

  SmallVector<Value> addPartial(const SmallVector<Value> &sums) {
    return b.choose(block.notFirst, sums, [&] {
      SmallVector<Value> total;
      for (int64_t row = 0; row < rows; ++row)
        for (int64_t v = 0; v < vectors; ++v) {
          Value before = b.gatherPieces(live(v), [&](LanePiece piece) {
            return gemm.c.readPartial(b.add(m, row), b.add(n, v * b.width + piece.offset),
                                      piece.lanes);
          });
          total.push_back(b.addFloats(before, sums[row * vectors + v]));
        }
      return total;
    });
  }

  void store(ArrayRef<Value> sums,
             const std::function<void(Value, Value, Value, int64_t)> &storePiece) {
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t v = 0; v < vectors; ++v)
        for (LanePiece piece : b.pieces(live(v)))
          storePiece(b.extract(sums[row * vectors + v], piece), b.add(m, row),
                     b.add(n, v * b.width + piece.offset), piece.lanes);
  }

  GemmBuilder &b;
  const Gemm &gemm;
  const GemmPlan &plan;
  const SumBlock &block;
  int64_t rows, columns, vectors;
  Value m, n;
  const PackLayout *layoutA = nullptr, *layoutB = nullptr;
  Value baseA, baseB, firstToFetch;
  int64_t rowsToFetch = 0;
};

} // namespace

void emitTile(GemmBuilder &builder, const Gemm &gemm, const GemmPlan &plan, const SumBlock &block,
              int64_t rows, int64_t columns, Value m, Value n, const PackLayout &layoutA,
              Value offsetA, const PackLayout &layoutB, Value offsetB, Value column) {
  Tile(builder, gemm, plan, block, rows, columns, m, n)
      .emit(layoutA, offsetA, layoutB, offsetB, column);
}

} // namespace nnc
