/// Elementwise ops of the reference evaluator.
#include "test/nn/Interpreter.h"

#include "llvm/ADT/TypeSwitch.h"

#include <cmath>

using namespace mlir;

namespace nnc::test {

using Unary = double (*)(double);
using Binary = double (*)(double, double);

static double sign(double x) { return x > 0 ? 1 : x < 0 ? -1 : x; }
static double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

static Unary unaryOf(Operation *op) {
  return llvm::TypeSwitch<Operation *, Unary>(op)
      .Case([](nn::NegOp) { return [](double x) { return -x; }; })
      .Case([](nn::AbsOp) { return [](double x) { return std::abs(x); }; })
      .Case([](nn::ExpOp) { return [](double x) { return std::exp(x); }; })
      .Case([](nn::Expm1Op) { return [](double x) { return std::expm1(x); }; })
      .Case([](nn::LogOp) { return [](double x) { return std::log(x); }; })
      .Case([](nn::Log1pOp) { return [](double x) { return std::log1p(x); }; })
      .Case([](nn::SqrtOp) { return [](double x) { return std::sqrt(x); }; })
      .Case([](nn::RsqrtOp) { return [](double x) { return 1 / std::sqrt(x); }; })
      .Case([](nn::Log2Op) { return [](double x) { return std::log2(x); }; })
      .Case([](nn::SinhOp) { return [](double x) { return std::sinh(x); }; })
      .Case([](nn::CoshOp) { return [](double x) { return std::cosh(x); }; })
      .Case([](nn::TanhOp) { return [](double x) { return std::tanh(x); }; })
      .Case([](nn::SinOp) { return [](double x) { return std::sin(x); }; })
      .Case([](nn::CosOp) { return [](double x) { return std::cos(x); }; })
      .Case([](nn::AtanOp) { return [](double x) { return std::atan(x); }; })
      .Case([](nn::ErfOp) { return [](double x) { return std::erf(x); }; })
      .Case([](nn::SigmoidOp) { return [](double x) { return 1 / (1 + std::exp(-x)); }; })
      .Case([](nn::SoftplusOp) { return softplus; })
      .Case([](nn::SignOp) { return sign; })
      .Case([](nn::FloorOp) { return [](double x) { return std::floor(x); }; })
      .Case([](nn::RoundOp) { return [](double x) { return std::nearbyint(x); }; })
      .Case([](nn::NotOp) { return [](double x) { return x == 0 ? 1.0 : 0.0; }; })
      .Case([](nn::StopGradientOp) { return [](double x) { return x; }; })
      .Default([](Operation *) { return nullptr; });
}

static Binary binaryOf(Operation *op) {
  return llvm::TypeSwitch<Operation *, Binary>(op)
      .Case([](nn::AddOp) { return [](double a, double b) { return a + b; }; })
      .Case([](nn::SubOp) { return [](double a, double b) { return a - b; }; })
      .Case([](nn::MulOp) { return [](double a, double b) { return a * b; }; })
      .Case([](nn::DivOp) { return [](double a, double b) { return a / b; }; })
      .Case([](nn::PowOp) { return [](double a, double b) { return std::pow(a, b); }; })
      .Case([](nn::MaxOp) {
        return [](double a, double b) { return std::isnan(a) || a >= b ? a : b; };
      })
      .Case([](nn::MinOp) {
        return [](double a, double b) { return std::isnan(a) || a <= b ? a : b; };
      })
      .Case([](nn::FloorDivOp) { return [](double a, double b) { return std::floor(a / b); }; })
      .Case([](nn::ModOp) { return [](double a, double b) { return a - b * std::floor(a / b); }; })
      .Case(
          [](nn::AndOp) { return [](double a, double b) { return a != 0 && b != 0 ? 1.0 : 0.0; }; })
      .Case(
          [](nn::OrOp) { return [](double a, double b) { return a != 0 || b != 0 ? 1.0 : 0.0; }; })
      .Case([](nn::XorOp) {
        return [](double a, double b) { return (a != 0) != (b != 0) ? 1.0 : 0.0; };
      })
      .Default([](Operation *) { return nullptr; });
}

static bool compare(nn::Comparison predicate, double a, double b) {
  switch (predicate) {
  case nn::Comparison::eq:
    return a == b;
  case nn::Comparison::ne:
    return a != b;
  case nn::Comparison::lt:
    return a < b;
  case nn::Comparison::le:
    return a <= b;
  case nn::Comparison::gt:
    return a > b;
  case nn::Comparison::ge:
    return a >= b;
  }
  return false;
}

static double convert(double x, Type element) {
  if (isa<FloatType>(element))
    return x;
  if (element.isInteger(1))
    return x != 0;
  double end = std::ldexp(1, element.getIntOrFloatBitWidth() - 1);
  return std::isnan(x) ? 0 : std::clamp(std::trunc(x), -end, end - 1);
}

LogicalResult evaluateElementwise(Operation *op, ArrayRef<Tensor> in, std::vector<Tensor> &out) {
  size_t size = out.empty() ? 0 : out[0].data.size();
  auto fill = [&](auto element) {
    for (size_t k = 0; k < size; ++k)
      out[0].data[k] = element(k);
    return success();
  };
  if (Unary f = unaryOf(op))
    return fill([&](size_t k) { return f(in[0].data[k]); });
  if (Binary f = binaryOf(op))
    return fill([&](size_t k) { return f(in[0].data[k], in[1].data[k]); });
  if (auto comparison = dyn_cast<nn::CompareOp>(op))
    return fill(
        [&](size_t k) { return compare(comparison.getPredicate(), in[0].data[k], in[1].data[k]); });
  if (isa<nn::SelectOp>(op))
    return fill([&](size_t k) { return in[0].data[k] != 0 ? in[1].data[k] : in[2].data[k]; });
  if (auto cast = dyn_cast<nn::CastOp>(op))
    return fill([&](size_t k) { return convert(in[0].data[k], cast.getType().getElementType()); });
  return failure();
}

} // namespace nnc::test
