/// Reductions over the same axes and the elementwise work around them, row by row: one pass over a
/// row for each level of reductions, and one that writes what has the shape of a row.
#include "compiler/Emit/Element/ElementMath.h"
#include "compiler/Emit/Loops/Collapse.h"
#include "compiler/Emit/Loops/Loops.h"
#include "compiler/Emit/Loops/Nest.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace nnc {
namespace {

using Values = SmallVector<Value>;

class RowEmitter {
public:
  explicit RowEmitter(KernelContext &context) : context(context), emitter(context) {}
  void run();

private:
  // Analysis of the body.
  bool analyse();
  unsigned levelOf(Value value);
  void chooseKept();
  bool isFull(Value value) { return nn::shapeOf(value) == ArrayRef<int64_t>(full); }
  // One row, or one vector of rows.
  void emitRows(ArrayRef<Indices> positions);
  void reducePass(unsigned level);
  void storePass();
  void emitRowValues(unsigned level);
  Indices positionAt(unsigned slot, ArrayRef<Index> reducedAt);
  Values walk(Values carried,
              llvm::function_ref<Values(ArrayRef<Index>, unsigned slot, Values)> visit);
  Values walkLanes(Indices &reducedAt, Values carried,
                   llvm::function_ref<Values(ArrayRef<Index>, unsigned slot, Values)> visit);
  int64_t termsInside(size_t axis);
  Values startOf(ArrayRef<nn::ReduceOp> sums, size_t slots);
  Value acrossLanes(nn::Reduction kind, Value vector);
  Value acrossSlots(nn::Reduction kind, ArrayRef<Value> parts);
  void keepCostly(unsigned level, ArrayRef<Index> at);
  Index scratchPosition(ArrayRef<Index> at);

  KernelContext &context;
  ElementEmitter emitter;
  SmallVector<int64_t> full, kept, reducedAxes, keptAxes, reducedShape;
  SmallVector<nn::ReduceOp> reduces;
  DenseMap<Value, unsigned> levels;
  unsigned levelCount = 0, lanes = 1;
  bool acrossRow = false; ///< lanes run along the reduced last axis, not along kept rows

