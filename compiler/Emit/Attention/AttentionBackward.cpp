/// Gradients of an attention: the weights are computed again from the rows' log-sum-exp. Keys
/// outside, so that dk and dv of a block stay in scratch; dq is summed over the key blocks in
/// order.
#include "compiler/Emit/Attention/AttentionBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace nnc {

constexpr int64_t kQueryBlock = 64, kKeyBlock = 256;

namespace {
/// One task per head if heads are many. Else some tasks own keys (dk, dv) and some own queries
/// (dq): both compute the weights, and no sum is shared.
struct GradSplit {
  int64_t keyParts, keys, queryParts, queries;
  bool whole() const { return keyParts + queryParts == 0; }
  int64_t tasks() const { return whole() ? 1 : keyParts + queryParts; }
};
GradSplit splitGrad(const AttentionProblem &p) {
  constexpr int64_t enoughHeads = 8;
  if (p.heads() >= enoughHeads || (p.keys <= kKeyBlock && p.queries <= kKeyBlock))
    return {0, p.keys, 0, p.queries};
  auto parts = [](int64_t count) { return (count + kKeyBlock - 1) / kKeyBlock; };
  const bool forKeys = p.dk.memref || p.dv.memref, forQueries = bool(p.dq.memref);
  return {forKeys ? parts(p.keys) : 0, kKeyBlock, forQueries ? parts(p.queries) : 0, kKeyBlock};
}

/// What a task computes: keys and queries of a head, and whether dk, dv and dq come of it.
struct GradPart {
  Value firstKey, lastKey, firstQuery, lastQuery;
  bool keys, queries;
};

class GradEmitter {
public:
  GradEmitter(const AttentionSite &site, const AttentionProblem &problem, Value head);
  void emit(const GradPart &part);

private:
  void emitRowSums(const GradPart &part);
  void emitKeyBlock(const GradPart &part, Value key);
  void emitQueryBlock(const GradPart &part, const ScoreBlock &block);
  void emitScoreGradients(const ScoreBlock &block);
  Value emitWeight(ArrayRef<Value> at, Value place, int64_t lanes, Value live, Value shift);
  void clearRows(const RowBlock &block, Value first, Value last);
  void storeRows(AttentionRows &to, Value first, const RowBlock &from, Value origin, Value count,
                 double factor);
  void addToQueries(const ScoreBlock &block);
  void addToKeys(const RowBlock &to, const ScoreTile &left, const RowBlock &right,
                 const ScoreBlock &block);

  AttentionBuilder c;
  const AttentionProblem &p;
  SmallVector<Value> group;
  AttentionRows q, k, v, y, lse, dy, dq, dk, dv;
  KeyPanels keyPanels, valuePanels;
  ColumnPanels keyRows;
  RowBlock queries, gradients; ///< of the query block: scale * q and dy
  RowBlock forQueries, forKeys, forValues;
  ScoreTile weights, slopes;
  Value shift, inner; ///< of each query: -lse in units of log 2, and sum of dy * y
};
} // namespace

GradEmitter::GradEmitter(const AttentionSite &site, const AttentionProblem &problem, Value head)
    : c(site, problem.element), p(problem), group([&] { return groupOf(c, problem, head); }()),
      q(c, p.q, group, p.features), k(c, p.k, group, p.features), v(c, p.v, group, p.valueFeatures),
      y(c, p.y, group, p.valueFeatures), lse(c, p.lse, group, 1),
      dy(c, p.dy, group, p.valueFeatures), dq(c, p.dq, group, p.features),
      dk(c, p.dk, group, p.features), dv(c, p.dv, group, p.valueFeatures) {
  const int64_t rows = std::min(p.queries, kQueryBlock), columns = std::min(p.keys, kKeyBlock);
  const int64_t vectors = (p.keys + c.width - 1) / c.width;
  const int64_t panel = choosePanelVectors(c.target, rows, vectors, kKeyBlock / c.width, p.causal);
  const int64_t padded = (columns + panel * c.width - 1) / (panel * c.width) * panel * c.width;
  auto take = [&](int64_t count) { return c.scratch(count + 16); };
  keyPanels = {take(padded * p.features), p.keys, p.features, panel, c.width};
  valuePanels = {take(padded * p.valueFeatures), p.keys, p.valueFeatures, panel, c.width};
  const int64_t wide = q.vectors() * c.width, wideValues = v.vectors() * c.width;
  keyRows = {take(padded * wide), choosePanels(c.target, rows, q.vectors()), padded};
  queries = {take(rows * wide), wide};
  gradients = {take(rows * wideValues), wideValues};
  forQueries = {take(p.queries * wide), wide};
  forKeys = {take(padded * wide), wide};
  forValues = {take(padded * wideValues), wideValues};
  const int64_t stride = padded + std::max<int64_t>(16, c.width);
  weights = {take(rows * stride), stride};
  slopes = {take(rows * stride), stride};
  shift = take(p.queries);
  inner = take(p.queries);
}

