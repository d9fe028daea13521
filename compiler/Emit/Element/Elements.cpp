/// The element emitter: cache, memory, positions. The ops are in ElementLayout, ElementMath,
/// ElementReduce and Random.
#include "compiler/Emit/Element/ElementMath.h"
#include "compiler/Emit/Element/Kernel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace nnc {

static bool isUniform(ArrayRef<Index> at) {
  return llvm::all_of(at, [](const Index &index) { return index.isUniform(); });
}

ElementEmitter::Scope::~Scope() {
  while (emitter.log.size() > mark) {
    emitter.memo[emitter.log.pop_back_val()].pop_back();
  }
}

void ElementEmitter::bind(Value tensor, Source source) { sources[tensor] = std::move(source); }
void ElementEmitter::unbind(Value tensor) { sources.erase(tensor); }

Value ElementEmitter::emit(Value tensor, ArrayRef<Index> at) {
  unsigned lanes = isUniform(at) ? 1 : width;
  if (auto known = memo.find(tensor); known != memo.end())
    for (const Memo &entry : llvm::reverse(known->second))
      if (entry.width == lanes && entry.mask == mask && ArrayRef<Index>(entry.at) == at)
        return entry.result;
  Value result = emitUncached(tensor, at);
  if (lanes > 1 && !isa<VectorType>(result.getType()))
    result = splat(result);
  memo[tensor].push_back({tensor, lanes, Indices(at), mask, result});
  log.push_back(tensor);
  return result;
}

Value ElementEmitter::emitVector(Value tensor, ArrayRef<Index> at) {
  Value result = emit(tensor, at);
  return width > 1 ? splat(result) : result;
}

Value ElementEmitter::emitUncached(Value tensor, ArrayRef<Index> at) {
  if (auto source = sources.find(tensor); source != sources.end())
    return Source(source->second)(at);
  auto type = cast<RankedTensorType>(tensor.getType());
  if (auto argument = dyn_cast<BlockArgument>(tensor))
    return load(context.input(argument.getArgNumber()), type.getElementType(),
                flatten(type.getShape(), at));
  Operation *op = tensor.getDefiningOp();
  if (op->hasTrait<nn::ElementwiseMap>()) {
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      operands.push_back(emit(operand, at));
    return emitElementwiseOp(builder, context.loc, op, operands);
  }
  if (Value result = emitLayout(op, at))
    return result;
  return emitReducing(op, at);
}

Value ElementEmitter::splat(Value scalar) {
  if (width == 1 || isa<VectorType>(scalar.getType()))
    return scalar;
  auto type = VectorType::get({int64_t(width)}, scalar.getType());
  return vector::BroadcastOp::create(builder, context.loc, type, scalar);
}

Type ElementEmitter::typeAt(Type element, ArrayRef<Index> at) {
  return isUniform(at) ? element : VectorType::get({int64_t(width)}, element);
}

/// The type of a tensor's element in memory.
static Type memoryType(Type element) {
  return element.isInteger(1) ? IntegerType::get(element.getContext(), 8) : element;
}
static Type like(Type element, Value shaped) {
  auto vector = dyn_cast<VectorType>(shaped.getType());
  return vector ? VectorType::get(vector.getShape(), element) : element;
}

static Value fromMemory(OpBuilder &builder, Location loc, Type element, Value raw) {
  if (!element.isInteger(1))
    return raw;
  Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(raw.getType()));
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, raw, zero);
}

/// Every second element: two vectors that together end with the last one, and a shuffle.
Value ElementEmitter::loadEverySecond(Value memref, VectorType type, Index first) {
  first.lane = 0;
  Index second = first + Index(int64_t(width) - 1);
  Value low = vector::LoadOp::create(builder, context.loc, type, memref, materialize(first));
  Value high = vector::LoadOp::create(builder, context.loc, type, memref, materialize(second));
  SmallVector<int64_t> order;
  for (int64_t l = 0; l < int64_t(width); ++l)
    order.push_back(2 * l < int64_t(width) ? 2 * l : 2 * l + 1);
  return vector::ShuffleOp::create(builder, context.loc, low, high, order);
}

