/// Copies of blocks of a factor in the order in which the tile reads them.
#include "compiler/Emit/Gemm/GemmPack.h"

#include <numeric>

using namespace mlir;

namespace nnc {
namespace {

/// One pack; the methods are the ways in which a factor can lie.
class Packer {
public:
  Packer(GemmBuilder &b, const GemmFactor &factor, const GemmSpan &span, Value sumBegin, Value sums,
         int64_t totalSums, const PackLayout &layout)
      : b(b), factor(factor), span(span), sumBegin(sumBegin), sums(sums), totalSums(totalSums),
        layout(layout) {}

  void run() {
    using Contiguous = FactorFacts::Contiguous;
    const bool alongOuter = factor.facts.contiguous == Contiguous::Outer && factor.facts.run > 1;
    if (layout.rows)
      return copyRuns();
    if (alongOuter && layout.align > 1)
      return copyWholeRows();
    const int64_t group = alongOuter ? panelsOfWholeLines() : 1;
    forPanels(group, [&](Value outer, Value offset, int64_t live, int64_t count) {
      if (alongOuter)
        copyPanel(outer, offset, live, count);
      else if (factor.facts.contiguous == Contiguous::Sum && factor.facts.run > 1)
        transposePanel(outer, offset, live);
      else
        gatherPanel(outer, offset, live);
    });
  }

private:
  Value read(Value outer, Value sum, int64_t lanes) {
    return factor.read(outer, b.add(sumBegin, sum), lanes);
  }
  void write(Value value, Value at) { b.store(value, layout.buffer, at); }

  /// Neighbouring panels that together read a few whole cache lines: a narrow column of a row-major
  /// matrix would fetch each line several times, and each page for too little.
  int64_t panelsOfWholeLines() const {
    const int64_t line = 64 * 8 / b.element.getIntOrFloatBitWidth();
    const int64_t lines = std::lcm(layout.panel, line);
    return lines * ((3 * line + lines - 1) / lines) / layout.panel;
  }

  /// body(first outer index, offset in the pack, live indices a panel, panels).
  void forPanels(int64_t group, llvm::function_ref<void(Value, Value, int64_t, int64_t)> body) {
    auto at = [&](Value panel, int64_t live, int64_t count) {
      body(b.add(span.begin, b.multiply(panel, layout.panel)), layout.panelOffset(b, panel), live,
           count);
    };
    Value groups = b.divide(span.panels, group);
    b.loop(groups, 1, [&](Value i) { at(b.multiply(i, group), layout.panel, group); });
    if (group > 1) {
      Value done = b.multiply(groups, group);
      b.loop(b.subtract(span.panels, done), 1,
             [&](Value i) { at(b.add(i, done), layout.panel, 1); });
    }
    if (span.tail)
      b.when(span.hasTail, [&] { at(span.panels, span.tail, 1); });
  }

  /// Rows that lie as they are wanted: each sum index gives `count` panel rows side by side.
  void copyPanel(Value outer, Value offset, int64_t live, int64_t count) {
    b.loop(sums, 1, [&](Value k) {
      for (int64_t panel = 0; panel < count; ++panel)
        copyRow(b.add(outer, panel * live), k,
                b.add(b.add(offset, panel * layout.panel * layout.kc),
                      b.multiply(k, layout.rowLength(live))),
                live);
    });
  }

  void copyRow(Value outer, Value k, Value at, int64_t live) {
    if (layout.align == 1) {
      for (LanePiece piece : b.pieces(live))
        write(read(b.add(outer, piece.offset), k, piece.lanes), b.add(at, piece.offset));
      return;
    }
    for (int64_t first = 0; first < live; first += b.width) {
      Value row = b.gatherPieces(std::min(b.width, live - first), [&](LanePiece piece) {
        return read(b.add(outer, first + piece.offset), k, piece.lanes);
      });
      write(row, b.add(at, first));
    }
  }

  /// Sum by sum through all panels: long sequential reads.
  void copyWholeRows() {
    b.loop(sums, 1, [&](Value k) {
      forPanels(1, [&](Value outer, Value offset, int64_t live, int64_t) {
        copyRow(outer, k, b.add(offset, b.multiply(k, layout.rowLength(live))), live);
      });
    });
  }

