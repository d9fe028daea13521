/// Attention in one pass over the keys with a running maximum (Dao et al. 2022): no score leaves
/// the scratch of a thread, so memory is linear in the lengths.
#include "compiler/Emit/Attention/AttentionBuilder.h"
#include "compiler/Emit/Element/VectorMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace nnc {

/// Rows of queries and keys of a block. A block of queries and its scores fit L2, its queries and
/// results L1; the speed is flat around these (3 % from half to twice).
constexpr int64_t kQueryBlock = 64, kKeyBlock = 256;

int64_t AttentionProblem::heads() const {
  int64_t count = 1;
  for (int64_t size : groups)
    count *= size;
  return count;
}

namespace {
/// How the rows of a head are cut into tasks: whole query blocks; keys are packed once per task, so
/// a task has enough rows to pay for it.
struct RowSplit {
  int64_t parts, rows;
};
RowSplit splitRows(const AttentionProblem &p) {
  constexpr int64_t enoughTasks = 16, enoughRows = 4 * kQueryBlock;
  int64_t wanted = (enoughTasks + p.heads() - 1) / p.heads();
  int64_t parts = std::max<int64_t>(1, std::min(wanted, p.queries / enoughRows));
  int64_t blocks = (p.queries + kQueryBlock - 1) / kQueryBlock;
  int64_t rows = (blocks + parts - 1) / parts * kQueryBlock;
  return {(p.queries + rows - 1) / rows, rows};
}

class ForwardEmitter {
public:
  ForwardEmitter(const AttentionSite &site, const AttentionProblem &problem, Value task);
  void emit();

private:
  void emitQueryBlock(Value first, int64_t rows);
  void emitKeyBlock(const ScoreBlock &block);
  void emitWeights(const ScoreBlock &block);
  Value emitRowMax(const SeenColumns &seen, ArrayRef<Value> position, Value row, Value key);
  Value emitRowWeights(const SeenColumns &seen, ArrayRef<Value> position, Value row, Value key,
                       Value shift);
  void emitResults(const ScoreBlock &block);
  void emitRowEnd(Value query, Value r);

  AttentionBuilder c;
  const AttentionProblem &p;
  RowSplit split;
  Value part;
  SmallVector<Value> group;
  AttentionRows q, k, v, y, lse;
  KeyPanels keyPanels;
  ColumnPanels values;
  RowBlock queries, results;
  ScoreTile scores;
  Value largest, total, decay; ///< of each row: maximum, sum of weights, factor of this block
  bool single;                 ///< all keys are one block
};
} // namespace

static Value headOf(AttentionBuilder &&c, Value task, int64_t parts) {
  return c.divide(task, parts);
}

ForwardEmitter::ForwardEmitter(const AttentionSite &site, const AttentionProblem &problem,
                               Value task)
    : c(site, problem.element), p(problem), split(splitRows(problem)),
      group(
          groupOf(c, problem, headOf(AttentionBuilder(site, problem.element), task, split.parts))),
      q(c, p.q, group, p.features), k(c, p.k, group, p.features), v(c, p.v, group, p.valueFeatures),
      y(c, p.y, group, p.valueFeatures), lse(c, p.lse, group, 1), single(p.keys <= kKeyBlock) {
  // Later rows see more keys: the longest task first.
  part = c.remainder(task, split.parts);
  if (p.causal)
    part = c.subtract(c.index(split.parts - 1), part);
  const int64_t rows = std::min(p.queries, kQueryBlock), columns = std::min(p.keys, kKeyBlock);
  const int64_t vectors = (p.keys + c.width - 1) / c.width;
  // A piece longer by a line than a power of two does not fall on the same cache sets as its
  // neighbour.
  auto take = [&](int64_t count) { return c.scratch(count + 16); };
  keyPanels = {{},
               p.keys,
               p.features,
               choosePanelVectors(c.target, rows, vectors, kKeyBlock / c.width, p.causal),
               c.width};
  keyPanels.memref = take((vectors + keyPanels.vectors) * c.width * p.features);
  values = {take(p.keys * v.vectors() * c.width), choosePanels(c.target, rows, v.vectors()),
            p.keys};
  queries = {take(rows * q.vectors() * c.width), q.vectors() * c.width};
  results = {take(rows * v.vectors() * c.width), v.vectors() * c.width};
  const int64_t padded = (columns + keyPanels.width() - 1) / keyPanels.width() * keyPanels.width();
  scores = {{}, padded + std::max<int64_t>(16, c.width)};
  scores.memref = take(rows * scores.stride);
  largest = take(rows);
  total = take(rows);
  decay = take(rows);
}

