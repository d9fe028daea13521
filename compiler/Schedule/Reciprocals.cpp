/// Divisions of many elements by one number.
#include "compiler/Schedule/Passes.h"

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

/// 1 / s repeated, where s stays the same along the last axis, whose neighbours share a vector.
Value reciprocalOf(nn::BroadcastOp repeated, OpBuilder &b) {
  auto type = nn::tensorOf(repeated.getY()), each = nn::tensorOf(repeated.getX());
  if (llvm::is_contained(repeated.getAxes(), type.getRank() - 1) && each.getNumElements() > 1)
    return {};
  Value one = nn::ConstantOp::create(b, repeated.getLoc(), each, 1.0);
  Value inverse = nn::DivOp::create(b, repeated.getLoc(), one, repeated.getX());
  return nn::BroadcastOp::create(b, repeated.getLoc(), type, inverse, repeated.getAxesAttr());
}

struct Reciprocals : impl::ReciprocalsBase<Reciprocals> {
  void runOnOperation() override {
    SmallVector<nn::DivOp> divisions;
    getOperation().walk([&](nn::DivOp op) { divisions.push_back(op); });
    for (nn::DivOp op : divisions) {
      OpBuilder b(op);
      Operation *divisor = op.getB().getDefiningOp();
      Value inverse;
      if (auto constant = dyn_cast_or_null<nn::ConstantOp>(divisor))
        inverse = reciprocalOf(constant, b);
      else if (auto repeated = dyn_cast_or_null<nn::BroadcastOp>(divisor))
        inverse = reciprocalOf(repeated, b);
      if (!inverse)
        continue;
      Value product = nn::MulOp::create(b, op.getLoc(), op.getA(), inverse);
      op.replaceAllUsesWith(product);
      op.erase();
    }
  }
};

} // namespace
} // namespace nnc
