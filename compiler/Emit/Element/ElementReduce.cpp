/// Ops that combine many elements into one, as loops at the place of use.
#include "compiler/Emit/Element/ElementMath.h"
#include "compiler/Emit/Element/Kernel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace nnc {

/// Boxes of at most this many elements are unrolled.
static constexpr int64_t unrollLimit = 9;

ElementEmitter::Values
ElementEmitter::fold(ArrayRef<int64_t> extents, Values inits,
                     llvm::function_ref<Values(ArrayRef<Index>, Values)> step,
                     const PartialSums *partial) {
  int64_t count = 1;
  for (int64_t extent : extents)
    count *= extent;
  bool unroll = count <= unrollLimit;
  SmallVector<int64_t> terms(extents.size() + 1, 1); // of what is inside of each axis
  for (size_t k = extents.size(); k-- > 0;)
    terms[k] = PartialSums::termsOf(extents[k], terms[k + 1]);
  Indices at;
  std::function<Values(Values)> nest = [&](Values values) -> Values {
    if (at.size() == extents.size())
      return step(at, values);
    int64_t extent = extents[at.size()];
    if (unroll || extent == 1) {
      for (int64_t i = 0; i < extent; ++i) {
        at.push_back(Index(i));
        values = nest(values);
        at.pop_back();
      }
      return values;
    }
    auto turn = [&](Value i, ValueRange carried) {
      Scope scope(*this);
      at.push_back(Index(i, 0, extent - 1));
      Values next = nest(llvm::to_vector(carried));
      at.pop_back();
      return next;
    };
    if (partial)
      return context.sumLoop(extent, 1, terms[at.size() + 1], values, *partial, turn);
    return context.loop(context.constant(0), context.constant(extent), 1, values, turn);
  };
  return nest(std::move(inits));
}

Value ElementEmitter::foldOne(nn::Reduction kind, ArrayRef<int64_t> extents, Value init,
                              llvm::function_ref<Value(ArrayRef<Index>, Value)> step) {
  auto steps = [&](ArrayRef<Index> at, Values values) -> Values { return {step(at, values[0])}; };
  PartialSums partial;
  partial.start = [&] { return Values{number(builder, context.loc, init.getType(), 0)}; };
  partial.join = [&](ValueRange sums, ValueRange parts) {
    return Values{combine(builder, context.loc, kind, sums[0], parts[0])};
  };
  bool isSum = kind == nn::Reduction::sum && isa<FloatType>(getElementTypeOrSelf(init.getType()));
  return fold(extents, {init}, steps, isSum ? &partial : nullptr)[0];
}

/// Windows side by side that cover their axes add nothing up: each element has one source. Lanes
/// along a window's axis are made of one vector per position in the window. Null where positions
/// have another form.
Value ElementEmitter::emitDisjointUnwindow(nn::UnwindowOp op, ArrayRef<Index> at) {
  ArrayRef<int64_t> strides = op.getStrides(), shape = nn::shapeOf(op.getX());
  const unsigned whole = width;
  Indices inside(at), places(strides.size());
  std::optional<unsigned> across; // the window whose axis the lanes run along
  for (auto [k, axis] : llvm::enumerate(op.getAxes())) {
    const int64_t stride = strides[k];
    if (op.getSizes()[k] != stride || shape[axis] * stride != nn::shapeOf(op.getY())[axis])
      return Value();
    if (!at[axis].isUniform())
      across = k;
    else
      std::tie(inside[axis], places[k]) = divide(at[axis], stride);
  }
  if (!across) {
    inside.append(places);
    return emit(op.getX(), inside);
  }
  const int64_t axis = op.getAxes()[*across], stride = strides[*across];
  Index first = at[axis];
  first.lane = 0;
  auto divides = [&](const Index::Term &term) { return term.factor % stride == 0; };
  if (mask || at[axis].vector || at[axis].lane != 1 || !llvm::isPowerOf2_64(stride) ||
      whole % stride || first.offset % stride || !llvm::all_of(first.terms, divides))
    return Value();
  inside[axis] = divide(first, stride).first;
  inside[axis].lane = whole / stride > 1;
  inside.append(places);
  Values parts;
  width = whole / stride;
  for (int64_t u = 0; u < stride; ++u) {
    inside[nn::shapeOf(op.getY()).size() + *across] = Index(u);
    Value part = emitVector(op.getX(), inside);
    if (width == 1)
      part = vector::BroadcastOp::create(builder, context.loc, VectorType::get({1}, part.getType()),
                                         part);
    parts.push_back(part);
  }
  width = whole;
  // Even positions and odd positions first, so that neighbours meet last.
  for (size_t half = parts.size() / 2; half > 0; half /= 2)
    for (size_t u = 0; u < half; ++u)
      parts[u] = vector::InterleaveOp::create(builder, context.loc, parts[u], parts[u + half]);
  return parts[0];
}

