/// Operands of an attention: rows in any strides, and the dense forms that the register tiles read.
#include "compiler/Emit/Attention/AttentionBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace nnc {

AttentionRows::AttentionRows(AttentionBuilder &builder, const AttentionOperand &operand,
                             ArrayRef<Value> group, int64_t features)
    : features(features), c(builder), memref(operand.memref), group(group), read(operand.read) {
  if (read || !memref)
    return;
  base = operand.offset ? operand.offset : c.index(0);
  for (auto [position, stride] : llvm::zip(group, operand.strides))
    base = c.add(base, c.multiply(position, stride));
  rowStride = operand.strides[group.size()];
  featureStride = operand.strides.size() > group.size() + 1 ? operand.strides.back() : 0;
}

Value AttentionRows::address(Value row, Value f) {
  Value at = c.add(base, c.multiply(row, rowStride));
  return c.add(at, c.multiply(f, featureStride));
}

Value AttentionRows::load(Value row, Value f, int64_t lanes) {
  auto part = [&](LanePiece piece) -> Value {
    Value at = c.add(f, piece.offset);
    if (read) {
      SmallVector<Value> position(group);
      position.append({row, at});
      return read(position, piece.lanes);
    }
    if (featureStride == 1 || piece.lanes == 1)
      return c.load(memref, address(row, at), piece.lanes);
    Value result = c.zero(piece.lanes);
    for (int64_t lane = 0; lane < piece.lanes; ++lane)
      result = c.insert(c.load(memref, address(row, c.add(at, lane)), 1), result, {lane, 1});
    return result;
  };
  return c.gatherPieces(lanes, part);
}

Value AttentionRows::loadVector(Value row, int64_t v) {
  return load(row, c.index(v * c.width), std::min(c.width, features - v * c.width));
}

void AttentionRows::storeVector(Value row, int64_t v, Value vector) {
  const int64_t lanes = std::min(c.width, features - v * c.width);
  for (LanePiece piece : c.pieces(lanes)) {
    const int64_t step = featureStride == 1 ? piece.lanes : 1;
    for (int64_t lane = piece.offset; lane < piece.offset + piece.lanes; lane += step)
      c.store(c.extract(vector, {lane, step}), memref, address(row, c.index(v * c.width + lane)));
  }
}

Value AttentionRows::loadScalar(Value row) {
  if (!read)
    return c.load(memref, c.add(base, c.multiply(row, rowStride)), 1);
  SmallVector<Value> position(group);
  position.push_back(row);
  return read(position, 1);
}

void AttentionRows::storeScalar(Value row, Value value) {
  c.store(value, memref, c.add(base, c.multiply(row, rowStride)));
}

Value AttentionRows::loadColumn(Value row, Value f, int64_t lanes) {
  return c.gatherPieces(lanes, [&](LanePiece piece) {
    return c.load(memref, address(c.add(row, piece.offset), f), piece.lanes);
  });
}

void packRows(AttentionBuilder &c, AttentionRows &source, Value first, Value count,
              const ColumnPanels &to, double factor) {
  c.loop(count, 1, [&](Value r) {
    Value row = c.add(first, r);
    int64_t done = 0;
    for (int64_t vectors : to.vectors) {
      Value at = c.add(c.multiply(r, vectors * c.width), to.rows * done * c.width);
      for (int64_t v = 0; v < vectors; ++v) {
        Value x = source.loadVector(row, done + v);
        if (factor != 1)
          x = c.mul(x, c.splat(factor, c.width));
        c.store(x, to.memref, c.add(at, v * c.width));
      }
      done += vectors;
    }
  });
}

/// Turns keys [key, key + count), count <= width, into columns; `stride` apart, from `at` on.
static void packUnit(AttentionBuilder &c, AttentionRows &source, Value key, int64_t count,
                     Value memref, Value at, Value stride) {
  auto place = [&](Value f) -> Value {
    return c.add(at, arith::MulIOp::create(c.builder, c.loc, f, stride));
  };
  if (source.isTransposed()) {
    c.loop(source.features, 1,
           [&](Value f) { c.store(source.loadColumn(key, f, count), memref, place(f)); });
    return;
  }
  auto square = [&](Value f, int64_t features) {
    SmallVector<Value> rows(c.width, c.zero(c.width));
    for (int64_t r = 0; r < count; ++r)
      rows[r] = source.load(c.add(key, r), f, features);
    SmallVector<Value> columns = c.transpose(rows);
    for (int64_t q = 0; q < features; ++q)
      c.store(columns[q], memref, place(c.add(f, q)));
  };
  const int64_t whole = source.features / c.width * c.width;
  c.loop(whole, c.width, [&](Value f) { square(f, c.width); });
  if (source.features > whole)
    square(c.index(whole), source.features - whole);
}

void packKeys(AttentionBuilder &c, AttentionRows &source, Value first, Value last,
              const KeyPanels &to) {
  const int64_t partial = to.keys % c.width;
  Value origin = c.divide(first, to.width());
  auto unit = [&](Value key, int64_t count) {
    Value panel = c.divide(key, to.width());
    Value inside = c.remainder(key, to.width());
    Value stride = c.index(to.width());
    if (to.lastVectors()) {
      Value narrow = arith::CmpIOp::create(c.builder, c.loc, arith::CmpIPredicate::eq, panel,
                                           c.index(to.whole()));
      stride = arith::SelectOp::create(c.builder, c.loc, narrow,
                                       c.index(to.lastVectors() * c.width), stride);
    }
    Value at = c.multiply(c.subtract(panel, origin), to.width() * to.features);
    packUnit(c, source, key, count, to.memref, c.add(at, inside), stride);
  };
  Value whole = c.index(to.keys - partial);
  c.range(first, c.minimum(c.roundUp(last, c.width), whole), c.width,
          [&](Value key) { unit(key, c.width); });
  if (partial) // runs once if the last keys are wanted
    c.range(c.maximum(whole, first), last, c.width, [&](Value key) { unit(key, partial); });
}

} // namespace nnc
