/// Kernels whose elements depend on those before them: cumulative and top_k.
#include "compiler/Emit/Element/ElementMath.h"
#include "compiler/Emit/Loops/Loops.h"
#include "compiler/Emit/Loops/Nest.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace nnc {

void emitCumulative(KernelContext &context) {
  auto ops = context.body().getOps<nn::CumulativeOp>();
  if (ops.empty())
    return emitGeneric(context);
  nn::CumulativeOp op = *ops.begin();
  ArrayRef<int64_t> shape = nn::shapeOf(op.getX());
  size_t axis = op.getAxis();
  if (!llvm::hasSingleElement(ops) ||
      llvm::any_of(context.yielded(), [&](Value value) { return nn::shapeOf(value) != shape; }))
    return emitGeneric(context);
  ElementEmitter emitter(context);
  OpBuilder &b = context.builder;
  SmallVector<int64_t> rows(shape);
  rows.erase(rows.begin() + axis);
  Type element = getElementTypeOrSelf(op.getX().getType());
  Nest nest{rows, std::nullopt, context.target.lanes(element)};
  if (!rows.empty() && axis != rows.size() && rows.back() > 1)
    nest.laneAxis = rows.size() - 1;
  nest.work = shape[axis];
  // A running sum of f32 is kept in f64: no digit of any of its values is lost.
  bool wide = op.getKind() == nn::Reduction::sum && element.isF32();
  nest.emit(emitter, [&](ArrayRef<Indices> positions) {
    Type type = emitter.typeAt(element, positions[0]);
    Type carriedType = emitter.typeAt(wide ? b.getF64Type() : element, positions[0]);
    Value init = neutral(b, context.loc, op.getKind(), carriedType);
    context.loop(context.constant(0), context.constant(shape[axis]), 1, {init},
                 [&](Value i, ValueRange carried) -> SmallVector<Value> {
                   ElementEmitter::Scope scope(emitter);
                   Index turn(i, 0, shape[axis] - 1);
                   Indices at(positions[0]);
                   at.insert(at.begin() + axis,
                             op.getReverse() ? Index(shape[axis] - 1) - turn : turn);
                   Value x = emitter.emit(op.getX(), at);
                   if (wide)
                     x = arith::ExtFOp::create(b, context.loc, carriedType, x);
                   Value next = combine(b, context.loc, op.getKind(), carried[0], x), sum = next;
                   if (wide)
                     sum = arith::TruncFOp::create(b, context.loc, type, next);
                   emitter.bind(op.getY(), [sum](ArrayRef<Index>) { return sum; });
                   SmallVector<Value> elements;
                   for (Value value : context.yielded())
                     elements.push_back(emitter.emit(value, at));
                   for (auto [k, value] : llvm::enumerate(elements))
                     emitter.store(k, at, value);
                   emitter.unbind(op.getY());
                   return {next};
                 });
  });
}

namespace {
/// Keeps the k largest of a row in order: a larger element moves the smaller ones down.
struct TopKEmitter {
  KernelContext &context;
  nn::TopKOp op;
  ElementEmitter emitter{context};
  OpBuilder &b = context.builder;
  Location loc = context.loc;
  Type element = getElementTypeOrSelf(op.getX().getType());
  int64_t k = op.getK();
  Value values = {}, places = {};

  Value at(int64_t i) { return context.constant(i); }

  void insert(Value x, Value number, Value last) {
    // The position moves up while the element above is smaller; equals keep their order.
    auto loop = scf::WhileOp::create(
        b, loc, TypeRange{b.getIndexType()}, ValueRange{last},
        [&](OpBuilder &b, Location loc, ValueRange state) {
          Value isFirst = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, state[0], at(0));
          Value above = arith::SubIOp::create(b, loc, state[0], at(1));
          Value safe = arith::MaxSIOp::create(b, loc, above, at(0));
          Value smaller = isBelow(b, loc, memref::LoadOp::create(b, loc, values, safe), x);
          Value goes = arith::SelectOp::create(
              b, loc, isFirst, arith::ConstantOp::create(b, loc, b.getBoolAttr(false)), smaller);
          scf::ConditionOp::create(b, loc, goes, state);
        },
        [&](OpBuilder &b, Location loc, ValueRange state) {
          Value above = arith::SubIOp::create(b, loc, state[0], at(1));
          for (Value list : {values, places})
            memref::StoreOp::create(b, loc, memref::LoadOp::create(b, loc, list, above), list,
                                    state[0]);
          scf::YieldOp::create(b, loc, above);
        });
    memref::StoreOp::create(b, loc, x, values, loop.getResult(0));
    memref::StoreOp::create(b, loc, number, places, loop.getResult(0));
  }

  void row(const Indices &outer) {
    int64_t size = nn::shapeOf(op.getX()).back();
    Value lowest = neutral(b, loc, nn::Reduction::max, element);
    Value zero = number(b, loc, b.getI32Type(), 0);
    context.loop(0, k, 1, [&](Value i) {
      memref::StoreOp::create(b, loc, lowest, values, i);
      memref::StoreOp::create(b, loc, zero, places, i);
    });
    context.loop(0, size, 1, [&](Value i) {
      ElementEmitter::Scope scope(emitter);
      Indices at_(outer);
      at_.push_back(Index(i, 0, size - 1));
      Value x = emitter.emit(op.getX(), at_);
      // The first k elements enter always: minus infinity is an element too.
      Value early = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, i, at(k));
      Value larger = isBelow(b, loc, memref::LoadOp::create(b, loc, values, at(k - 1)), x);
      auto branch = scf::IfOp::create(b, loc, arith::OrIOp::create(b, loc, early, larger), false);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(branch.thenBlock());
      Value place = arith::IndexCastOp::create(b, loc, b.getI32Type(), i);
      insert(x, place, arith::MinUIOp::create(b, loc, i, at(k - 1)));
    });
    context.loop(0, k, 1, [&](Value i) {
      ElementEmitter::Scope scope(emitter);
      Indices at_(outer);
      at_.push_back(Index(i, 0, k - 1));
      for (auto [o, value] : llvm::enumerate(context.yielded())) {
        Value list = value == op.getValues() ? values : places;
        emitter.store(o, at_, memref::LoadOp::create(b, loc, list, i));
      }
    });
  }

  void emit() {
    values = context.scratch(element, k);
    places = context.scratch(b.getI32Type(), k);
    Nest nest{nn::shapeOf(op.getX()).drop_back()};
    nest.work = nn::shapeOf(op.getX()).back() * 4;
    nest.emit(emitter, [&](ArrayRef<Indices> positions) { row(positions[0]); });
  }
};
} // namespace

void emitSort(KernelContext &context) {
  TopKEmitter{context, *context.body().getOps<nn::TopKOp>().begin()}.emit();
}

} // namespace nnc
