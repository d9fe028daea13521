/// Index arithmetic, loops and vector shuffles, folded where they are built.
#include "compiler/Emit/Gemm/GemmBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <algorithm>

using namespace mlir;

namespace nnc {

std::optional<int64_t> constantIndex(Value value) { return getConstantIntValue(value); }

//===----------------------------------------------------------------------===//
// Index arithmetic. Offsets never wrap, and LLVM's loop strength reduction wants to know it.
//===----------------------------------------------------------------------===//

constexpr arith::IntegerOverflowFlags kNoWrap =
    arith::IntegerOverflowFlags::nsw | arith::IntegerOverflowFlags::nuw;

Value GemmBuilder::index(int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}

Value GemmBuilder::add(Value a, int64_t b) {
  if (b == 0)
    return a;
  if (auto value = constantIndex(a))
    return index(*value + b);
  return arith::AddIOp::create(builder, loc, a, index(b), kNoWrap);
}

Value GemmBuilder::add(Value a, Value b) {
  if (auto value = constantIndex(b))
    return add(a, *value);
  if (auto value = constantIndex(a))
    return add(b, *value);
  return arith::AddIOp::create(builder, loc, a, b, kNoWrap);
}

Value GemmBuilder::subtract(Value a, Value b) {
  auto x = constantIndex(a), y = constantIndex(b);
  if (x && y)
    return index(*x - *y);
  if (y && *y == 0)
    return a;
  return arith::SubIOp::create(builder, loc, a, b, arith::IntegerOverflowFlags::nsw);
}

Value GemmBuilder::multiply(Value a, int64_t b) {
  if (b == 1)
    return a;
  if (auto value = constantIndex(a))
    return index(*value * b);
  if (b == 0)
    return index(0);
  return arith::MulIOp::create(builder, loc, a, index(b), kNoWrap);
}

Value GemmBuilder::divide(Value a, int64_t b) {
  if (b == 1)
    return a;
  if (auto value = constantIndex(a))
    return index(*value / b);
  return arith::DivUIOp::create(builder, loc, a, index(b));
}

Value GemmBuilder::divideUp(Value a, int64_t b) { return divide(add(a, b - 1), b); }

Value GemmBuilder::remainder(Value a, int64_t b) {
  if (b == 1)
    return index(0);
  if (auto value = constantIndex(a))
    return index(*value % b);
  return arith::RemUIOp::create(builder, loc, a, index(b));
}

Value GemmBuilder::minimum(Value a, Value b) {
  auto x = constantIndex(a), y = constantIndex(b);
  if (x && y)
    return index(std::min(*x, *y));
  return arith::MinSIOp::create(builder, loc, a, b);
}

Value GemmBuilder::maximum(Value a, Value b) {
  auto x = constantIndex(a), y = constantIndex(b);
  if (x && y)
    return index(std::max(*x, *y));
  return arith::MaxSIOp::create(builder, loc, a, b);
}

Value GemmBuilder::negate(Value condition) {
  Value truth = arith::ConstantIntOp::create(builder, loc, 1, 1);
  return arith::XOrIOp::create(builder, loc, condition, truth);
}

Value GemmBuilder::both(Value a, Value b) { return arith::AndIOp::create(builder, loc, a, b); }

Value GemmBuilder::equal(Value a, Value b) {
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, a, b);
}

Value GemmBuilder::select(Value condition, int64_t value) {
  if (!condition || value == 0)
    return index(value);
  return arith::SelectOp::create(builder, loc, condition, index(value), index(0));
}

//===----------------------------------------------------------------------===//
// Control
//===----------------------------------------------------------------------===//

void GemmBuilder::loop(Value count, int64_t step, Body body) {
  if (auto n = constantIndex(count)) {
    if (*n <= 0)
      return;
    if (*n <= step)
      return body(index(0));
  }
  auto loop = scf::ForOp::create(builder, loc, index(0), count, index(step));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(loop.getBody()->getTerminator());
  body(loop.getInductionVar());
}