Value ElementEmitter::load(Value memref, Type element, const Index &position) {
  Location loc = context.loc;
  Type stored = memoryType(element);
  auto vectorType = VectorType::get({int64_t(width)}, stored);
  if (position.isUniform()) {
    Value at = materialize(position);
    if (mask) { // A position outside the buffer is read by nobody, but must not be touched.
      int64_t size = cast<MemRefType>(memref.getType()).getNumElements();
      at = arith::MaxSIOp::create(builder, loc, at, context.constant(0));
      at = arith::MinSIOp::create(builder, loc, at, context.constant(size - 1));
    }
    return fromMemory(builder, loc, element, memref::LoadOp::create(builder, loc, memref, at));
  }
  Value all = mask ? splat(mask) : Value();
  if (position.lane == 1 && !position.vector) {
    Index first = position;
    first.lane = 0;
    Value raw;
    if (all)
      raw = vector::MaskedLoadOp::create(
          builder, loc, vectorType, memref, materialize(first), all,
          arith::ConstantOp::create(builder, loc, builder.getZeroAttr(vectorType)));
    else
      raw = vector::LoadOp::create(builder, loc, vectorType, memref, materialize(first));
    return fromMemory(builder, loc, element, raw);
  }
  if (position.lane == -1 && !position.vector && !all) {
    Index last = position;
    last.lane = 0;
    last.offset -= width - 1;
    Value raw = vector::LoadOp::create(builder, loc, vectorType, memref, materialize(last));
    SmallVector<int64_t> order;
    for (unsigned l = width; l-- > 0;)
      order.push_back(l);
    raw = vector::ShuffleOp::create(builder, loc, raw, raw, order);
    return fromMemory(builder, loc, element, raw);
  }
  if (position.lane == 2 && !position.vector && !all)
    return fromMemory(builder, loc, element, loadEverySecond(memref, vectorType, position));
  if (!all)
    all = arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(VectorType::get({int64_t(width)}, builder.getI1Type()), true));
  auto [first, steps] = splitLanes(position);
  Value raw = vector::GatherOp::create(
      builder, loc, vectorType, memref, ValueRange{first}, steps, all,
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(vectorType)));
  return fromMemory(builder, loc, element, raw);
}

void ElementEmitter::storeTo(Value memref, const Index &position, Value element) {
  Location loc = context.loc;
  Type scalar = getElementTypeOrSelf(element.getType());
  if (!position.isUniform())
    element = splat(element);
  if (scalar.isInteger(1))
    element = arith::ExtUIOp::create(builder, loc, like(builder.getI8Type(), element), element);
  if (position.isUniform()) {
    memref::StoreOp::create(builder, loc, element, memref, materialize(position));
  } else if (position.lane == 1 && !position.vector) {
    Index first = position;
    first.lane = 0;
    vector::StoreOp::create(builder, loc, element, memref, materialize(first));
  } else {
    Value all = arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(VectorType::get({int64_t(width)}, builder.getI1Type()), true));
    auto [first, steps] = splitLanes(position);
    vector::ScatterOp::create(builder, loc, /*resultType=*/Type(), memref, ValueRange{first}, steps,
                              all, element);
  }
}

void ElementEmitter::store(unsigned output, ArrayRef<Index> at, Value element) {
  ArrayRef<int64_t> shape = nn::shapeOf(context.yielded()[output]);
  storeTo(context.output(output), flatten(shape, at), element);
}

Value ElementEmitter::materialize(const Index &index) {
  Location loc = context.loc;
  Value sum;
  for (const Index::Term &term : index.terms) {
    Value part = term.value;
    if (term.factor != 1)
      part = arith::MulIOp::create(builder, loc, part, context.constant(term.factor));
    sum = sum ? arith::AddIOp::create(builder, loc, sum, part).getResult() : part;
  }
  if (!sum)
    return context.constant(index.offset);
  if (index.offset == 0)
    return sum;
  return arith::AddIOp::create(builder, loc, sum, context.constant(index.offset));
}

