/// A draw needs an estimator of its gradient only if its parameters depend on what is moved.
#include "compiler/Program/Program.h"
#include "dialects/learn/IR/Learn.h"
#include "dialects/prob/IR/Prob.h"

namespace nnc {
namespace {

/// Values through which a derivative can come from some roots: floats, not behind stop.
class Flow {
public:
  void add(mlir::Value value) {
    if (mlir::isa<mlir::FloatType>(nn::tensorOf(value).getElementType()) &&
        reached.insert(value).second)
      open.push_back(value);
  }
  void run() {
    while (!open.empty())
      for (mlir::OpOperand &use : open.pop_back_val().getUses())
        follow(use);
  }
  bool contains(mlir::Value value) const { return reached.contains(value); }

private:
  void follow(mlir::OpOperand &use) {
    mlir::Operation *op = use.getOwner();
    unsigned k = use.getOperandNumber();
    if (auto scan = mlir::dyn_cast<nn::ScanOp>(op)) {
      // The iteration, then carries, inputs and constants in the order of the operands.
      if (k >= scan.getBounds().size())
        add(scan.getBlock()->getArgument(1 + k - scan.getBounds().size()));
    } else if (auto branch = mlir::dyn_cast<nn::IfOp>(op)) {
      for (mlir::Region *region : {&branch.getThenRegion(), &branch.getElseRegion()})
        if (k)
          add(region->getArgument(k - 1));
    } else if (mlir::isa<nn::YieldOp>(op)) {
      leave(op->getParentOp(), k);
    } else if (!mlir::isa<nn::StopGradientOp>(op)) {
      for (mlir::Value result : op->getResults())
        add(result);
    }
  }
  void leave(mlir::Operation *parent, unsigned k) {
    auto scan = mlir::dyn_cast<nn::ScanOp>(parent);
    if (scan && k < scan.getInits().size())
      add(scan.getBlock()->getArgument(1 + k));
    if (k < parent->getNumResults()) // The last value of `until` is no result.
      add(parent->getResult(k));
  }

  llvm::DenseSet<mlir::Value> reached;
  llvm::SmallVector<mlir::Value> open;
};

} // namespace

void dropNeedlessEstimators(mlir::func::FuncOp function) {
  Flow flow;
  function.walk([&](learn::GradientOp gradient) {
    for (mlir::Value value : gradient.getOf())
      flow.add(value);
  });
  flow.run();
  function.walk([&](prob::DrawOp draw) {
    bool surrogate = draw.getEstimator() == prob::Estimator::score ||
                     draw.getEstimator() == prob::Estimator::enumerate;
    if (!surrogate ||
        llvm::any_of(draw.getParameters(), [&](mlir::Value value) { return flow.contains(value); }))
      return;
    draw.setEstimator(prob::Estimator::none);
    draw.getEstimatorOperandsMutable().clear();
  });
}

} // namespace nnc