void GradEmitter::emit(const GradPart &part) {
  emitRowSums(part);
  if (part.queries)
    clearRows(forQueries, part.firstQuery, part.lastQuery);
  c.range(part.firstKey, part.lastKey, kKeyBlock, [&](Value key) { emitKeyBlock(part, key); });
  if (part.queries)
    storeRows(dq, part.firstQuery, forQueries, part.firstQuery,
              c.subtract(part.lastQuery, part.firstQuery), p.scale);
}

/// sum_j P_ij dP_ij = sum_n dy_in y_in, and the shift that turns a score into a weight.
void GradEmitter::emitRowSums(const GradPart &part) {
  Value infinite = c.splat(-std::numeric_limits<double>::infinity(), 1);
  c.range(part.firstQuery, part.lastQuery, 1, [&](Value i) {
    Value sum = c.zero(c.width);
    for (int64_t n = 0; n < v.vectors(); ++n)
      sum = c.fma(y.loadVector(i, n), dy.loadVector(i, n), sum);
    c.store(c.reduceSum(sum), inner, i);
    Value value = lse.loadScalar(i);
    Value none =
        arith::CmpFOp::create(c.builder, c.loc, arith::CmpFPredicate::OEQ, value, infinite);
    c.store(c.select(none, c.splat(kLowest, 1), c.mul(value, c.splat(-kLog2e, 1))), shift, i);
  });
}

void GradEmitter::emitKeyBlock(const GradPart &part, Value key) {
  Value count = c.minimum(c.subtract(c.index(p.keys), key), c.index(kKeyBlock));
  Value last = c.add(key, count);
  packKeys(c, k, key, last, keyPanels);
  packKeys(c, v, key, last, valuePanels);
  if (part.queries)
    packRows(c, k, key, count, keyRows);
  if (part.keys) {
    clearRows(forKeys, c.index(0), c.roundUp(count, c.width));
    clearRows(forValues, c.index(0), c.roundUp(count, c.width));
  }
  // A key is seen from its own position on.
  Value first = p.causal ? c.maximum(part.firstQuery, key) : part.firstQuery;
  const int64_t tail = p.queries % kQueryBlock, whole = p.queries - tail;
  auto block = [&](Value query, int64_t rows) {
    Value seen = count;
    if (p.causal)
      seen = c.minimum(count, c.subtract(c.add(query, rows), key));
    emitQueryBlock(part, {query, rows, key, seen, p.causal});
  };
  c.range(first, c.minimum(part.lastQuery, c.index(whole)), kQueryBlock,
          [&](Value i) { block(i, kQueryBlock); });
  if (tail)
    c.range(c.maximum(first, c.index(whole)), part.lastQuery, kQueryBlock,
            [&](Value i) { block(i, tail); });
  if (!part.keys)
    return;
  // The packed queries carry scale * log2(e).
  storeRows(dk, key, forKeys, c.index(0), count, 1 / kLog2e);
  storeRows(dv, key, forValues, c.index(0), count, 1);
}

