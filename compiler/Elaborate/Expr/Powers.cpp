/// `^`: of compile-time numbers, of integers, of real ones.
#include "compiler/Elaborate/Expr/Expr.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

namespace nnc {

/// x^y, y >= 0, where 64 bits hold it.
static std::optional<int64_t> exactPower(int64_t x, int64_t y) {
  if (y > 64 && (x < -1 || x > 1))
    return std::nullopt;
  int64_t result = 1;
  for (int64_t i = 0, n = y > 64 ? 2 - y % 2 : y; i < n; ++i)
    if (llvm::MulOverflow(result, x, result))
      return std::nullopt;
  return result;
}

/// Exact where it is an integer that 64 bits hold, else real.
Value foldPower(const Dim &a, const Dim &b) {
  int64_t x = a.value(), y = b.value();
  auto power = y < 0 ? std::nullopt : exactPower(x, y);
  if (!power)
    return Value::real(std::pow(double(x), double(y)));
  // Of a name, the power stays a polynomial.
  if (a.isNameless() || y >= 16)
    return Dim(*power);
  Dim result(1);
  for (int64_t i = 0; i < y; ++i)
    result = result * a;
  return result;
}

/// What a power of integers may be; nothing where 32 bits might not hold it.
static std::optional<Interval> powerRange(const Interval &base, const Interval &exponent) {
  constexpr int64_t most = std::numeric_limits<int32_t>::max();
  int64_t large = std::max(std::abs(base.low), std::abs(base.high));
  auto highest = exactPower(large, std::max<int64_t>(exponent.high, 0));
  if (!highest || *highest > most)
    return std::nullopt;
  if (base.low < 0)
    return Interval{-std::max<int64_t>(*highest, 1), std::max<int64_t>(*highest, 1)};
  int64_t low = exactPower(base.low, std::max<int64_t>(exponent.low, 0)).value_or(0);
  if (base.low == 0 && exponent.high > 0)
    low = 0;
  return Interval{low, std::max<int64_t>(*highest, 1)};
}

/// An integer to a power that is no integer, or that no i32 holds, is refused in words.
static bool checkWholePower(Body &body, const Tensor &base, const Tensor &exponent,
                            SourceRange range) {
  Interval powers = *exponent.limits();
  bool fixed = powers.low == powers.high;
  if (powers.low < 0 && (fixed || exponent.index)) {
    body.diags
        .error(Code::ElementMismatch, range,
               "an integer to a negative power is no integer: the base is " + base.str())
        .help("write f32(x)^..");
    return false;
  }
  // Of an index and of a number that is written, every value comes up.
  auto limits = base.limits();
  bool certain = limits && (base.index || limits->low == limits->high) && (fixed || exponent.index);
  if (!certain || powerRange(*limits, powers))
    return true;
  body.diags
      .error(Code::ElementMismatch, range,
             "an i32 does not hold this power: the base is up to " + llvm::Twine(limits->high) +
                 ", the exponent up to " + llvm::Twine(powers.high))
      .help("write f32(x)^.. for a real power");
  return false;
}

Value emitPower(Body &body, const Tensor &base, const Value &exponent, SourceRange range) {
  double power = *exponent.number();
  bool whole = exponent.is<Dim>() || exponent.is<bool>();
  Tensor x = base.element == Element::Bool ? body.build.cast(base, Element::I32) : base;
  // An index is a number in arithmetic: one over it is a real number.
  bool real = x.element == Element::F32 || (x.index && (!whole || power < 0));
  if (!real && !whole) {
    body.diags.error(Code::ElementMismatch, range,
                     "`^` with this exponent takes f32: write f32(x)");
    return {};
  }
  if (!real && power > std::numeric_limits<int32_t>::max()) {
    body.diags.error(Code::ElementMismatch, range, "an i32 does not hold this exponent");
    return {};
  }
  if (!real)
    return wholePower(body, x, body.build.constant(power, Element::I32, x.dims), range);
  x = body.build.cast(x, Element::F32);
  if (power == 0.5)
    return body.build.unary<nn::SqrtOp>(x);
  if (!whole || power < 0 || power > 8)
    return body.build.binary<nn::PowOp>(x, body.build.constant(power, Element::F32, x.dims));
  if (power == 0)
    return body.build.constant(1, Element::F32, x.dims);
  Tensor result = x;
  for (int i = 1; i < int(power); ++i)
    result = body.build.mul(result, x);
  return result;
}

/// Integers to integer powers by squaring. Whether it counts as an index says noteInteger.
Value wholePower(Body &body, const Tensor &base, const Tensor &exponent, SourceRange range) {
  auto limits = exponent.limits();
  constexpr int64_t most = std::numeric_limits<int32_t>::max();
  Interval powers = limits.value_or(Interval{0, most});
  if (limits && !checkWholePower(body, base, exponent, range))
    return {};
  if (powers.low < 0 || !limits) {
    emitAssert(body,
               body.build.compare(nn::Comparison::ge, exponent,
                                  body.build.constant(0, Element::I32, exponent.dims)),
               "an integer to a negative power", range);
    powers.low = 0;
  }
  bool fixed = powers.low == powers.high;
  std::optional<Tensor> result;
  Tensor square = base;
  for (int64_t bit = 1; bit <= powers.high; bit *= 2) {
    if (bit > 1)
      square = body.build.mul(square, square);
    if (fixed && !(powers.high & bit))
      continue;
    Tensor factor = square;
    if (!fixed) {
      auto number = [&](int64_t n) { return body.build.constant(n, Element::I32, base.dims); };
      Tensor rest = body.build.binary<nn::FloorDivOp>(exponent, number(bit));
      Tensor odd = body.build.binary<nn::ModOp>(rest, number(2));
      factor = body.build.select(body.build.compare(nn::Comparison::eq, odd, number(1)), square,
                                 number(1));
    }
    result = result ? body.build.mul(*result, factor) : factor;
  }
  Tensor power = result ? body.build.make(Element::I32, base.dims, result->value)
                        : body.build.constant(1, Element::I32, base.dims);
  power.range.reset();
  if (auto known = base.limits())
    power.range = powerRange(*known, powers);
  power.index = base.index;
  return power;
}

} // namespace nnc