void ForwardEmitter::emit() {
  Value first = c.multiply(part, split.rows);
  Value last = c.minimum(c.add(first, split.rows), c.index(p.queries));
  Value keys = p.causal ? c.minimum(last, c.index(p.keys)) : c.index(p.keys);
  packKeys(c, k, c.index(0), keys, keyPanels);
  packRows(c, v, c.index(0), keys, values);
  const int64_t tail = p.queries % kQueryBlock, whole = p.queries - tail;
  c.range(first, c.minimum(last, c.index(whole)), kQueryBlock,
          [&](Value i) { emitQueryBlock(i, kQueryBlock); });
  if (tail)
    c.range(c.maximum(first, c.index(whole)), last, kQueryBlock,
            [&](Value i) { emitQueryBlock(i, tail); });
}

void ForwardEmitter::emitQueryBlock(Value first, int64_t rows) {
  ColumnPanels packed = {queries.memref, {q.vectors()}, kQueryBlock};
  packRows(c, q, first, c.index(rows), packed, p.scale * kLog2e);
  c.loop(rows, 1, [&](Value r) {
    c.store(c.splat(kLowest, 1), largest, r);
    c.store(c.zero(1), total, r);
    if (single)
      return;
    for (int64_t n = 0; n < v.vectors(); ++n)
      c.store(c.zero(c.width), results.memref, c.add(c.multiply(r, results.stride), n * c.width));
  });
  Value keys = p.causal ? c.minimum(c.add(first, rows), c.index(p.keys)) : c.index(p.keys);
  if (single)
    emitKeyBlock({first, rows, c.index(0), keys, p.causal});
  else
    c.loop(keys, kKeyBlock, [&](Value key) {
      Value count = c.minimum(c.subtract(keys, key), c.index(kKeyBlock));
      emitKeyBlock({first, rows, key, count, p.causal});
    });
  c.loop(rows, 1, [&](Value r) { emitRowEnd(first, r); });
}

void ForwardEmitter::emitKeyBlock(const ScoreBlock &block) {
  multiplyScores(c, queries, block, keyPanels, c.index(0), scores);
  emitWeights(block);
  emitResults(block);
}

void ForwardEmitter::emitWeights(const ScoreBlock &block) {
  Value key = block.key;
  c.loop(block.rows, 1, [&](Value r) {
    SmallVector<Value> position(group);
    position.append({c.add(block.query, r), key});
    Value row = c.multiply(r, scores.stride);
    SeenColumns seen = {block.keysBefore(c, c.add(r, 1)), c.subtract(c.index(p.keys), key),
                        p.causal, bool(p.keep), p.keys};
    Value highest = emitRowMax(seen, position, row, key);
    Value before = c.load(largest, r, 1);
    highest = c.larger(before, highest);
    c.store(highest, largest, r);
    Value sum = emitRowWeights(seen, position, row, key, highest);
    if (!single) {
      // In a vector, as scalars would take as long: lane 0 is used.
      Value factor = c.exp2(c.sub(before, highest));
      c.store(factor, decay, r);
      sum = c.addFloats(c.mul(c.load(total, r, 1), factor), sum);
    }
    c.store(sum, total, r);
    clearUnseen(c, seen, block.count, scores.memref, row);
  });
}

/// The largest score of the row in this block; writes back scores that mask, bias or the diagonal
/// change.
Value ForwardEmitter::emitRowMax(const SeenColumns &seen, ArrayRef<Value> position, Value row,
                                 Value key) {
  SeenColumns columns = seen;
  columns.reads = p.mask || p.bias;
  return foldColumns(c, columns, ColumnFold::max, [&](Value x, int64_t lanes, Value live) {
    SmallVector<Value> at(position);
    at.back() = c.add(key, x);
    Value place = c.add(row, x);
    Value s = maskedScore(c, p, at, c.load(scores.memref, place, lanes), lanes, live);
    if (p.bias || p.mask || live)
      c.store(s, scores.memref, place);
    return s;
  });
}