/// Lanes as multiples of `lane`.
static Value stepsOf(OpBuilder &builder, Location loc, int64_t lane, unsigned width, Type element) {
  SmallVector<Attribute> steps;
  for (unsigned l = 0; l < width; ++l)
    steps.push_back(builder.getIntegerAttr(element, lane * l));
  auto type = VectorType::get({int64_t(width)}, element);
  return arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, steps));
}

Type ElementEmitter::positionType(int64_t last) {
  return last > std::numeric_limits<int32_t>::max() ? builder.getI64Type() : builder.getI32Type();
}

/// One position and the distances of the lanes from it.
std::pair<Value, Value> ElementEmitter::splitLanes(const Index &index) {
  if (index.vector)
    return {context.constant(0), index.vector};
  Index first = index;
  first.lane = 0;
  Type element = positionType(std::abs(index.lane) * width);
  return {materialize(first), stepsOf(builder, context.loc, index.lane, width, element)};
}

Value ElementEmitter::materializeVector(const Index &index) {
  Value result = lanesOf(index, builder.getI32Type());
  auto type = cast<VectorType>(result.getType());
  if (type.getElementType().isInteger(32))
    return result;
  return arith::TruncIOp::create(builder, context.loc,
                                 VectorType::get(type.getShape(), builder.getI32Type()), result);
}

Value ElementEmitter::lanesOf(const Index &index, Type element) {
  Location loc = context.loc;
  if (index.vector)
    return widen(index.vector, element);
  Index first = index;
  first.lane = 0;
  Value base = splat(arith::IndexCastOp::create(builder, loc, element, materialize(first)));
  if (index.lane == 0)
    return base;
  return arith::AddIOp::create(builder, loc, base,
                               stepsOf(builder, loc, index.lane, width, element));
}

/// Positions that are not negative, in as many bits as `element` has, or in their own if those are
/// more.
Value ElementEmitter::widen(Value vector, Type element) {
  auto type = cast<VectorType>(vector.getType());
  if (type.getElementTypeBitWidth() >= element.getIntOrFloatBitWidth())
    return vector;
  return arith::ExtSIOp::create(builder, context.loc, VectorType::get(type.getShape(), element),
                                vector);
}

Index ElementEmitter::add(const Index &a, const Index &b) {
  if (!a.vector && !b.vector)
    return a + b;
  if (a.constant() == 0)
    return b;
  if (b.constant() == 0)
    return a;
  Type element = builder.getI32Type();
  for (const Index *one : {&a, &b})
    if (one->vector && getElementTypeOrSelf(one->vector.getType()).isInteger(64))
      element = builder.getI64Type();
  Index result;
  result.vector =
      arith::AddIOp::create(builder, context.loc, lanesOf(a, element), lanesOf(b, element));
  return result;
}

Index ElementEmitter::scale(const Index &a, int64_t factor) {
  if (!a.vector || factor == 1)
    return a.vector ? a : a * factor;
  if (factor == 0)
    return Index();
  Value by = number(builder, context.loc, a.vector.getType(), factor);
  Index result;
  result.vector = arith::MulIOp::create(builder, context.loc, a.vector, by);
  return result;
}

Index ElementEmitter::flatten(ArrayRef<int64_t> shape, ArrayRef<Index> at) {
  Index linear, irregular;
  int64_t stride = 1, count = 1;
  for (int64_t size : shape)
    count *= size;
  for (size_t k = shape.size(); k-- > 0; stride *= shape[k]) {
    Index position = at[k];
    if (position.vector)
      position.vector = widen(position.vector, positionType(count));
    Index &sum = position.vector ? irregular : linear;
    sum = add(sum, scale(position, stride));
  }
  return add(irregular, linear);
}

