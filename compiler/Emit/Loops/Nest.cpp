/// Loops over a box of positions, whole vectors first, then exact tails.
#include "compiler/Emit/Loops/Nest.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace nnc {

SmallVector<Piece> tailPieces(int64_t first, int64_t last, unsigned lanes) {
  SmallVector<Piece> pieces;
  while (first < last) {
    unsigned width = std::min<int64_t>(lanes, powerOfTwoUpTo(last - first));
    pieces.push_back({first, width});
    first += width;
  }
  return pieces;
}

namespace {
/// The state of one Nest::emit.
struct NestEmitter {
  Nest &nest;
  ElementEmitter &emitter;
  Nest::Visit visit;
  KernelContext &context = emitter.context;
  int64_t rows = 1, size = 1; ///< positions outside and along the lane axis
  unsigned lanes = 1;

  /// Positions of row r outside the lane axis.
  Indices rowPositions(Index row) {
    Indices at(nest.shape.size());
    for (size_t k = nest.shape.size(); k-- > 0;) {
      if (nest.laneAxis == k)
        continue;
      std::tie(row, at[k]) = emitter.divide(row, nest.shape[k]);
    }
    return at;
  }

  void visitAt(const Indices &row, Index first, unsigned width, unsigned count) {
    ElementEmitter::Scope scope(emitter);
    emitter.width = width;
    SmallVector<Indices, 1> vectors;
    for (unsigned k = 0; k < count; ++k) {
      Indices at = row;
      if (nest.laneAxis) {
        at[*nest.laneAxis] = first + Index(int64_t(k) * width);
        at[*nest.laneAxis].lane = width > 1 ? 1 : 0;
      }
      vectors.push_back(at);
    }
    visit(vectors);
    emitter.width = 1;
  }

  /// Whole groups of vectors in [first, last), a loop unless it would run once.
  void visitGroups(const Indices &row, Value first, Value last, int64_t turns) {
    int64_t step = int64_t(nest.group) * lanes;
    if (turns == 1)
      return visitAt(row, Index(), lanes, nest.group);
    context.loop(first, last, step, [&](Value i) {
      // As a multiple of the step, which windows along the lanes profit from.
      Value turn = arith::DivUIOp::create(context.builder, context.loc, i, context.constant(step));
      visitAt(row, Index(turn, 0, size / step - 1) * step, lanes, nest.group);
    });
  }

  void visitRest(const Indices &row, int64_t first) {
    for (Piece piece : tailPieces(first, size, lanes))
      visitAt(row, Index(piece.first), piece.width, 1);
  }

  void visitRow(const Indices &row) {
    if (!nest.laneAxis)
      return visitAt(row, Index(), 1, 1);
    int64_t step = int64_t(nest.group) * lanes, turns = size / step;
    if (turns > 0)
      visitGroups(row, context.constant(0), context.constant(turns * step), turns);
    visitRest(row, turns * step);
  }

  /// Rows [first, last) of this task.
  void splitRows(int64_t tasks) {
    int64_t chunk = llvm::divideCeil(rows, tasks);
    tasks = llvm::divideCeil(rows, chunk);
    context.setTasks(tasks);
    if (rows == 1)
      return visitRow(rowPositions(Index()));
    Value first = context.constant(0), last = context.constant(rows);
    OpBuilder &b = context.builder;
    if (tasks > 1) {
      first = arith::MulIOp::create(b, context.loc, context.task, context.constant(chunk));
      Value end = arith::AddIOp::create(b, context.loc, first, context.constant(chunk));
      last =
          rows % chunk == 0 ? end : arith::MinSIOp::create(b, context.loc, end, last).getResult();
    }
    context.loop(first, last, 1, [&](Value r) {
      ElementEmitter::Scope scope(emitter);
      visitRow(rowPositions(Index(r, 0, rows - 1)));
    });
  }

  /// Pieces of the lane axis a task; the last task has what is left.
  void splitLanes(int64_t tasks) {
    OpBuilder &b = context.builder;
    int64_t step = int64_t(nest.group) * lanes, whole = size / step;
    int64_t chunk = llvm::divideCeil(whole, tasks) * step;
    tasks = llvm::divideCeil(whole * step, chunk);
    context.setTasks(tasks);
    Value first = arith::MulIOp::create(b, context.loc, context.task, context.constant(chunk));
    Value end = arith::AddIOp::create(b, context.loc, first, context.constant(chunk));
    Value last = arith::MinSIOp::create(b, context.loc, end, context.constant(whole * step));
    auto eachRow = [&](llvm::function_ref<void(const Indices &)> body) {
      if (rows == 1)
        return body(rowPositions(Index()));
      context.loop(0, rows, 1, [&](Value r) {
        ElementEmitter::Scope scope(emitter);
        body(rowPositions(Index(r, 0, rows - 1)));
      });
    };
    eachRow([&](const Indices &row) { visitGroups(row, first, last, 0); });
    if (whole * step == size)
      return;
    Value isLast = arith::CmpIOp::create(b, context.loc, arith::CmpIPredicate::eq, context.task,
                                         context.constant(tasks - 1));
    auto branch = scf::IfOp::create(b, context.loc, isLast, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    ElementEmitter::Scope scope(emitter);
    eachRow([&](const Indices &row) { visitRest(row, whole * step); });
  }

  void run() {
    for (auto [k, n] : llvm::enumerate(nest.shape))
      (nest.laneAxis == k ? size : rows) *= n;
    lanes = std::min(nest.lanes, powerOfTwoUpTo(size));
    if (size < int64_t(lanes) * nest.group)
      nest.group = std::max<int64_t>(1, size / lanes);
    const double work = double(rows) * size * nest.work / taskWork; // More than 64 bits count.
    int64_t tasks = nest.parallel ? int64_t(std::clamp(work, 1.0, 256.0)) : 1;
    if (tasks > 1 && rows < tasks && size / (int64_t(lanes) * nest.group) > rows)
      return splitLanes(tasks);
    splitRows(std::min(tasks, rows));
  }
};
} // namespace

void Nest::emit(ElementEmitter &emitter, Visit visit) {
  for (int64_t n : shape)
    if (n == 0)
      return;
  NestEmitter{*this, emitter, visit}.run();
}

} // namespace nnc
