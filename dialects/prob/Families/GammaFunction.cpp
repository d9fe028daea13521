/// Stirling's series, with the recurrence below 8.
#include "dialects/prob/Families/GammaFunction.h"

using namespace mlir;

namespace nnc::prob {

using nn::Emit;
using nn::Term;

/// From here on the series below are exact to 14 digits.
constexpr int64_t shift = 8;

namespace {
/// a, whether it is below the shift, and numbers that are in the range of each formula.
struct Argument {
  explicit Argument(Term a) : emit(*a.emit) {
    isSmall = emit.compare(nn::Comparison::lt, a, a.number(shift));
    small = {&emit, emit.select(isSmall, a, a.number(1))};
    large = {&emit, emit.select(isSmall, a + static_cast<double>(shift), a)};
  }
  /// x where a is small, 0 elsewhere.
  Term whereSmall(Term x) const { return {&emit, emit.select(isSmall, x, x.number(0))}; }

  Emit &emit;
  Value isSmall;
  Term small{}, large{};
};

/// c0 + c1 x + c2 x^2 + ..
Term polynomial(Term x, ArrayRef<double> coefficients) {
  Term sum = x.number(coefficients.back());
  for (double c : llvm::reverse(coefficients.drop_back()))
    sum = sum * x + c;
  return sum;
}
} // namespace

Term stirlingError(Term a) {
  Argument at(a);
  Term inverse = 1.0 / at.large;
  Term series =
      inverse * polynomial(inverse * inverse, {1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680,
                                               1.0 / 1188, -691.0 / 360360, 1.0 / 156});
  // gamma(a + 8) = a (a + 1) .. (a + 7) gamma(a).
  Term product = at.small + 1.0;
  for (int64_t k = 2; k < shift; ++k)
    product = product * (at.small + static_cast<double>(k));
  Term down = (at.large - 0.5) * nn::apply<nn::LogOp>(at.large) - static_cast<double>(shift) -
              nn::apply<nn::LogOp>(product) - (at.small + 0.5) * nn::apply<nn::LogOp>(at.small);
  return series + at.whereSmall(down);
}

Term stirlingSlope(Term a) {
  Argument at(a);
  Term inverse = 1.0 / at.large, square = inverse * inverse;
  Term series = square * polynomial(square, {1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240, 1.0 / 132,
                                             -691.0 / 32760, 1.0 / 12});
  // digamma(a + 8) = 1 / a + 1 / (a + 1) + .. + 1 / (a + 7) + digamma(a).
  Term down = nn::apply<nn::LogOp>(at.small * inverse) + 0.5 * (1.0 / at.small + inverse);
  for (int64_t k = 1; k < shift; ++k)
    down = down + 1.0 / (at.small + static_cast<double>(k));
  return series + at.whereSmall(down);
}

} // namespace nnc::prob