void GradEmitter::emitQueryBlock(const GradPart &part, const ScoreBlock &block) {
  Value rows = c.index(block.rows);
  packRows(c, q, block.query, rows, {queries.memref, {q.vectors()}, kQueryBlock}, p.scale * kLog2e);
  packRows(c, dy, block.query, rows, {gradients.memref, {v.vectors()}, kQueryBlock});
  multiplyScores(c, queries, block, keyPanels, block.key, weights);
  multiplyScores(c, gradients, block, valuePanels, block.key, slopes);
  emitScoreGradients(block);
  if (part.queries)
    addToQueries(block);
  if (part.keys && dv.exists())
    addToKeys(forValues, weights, gradients, block);
  if (part.keys && dk.exists())
    addToKeys(forKeys, slopes, queries, block);
}

/// The weight of a score that lies in `weights`.
Value GradEmitter::emitWeight(ArrayRef<Value> at, Value place, int64_t lanes, Value live,
                              Value shift) {
  Value score = maskedScore(c, p, at, c.load(weights.memref, place, lanes), lanes, live);
  return c.exp2(c.addFloats(score, shift));
}

/// Turns scores S and dy * v in place into weights after dropout and dS = P (dP - sum_j P dP).
void GradEmitter::emitScoreGradients(const ScoreBlock &block) {
  Value key = block.key, count = block.count;
  c.loop(block.rows, 1, [&](Value r) {
    Value i = c.add(block.query, r), row = c.multiply(r, weights.stride);
    SeenColumns seen = {block.keysBefore(c, c.add(r, 1)), c.subtract(c.index(p.keys), key),
                        p.causal, p.readsScores(), p.keys};
    Value shiftOne = c.load(shift, i, 1), innerOne = c.load(inner, i, 1);
    Value shifts = c.broadcast(shiftOne, c.width), inners = c.broadcast(innerOne, c.width);
    foldColumns(c, seen, ColumnFold::none, [&](Value x, int64_t lanes, Value live) -> Value {
      SmallVector<Value> at(group);
      at.append({i, c.add(key, x)});
      Value place = c.add(row, x);
      Value weight = emitWeight(at, place, lanes, live, lanes == 1 ? shiftOne : shifts);
      Value slope = c.load(slopes.memref, place, lanes), used = weight;
      if (p.keep) {
        Value kept = c.select(p.keep(at, lanes), c.splat(p.keepScale, lanes), c.zero(lanes));
        used = c.mul(weight, kept);
        slope = c.mul(slope, kept);
      }
      c.store(used, weights.memref, place);
      slope = c.mul(weight, c.sub(slope, lanes == 1 ? innerOne : inners));
      c.store(slope, slopes.memref, place);
      return {};
    });
    clearUnseen(c, seen, count, weights.memref, row);
    clearUnseen(c, seen, count, slopes.memref, row);
  });
}

//===----------------------------------------------------------------------===//
// Sums over blocks
//===----------------------------------------------------------------------===//

void GradEmitter::clearRows(const RowBlock &block, Value first, Value last) {
  c.range(c.multiply(first, block.stride), c.multiply(last, block.stride), c.width,
          [&](Value at) { c.store(c.zero(c.width), block.memref, at); });
}

void GradEmitter::storeRows(AttentionRows &to, Value first, const RowBlock &from, Value origin,
                            Value count, double factor) {
  if (!to.exists())
    return;
  c.loop(count, 1, [&](Value r) {
    Value row = c.multiply(c.add(origin, r), from.stride);
    for (int64_t n = 0; n < to.vectors(); ++n) {
      Value sum = c.load(from.memref, c.add(row, n * c.width), c.width);
      to.storeVector(c.add(first, r), n, c.mul(sum, c.splat(factor, c.width)));
    }
  });
}

/// Adds left * right to the tile of `to` whose corner is at `place`. The products of a block are
/// added up on their own first, so that the sum over all blocks loses no digits.
static void addTile(AttentionBuilder &c, const RowBlock &to, RegisterTile tile, Value place,
                    Value first, Value last, LeftElement left, RightVector right) {
  auto at = [&](int64_t r, int64_t n) { return c.add(place, r * to.stride + n * c.width); };
  SmallVector<Value> sums(tile.rows * tile.vectors, c.zero(c.width));
  sums = multiplyTile(c, tile, first, last, left, right, sums);
  for (int64_t r = 0; r < tile.rows; ++r)
    for (int64_t n = 0; n < tile.vectors; ++n) {
      Value before = c.load(to.memref, at(r, n), c.width);
      c.store(c.addFloats(before, sums[r * tile.vectors + n]), to.memref, at(r, n));
    }
}

