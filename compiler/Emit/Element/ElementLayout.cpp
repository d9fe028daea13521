/// Ops that move elements, as positions in their operands.
#include "compiler/Emit/Element/ElementMath.h"
#include "compiler/Emit/Element/Kernel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace nnc {

/// Positions in a tensor of another shape with the same elements. Axes that both shapes share as a
/// group are never divided.
static Indices reshaped(ElementEmitter &emitter, ArrayRef<int64_t> from, ArrayRef<int64_t> to,
                        ArrayRef<Index> at) {
  Indices result;
  size_t i = 0, j = 0;
  while (i < from.size() || j < to.size()) {
    // The smallest groups of axes with equally many elements.
    size_t i0 = i, j0 = j;
    int64_t n = 1, m = 1;
    if (i < from.size())
      n = from[i++];
    if (j < to.size())
      m = to[j++];
    while (n != m)
      if (n < m)
        n *= from[i++];
      else
        m *= to[j++];
    while (i < from.size() && from[i] == 1 && (j == to.size() || to[j] != 1))
      ++i;
    while (j < to.size() && to[j] == 1 && (i == from.size() || from[i] != 1))
      ++j;
    Index whole = emitter.flatten(from.slice(i0, i - i0), at.slice(i0, i - i0));
    Indices group(j - j0);
    for (size_t k = j; k-- > j0;) {
      if (k == j0) {
        group[0] = whole;
        break;
      }
      auto [quotient, rest] = emitter.divide(whole, to[k]);
      group[k - j0] = rest;
      whole = quotient;
    }
    result.append(group);
  }
  return result;
}

static Indices windowed(ElementEmitter &emitter, nn::WindowOp op, ArrayRef<Index> at) {
  Indices result(at.begin(), at.begin() + nn::shapeOf(op.getX()).size());
  for (auto [k, axis] : llvm::enumerate(op.getAxes()))
    result[axis] = emitter.add(emitter.scale(at[axis], op.getStrides()[k]),
                               at[nn::shapeOf(op.getX()).size() + k]);
  return result;
}

Value ElementEmitter::emitUnder(Value condition, Value tensor, ArrayRef<Index> at,
                                Value otherwise) {
  if (!condition)
    return emit(tensor, at);
  Value before = mask;
  mask = both(mask, condition);
  Value inside = emit(tensor, at);
  mask = before;
  if (isa<VectorType>(inside.getType()))
    otherwise = splat(otherwise);
  else if (isa<VectorType>(condition.getType()))
    inside = splat(inside), otherwise = splat(otherwise);
  return arith::SelectOp::create(builder, context.loc, condition, inside, otherwise);
}

Value ElementEmitter::emitPad(nn::PadOp op, ArrayRef<Index> at) {
  ArrayRef<int64_t> shape = nn::shapeOf(op.getX());
  Indices inside;
  Value condition;
  for (size_t k = 0; k < shape.size(); ++k) {
    int64_t step = op.getInterior()[k] + 1;
    Index position = add(at[k], Index(-op.getLow()[k]));
    condition = both(condition, within(position, 0, (shape[k] - 1) * step));
    auto [quotient, rest] = divide(position, step);
    condition = both(condition, within(rest, 0, 0));
    inside.push_back(quotient);
  }
  Type element = getElementTypeOrSelf(op.getY().getType());
  Value outside = number(builder, context.loc, element, op.getValue().convertToDouble());
  return emitUnder(condition, op.getX(), inside, outside);
}

Value ElementEmitter::emitConcat(nn::ConcatOp op, ArrayRef<Index> at) {
  int64_t axis = op.getAxis(), begin = 0;
  Value result;
  for (Value part : op.getParts()) {
    int64_t size = nn::shapeOf(part)[axis];
    bool misses =
        !at[axis].vector && (at[axis].max(width) < begin || at[axis].min(width) >= begin + size);
    if (!misses && size > 0) {
      Indices inside(at);
      inside[axis] = add(at[axis], Index(-begin));
      Type element = getElementTypeOrSelf(part.getType());
      Value otherwise = result ? result : number(builder, context.loc, element, 0);
      Value condition = within(inside[axis], 0, size - 1);
      result = emitUnder(condition, part, inside, otherwise);
    }
    begin += size;
  }
  return result;
}

static DenseElementsAttr bytesOf(DenseElementsAttr truths) {
  SmallVector<int8_t> bytes;
  for (bool truth : truths.getValues<bool>())
    bytes.push_back(truth);
  auto type =
      RankedTensorType::get({int64_t(bytes.size())}, IntegerType::get(truths.getContext(), 8));
  return DenseElementsAttr::get(type, ArrayRef(bytes));
}

/// The module's table of a constant, made at its first use.
static memref::GlobalOp tableOf(OpBuilder &builder, func::FuncOp function,
                                DenseElementsAttr value) {
  auto module = function->getParentOfType<ModuleOp>();
  int64_t count = value.getNumElements();
  value = value.getElementType().isInteger(1)
              ? bytesOf(value)
              : value.reshape(RankedTensorType::get({count}, value.getElementType()));
  unsigned number = 0;
  for (auto global : module.getOps<memref::GlobalOp>()) {
    if (global.getInitialValueAttr() == value)
      return global;
    ++number;
  }
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(module.getBody());
  auto type = MemRefType::get({count}, value.getElementType());
  return memref::GlobalOp::create(builder, function.getLoc(), "nn_table_" + std::to_string(number),
                                  builder.getStringAttr("private"), type, value,
                                  /*constant=*/true, builder.getI64IntegerAttr(64));
}