Value ElementEmitter::emitUnwindow(nn::UnwindowOp op, ArrayRef<Index> at) {
  if (Value only = emitDisjointUnwindow(op, at))
    return only;
  ArrayRef<int64_t> sizes = op.getSizes(), shape = nn::shapeOf(op.getX());
  size_t rank = nn::shapeOf(op.getY()).size();
  Type element = getElementTypeOrSelf(op.getY().getType());
  Value zero = number(builder, context.loc, element, 0);
  Value init = number(builder, context.loc, typeAt(element, at), 0);
  return fold(sizes, {init}, [&](ArrayRef<Index> place, Values sums) -> Values {
    Indices inside(at.begin(), at.begin() + rank);
    inside.append(place.begin(), place.end());
    Value condition;
    for (auto [k, axis] : llvm::enumerate(op.getAxes())) {
      int64_t stride = op.getStrides()[k];
      Index distance = add(at[axis], scale(place[k], -1));
      auto [window, rest] = divide(distance, stride);
      if (rest.constant() && *rest.constant() != 0)
        return sums;
      condition = both(condition, within(distance, 0, (shape[axis] - 1) * stride));
      condition = both(condition, within(rest, 0, 0));
      inside[axis] = window;
    }
    Value term = emitUnder(condition, op.getX(), inside, zero);
    return {combine(builder, context.loc, nn::Reduction::sum, sums[0], term)};
  })[0];
}

Value ElementEmitter::emitContract(nn::ContractOp op, ArrayRef<Index> at) {
  Location loc = context.loc;
  SmallVector<int64_t> summed, extents;
  auto collect = [&](ArrayRef<int64_t> labels, Value tensor) {
    for (auto [k, label] : llvm::enumerate(labels))
      if (!llvm::is_contained(op.getYLabels(), label) && !llvm::is_contained(summed, label)) {
        summed.push_back(label);
        extents.push_back(nn::shapeOf(tensor)[k]);
      }
  };
  collect(op.getALabels(), op.getA());
  collect(op.getBLabels(), op.getB());
  auto positions = [&](ArrayRef<int64_t> labels, ArrayRef<Index> inner) {
    Indices result;
    for (int64_t label : labels) {
      auto free = llvm::find(op.getYLabels(), label);
      if (free != op.getYLabels().end())
        result.push_back(at[free - op.getYLabels().begin()]);
      else
        result.push_back(inner[llvm::find(summed, label) - summed.begin()]);
    }
    return result;
  };
  bool isVector = llvm::any_of(at, [](const Index &index) { return !index.isUniform(); });
  Value init = number(builder, loc, typeAt(getElementTypeOrSelf(op.getY().getType()), at), 0);
  return foldOne(nn::Reduction::sum, extents, init, [&](ArrayRef<Index> inner, Value sum) {
    Value a = emit(op.getA(), positions(op.getALabels(), inner));
    Value b = emit(op.getB(), positions(op.getBLabels(), inner));
    if (isVector)
      a = splat(a), b = splat(b);
    return multiplyAdd(builder, loc, a, b, sum);
  });
}

