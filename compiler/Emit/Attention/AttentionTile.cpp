/// Products of attention in register tiles, and the cost model that shapes them.
#include "compiler/Emit/Attention/AttentionBuilder.h"

#include <limits>

using namespace mlir;

namespace nnc {

//===----------------------------------------------------------------------===//
// Cost model: cycles of a k step of all tiles; of equal ones, that of fewer loads.
//===----------------------------------------------------------------------===//

namespace {
struct Cost {
  double cycles = 0, loads = 0;
  Cost &operator+=(const Cost &other) {
    cycles += other.cycles;
    loads += other.loads;
    return *this;
  }
  Cost operator*(double n) const { return {cycles * n, loads * n}; }
  bool operator<(const Cost &other) const {
    return cycles < other.cycles || (cycles == other.cycles && loads < other.loads);
  }
};
} // namespace

constexpr int64_t kWidestPanel = 4;

static Cost costOfTile(const Target &target, int64_t rows, int64_t vectors) {
  if (rows == 0)
    return {};
  const double work = double(rows * vectors) / target.fmaPerCycle;
  const double loads = double(rows + vectors);
  return {std::max({work, double(target.fmaLatency), loads / 2}), loads};
}

static bool fits(const Target &target, int64_t rows, int64_t vectors) {
  return rows * vectors + vectors + 1 <= target.vectorRegisters;
}

/// The best tile for `rows` rows with its cost.
static std::pair<RegisterTile, Cost> bestRows(const Target &target, int64_t rows, int64_t vectors,
                                              int64_t divisor) {
  std::pair<RegisterTile, Cost> best = {{1, vectors}, {std::numeric_limits<double>::max(), 0}};
  for (int64_t r = 1; r <= rows && (r == 1 || fits(target, r, vectors)); ++r) {
    if (divisor && divisor % r)
      continue;
    Cost cost = costOfTile(target, r, vectors) * double(rows / r);
    cost += costOfTile(target, rows % r, vectors);
    if (cost < best.second)
      best = {{r, vectors}, cost};
  }
  return best;
}

RegisterTile chooseRows(const Target &target, int64_t rows, int64_t vectors, int64_t divisor) {
  return bestRows(target, rows, vectors, divisor).first;
}

/// `vectors` in panels of about equal width.
static SmallVector<int64_t> equalPanels(int64_t vectors, int64_t widest) {
  SmallVector<int64_t> panels;
  for (int64_t count = (vectors + widest - 1) / widest; count > 0; --count) {
    panels.push_back((vectors + count - 1) / count);
    vectors -= panels.back();
  }
  return panels;
}

SmallVector<int64_t> choosePanels(const Target &target, int64_t rows, int64_t vectors,
                                  int64_t divisor) {
  SmallVector<int64_t> best;
  Cost least = {std::numeric_limits<double>::max(), 0};
  for (int64_t widest = 1; widest <= std::min(vectors, kWidestPanel); ++widest) {
    SmallVector<int64_t> panels = equalPanels(vectors, widest);
    Cost cost;
    for (int64_t panel : panels)
      cost += bestRows(target, rows, panel, divisor).second;
    if (cost < least) {
      least = cost;
      best = panels;
    }
  }
  return best;
}

int64_t choosePanelVectors(const Target &target, int64_t rows, int64_t vectors,
                           int64_t blockVectors, bool causal) {
  const int64_t widest = std::min(vectors, causal ? kWidestPanel / 2 : kWidestPanel);
  int64_t best = 1;
  Cost least = {std::numeric_limits<double>::max(), 0};
  for (int64_t n = 1; n <= widest; ++n) {
    if (vectors > blockVectors && blockVectors % n)
      continue;
    Cost cost = bestRows(target, rows, n, 0).second * double(vectors / n);
    if (vectors % n)
      cost += bestRows(target, rows, vectors % n, 0).second;
    if (cost < least) {
      least = cost;
      best = n;
    }
  }
  return best;
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

SmallVector<Value> multiplyTile(AttentionBuilder &c, RegisterTile tile, Value first, Value last,
                                LeftElement left, RightVector right,
                                SmallVector<Value> accumulators) {
  auto step = [&](Value k, ValueRange carried) {
    SmallVector<Value> b, next;
    for (int64_t v = 0; v < tile.vectors; ++v)
      b.push_back(right(k, v));
    // Rows outside: the other order keeps a column of broadcasts alive and spills.
    for (int64_t r = 0; r < tile.rows; ++r) {
      Value a = c.broadcast(left(r, k), c.width);
      for (int64_t v = 0; v < tile.vectors; ++v)
        next.push_back(c.fma(a, b[v], carried[r * tile.vectors + v]));
    }
    return next;
  };
  constexpr int64_t unroll = 4;
  Value whole = c.add(first, c.roundDown(c.subtract(last, first), unroll));
  accumulators = c.range(first, whole, unroll, accumulators, [&](Value k, ValueRange carried) {
    SmallVector<Value> values(carried);
    for (int64_t u = 0; u < unroll; ++u)
      values = step(c.add(k, u), values);
    return values;
  });
  return c.range(whole, last, 1, accumulators, step);
}

void tileRows(AttentionBuilder &c, int64_t rows, int64_t tileRows, Value first,
              llvm::function_ref<void(Value, int64_t)> body) {
  const int64_t whole = rows / tileRows * tileRows;
  Value start = first ? c.roundDown(first, tileRows) : c.index(0);
  c.range(start, c.index(whole), tileRows, [&](Value i) { body(i, tileRows); });
  if (rows > whole)
    body(c.index(whole), rows - whole);
}

Value ScoreBlock::keysBefore(AttentionBuilder &c, Value row) const {
  if (!causal)
    return count;
  return c.minimum(c.subtract(c.add(query, row), key), count);
}

Value ScoreBlock::firstQuery(AttentionBuilder &c, Value column) const {
  if (!causal)
    return {};
  return c.maximum(c.subtract(c.add(key, column), query), c.index(0));
}

void multiplyScores(AttentionBuilder &c, const RowBlock &from, const ScoreBlock &block,
                    const KeyPanels &panels, Value origin, const ScoreTile &to) {
  Value first = c.divide(c.subtract(block.key, origin), panels.width());
  auto panel = [&](Value p, int64_t vectors) {
    Value base = c.multiply(c.add(first, p), panels.width() * panels.features);
    const int64_t tileOf = chooseRows(c.target, block.rows, vectors).rows;
    Value column = c.multiply(p, panels.width());
    tileRows(c, block.rows, tileOf, block.firstQuery(c, column), [&](Value i, int64_t tile) {
      Value row = c.multiply(i, from.stride);
      auto left = [&](int64_t r, Value k) {
        return c.load(from.memref, c.add(c.add(row, k), r * from.stride), 1);
      };
      auto right = [&](Value k, int64_t v) {
        Value at = c.add(base, c.multiply(k, vectors * c.width));
        return c.load(panels.memref, c.add(at, v * c.width), c.width);
      };
      SmallVector<Value> sums(tile * vectors, c.zero(c.width));
      sums =
          multiplyTile(c, {tile, vectors}, c.index(0), c.index(panels.features), left, right, sums);
      Value at = c.add(c.multiply(i, to.stride), column);
      for (int64_t r = 0; r < tile; ++r)
        for (int64_t v = 0; v < vectors; ++v)
          c.store(sums[r * vectors + v], to.memref, c.add(at, r * to.stride + v * c.width));
    });
  };
  Value needed = c.divideUp(block.count, panels.width());
  Value whole = c.subtract(c.index(panels.whole()), c.divide(block.key, panels.width()));
  Value wide = c.minimum(needed, whole);
  c.loop(wide, 1, [&](Value p) { panel(p, panels.vectors); });
  if (panels.lastVectors())
    c.range(wide, needed, 1, [&](Value p) { panel(p, panels.lastVectors()); });
}

} // namespace nnc
