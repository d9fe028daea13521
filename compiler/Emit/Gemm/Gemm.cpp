/// The loops of a matrix product around its register tile.
#include "compiler/Emit/Gemm/Gemm.h"
#include "compiler/Emit/Gemm/GemmTile.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace nnc {
namespace {

/// The loops around the tile, from a task down to its panels.
class Loops {
public:
  Loops(GemmBuilder &b, const Gemm &gemm, const GemmPlan &plan, Value bufferA, Value bufferB)
      : b(b), gemm(gemm), plan(plan) {
    layoutA = {bufferA, plan.mr, 1, plan.kc, plan.rowsA, plan.rowStride(plan.mc)};
    layoutB = {bufferB, plan.nr(), b.width, plan.kc, plan.rowsB, plan.rowStride(plan.nc)};
  }

  void emit(Value task) {
    Value row = b.divide(task, plan.tasksN), column = b.remainder(task, plan.tasksN);
    forShare(row, plan.tasksM, plan.taskRows, gemm.m, plan.mr, [&](const GemmSpan &rows) {
      forShare(column, plan.tasksN, plan.taskColumns, gemm.n, plan.nr(),
               [&](const GemmSpan &columns) { emitShare(rows, columns); });
    });
  }

private:
  using SpanBody = llvm::function_ref<void(const GemmSpan &)>;

  /// The part of [0, total) that part number `part` covers: body runs at most twice, with static
  /// tails.
  void forShare(Value part, int64_t parts, int64_t size, int64_t total, int64_t panel,
                SpanBody body) {
    const int64_t last = total - (parts - 1) * size;
    Value begin = b.multiply(part, size);
    if (last == size)
      return body({begin, b.index(size / panel), size % panel, {}});
    Value isLast = b.equal(part, b.index(parts - 1));
    if (size % panel == 0) {
      Value panels = b.divide(b.minimum(b.index(size), b.subtract(b.index(total), begin)), panel);
      return body({begin, panels, last % panel, isLast});
    }
    b.when(isLast, [&] { body({begin, b.index(last / panel), last % panel, {}}); });
    b.when(b.negate(isLast), [&] { body({begin, b.index(size / panel), size % panel, {}}); });
  }

  /// Cuts a span into blocks of `size`.
  void forBlocks(const GemmSpan &span, int64_t size, int64_t panel, SpanBody body) {
    auto staticPanels = constantIndex(span.panels);
    if (staticPanels && *staticPanels * panel + span.tail <= size)
      return body(span);
    if (size % panel) // a whole number of equal blocks, each with its tail (see planGemm)
      return b.loop(b.index((*staticPanels * panel + span.tail) / size), 1, [&](Value i) {
        body({b.add(span.begin, b.multiply(i, size)), b.index(size / panel), size % panel, {}});
      });
    // The tail joins the last block, and is a block of its own only if there is no panel at all.
    Value blocks = b.maximum(b.divideUp(span.panels, size / panel), b.index(1));
    b.loop(blocks, 1, [&](Value i) {
      Value done = b.multiply(i, size / panel);
      Value panels = b.minimum(b.index(size / panel), b.subtract(span.panels, done));
      Value hasTail;
      if (span.tail) {
        hasTail = b.equal(i, b.subtract(blocks, b.index(1)));
        if (span.hasTail)
          hasTail = b.both(hasTail, span.hasTail);
      }
      body({b.add(span.begin, b.multiply(i, size)), panels, span.tail, hasTail});
    });
  }

  void forSums(llvm::function_ref<void(const SumBlock &)> body) {
    const int64_t kc = plan.kc, blocks = (gemm.k + kc - 1) / kc;
    SumBlock block;
    block.rest = gemm.k % plan.unroll;
    block.single = blocks == 1;
    if (block.single) {
      block.begin = b.index(0), block.length = b.index(gemm.k);
      return body(block);
    }
    b.loop(b.index(blocks), 1, [&](Value i) {
      block.begin = b.multiply(i, kc);
      block.length = gemm.k % kc ? b.minimum(b.index(kc), b.subtract(b.index(gemm.k), block.begin))
                                 : b.index(kc);
      block.isLast = b.equal(i, b.index(blocks - 1));
      block.notLast = b.negate(block.isLast);
      block.notFirst = b.negate(b.equal(i, b.index(0)));
      body(block);
    });
  }

  void emitShare(const GemmSpan &rows, const GemmSpan &columns) {
    auto packColumns = [&](const GemmSpan &span, const SumBlock &sums) {
      if (plan.packB)
        emitPack(b, gemm.b, span, sums.begin, sums.length, gemm.k, layoutB);
    };
    auto packRows = [&](const GemmSpan &span, const SumBlock &sums) {
      if (plan.packA)
        emitPack(b, gemm.a, span, sums.begin, sums.length, gemm.k, layoutA);
    };
    if (plan.sumOutermost)
      return forSums([&](const SumBlock &sums) {
        packRows(rows, sums);
        forBlocks(columns, plan.nc, plan.nr(), [&](const GemmSpan &columnBlock) {
          packColumns(columnBlock, sums);
          emitTiles(rows, columnBlock, sums);
        });
      });
    forBlocks(columns, plan.nc, plan.nr(), [&](const GemmSpan &columnBlock) {
      forSums([&](const SumBlock &sums) {
        packColumns(columnBlock, sums);
        forBlocks(rows, plan.mc, plan.mr, [&](const GemmSpan &rowBlock) {
          packRows(rowBlock, sums);
          emitTiles(rowBlock, columnBlock, sums);
        });
      });
    });
  }

