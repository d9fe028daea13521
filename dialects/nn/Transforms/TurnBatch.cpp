/// Values of a scan's body for all iterations at once.
#include "dialects/nn/Transforms/TurnBatch.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace nnc::nn {

TurnBatch::TurnBatch(ScanOp scan, OpBuilder &builder)
    : Batch(builder, scan.getLength()), turn(scan.getTurn()) {
  for (auto [piece, input] : llvm::zip_equal(scan.getPieces(), scan.getInputs()))
    stackedValues[piece] = input;
  for (auto [argument, constant] :
       llvm::zip_equal(scan.getConstantArguments(), scan.getConstants()))
    invariants[argument] = constant;
}

bool TurnBatch::canBatch(Operation *op, llvm::function_ref<bool(Value)> varies) {
  if (!isMemoryEffectFree(op) || op->getNumRegions() || op->hasTrait<OpTrait::IsTerminator>())
    return false;
  SmallVector<bool> differs = llvm::map_to_vector(op->getOperands(), varies);
  if (!llvm::is_contained(differs, true))
    return true;
  auto batchable = dyn_cast<Batchable>(op);
  return batchable && batchable.canBatch(differs);
}

Value TurnBatch::stacked(Value value) {
  if (Value known = stackedValues.lookup(value))
    return known;
  if (value == turn) {
    auto type = RankedTensorType::get({length}, builder.getI32Type());
    return stackedValues[value] = IotaOp::create(builder, value.getLoc(), type, 0);
  }
  SmallVector<int64_t> axes;
  for (int64_t k = 0; k < tensorOf(value).getRank(); ++k)
    axes.push_back(k + 1);
  return BroadcastOp::create(builder, value.getLoc(), stackedType(value.getType(), length),
                             invariants.lookup(value), axes);
}

void TurnBatch::compute(Value value) {
  if (value == turn || stackedValues.contains(value) || invariants.contains(value))
    return;
  Operation *op = value.getDefiningOp();
  assert(op && "a carry is not known outside");
  for (Value operand : op->getOperands())
    compute(operand);
  computeOp(op);
}

void TurnBatch::computeOp(Operation *op) {
  if (llvm::all_of(op->getOperands(), [&](Value v) { return isInvariant(v); })) {
    IRMapping map;
    for (Value operand : op->getOperands())
      map.map(operand, invariants.lookup(operand));
    Operation *copy = builder.clone(*op, map);
    for (auto [result, outside] : llvm::zip_equal(op->getResults(), copy->getResults()))
      invariants[result] = outside;
    return;
  }
  for (auto [result, outside] : llvm::zip_equal(op->getResults(), cast<Batchable>(op).batch(*this)))
    stackedValues[result] = outside;
}

} // namespace nnc::nn