  /// Squares of width x width through the registers; the last square of a run overlaps its
  /// neighbour, so that no narrower code is needed.
  void transposePanel(Value outer, Value offset, int64_t live) {
    const int64_t run = factor.facts.run, width = b.width;
    for (int64_t first = 0; first < live; first += width) {
      const int64_t rows = std::min(width, live - first);
      Value from = b.add(outer, first), to = b.add(offset, first);
      auto square = [&](Value k, int64_t lanes) {
        transposeSquare(from, to, k, rows, live, lanes);
      };
      auto stretch = [&](Value start, Value length) {
        b.loop(length, width, [&](Value k) {
          square(b.add(start, b.minimum(k, b.subtract(length, b.index(width)))), width);
        });
      };
      const int64_t shortest = run < totalSums ? std::min(run, layout.kc) : shortestBlock();
      if (shortest < width)
        b.loop(b.divideUp(sums, shortest), 1, [&](Value r) {
          for (LanePiece piece : b.overlappingPieces(shortest))
            square(b.add(b.multiply(r, shortest), piece.offset), piece.lanes);
        });
      else if (run < layout.kc)
        b.loop(b.divide(sums, run), 1, [&](Value r) { stretch(b.multiply(r, run), b.index(run)); });
      else
        stretch(b.index(0), sums);
    }
  }

  /// The fewest sums that a block can have.
  int64_t shortestBlock() const {
    return totalSums % layout.kc ? totalSums % layout.kc : layout.kc;
  }

  void transposeSquare(Value outer, Value to, Value k, int64_t rows, int64_t live, int64_t lanes) {
    SmallVector<Value> square;
    for (int64_t row = 0; row < b.width; ++row) {
      if (row >= rows) {
        square.push_back(b.zero(b.width));
        continue;
      }
      Value value = read(b.add(outer, row), k, lanes);
      square.push_back(b.insert(value, b.zero(b.width), {0, lanes}));
    }
    auto columns = b.transpose(square);
    const bool wide = layout.align > 1;
    for (int64_t column = 0; column < lanes; ++column) {
      Value at = b.add(to, b.multiply(b.add(k, column), layout.rowLength(live)));
      if (wide)
        write(columns[column], at);
      else
        for (LanePiece piece : b.pieces(rows))
          write(b.extract(columns[column], piece), b.add(at, piece.offset));
    }
  }

  /// Element by element, for factors without any order.
  void gatherPanel(Value outer, Value offset, int64_t live) {
    b.loop(sums, 1, [&](Value k) {
      Value at = b.add(offset, b.multiply(k, layout.rowLength(live)));
      for (int64_t first = 0; first < live; first += b.width) {
        Value row = b.zero(b.width);
        const int64_t lanes = std::min(b.width, live - first);
        for (int64_t lane = 0; lane < lanes; ++lane) {
          Value element = read(b.add(outer, first + lane), k, 1);
          if (layout.align == 1)
            write(element, b.add(at, first + lane));
          else
            row = b.insert(element, row, {lane, 1});
        }
        if (layout.align > 1)
          write(row, b.add(at, first));
      }
    });
  }

  /// Runs that do not respect panels, one after the other into long rows. Lanes past the last run
  /// are set to zero first.
  void copyRuns() {
    const int64_t run = factor.facts.run;
    Value length = b.multiply(span.panels, layout.panel);
    b.loop(sums, 1, [&](Value k) {
      Value row = b.multiply(k, layout.stride);
      if (layout.align > 1 && span.tail % layout.align)
        b.when(span.hasTail, [&] {
          int64_t last = layout.tailRow(span.tail) - b.width;
          write(b.zero(b.width), b.add(row, b.add(length, last)));
        });
      auto copy = [&](Value first) {
        for (LanePiece piece : b.overlappingPieces(run)) {
          Value outer = b.add(first, piece.offset);
          write(read(b.add(span.begin, outer), k, piece.lanes), b.add(row, outer));
        }
      };
      b.loop(b.add(length, b.select(span.hasTail, span.tail)), run, copy);
    });
  }

  GemmBuilder &b;
  const GemmFactor &factor;
  const GemmSpan &span;
  Value sumBegin, sums;
  int64_t totalSums;
  const PackLayout &layout;
};

} // namespace

void emitPack(GemmBuilder &builder, const GemmFactor &factor, const GemmSpan &span, Value sumBegin,
              Value sums, int64_t totalSums, const PackLayout &layout) {
  Packer(builder, factor, span, sumBegin, sums, totalSums, layout).run();
}

} // namespace nnc