static Indices inserted(ArrayRef<Index> kept, ArrayRef<int64_t> axes, ArrayRef<Index> reduced) {
  Indices result(kept);
  for (auto [k, axis] : llvm::enumerate(axes))
    result.insert(result.begin() + axis, reduced[k]);
  return result;
}

Value ElementEmitter::widened(Value value, ArrayRef<Index> at) {
  return llvm::any_of(at, [](const Index &index) { return !index.isUniform(); }) ? splat(value)
                                                                                 : value;
}

Value ElementEmitter::emitReduce(nn::ReduceOp op, ArrayRef<Index> at) {
  SmallVector<int64_t> axes(op.getAxes()), extents;
  llvm::sort(axes);
  for (int64_t axis : axes)
    extents.push_back(nn::shapeOf(op.getX())[axis]);
  Type element = getElementTypeOrSelf(op.getY().getType());
  Value init = neutral(builder, context.loc, op.getKind(), typeAt(element, at));
  return foldOne(op.getKind(), extents, init, [&](ArrayRef<Index> inner, Value value) {
    Value x = widened(emit(op.getX(), inserted(at, axes, inner)), at);
    return combine(builder, context.loc, op.getKind(), value, x);
  });
}

Value ElementEmitter::emitCumulative(nn::CumulativeOp op, ArrayRef<Index> at) {
  Location loc = context.loc;
  int64_t axis = op.getAxis(), size = nn::shapeOf(op.getX())[axis];
  Type element = getElementTypeOrSelf(op.getY().getType());
  Value init = neutral(builder, loc, op.getKind(), typeAt(element, at));
  return foldOne(op.getKind(), {size}, init, [&](ArrayRef<Index> inner, Value value) {
    Indices place(at);
    place[axis] = inner[0];
    Value x = widened(emit(op.getX(), place), at);
    Value next = combine(builder, loc, op.getKind(), x, value);
    Index ahead = add(at[axis], scale(inner[0], -1));
    Value taken = within(op.getReverse() ? scale(ahead, -1) : ahead, 0, size - 1);
    if (!taken)
      return next;
    return Value(arith::SelectOp::create(builder, loc, taken, next, value));
  });
}

Value ElementEmitter::emitScatterAdd(nn::ScatterAddOp op, ArrayRef<Index> at) {
  Location loc = context.loc;
  int64_t axis = op.getAxis();
  Type element = getElementTypeOrSelf(op.getY().getType());
  Value init = number(builder, loc, typeAt(element, at), 0);
  ArrayRef<int64_t> shape = nn::shapeOf(op.getIndices());
  return foldOne(nn::Reduction::sum, shape, init, [&](ArrayRef<Index> inner, Value sum) {
    Index row = positionFrom(emit(op.getIndices(), inner), nn::shapeOf(op.getY())[axis]);
    Value here = within(add(at[axis], scale(row, -1)), 0, 0);
    Indices place(at.take_front(axis));
    place.append(inner.begin(), inner.end());
    place.append(at.begin() + axis + 1, at.end());
    Value term = emitUnder(here, op.getUpdates(), place, number(builder, loc, element, 0));
    return combine(builder, loc, nn::Reduction::sum, sum, widened(term, at));
  });
}

Value ElementEmitter::emitReducing(Operation *op, ArrayRef<Index> at) {
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case([&](nn::ContractOp op) { return emitContract(op, at); })
      .Case([&](nn::UnwindowOp op) { return emitUnwindow(op, at); })
      .Case([&](nn::ReduceOp op) { return emitReduce(op, at); })
      .Case([&](nn::CumulativeOp op) { return emitCumulative(op, at); })
      .Case([&](nn::ScatterAddOp op) { return emitScatterAdd(op, at); })
      .Default([](Operation *op) -> Value {
        llvm::report_fatal_error("no code for an element of " + op->getName().getStringRef());
      });
}

} // namespace nnc