SmallVector<Value> GemmBuilder::loop(Value count, int64_t step, ValueRange inits,
                                     CarriedBody body) {
  if (auto n = constantIndex(count)) {
    if (*n <= 0)
      return llvm::to_vector(inits);
    if (*n <= step)
      return body(index(0), inits);
  }
  // The op first and its body after, so that a body finds the module that it stands in.
  auto loop = scf::ForOp::create(builder, loc, index(0), count, index(step), inits);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  auto next = body(loop.getInductionVar(), loop.getRegionIterArgs());
  if (!inits.empty())
    scf::YieldOp::create(builder, loc, next);
  return llvm::to_vector(ValueRange(loop.getResults()));
}

void GemmBuilder::when(Value condition, llvm::function_ref<void()> body) {
  if (!condition)
    return body();
  auto branch = scf::IfOp::create(builder, loc, condition, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(branch.thenBlock()->getTerminator());
  body();
}

SmallVector<Value> GemmBuilder::choose(Value condition, ValueRange otherwise,
                                       llvm::function_ref<SmallVector<Value>()> body) {
  if (!condition)
    return body();
  auto branch = scf::IfOp::create(builder, loc, TypeRange(otherwise), condition,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(branch.thenBlock());
  scf::YieldOp::create(builder, loc, body());
  builder.setInsertionPointToEnd(branch.elseBlock());
  scf::YieldOp::create(builder, loc, otherwise);
  return llvm::to_vector(ValueRange(branch.getResults()));
}

//===----------------------------------------------------------------------===//
// Vectors
//===----------------------------------------------------------------------===//

Value GemmBuilder::zero(int64_t lanes) {
  Attribute none = builder.getFloatAttr(element, 0.0);
  if (lanes == 1)
    return arith::ConstantOp::create(builder, loc, cast<TypedAttr>(none));
  return arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(vectorType(lanes), none));
}

Value GemmBuilder::load(Value buffer, Value at, int64_t lanes) {
  if (lanes == 1)
    return memref::LoadOp::create(builder, loc, buffer, at);
  return vector::LoadOp::create(builder, loc, vectorType(lanes), buffer, at);
}

void GemmBuilder::store(Value value, Value buffer, Value at) {
  if (isa<VectorType>(value.getType()))
    vector::StoreOp::create(builder, loc, value, buffer, at);
  else
    memref::StoreOp::create(builder, loc, value, buffer, at);
}

Value GemmBuilder::broadcast(Value scalar, int64_t lanes) {
  return vector::BroadcastOp::create(builder, loc, vectorType(lanes), scalar);
}

Value GemmBuilder::addFloats(Value a, Value b) { return arith::AddFOp::create(builder, loc, a, b); }

Value GemmBuilder::fma(Value a, Value b, Value c) {
  if (!hasFma) // vector.fma would become a call
    return addFloats(arith::MulFOp::create(builder, loc, a, b), c);
  return vector::FMAOp::create(builder, loc, a, b, c);
}

Value GemmBuilder::extract(Value vector, LanePiece piece) {
  if (cast<VectorType>(vector.getType()).getNumElements() == piece.lanes)
    return vector;
  if (piece.lanes == 1)
    return vector::ExtractOp::create(builder, loc, vector, piece.offset);
  return vector::ExtractStridedSliceOp::create(
      builder, loc, vector, ArrayRef<int64_t>{piece.offset}, ArrayRef<int64_t>{piece.lanes},
      ArrayRef<int64_t>{1});
}

Value GemmBuilder::insert(Value part, Value vector, LanePiece piece) {
  if (cast<VectorType>(vector.getType()).getNumElements() == piece.lanes)
    return part;
  if (piece.lanes == 1)
    return vector::InsertOp::create(builder, loc, part, vector, piece.offset);
  return vector::InsertStridedSliceOp::create(
      builder, loc, part, vector, ArrayRef<int64_t>{piece.offset}, ArrayRef<int64_t>{1});
}

Value GemmBuilder::gatherPieces(int64_t lanes, llvm::function_ref<Value(LanePiece)> part) {
  if (lanes == width)
    return part({0, width});
  Value result = zero(width);
  for (LanePiece piece : pieces(lanes))
    result = insert(part(piece), result, piece);
  return result;
}

Value GemmBuilder::shuffle(Value a, Value b, ArrayRef<int64_t> mask) {
  return vector::ShuffleOp::create(builder, loc, a, b, mask);
}

/// Transposes within each group of 128-bit lanes: result q of group i holds in lane l the column (l
/// * e + q) of the rows of group i, e elements a lane. Only unpack-like shuffles, which run on
/// every vector port.
SmallVector<Value> GemmBuilder::transposeWithinLanes(ArrayRef<Value> rows) {
  const int64_t perLane = 128 / element.getIntOrFloatBitWidth();
  auto interleave = [&](Value a, Value b, int64_t part, int64_t unit) {
    SmallVector<int64_t> mask;
    for (int64_t lane = 0; lane < width; lane += perLane)
      for (int64_t j = 0; j < perLane; ++j) {
        int64_t source = lane + (j / (2 * unit)) * unit + j % unit + part * perLane / 2;
        mask.push_back(source + ((j / unit) % 2 ? width : 0));
      }
    return shuffle(a, b, mask);
  };
  SmallVector<Value> current(rows);
  // Neighbours first, then pairs of pairs: log2(perLane) rounds.
  for (int64_t unit = 1; unit < perLane; unit *= 2) {
    SmallVector<Value> next(current.size());
    for (int64_t base = 0; base < width; base += 2 * unit)
      for (int64_t j = 0; j < unit; ++j)
        for (int64_t part = 0; part < 2; ++part)
          next[base + 2 * j + part] =
              interleave(current[base + j], current[base + unit + j], part, unit);
    current = std::move(next);
  }
  return current;
}

/// rows[i] has 128-bit lanes; result l is lane l of every row.
SmallVector<Value> GemmBuilder::transposeLanes(ArrayRef<Value> rows) {
  const int64_t perLane = 128 / element.getIntOrFloatBitWidth();
  auto lanes = [&](Value a, Value b, ArrayRef<int64_t> from) {
    SmallVector<int64_t> mask;
    for (auto [position, lane] : llvm::enumerate(from))
      for (int64_t j = 0; j < perLane; ++j)
        mask.push_back(lane * perLane + j + (2 * position >= from.size() ? width : 0));
    return shuffle(a, b, mask);
  };
  if (rows.size() == 1)
    return {rows[0]};
  if (rows.size() == 2)
    return {lanes(rows[0], rows[1], {0, 0}), lanes(rows[0], rows[1], {1, 1})};
  SmallVector<Value> result;
  for (int64_t half : {0, 2}) {
    Value low = lanes(rows[0], rows[1], {half, half + 1, half, half + 1});
    Value high = lanes(rows[2], rows[3], {half, half + 1, half, half + 1});
    result.push_back(lanes(low, high, {0, 2, 0, 2}));
    result.push_back(lanes(low, high, {1, 3, 1, 3}));
  }
  return result;
}

SmallVector<Value> GemmBuilder::transpose(ArrayRef<Value> rows) {
  const int64_t perLane = 128 / element.getIntOrFloatBitWidth();
  const int64_t groups = width / perLane;
  SmallVector<Value> inner = transposeWithinLanes(rows);
  SmallVector<Value> result(width);
  for (int64_t q = 0; q < perLane; ++q) {
    SmallVector<Value> column;
    for (int64_t group = 0; group < groups; ++group)
      column.push_back(inner[group * perLane + q]);
    for (auto [lane, value] : llvm::enumerate(transposeLanes(column)))
      result[lane * perLane + q] = value;
  }
  return result;
}

SmallVector<LanePiece> GemmBuilder::pieces(int64_t n) const {
  SmallVector<LanePiece> result;
  for (int64_t offset = 0, lanes = width; offset < n; offset += lanes) {
    while (lanes > n - offset)
      lanes /= 2;
    result.push_back({offset, lanes});
  }
  return result;
}

SmallVector<LanePiece> GemmBuilder::overlappingPieces(int64_t n) const {
  int64_t lanes = width;
  while (lanes > n)
    lanes /= 2;
  SmallVector<LanePiece> result;
  for (int64_t offset = 0; offset < n; offset += lanes)
    result.push_back({std::min(offset, n - lanes), lanes});
  return result;
}

} // namespace nnc
