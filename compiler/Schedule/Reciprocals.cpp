/// Divisions of many elements by one number.
#include "compiler/Schedule/Passes.h"
#include <cmath>

using namespace mlir;

namespace nnc {
#define GEN_PASS_DEF_RECIPROCALS
#include "compiler/Schedule/Passes.h.inc"

namespace {

/// 1 / c for a splat constant, if it is a normal number.
Value reciprocalOf(nn::ConstantOp constant, OpBuilder &b) {
  auto splat = dyn_cast<SplatElementsAttr>(constant.getValue());
  if (!splat)
    return {};
  auto divisor = splat.getSplatValue<llvm::APFloat>();
  llvm::APFloat result(divisor.getSemantics(), 1);
  result.divide(divisor, llvm::APFloat::rmNearestTiesToEven);
  if (!result.isNormal())
    return {};
  auto type = nn::tensorOf(constant.getResult());
  return nn::ConstantOp::create(b, constant.getLoc(), type, result.convertToDouble());
}

/// For a / s with one s for many: s, or 2^-64 s where s is so large that 1 / s would be subnormal,
/// which is 0 in f32, or 2^64 s where it is so small that 1 / s would be infinite; and what a is
/// multiplied by instead.
std::pair<Value, Value> scaled(Value s, OpBuilder &b) {
  auto type = nn::tensorOf(s);
  Location loc = s.getLoc();
  double huge = std::ldexp(1.0, type.getElementType().isF64() ? 1000 : 100);
  auto constant = [&](double value) -> Value {
    return nn::ConstantOp::create(b, loc, type, value);
  };
  Value size = nn::AbsOp::create(b, loc, s), factor = constant(1);
  auto scaleWhere = [&](nn::Comparison predicate, double bound, double scale) {
    Value holds =
        nn::CompareOp::create(b, loc, type.clone(b.getI1Type()), predicate, size, constant(bound));
    factor = nn::SelectOp::create(b, loc, type, holds, constant(scale), factor);
  };
  scaleWhere(nn::Comparison::gt, huge, std::ldexp(1.0, -64));
  scaleWhere(nn::Comparison::lt, 1 / huge, std::ldexp(1.0, 64));
  return {nn::MulOp::create(b, loc, s, factor), factor};
}

/// Roots are never huge, and neither are sums of them and a number.
bool isNeverHuge(Value s) {
  Operation *op = s.getDefiningOp();
  if (auto sum = dyn_cast_or_null<nn::AddOp>(op))
    return llvm::all_of(sum->getOperands(), isNeverHuge);
  if (auto constant = dyn_cast_or_null<nn::ConstantOp>(op)) {
    auto splat = dyn_cast<SplatElementsAttr>(constant.getValue());
    return splat && std::fabs(splat.getSplatValue<llvm::APFloat>().convertToDouble()) < 1e18;
  }
  return isa_and_nonnull<nn::SqrtOp>(op);
}

/// 1 / s repeated, where s stays the same along the last axis, whose neighbours share a vector.
/// Also multiplies `a`, what is divided, where s is huge.
Value reciprocalOf(nn::BroadcastOp repeated, Value &a, OpBuilder &b) {
  auto type = nn::tensorOf(repeated.getY()), each = nn::tensorOf(repeated.getX());
  if (llvm::is_contained(repeated.getAxes(), type.getRank() - 1) && each.getNumElements() > 1)
    return {};
  Value one = nn::ConstantOp::create(b, repeated.getLoc(), each, 1.0);
  Value divisor = repeated.getX();
  auto repeat = [&](Value x) -> Value {
    return nn::BroadcastOp::create(b, repeated.getLoc(), type, x, repeated.getAxesAttr());
  };
  if (!isNeverHuge(divisor)) {
    auto [inRange, factor] = scaled(divisor, b);
    divisor = inRange;
    a = nn::MulOp::create(b, repeated.getLoc(), a, repeat(factor));
  }
  Value inverse = nn::DivOp::create(b, repeated.getLoc(), one, divisor);
  return repeat(inverse);
}

struct Reciprocals : impl::ReciprocalsBase<Reciprocals> {
  void runOnOperation() override {
    SmallVector<nn::DivOp> divisions;
    getOperation().walk([&](nn::DivOp op) { divisions.push_back(op); });
    for (nn::DivOp op : divisions) {
      OpBuilder b(op);
      Operation *divisor = op.getB().getDefiningOp();
      Value inverse, a = op.getA();
      if (auto constant = dyn_cast_or_null<nn::ConstantOp>(divisor))
        inverse = reciprocalOf(constant, b);
      else if (auto repeated = dyn_cast_or_null<nn::BroadcastOp>(divisor))
        inverse = reciprocalOf(repeated, a, b);
      if (!inverse)
        continue;
      Value product = nn::MulOp::create(b, op.getLoc(), a, inverse);
      op.replaceAllUsesWith(product);
      op.erase();
    }
  }
};

} // namespace
} // namespace nnc