/// dq_i += sum_j dS_ij k_j
void GradEmitter::addToQueries(const ScoreBlock &block) {
  int64_t done = 0;
  for (int64_t vectors : keyRows.vectors) {
    const int64_t tileOf = chooseRows(c.target, block.rows, vectors).rows;
    tileRows(c, block.rows, tileOf, {}, [&](Value i, int64_t tile) {
      Value row = c.multiply(i, slopes.stride);
      Value place = c.add(c.multiply(c.add(block.query, i), forQueries.stride), done * c.width);
      addTile(
          c, forQueries, {tile, vectors}, place, c.index(0), block.keysBefore(c, c.add(i, tile)),
          [&](int64_t r, Value j) {
            return c.load(slopes.memref, c.add(c.add(row, j), r * slopes.stride), 1);
          },
          [&](Value j, int64_t n) {
            Value at = c.add(c.multiply(j, vectors * c.width), keyRows.rows * done * c.width);
            return c.load(keyRows.memref, c.add(at, n * c.width), c.width);
          });
    });
    done += vectors;
  }
}

/// to_j += sum_i left_ij right_i for the seen keys. Keys come in tiles that divide the vector
/// width: up to there the scores are zero.
void GradEmitter::addToKeys(const RowBlock &to, const ScoreTile &left, const RowBlock &right,
                            const ScoreBlock &block) {
  const int64_t all = to.stride / c.width;
  int64_t done = 0;
  for (int64_t vectors : choosePanels(c.target, c.width, all, c.width)) {
    const int64_t tile = chooseRows(c.target, c.width, vectors, c.width).rows;
    c.loop(block.count, tile, [&](Value j) {
      Value first = block.firstQuery(c, j);
      addTile(
          c, to, {tile, vectors}, c.add(c.multiply(j, to.stride), done * c.width),
          first ? first : c.index(0), c.index(block.rows),
          [&](int64_t r, Value i) {
            return c.load(left.memref, c.add(c.add(c.multiply(i, left.stride), j), r), 1);
          },
          [&](Value i, int64_t n) {
            Value at = c.add(c.multiply(i, right.stride), (done + n) * c.width);
            return c.load(right.memref, at, c.width);
          });
    });
    done += vectors;
  }
}

//===----------------------------------------------------------------------===//
// Tasks
//===----------------------------------------------------------------------===//

int64_t attentionGradTasks(const AttentionProblem &problem) {
  return problem.heads() * splitGrad(problem).tasks();
}

void emitAttentionGradTask(const AttentionSite &site, const AttentionProblem &problem, Value task) {
  AttentionBuilder c(site, problem.element);
  const GradSplit split = splitGrad(problem);
  Value head = c.divide(task, split.tasks());
  GradEmitter emitter(site, problem, head);
  Value none = c.index(0), keys = c.index(problem.keys), queries = c.index(problem.queries);
  if (split.whole())
    return emitter.emit({none, keys, none, queries, true, bool(problem.dq.memref)});
  Value part = c.remainder(task, split.tasks());
  Value owns = arith::CmpIOp::create(c.builder, c.loc, arith::CmpIPredicate::ult, part,
                                     c.index(split.keyParts));
  auto branch = scf::IfOp::create(c.builder, c.loc, owns, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(c.builder);
  c.builder.setInsertionPoint(branch.thenBlock()->getTerminator());
  Value key = c.multiply(part, split.keys);
  emitter.emit({key, c.minimum(c.add(key, split.keys), keys), none, queries, true, false});
  c.builder.setInsertionPoint(branch.elseBlock()->getTerminator());
  // Later queries see more keys: the longest task first.
  Value last = c.index(split.tasks() - 1);
  Value query = c.multiply(c.subtract(last, part), split.queries);
  Value end = c.minimum(c.add(query, split.queries), queries);
  Value seen = problem.causal ? c.minimum(end, keys) : keys;
  emitter.emit({none, seen, query, end, false, true});
}

} // namespace nnc
