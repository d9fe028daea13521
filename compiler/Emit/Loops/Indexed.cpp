/// Kernels that write at run-time positions: put and scatter.
#include "compiler/Emit/Element/ElementMath.h"
#include "compiler/Emit/Loops/Loops.h"
#include "compiler/Emit/Loops/Nest.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace nnc {

static std::optional<unsigned> lastWideAxis(ArrayRef<int64_t> shape) {
  for (size_t k = shape.size(); k-- > 0;)
    if (shape[k] > 1)
      return k;
  return std::nullopt;
}

/// The output is the buffer of x, which nothing else reads: only the piece is written.
void emitPut(KernelContext &context) {
  auto put = context.yielded()[0].getDefiningOp<nn::PutOp>();
  ElementEmitter emitter(context);
  ArrayRef<int64_t> shape = nn::shapeOf(put.getX()), piece = nn::shapeOf(put.getPiece());
  size_t axis = put.getAxis();
  Value raw = emitter.emit(put.getIndex(), {});
  Index position = emitter.positionFrom(raw, shape[axis]);
  Nest nest{piece, lastWideAxis(piece),
            context.target.lanes(getElementTypeOrSelf(put.getX().getType()))};
  nest.emit(emitter, [&](ArrayRef<Indices> positions) {
    for (const Indices &at : positions) {
      Indices place(at);
      place.insert(place.begin() + axis, position);
      emitter.store(0, place, emitter.emit(put.getPiece(), at));
    }
  });
}

namespace {
/// Rows of the result are dealt out to tasks; each task reads all indices and adds the rows that
/// are its own, so that the order of a sum is the order of the indices. Where a task's rows of f32
/// fit a cache as f64 they are added up so, and rounded at the end.
struct ScatterEmitter {
  KernelContext &context;
  nn::ScatterAddOp op;
  ElementEmitter emitter{context};
  OpBuilder &b = context.builder;
  Location loc = context.loc;
  ArrayRef<int64_t> shape = nn::shapeOf(op.getY()), indexShape = nn::shapeOf(op.getIndices());
  size_t axis = op.getAxis();
  Value first = {}, last = {}; ///< this task's rows
  int64_t chunk = 0;           ///< as many at most
  Value wide = {};             ///< sums in f64: memref<chunk * around x f64>
  Type element = getElementTypeOrSelf(op.getY().getType());
  static constexpr int64_t wideBytes = 128 << 10;

  int64_t product(ArrayRef<int64_t> sizes) {
    int64_t result = 1;
    for (int64_t size : sizes)
      result *= size;
    return result;
  }

  void split() {
    int64_t rows = shape[axis];
    int64_t work = product(shape) + product(nn::shapeOf(op.getUpdates()));
    int64_t tasks = std::clamp<int64_t>(work / taskWork, 1, std::min<int64_t>(rows, 16));
    chunk = llvm::divideCeil(rows, tasks);
    context.setTasks(llvm::divideCeil(rows, chunk));
    first = arith::MulIOp::create(b, loc, context.task, context.constant(chunk));
    Value end = arith::AddIOp::create(b, loc, first, context.constant(chunk));
    last = arith::MinSIOp::create(b, loc, end, context.constant(rows));
  }

  /// All positions of a box whose last axis is in vectors.
  void eachVector(ArrayRef<int64_t> box, llvm::function_ref<void(const Indices &)> body) {
    unsigned lanes = context.target.lanes(getElementTypeOrSelf(op.getY().getType()));
    Nest nest{box, lastWideAxis(box), lanes};
    nest.parallel = false;
    int64_t tasks = context.getTasks();
    nest.emit(emitter, [&](ArrayRef<Indices> positions) { body(positions[0]); });
    context.setTasks(tasks);
  }

  Indices join(ArrayRef<Index> before, ArrayRef<Index> middle, ArrayRef<Index> after) {
    Indices result(before);
    result.append(middle.begin(), middle.end());
    result.append(after.begin(), after.end());
    return result;
  }

