/// Reverse mode over a straight line of ops.
#include "dialects/nn/Autodiff/Reverse.h"
#include "dialects/nn/Autodiff/Unchosen.h"
#include "dialects/nn/Build/Emit.h"

using namespace mlir;

namespace nnc::nn {

bool isReal(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && isa<FloatType>(tensor.getElementType());
}

void addDependents(ArrayRef<Operation *> ops, DenseSet<Value> &active) {
  for (Operation *op : ops) {
    if (op->hasTrait<NoGradient>() ||
        llvm::none_of(op->getOperands(), [&](Value v) { return active.contains(v); }))
      continue;
    for (Value result : op->getResults())
      if (isReal(result.getType()))
        active.insert(result);
  }
}

void Reverse::accumulate(Value value, Value cotangent) {
  if (!cotangent)
    return;
  Value &sum = cotangents[value];
  if (!sum) {
    sum = cotangent;
    return;
  }
  Location loc = value.getLoc();
  sum = Emit(builder, NameLoc::get(builder.getStringAttr("gradient of"), loc)).add(sum, cotangent);
}

Value Reverse::getOrZeros(Value value) {
  if (Value cotangent = get(value))
    return cotangent;
  return Emit(builder, value.getLoc()).zeros(value.getType());
}

LogicalResult Reverse::run(ArrayRef<Operation *> ops) {
  for (Operation *op : llvm::reverse(ops))
    if (failed(runThrough(op)))
      return failure();
  return success();
}

LogicalResult Reverse::runThrough(Operation *op) {
  SmallVector<Value> resultGrads, operandGrads(op->getNumOperands());
  SmallVector<bool> needed;
  for (Value result : op->getResults())
    resultGrads.push_back(active.contains(result) ? get(result) : Value());
  for (Value operand : op->getOperands())
    needed.push_back(active.contains(operand) && isReal(operand.getType()));
  if (!llvm::any_of(resultGrads, [](Value v) { return v != nullptr; }) ||
      !llvm::is_contained(needed, true))
    return success();
  auto rule = dyn_cast<Differentiable>(op);
  if (!rule)
    return op->emitOpError("has no derivative");
  if (failed(rule.backward(builder, resultGrads, needed, operandGrads)))
    return failure();
  for (auto [cotangent, isNeeded] : llvm::zip_equal(operandGrads, needed))
    if (!isNeeded)
      cotangent = Value();
  passOn(op, resultGrads[0], operandGrads);
  return success();
}

/// Adds what an op's rule gives to the cotangents of its operands. Where a choice left out the
/// result, what an infinite slope makes of 0 is 0.
void Reverse::passOn(Operation *op, Value resultGrad, MutableArrayRef<Value> operandGrads) {
  bool wasLeftOut = isInner || llvm::any_of(op->getResults(),
                                            [&](Value result) { return leftOut.contains(result); });
  for (OpOperand &operand : op->getOpOperands()) {
    Value cotangent = operandGrads[operand.getOperandNumber()];
    if (!cotangent)
      continue;
    if (wasLeftOut)
      cotangent = withoutUnchosen(builder, op, resultGrad, cotangent);
    if (wasLeftOut || leavesOut(operand))
      leftOut.insert(operand.get());
    accumulate(operand.get(), cotangent);
  }
}

void eraseDeadOps(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isOpTriviallyDead(&op))
      op.erase();
}

} // namespace nnc::nn