  ArrayRef<Indices> rows;               ///< what is being emitted: kept positions, one per vector
  const PartialSums *partial = nullptr; ///< of the pass that is being emitted, if it adds up
  unsigned rowWidth = 1, slot = 0;
  SmallVector<unsigned> slotWidths;
  llvm::MapVector<Value, unsigned> costly; ///< values to keep in scratch, with their level
  DenseMap<Value, Value> kepts;
};

/// Passes over the row that must be complete before a value can be computed.
unsigned RowEmitter::levelOf(Value value) {
  if (auto known = levels.find(value); known != levels.end())
    return known->second;
  unsigned level = 0;
  if (Operation *op = value.getDefiningOp())
    for (Value operand : op->getOperands())
      level = std::max(level, levelOf(operand) + (isa<nn::ReduceOp>(op) && isFull(operand)));
  return levels[value] = level;
}

bool RowEmitter::analyse() {
  for (auto reduce : context.body().getOps<nn::ReduceOp>()) {
    SmallVector<int64_t> axes(reduce.getAxes());
    llvm::sort(axes);
    if (reduces.empty()) {
      full.assign(nn::shapeOf(reduce.getX()));
      reducedAxes = axes;
    }
    if (full == nn::shapeOf(reduce.getX()) && axes == reducedAxes)
      reduces.push_back(reduce);
  }
  if (reduces.empty())
    return false;
  for (auto [k, size] : llvm::enumerate(full))
    if (llvm::is_contained(reducedAxes, int64_t(k)))
      reducedShape.push_back(size);
    else
      keptAxes.push_back(k), kept.push_back(size);
  for (Value value : context.yielded())
    if (!isFull(value) && nn::shapeOf(value) != ArrayRef<int64_t>(kept))
      return false;
  for (nn::ReduceOp reduce : reduces)
    levelCount = std::max(levelCount, levelOf(reduce.getY()));
  return true;
}

/// Costly values of a row that a later pass needs again.
void RowEmitter::chooseKept() {
  bool storesFull = llvm::any_of(context.yielded(), [&](Value v) { return isFull(v); });
  for (Operation &op : context.body().without_terminator()) {
    if (!nn::isFunction(&op) || !isFull(op.getResult(0)))
      continue;
    unsigned first = ~0u, last = 0;
    bool isPlain = true;
    llvm::SmallSetVector<Operation *, 8> reach;
    reach.insert(&op);
    for (size_t i = 0; i < reach.size(); ++i)
      for (Operation *user : reach[i]->getUsers()) {
        if (auto reduce = dyn_cast<nn::ReduceOp>(user)) {
          unsigned pass = levelOf(reduce.getY()) - 1;
          first = std::min(first, pass), last = std::max(last, pass);
        } else if (user->hasTrait<nn::ElementwiseMap>()) {
          reach.insert(user);
        } else if (isa<sched::YieldOp>(user) && storesFull) {
          first = std::min(first, levelCount), last = std::max(last, levelCount);
        } else {
          isPlain = false;
        }
      }
    if (isPlain && first < last)
      costly[op.getResult(0)] = first;
  }
}

Indices RowEmitter::positionAt(unsigned vector, ArrayRef<Index> reducedAt) {
  Indices at(full.size());
  for (auto [k, axis] : llvm::enumerate(keptAxes))
    at[axis] = rows[vector][k];
  for (auto [k, axis] : llvm::enumerate(reducedAxes))
    at[axis] = reducedAt[k];
  return at;
}

/// The innermost loop over a row, in vectors: `unroll` at a time, then exact tails.
Values
RowEmitter::walkLanes(Indices &reducedAt, Values carried,
                      llvm::function_ref<Values(ArrayRef<Index>, unsigned slot, Values)> visit) {
  int64_t size = reducedShape.back(), unroll = llvm::count(slotWidths, lanes),
          step = unroll * lanes;
  auto visitAt = [&](Index first, unsigned k, Values values) {
    slot = k;
    emitter.width = slotWidths[k];
    first.lane = slotWidths[k] > 1 ? 1 : 0;
    reducedAt.push_back(first);
    Values next = visit(positionAt(0, reducedAt), k, values);
    reducedAt.pop_back();
    emitter.width = 1;
    return next;
  };
  int64_t turns = size / step;
  auto visitTurn = [&](Value i, ValueRange values) {
    ElementEmitter::Scope scope(emitter);
    Values next(values);
    // As a multiple of the step, which windows along the lanes profit from.
    Value turn = arith::DivUIOp::create(context.builder, context.loc, i, context.constant(step));
    for (unsigned k = 0; k < unroll; ++k)
      next = visitAt(Index(turn, 0, turns - 1) * step + Index(int64_t(k) * lanes), k, next);
    return next;
  };
  if (turns == 1) {
    for (unsigned k = 0; k < unroll; ++k)
      carried = visitAt(Index(int64_t(k) * lanes), k, carried);
  } else if (turns > 1) {
    carried = partial ? context.sumLoop(turns, step, 1, carried, *partial, visitTurn)
                      : context.loop(context.constant(0), context.constant(turns * step), step,
                                     carried, visitTurn);
  }
  unsigned next = 0;
  for (Piece piece : tailPieces(turns * step, size, lanes)) {
    while (slotWidths[next] != piece.width)
      ++next;
    carried = visitAt(Index(piece.first), next++, carried);
  }
  return carried;
}

/// How many terms an iteration along a reduced axis adds to an accumulator.
int64_t RowEmitter::termsInside(size_t axis) {
  int64_t terms = 1;
  for (size_t k = reducedAxes.size(); k-- > axis + 1;) {
    bool inLanes = acrossRow && k + 1 == reducedAxes.size();
    int64_t step = inLanes ? llvm::count(slotWidths, lanes) * lanes : 1;
    terms = PartialSums::termsOf(reducedShape[k] / step, terms);
  }
  return terms;
}

/// Visits all positions of the row(s); one slot of accumulators per vector of an iteration.
Values RowEmitter::walk(Values carried,
                        llvm::function_ref<Values(ArrayRef<Index>, unsigned, Values)> visit) {
  Indices reducedAt;
  std::function<Values(Values)> nest = [&](Values values) -> Values {
    size_t axis = reducedAt.size();
    if (acrossRow && axis + 1 == reducedAxes.size())
      return walkLanes(reducedAt, values, visit);
    if (axis == reducedAxes.size()) {
      for (unsigned k = 0; k < rows.size(); ++k) {
        slot = k;
        emitter.width = rowWidth;
        values = visit(positionAt(k, reducedAt), k, values);
      }
      return values;
    }
    int64_t size = reducedShape[axis];
    auto turn = [&](Index i, Values now) {
      reducedAt.push_back(i);
      Values next = nest(now);
      reducedAt.pop_back();
      return next;
    };
    if (size <= 4) {
      for (int64_t i = 0; i < size; ++i)
        values = turn(Index(i), values);
      return values;
    }
    auto visitTurn = [&](Value i, ValueRange now) {
      ElementEmitter::Scope scope(emitter);
      return turn(Index(i, 0, size - 1), Values(now));
    };
    if (partial)
      return context.sumLoop(size, 1, termsInside(axis), values, *partial, visitTurn);
    return context.loop(context.constant(0), context.constant(size), 1, values, visitTurn);
  };
  return nest(std::move(carried));
}

/// Combines lanes pairwise: the order depends on the width only.
Value RowEmitter::acrossLanes(nn::Reduction kind, Value vector) {
  OpBuilder &b = context.builder;
  auto type = dyn_cast<VectorType>(vector.getType());
  if (!type)
    return vector;
  for (int64_t width = type.getNumElements(); width > 1; width /= 2) {
    auto half = [&](int64_t first) -> Value {
      return vector::ExtractStridedSliceOp::create(b, context.loc, vector, {first}, {width / 2},
                                                   {1});
    };
    vector = combine(b, context.loc, kind, half(0), half(width / 2));
  }
  return vector::ExtractOp::create(b, context.loc, vector, int64_t(0));
}

Index RowEmitter::scratchPosition(ArrayRef<Index> at) {
  Indices reducedAt;
  for (int64_t axis : reducedAxes)
    reducedAt.push_back(at[axis]);
  Index place = emitter.flatten(reducedShape, reducedAt);
  if (acrossRow)
    return place;
  place = place * int64_t(rows.size() * rowWidth) + Index(int64_t(slot) * rowWidth);
  place.lane = emitter.width > 1 ? 1 : 0;
  return place;
}

void RowEmitter::keepCostly(unsigned level, ArrayRef<Index> at) {
  for (auto [value, first] : costly)
    if (first == level)
      emitter.storeTo(kepts[value], scratchPosition(at), emitter.emitVector(value, at));
}

/// What a row's elements share (a mean's square root ..) is computed before the pass that needs it.
void RowEmitter::emitRowValues(unsigned level) {
  for (auto broadcast : context.body().getOps<nn::BroadcastOp>()) {
    if (!isFull(broadcast.getY()) || levelOf(broadcast.getX()) > level ||
        broadcast.getAxes() != ArrayRef<int64_t>(keptAxes))
      continue;
    for (slot = 0; slot < rows.size(); ++slot) {
      emitter.width = rowWidth;
      emitter.emit(broadcast.getX(), rows[slot]);
    }
    emitter.width = 1;
  }
}

/// What the accumulators of reductions start as.
Values RowEmitter::startOf(ArrayRef<nn::ReduceOp> sums, size_t slots) {
  Values inits;
  for (nn::ReduceOp reduce : sums)
    for (size_t k = 0; k < slots; ++k) {
      Type type = getElementTypeOrSelf(reduce.getY().getType());
      if (unsigned width = acrossRow ? slotWidths[k] : rowWidth; width > 1)
        type = VectorType::get({int64_t(width)}, type);
      inits.push_back(neutral(context.builder, context.loc, reduce.getKind(), type));
    }
  return inits;
}

/// One total: equal widths vector by vector, then across the lanes, then the narrower tails.
Value RowEmitter::acrossSlots(nn::Reduction kind, ArrayRef<Value> parts) {
  OpBuilder &b = context.builder;
  Value total = parts[0];
  unsigned k = 1;
  for (; k < parts.size() && slotWidths[k] == slotWidths[0]; ++k)
    total = combine(b, context.loc, kind, total, parts[k]);
  total = acrossLanes(kind, total);
  for (; k < parts.size(); ++k)
    total = combine(b, context.loc, kind, total, acrossLanes(kind, parts[k]));
  return total;
}

void RowEmitter::reducePass(unsigned level) {
  OpBuilder &b = context.builder;
  SmallVector<nn::ReduceOp> now;
  for (nn::ReduceOp reduce : reduces)
    if (levelOf(reduce.getY()) == level + 1)
      now.push_back(reduce);
  size_t slots = acrossRow ? slotWidths.size() : rows.size();
  PartialSums sumsOfBlocks;
  sumsOfBlocks.start = [&] { return startOf(now, slots); };
  sumsOfBlocks.join = [&](ValueRange before, ValueRange block) {
    Values joined;
    for (size_t k = 0; k < before.size(); ++k)
      joined.push_back(combine(b, context.loc, now[k / slots].getKind(), before[k], block[k]));
    return joined;
  };
  if (llvm::any_of(now, [](nn::ReduceOp reduce) {
        return reduce.getKind() == nn::Reduction::sum &&
               isa<FloatType>(getElementTypeOrSelf(reduce.getY().getType()));
      }))
    partial = &sumsOfBlocks;
  Values sums = walk(startOf(now, slots), [&](ArrayRef<Index> at, unsigned k, Values values) {
    for (auto [r, reduce] : llvm::enumerate(now)) {
      Value &sum = values[r * slots + k];
      // In this order the test of an extreme for NaN does not wait for the one before.
      sum = combine(b, context.loc, reduce.getKind(), sum, emitter.emitVector(reduce.getX(), at));
    }
    keepCostly(level, at);
    return values;
  });
  partial = nullptr;
  for (auto [r, reduce] : llvm::enumerate(now)) {
    Values parts(sums.begin() + r * slots, sums.begin() + (r + 1) * slots);
    if (acrossRow)
      parts = {acrossSlots(reduce.getKind(), parts)};
    emitter.bind(reduce.getY(),
                 [this, parts](ArrayRef<Index>) { return parts[acrossRow ? 0 : slot]; });
  }
  for (auto [value, first] : costly)
    if (first == level)
      emitter.bind(value, [this, value = value](ArrayRef<Index> at) {
        return emitter.load(kepts[value], getElementTypeOrSelf(value.getType()),
                            scratchPosition(at));
      });
}

void RowEmitter::storePass() {
  SmallVector<unsigned> wide, narrow;
  for (auto [k, value] : llvm::enumerate(context.yielded()))
    (isFull(value) ? wide : narrow).push_back(k);
  // All are computed before any is stored: an output may lie over what another one reads.
  auto store = [&](ArrayRef<unsigned> outputs, ArrayRef<Index> at) {
    Values elements;
    for (unsigned k : outputs)
      elements.push_back(emitter.emit(context.yielded()[k], at));
    for (auto [element, k] : llvm::zip_equal(elements, outputs))
      emitter.store(k, at, element);
  };
  if (!wide.empty())
    walk({}, [&](ArrayRef<Index> at, unsigned, Values) -> Values {
      store(wide, at);
      return {};
    });
  for (slot = 0; slot < rows.size(); ++slot) {
    emitter.width = rowWidth;
    store(narrow, rows[slot]);
  }
  emitter.width = 1;
}

void RowEmitter::emitRows(ArrayRef<Indices> positions) {
  rows = positions;
  rowWidth = emitter.width;
  emitter.width = 1;
  if (acrossRow) {
    slotWidths.clear();
    int64_t size = reducedShape.back();
    unsigned unroll = std::clamp<int64_t>(size / lanes, 1, 4);
    slotWidths.append(unroll, lanes);
    for (Piece piece : tailPieces(size / lanes * lanes, size, lanes))
      slotWidths.push_back(piece.width);
  }
  for (unsigned level = 0; level < levelCount; ++level) {
    emitRowValues(level);
    reducePass(level);
  }
  emitRowValues(levelCount);
  storePass();
  for (nn::ReduceOp reduce : reduces)
    emitter.unbind(reduce.getY());
  for (auto &value : costly)
    emitter.unbind(value.first);
}

void RowEmitter::run() {
  collapseAxes(context.kernel);
  if (!analyse())
    return emitGeneric(context);
  Type element = getElementTypeOrSelf(reduces[0].getX().getType());
  unsigned native = context.target.lanes(element);
  int64_t rowSize = 1;
  for (int64_t size : reducedShape)
    rowSize *= size;
  bool lastIsReduced = reducedAxes.back() + 1 == int64_t(full.size());
  // Neighbours in memory lie along the last axis; but a short row leaves most lanes idle.
  acrossRow = lastIsReduced && (kept.empty() || reducedShape.back() >= native / 2 ||
                                powerOfTwoUpTo(kept.back()) < powerOfTwoUpTo(reducedShape.back()));
  lanes = acrossRow ? std::min(native, powerOfTwoUpTo(reducedShape.back())) : native;
  chooseKept();
  Nest nest{kept};
  nest.work = rowSize;
  if (!acrossRow) {
    for (size_t k = kept.size(); k-- > 0 && !nest.laneAxis;)
      if (kept[k] > 1)
        nest.laneAxis = k;
    nest.lanes = lanes;
    nest.group = 4;
  }
  for (auto &value : costly)
    kepts[value.first] = context.scratch(getElementTypeOrSelf(value.first.getType()),
                                         acrossRow ? rowSize : rowSize * lanes * nest.group);
  nest.emit(emitter, [&](ArrayRef<Indices> positions) { emitRows(positions); });
}

} // namespace

void emitRow(KernelContext &context) { RowEmitter(context).run(); }

} // namespace nnc