/// Turns scores into weights; gives their sum. What is dropped still counts in the sum.
Value ForwardEmitter::emitRowWeights(const SeenColumns &seen, ArrayRef<Value> position, Value row,
                                     Value key, Value shift) {
  Value shifts = c.broadcast(shift, c.width);
  return foldColumns(c, seen, ColumnFold::sum, [&](Value x, int64_t lanes, Value live) {
    SmallVector<Value> at(position);
    at.back() = c.add(key, x);
    Value place = c.add(row, x);
    Value s = c.load(scores.memref, place, lanes);
    if (live && (p.mask || p.bias)) // the pass before went through these one by one
      s = c.select(live, s, c.splat(-std::numeric_limits<double>::infinity(), lanes));
    Value weight = c.exp2(c.sub(s, lanes == 1 ? shift : shifts));
    Value used = weight;
    if (p.keep)
      used = c.select(p.keep(at, lanes), c.mul(weight, c.splat(p.keepScale, lanes)), c.zero(lanes));
    c.store(used, scores.memref, place);
    return weight;
  });
}

/// results = decay * results + weights * values.
void ForwardEmitter::emitResults(const ScoreBlock &block) {
  int64_t done = 0;
  for (int64_t vectors : values.vectors) {
    Value base = c.add(c.multiply(block.key, vectors * c.width), values.rows * done * c.width);
    const int64_t tileOf = chooseRows(c.target, block.rows, vectors).rows;
    tileRows(c, block.rows, tileOf, {}, [&](Value i, int64_t tile) {
      Value place = c.add(c.multiply(i, results.stride), done * c.width);
      SmallVector<Value> sums(tile * vectors, c.zero(c.width));
      Value row = c.multiply(i, scores.stride);
      auto left = [&](int64_t r, Value j) {
        return c.load(scores.memref, c.add(c.add(row, j), r * scores.stride), 1);
      };
      auto right = [&](Value j, int64_t n) {
        Value at = c.add(base, c.multiply(j, vectors * c.width));
        return c.load(values.memref, c.add(at, n * c.width), c.width);
      };
      Value last = block.keysBefore(c, c.add(i, tile));
      sums = multiplyTile(c, {tile, vectors}, c.index(0), last, left, right, sums);
      for (int64_t r = 0; r < tile; ++r) {
        Value factor;
        if (!single)
          factor = c.broadcast(c.load(decay, c.add(i, r), 1), c.width);
        for (int64_t n = 0; n < vectors; ++n) {
          Value at = c.add(place, r * results.stride + n * c.width), sum = sums[r * vectors + n];
          if (!single)
            sum = c.fma(c.load(results.memref, at, c.width), factor, sum);
          c.store(sum, results.memref, at);
        }
      }
    });
    done += vectors;
  }
}

/// y = results / total and lse; a row that saw no key has total 0.
void ForwardEmitter::emitRowEnd(Value query, Value r) {
  Value row = c.add(query, r), sum = c.load(total, r, 1), one = c.splat(1, 1), zero = c.zero(1);
  // Unordered or unequal, so that a NaN stays one.
  Value some = arith::CmpFOp::create(c.builder, c.loc, arith::CmpFPredicate::UNE, sum, zero);
  Value quotient = arith::DivFOp::create(c.builder, c.loc, one, sum);
  Value factor = c.broadcast(c.select(some, quotient, zero), c.width);
  for (int64_t n = 0; n < v.vectors(); ++n) {
    Value at = c.add(c.multiply(r, results.stride), n * c.width);
    if (y.exists())
      y.storeVector(row, n, c.mul(c.load(results.memref, at, c.width), factor));
  }
  if (!lse.exists())
    return;
  Value log = VectorMath(c.builder, c.loc).log(sum);
  Value value = c.addFloats(c.mul(c.load(largest, r, 1), c.splat(1 / kLog2e, 1)), log);
  lse.storeScalar(row, c.select(some, value, c.splat(-std::numeric_limits<double>::infinity(), 1)));
}

int64_t attentionTasks(const AttentionProblem &problem) {
  return problem.heads() * splitRows(problem).parts;
}

void emitAttentionTask(const AttentionSite &site, const AttentionProblem &problem, Value task) {
  ForwardEmitter(site, problem, task).emit();
}

} // namespace nnc