  /// body(first index, panel index, size) for each panel of a block.
  void forPanels(const GemmSpan &span, int64_t panel,
                 llvm::function_ref<void(Value, Value, int64_t)> body) {
    b.loop(span.panels, 1,
           [&](Value i) { body(b.add(span.begin, b.multiply(i, panel)), i, panel); });
    if (span.tail)
      b.when(span.hasTail, [&] {
        body(b.add(span.begin, b.multiply(span.panels, panel)), span.panels, span.tail);
      });
  }

  void emitTiles(const GemmSpan &rows, const GemmSpan &columns, const SumBlock &sums) {
    auto tile = [&](Value m, Value panelA, int64_t height, Value n, Value panelB, int64_t length) {
      emitTile(b, gemm, plan, sums, height, length, m, n, layoutA, layoutA.panelOffset(b, panelA),
               layoutB, layoutB.panelOffset(b, panelB), panelB);
    };
    if (plan.columnsOuter)
      return forPanels(columns, plan.nr(), [&](Value n, Value panelB, int64_t length) {
        forPanels(rows, plan.mr, [&](Value m, Value panelA, int64_t height) {
          tile(m, panelA, height, n, panelB, length);
        });
      });
    forPanels(rows, plan.mr, [&](Value m, Value panelA, int64_t height) {
      forPanels(columns, plan.nr(), [&](Value n, Value panelB, int64_t length) {
        tile(m, panelA, height, n, panelB, length);
      });
    });
  }

  GemmBuilder &b;
  const Gemm &gemm;
  const GemmPlan &plan;
  PackLayout layoutA, layoutB;
};

} // namespace

static Value address(GemmBuilder &b, Value offset, Value i, int64_t iStride, Value j,
                     int64_t jStride) {
  return b.add(offset, b.add(b.multiply(i, iStride), b.multiply(j, jStride)));
}

static void prefetchLine(GemmBuilder &b, Value memref, Value at, bool write,
                         unsigned locality = 3) {
  memref::PrefetchOp::create(b.builder, b.loc, memref, at, write, locality,
                             /*isDataCache=*/true);
}

GemmFactor memoryFactor(GemmBuilder &b, Value memref, Value offset, int64_t outerStride,
                        int64_t sumStride, int64_t outerSize, int64_t sumSize) {
  using Contiguous = FactorFacts::Contiguous;
  GemmFactor factor;
  factor.facts.direct = true;
  if (outerStride == 1 && outerSize > 1)
    factor.facts.contiguous = Contiguous::Outer, factor.facts.run = outerSize;
  else if (sumStride == 1)
    factor.facts.contiguous = Contiguous::Sum, factor.facts.run = sumSize;
  factor.read = [=, &b](Value outer, Value sum, int64_t lanes) {
    return b.load(memref, address(b, offset, outer, outerStride, sum, sumStride), lanes);
  };
  factor.prefetch = [=, &b](Value outer, Value sum, bool near) {
    prefetchLine(b, memref, address(b, offset, outer, outerStride, sum, sumStride), false,
                 near ? 2 : 3);
  };
  return factor;
}

GemmResult memoryResult(GemmBuilder &b, const MemoryMatrix &c) {
  auto at = [=, &b](Value m, Value n) { return address(b, c.offset, m, c.row, n, c.column); };
  GemmResult result;
  result.plain = true;
  result.savePartial = [=, &b](Value sums, Value m, Value n, int64_t lanes) {
    if (c.column == 1 || lanes == 1)
      return b.store(sums, c.memref, at(m, n));
    for (int64_t lane = 0; lane < lanes; ++lane)
      b.store(b.extract(sums, {lane, 1}), c.memref, at(m, b.add(n, lane)));
  };
  result.readPartial = [=, &b](Value m, Value n, int64_t lanes) {
    if (c.column == 1 || lanes == 1)
      return b.load(c.memref, at(m, n), lanes);
    Value sums = b.zero(lanes);
    for (int64_t lane = 0; lane < lanes; ++lane)
      sums = b.insert(b.load(c.memref, at(m, b.add(n, lane)), 1), sums, {lane, 1});
    return sums;
  };
  result.finish = result.savePartial;
  if (c.column == 1)
    result.prefetch = [=, &b](Value m, Value n) { prefetchLine(b, c.memref, at(m, n), true); };
  return result;
}

void emitGemm(GemmBuilder &builder, const Gemm &gemm, const GemmPlan &plan, Value task, Value packA,
              Value packB) {
  Loops(builder, gemm, plan, packA, packB).emit(task);
}

} // namespace nnc