/// The terms and the offset of a position that a divisor divides, as a quotient, and what is left,
/// lanes too. The left part never begins below 0, also where a term runs downwards (a window's
/// place, a reversed axis): then it is divided as an unsigned number.
static std::pair<Index, Index> takeMultiples(const Index &index, int64_t divisor, unsigned width) {
  Index quotient, rest = index;
  rest.terms.clear();
  for (const Index::Term &term : index.terms)
    if (term.factor % divisor == 0)
      quotient.terms.push_back({term.value, term.factor / divisor, term.min, term.max});
    else
      rest.terms.push_back(term);
  if (index.lane % divisor == 0)
    quotient.lane = std::exchange(rest.lane, 0) / divisor;
  quotient.offset = llvm::divideFloorSigned(rest.min(width), divisor);
  rest.offset -= quotient.offset * divisor;
  return {quotient, rest};
}

std::pair<Index, Index> ElementEmitter::divide(const Index &index, int64_t divisor) {
  Location loc = context.loc;
  if (divisor == 1)
    return {index, Index()};
  Index whole; // what is divided lane by lane
  int64_t below = 0;
  if (!index.vector) {
    auto [quotient, rest] = takeMultiples(index, divisor, width);
    if (rest.max(width) < divisor)
      return {quotient, rest};
    if (rest.lane == 0) {
      Value all = materialize(rest), by = context.constant(divisor);
      Value q = arith::DivUIOp::create(builder, loc, all, by);
      Value r = arith::RemUIOp::create(builder, loc, all, by);
      return {quotient + Index(q, 0, rest.max(1) / divisor), Index(r, 0, divisor - 1)};
    }
    below = std::max<int64_t>(0, -llvm::divideFloorSigned(index.min(width), divisor));
    whole = index + Index(below * divisor);
  } else {
    whole = index; // Below 0 only where a mask forbids to look.
  }
  Value all = lanesOf(whole, positionType(whole.vector ? 0 : whole.max(width)));
  auto repeated = [&](int64_t value) { return number(builder, loc, all.getType(), value); };
  Index quotient, rest;
  quotient.vector = arith::DivUIOp::create(builder, loc, all, repeated(divisor));
  rest.vector = arith::RemUIOp::create(builder, loc, all, repeated(divisor));
  if (below)
    quotient.vector = arith::SubIOp::create(builder, loc, quotient.vector, repeated(below));
  return {quotient, rest};
}

Index ElementEmitter::positionFrom(Value element, int64_t size) {
  Location loc = context.loc;
  if (auto type = dyn_cast<VectorType>(element.getType())) {
    Index result;
    auto wanted = VectorType::get(type.getShape(), builder.getI32Type());
    result.vector = type.getElementType().isInteger(32)
                        ? element
                        : arith::TruncIOp::create(builder, loc, wanted, element).getResult();
    return result;
  }
  Value position = arith::IndexCastOp::create(builder, loc, builder.getIndexType(), element);
  return Index(position, 0, size - 1);
}

Value ElementEmitter::both(Value a, Value b) {
  if (!a || !b)
    return a ? a : b;
  if (isa<VectorType>(a.getType()) || isa<VectorType>(b.getType()))
    a = splat(a), b = splat(b);
  return arith::AndIOp::create(builder, context.loc, a, b);
}

Value ElementEmitter::within(const Index &position, int64_t first, int64_t last) {
  Location loc = context.loc;
  bool known = !position.vector;
  bool low = known && position.min(width) >= first, high = known && position.max(width) <= last;
  if (low && high)
    return Value();
  Value at = position.isUniform() ? materialize(position) : lanesOf(position, builder.getI32Type());
  auto bound = [&](int64_t value) -> Value {
    if (position.isUniform())
      return context.constant(value);
    return number(builder, loc, at.getType(), value);
  };
  Value above, below;
  if (!low)
    above = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sge, at, bound(first));
  if (!high)
    below = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sle, at, bound(last));
  return both(above, below);
}

} // namespace nnc
