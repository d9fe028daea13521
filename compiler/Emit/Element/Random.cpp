/// Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011) on elements. The counter's words are the
/// element's number / 4, the iteration, and the step's two halves; the key is seed + site through
/// splitmix64's mixer.
#include "compiler/Emit/Element/ElementMath.h"
#include "compiler/Emit/Element/Kernel.h"
#include "compiler/Emit/Element/VectorMath.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace nnc {
namespace {

struct Philox {
  OpBuilder &b;
  Location loc;

  Value i64(int64_t value) { return arith::ConstantOp::create(b, loc, b.getI64IntegerAttr(value)); }
  Value i32(Type type, uint32_t value) {
    if (auto vector = dyn_cast<VectorType>(type))
      return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(vector, int32_t(value)));
    return arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(int32_t(value)));
  }
  Value low(Value wide) { return arith::TruncIOp::create(b, loc, b.getI32Type(), wide); }
  Value high(Value wide) { return low(arith::ShRUIOp::create(b, loc, wide, i64(32))); }
  Value exclusiveOr(Value x, Value y) { return arith::XOrIOp::create(b, loc, x, y); }

  /// The key of a site: neighbouring seeds and sites share no bits.
  Value mix(Value z) {
    auto step = [&](int shift, uint64_t factor) {
      z = exclusiveOr(z, arith::ShRUIOp::create(b, loc, z, i64(shift)));
      if (factor)
        z = arith::MulIOp::create(b, loc, z, i64(int64_t(factor)));
    };
    step(30, 0xBF58476D1CE4E5B9);
    step(27, 0x94D049BB133111EB);
    step(31, 0);
    return z;
  }

  /// Ten rounds; counter and key words all of one type.
  std::array<Value, 4> run(std::array<Value, 4> c, std::array<Value, 2> key) {
    Type type = c[0].getType();
    for (int round = 0; round < 10; ++round) {
      if (round > 0) {
        key[0] = arith::AddIOp::create(b, loc, key[0], i32(type, 0x9E3779B9));
        key[1] = arith::AddIOp::create(b, loc, key[1], i32(type, 0xBB67AE85));
      }
      auto p = arith::MulUIExtendedOp::create(b, loc, c[0], i32(type, 0xD2511F53));
      auto q = arith::MulUIExtendedOp::create(b, loc, c[2], i32(type, 0xCD9E8D57));
      c = {exclusiveOr(exclusiveOr(q.getHigh(), c[1]), key[0]), q.getLow(),
           exclusiveOr(exclusiveOr(p.getHigh(), c[3]), key[1]), p.getLow()};
    }
    return c;
  }

  /// (word / 2^9 + 1/2) / 2^23: inside (0, 1), exact in f32.
  Value uniform(Value word, Type element) {
    Type type = word.getType();
    if (auto vector = dyn_cast<VectorType>(type))
      element = VectorType::get(vector.getShape(), element);
    Value top = arith::ShRUIOp::create(b, loc, word, i32(type, 9));
    Value real = arith::UIToFPOp::create(b, loc, element, top);
    real = arith::AddFOp::create(b, loc, real, number(b, loc, element, 0.5));
    return arith::MulFOp::create(b, loc, real, number(b, loc, element, std::ldexp(1.0, -23)));
  }

  /// Box-Muller's two normal numbers from two words.
  std::pair<Value, Value> normals(Value first, Value second, Type element) {
    VectorMath math(b, loc);
    Value u = uniform(first, element), v = uniform(second, element);
    Type type = u.getType();
    Value square = arith::MulFOp::create(b, loc, math.log(u), number(b, loc, type, -2));
    Value radius = math.sqrt(square);
    Value angle = arith::MulFOp::create(b, loc, v, number(b, loc, type, 6.283185307179586));
    return {arith::MulFOp::create(b, loc, radius, math.cosOfTurn(angle)),
            arith::MulFOp::create(b, loc, radius, math.sinOfTurn(angle))};
  }

  std::array<Value, 4> numbers(const std::array<Value, 4> &words, nn::RandomKind kind,
                               Type element) {
    if (kind == nn::RandomKind::normal) {
      auto [a, c] = normals(words[0], words[1], element);
      auto [d, e] = normals(words[2], words[3], element);
      return {a, c, d, e};
    }
    return {uniform(words[0], element), uniform(words[1], element), uniform(words[2], element),
            uniform(words[3], element)};
  }

  /// Of the four numbers of a counter the one with the number `which`, lane by lane.
  Value choose(const std::array<Value, 4> &numbers, Value which) {
    Value result = numbers[3];
    for (int k = 2; k >= 0; --k) {
      Value here =
          arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, which, i32(which.getType(), k));
      result = arith::SelectOp::create(b, loc, here, numbers[k], result);
    }
    return result;
  }
};

bool isMultipleOfFour(const Index &index) {
  return index.offset % 4 == 0 &&
         llvm::all_of(index.terms, [](const Index::Term &t) { return t.factor % 4 == 0; });
}

} // namespace

Value ElementEmitter::emitRandom(nn::RandomOp op, ArrayRef<Index> at) {
  Location loc = context.loc;
  Philox philox{builder, loc};
  Type element = getElementTypeOrSelf(op.getY().getType());
  Value seed = emit(op.getSeed(), {}), step = emit(op.getStep(), {}), turn = emit(op.getTurn(), {});
  Value mixed = philox.mix(arith::AddIOp::create(builder, loc, seed, philox.i64(op.getSite())));
  Value scalars[] = {turn, philox.low(step), philox.high(step), philox.low(mixed),
                     philox.high(mixed)};
  Index place = flatten(nn::shapeOf(op.getY()), at);
  bool quads = !place.vector && place.lane == 1 && width % 4 == 0 && isMultipleOfFour(place);
  // Four elements share a counter; a lane of words is made for four lanes of elements, or for one.
  unsigned full = width;
  Index counter = place, remainder;
  if (quads) {
    width = full / 4;
    counter.lane = 0;
    counter = divide(counter, 4).first;
    counter.lane = width > 1 ? 1 : 0;
  } else {
    std::tie(counter, remainder) = divide(place, 4);
  }
  bool isVector = width > 1 && !place.isUniform();
  auto widen = [&](Value value) { return isVector ? splat(value) : value; };
  auto asWord = [&](const Index &index) -> Value {
    if (isVector)
      return materializeVector(index);
    return arith::IndexCastOp::create(builder, loc, builder.getI32Type(), materialize(index));
  };
  auto words =
      philox.run({asWord(counter), widen(scalars[0]), widen(scalars[1]), widen(scalars[2])},
                 {widen(scalars[3]), widen(scalars[4])});
  auto numbers = philox.numbers(words, op.getKind(), element);
  width = full;
  if (!quads)
    return philox.choose(numbers, asWord(remainder));
  if (full == 4) {
    auto type = VectorType::get({4}, element);
    return vector::FromElementsOp::create(builder, loc, type, ValueRange(numbers));
  }
  auto interleave = [&](Value x, Value y) -> Value {
    return vector::InterleaveOp::create(builder, loc, x, y);
  };
  return interleave(interleave(numbers[0], numbers[2]), interleave(numbers[1], numbers[3]));
}

} // namespace nnc