Value ElementEmitter::emitConstant(nn::ConstantOp op, ArrayRef<Index> at) {
  auto value = cast<DenseElementsAttr>(op.getValue());
  Type element = value.getElementType();
  if (value.isSplat())
    return arith::ConstantOp::create(builder, context.loc, value.getSplatValue<TypedAttr>());
  memref::GlobalOp table = tableOf(builder, context.function, value);
  Value memref =
      memref::GetGlobalOp::create(builder, context.loc, table.getType(), table.getSymName());
  return load(memref, element, flatten(nn::shapeOf(op), at));
}

/// The position itself as a number.
static Value emitIota(ElementEmitter &emitter, Location loc, nn::IotaOp op, const Index &at) {
  OpBuilder &builder = emitter.context.builder;
  Type element = getElementTypeOrSelf(op.getY().getType());
  Value raw = at.isUniform() ? arith::IndexCastOp::create(builder, loc, builder.getI32Type(),
                                                          emitter.materialize(at))
                                   .getResult()
                             : emitter.materializeVector(at);
  Type to = isa<VectorType>(raw.getType())
                ? Type(VectorType::get(cast<VectorType>(raw.getType()).getShape(), element))
                : element;
  if (isa<FloatType>(element))
    return arith::SIToFPOp::create(builder, loc, to, raw);
  if (element.isInteger(64))
    return arith::ExtSIOp::create(builder, loc, to, raw);
  return raw;
}

Value ElementEmitter::emitGather(nn::GatherOp op, ArrayRef<Index> at) {
  size_t axis = op.getAxis(), rank = nn::shapeOf(op.getIndices()).size();
  Value row = emit(op.getIndices(), at.slice(axis, rank));
  Indices inside(at.take_front(axis));
  inside.push_back(positionFrom(row, nn::shapeOf(op.getX())[axis]));
  inside.append(at.begin() + axis + rank, at.end());
  return emit(op.getX(), inside);
}

Value ElementEmitter::emitPut(nn::PutOp op, ArrayRef<Index> at) {
  size_t axis = op.getAxis();
  Index position = positionFrom(emit(op.getIndex(), {}), nn::shapeOf(op.getX())[axis]);
  Value here = within(add(at[axis], scale(position, -1)), 0, 0);
  Indices inside(at);
  inside.erase(inside.begin() + axis);
  return emitUnder(here, op.getPiece(), inside, emit(op.getX(), at));
}

Value ElementEmitter::emitLayout(Operation *op, ArrayRef<Index> at) {
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case([&](nn::BroadcastOp op) {
        Indices inside;
        for (int64_t axis : op.getAxes())
          inside.push_back(at[axis]);
        return emit(op.getX(), inside);
      })
      .Case([&](nn::TransposeOp op) {
        Indices inside(at.size());
        for (auto [k, axis] : llvm::enumerate(op.getPermutation()))
          inside[axis] = at[k];
        return emit(op.getX(), inside);
      })
      .Case([&](nn::ReshapeOp op) {
        if (auto argument = dyn_cast<BlockArgument>(op.getX());
            argument && !sources.count(argument))
          return load(context.input(argument.getArgNumber()),
                      getElementTypeOrSelf(op.getX().getType()),
                      flatten(nn::shapeOf(op.getY()), at));
        return emit(op.getX(), reshaped(*this, nn::shapeOf(op.getY()), nn::shapeOf(op.getX()), at));
      })
      .Case([&](nn::SliceOp op) {
        Indices inside;
        for (size_t k = 0; k < at.size(); ++k)
          inside.push_back(add(scale(at[k], op.getStrides()[k]), Index(op.getOffsets()[k])));
        return emit(op.getX(), inside);
      })
      .Case([&](nn::ReverseOp op) {
        Indices inside(at);
        for (int64_t axis : op.getAxes())
          inside[axis] = add(scale(at[axis], -1), Index(nn::shapeOf(op.getX())[axis] - 1));
        return emit(op.getX(), inside);
      })
      .Case([&](nn::PadOp op) { return emitPad(op, at); })
      .Case([&](nn::ConcatOp op) { return emitConcat(op, at); })
      .Case([&](nn::ConstantOp op) { return emitConstant(op, at); })
      .Case([&](nn::IotaOp op) { return emitIota(*this, context.loc, op, at[op.getAxis()]); })
      .Case([&](nn::WindowOp op) { return emit(op.getX(), windowed(*this, op, at)); })
      .Case([&](nn::AtOp op) {
        Indices inside(at);
        int64_t size = nn::shapeOf(op.getX())[op.getAxis()];
        inside.insert(inside.begin() + op.getAxis(), positionFrom(emit(op.getIndex(), {}), size));
        return emit(op.getX(), inside);
      })
      .Case([&](nn::GatherOp op) { return emitGather(op, at); })
      .Case([&](nn::PutOp op) { return emitPut(op, at); })
      .Case([&](nn::RandomOp op) { return emitRandom(op, at); })
      .Default([](Operation *) { return Value(); });
}

} // namespace nnc