  /// Where the sum at a row's index is kept in f64.
  Index wideAt(ArrayRef<int64_t> around, Value row, const Indices &at) {
    SmallVector<int64_t> box{chunk};
    box.append(around.begin(), around.end());
    Index local(arith::SubIOp::create(b, loc, row, first), 0, chunk - 1);
    return emitter.flatten(box, join({local}, at, {}));
  }
  Value converted(Value x, Type to) {
    if (auto vector = dyn_cast<VectorType>(x.getType()))
      to = VectorType::get(vector.getShape(), to);
    if (getElementTypeOrSelf(to).isF64())
      return arith::ExtFOp::create(b, loc, to, x);
    return arith::TruncFOp::create(b, loc, to, x);
  }

  void eachRow(ArrayRef<int64_t> around,
               llvm::function_ref<void(Value, const Indices &, const Indices &)> body) {
    context.loop(first, last, 1, [&](Value row) {
      ElementEmitter::Scope scope(emitter);
      eachVector(around, [&](const Indices &at) {
        body(row, at,
             join(ArrayRef(at).take_front(axis), {Index(row, 0, shape[axis] - 1)},
                  ArrayRef(at).drop_front(axis)));
      });
    });
  }

  void emit() {
    split();
    SmallVector<int64_t> around(shape.take_front(axis)), rest(shape.drop_front(axis + 1));
    around.append(rest.begin(), rest.end());
    int64_t kept = chunk * product(around);
    if (element.isF32() && kept * 8 <= wideBytes)
      wide = context.scratch(b.getF64Type(), std::max<int64_t>(1, kept));
    Value zero = number(b, loc, wide ? b.getF64Type() : element, 0);
    eachRow(around, [&](Value row, const Indices &at, const Indices &target) {
      if (wide)
        emitter.storeTo(wide, wideAt(around, row, at), zero);
      else
        emitter.store(0, target, zero);
    });
    int64_t count = product(indexShape);
    context.loop(0, count, 1, [&](Value i) {
      ElementEmitter::Scope scope(emitter);
      addRow(around, Index(i, 0, count - 1));
    });
    if (wide)
      eachRow(around, [&](Value row, const Indices &at, const Indices &target) {
        Value sum = emitter.load(wide, b.getF64Type(), wideAt(around, row, at));
        emitter.store(0, target, converted(sum, element));
      });
  }

  void addRow(ArrayRef<int64_t> around, Index number) {
    Indices place(indexShape.size());
    for (size_t k = indexShape.size(); k-- > 0;)
      std::tie(number, place[k]) = emitter.divide(number, indexShape[k]);
    Value raw = emitter.emit(op.getIndices(), place);
    Index row = emitter.positionFrom(raw, shape[axis]);
    Value at = emitter.materialize(row);
    using P = arith::CmpIPredicate;
    Value mine = arith::AndIOp::create(b, loc, arith::CmpIOp::create(b, loc, P::sge, at, first),
                                       arith::CmpIOp::create(b, loc, P::slt, at, last));
    auto branch = scf::IfOp::create(b, loc, mine, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    ElementEmitter::Scope scope(emitter);
    eachVector(around, [&](const Indices &rest) {
      auto before = ArrayRef(rest).take_front(axis), after = ArrayRef(rest).drop_front(axis);
      Indices target = join(before, {row}, after);
      Value update = emitter.emit(op.getUpdates(), join(before, place, after));
      if (wide) {
        Index place = wideAt(around, at, rest);
        Value old = emitter.load(wide, b.getF64Type(), place);
        update = converted(update, b.getF64Type());
        return emitter.storeTo(wide, place, combine(b, loc, nn::Reduction::sum, old, update));
      }
      Value old = emitter.load(context.output(0), element, emitter.flatten(shape, target));
      emitter.store(0, target, combine(b, loc, nn::Reduction::sum, old, update));
    });
  }
};
} // namespace

void emitScatter(KernelContext &context) {
  auto op = context.yielded()[0].getDefiningOp<nn::ScatterAddOp>();
  if (!op || context.yielded().size() != 1)
    return emitGeneric(context);
  ScatterEmitter{context, op}.emit();
}

} // namespace nnc
