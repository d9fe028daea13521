/// Values of a scan's body for all turns at once, outside of the scan.
#ifndef NNC_DIALECTS_NN_TRANSFORMS_TURNBATCH_H
#define NNC_DIALECTS_NN_TRANSFORMS_TURNBATCH_H

#include "dialects/nn/IR/NN.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"

namespace nnc::nn {

/// Computes values of a body outside: one that differs by turn is stacked along a new first axis,
/// one that does not is itself. Stacked inputs, constants and the turn are known from the start.
class TurnBatch : public Batch {
public:
  /// New ops go where the builder stands.
  TurnBatch(ScanOp scan, mlir::OpBuilder &builder);

  /// True if the op can be computed for all turns at once, given which operands differ by turn.
  static bool canBatch(mlir::Operation *op, llvm::function_ref<bool(mlir::Value)> varies);

  void setStacked(mlir::Value inside, mlir::Value outside) { stackedValues[inside] = outside; }
  /// Computes a value, and what it needs, if it is not known yet.
  void compute(mlir::Value value);
  bool isInvariant(mlir::Value value) const override { return invariants.contains(value); }
  mlir::Value invariant(mlir::Value value) const override { return invariants.lookup(value); }
  /// The value of all turns, repeated if it does not differ by turn.
  mlir::Value stacked(mlir::Value value) override;

private:
  void computeOp(mlir::Operation *op);

  mlir::Value turn;
  llvm::DenseMap<mlir::Value, mlir::Value> stackedValues, invariants;
};

} // namespace nnc::nn

#endif
