/// Regions that are built before their op.
#include "compiler/Elaborate/Region.h"
#include "dialects/nn/IR/NN.h"
#include "llvm/ADT/SetVector.h"

namespace nnc {

RegionScope::RegionScope(FunctionContext &fn) : region(std::make_unique<mlir::Region>()), fn(fn) {
  block = new mlir::Block();
  region->push_back(block);
  saved = fn.builder.saveInsertionPoint();
  fn.builder.setInsertionPointToEnd(block);
  fn.openBlocks.push_back(block);
  if (fn.evidence) {
    savedSum = fn.evidence->sum;
    fn.evidence->sum = {};
  }
}

RegionScope::~RegionScope() {
  fn.builder.restoreInsertionPoint(saved);
  fn.openBlocks.pop_back();
  if (fn.evidence)
    fn.evidence->sum = savedSum;
}

bool isInside(mlir::Region *inner, const mlir::Region &outer) {
  while (inner && inner != &outer) {
    mlir::Operation *parent = inner->getParentOp();
    inner = parent ? parent->getParentRegion() : nullptr;
  }
  return inner;
}

llvm::SmallVector<mlir::Value> captureInto(llvm::ArrayRef<mlir::Region *> regions) {
  llvm::SetVector<mlir::Value> outer;
  for (mlir::Region *region : regions)
    region->walk([&](mlir::Operation *op) {
      for (mlir::Value operand : op->getOperands())
        if (!isInside(operand.getParentRegion(), *region))
          outer.insert(operand);
    });
  llvm::SmallVector<mlir::Value> captured;
  for (mlir::Value value : outer) {
    auto constant = value.getDefiningOp<nn::ConstantOp>();
    if (!constant)
      captured.push_back(value);
    for (mlir::Region *region : regions) {
      mlir::Value inner;
      if (constant) {
        mlir::OpBuilder builder(constant);
        builder.setInsertionPointToStart(&region->front());
        inner = builder.clone(*constant)->getResult(0);
      } else {
        inner = region->front().addArgument(value.getType(), value.getLoc());
      }
      value.replaceUsesWithIf(inner, [&](mlir::OpOperand &use) {
        return isInside(use.getOwner()->getParentRegion(), *region);
      });
    }
  }
  return captured;
}

} // namespace nnc
