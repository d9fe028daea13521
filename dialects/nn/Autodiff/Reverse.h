/// Reverse mode over a straight line of ops.
#ifndef NNC_DIALECTS_NN_AUTODIFF_REVERSE_H
#define NNC_DIALECTS_NN_AUTODIFF_REVERSE_H

#include "dialects/nn/IR/NN.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

namespace nnc::nn {

/// On a scan: its adjoint keeps carried values alone and computes the turns again.
constexpr llvm::StringLiteral recomputeAttribute = "nn.recompute";

/// True for tensors of floating-point numbers: only they have cotangents.
bool isReal(mlir::Type type);

/// Adds to `active` the real results of `ops` (in program order) that depend on active values.
void addDependents(llvm::ArrayRef<mlir::Operation *> ops, llvm::DenseSet<mlir::Value> &active);

/// The cotangents of values, accumulated from the last op to the first.
class Reverse {
public:
  /// `isInner`: the cotangents come from around a loop or a branch, where a choice may have made
  /// them 0.
  Reverse(mlir::OpBuilder &builder, const llvm::DenseSet<mlir::Value> &active, bool isInner = false)
      : builder(builder), active(active), isInner(isInner) {}
  /// Adds a cotangent of a value; null is zero.
  void accumulate(mlir::Value value, mlir::Value cotangent);
  /// The cotangent of a value so far, or null.
  mlir::Value get(mlir::Value value) const { return cotangents.lookup(value); }
  /// Its cotangent or a constant of zeros.
  mlir::Value getOrZeros(mlir::Value value);
  /// Carries cotangents through `ops`, which are in program order. Ops are inserted where the
  /// builder stands.
  mlir::LogicalResult run(llvm::ArrayRef<mlir::Operation *> ops);

private:
  mlir::LogicalResult runThrough(mlir::Operation *op);
  void passOn(mlir::Operation *op, mlir::Value resultGrad,
              llvm::MutableArrayRef<mlir::Value> operandGrads);

  mlir::OpBuilder &builder;
  const llvm::DenseSet<mlir::Value> &active;
  bool isInner;
  llvm::DenseMap<mlir::Value, mlir::Value> cotangents;
  llvm::DenseSet<mlir::Value> leftOut; ///< whose cotangents a choice may have made 0
};

/// Erases ops of a block whose results are unused, from the last to the first.
void eraseDeadOps(mlir::Block &block);

} // namespace nnc::nn

#endif
