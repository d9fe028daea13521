/// The part of a loss that is linear in its terms, down to the terms that draws influence.
#ifndef NNC_DIALECTS_PROB_TRANSFORMS_LINEARPATH_H
#define NNC_DIALECTS_PROB_TRANSFORMS_LINEARPATH_H

#include "dialects/nn/IR/ScanEdit.h"
#include "dialects/prob/Transforms/Influence.h"

#include "llvm/ADT/SetVector.h"

namespace nnc::prob {

/// A loss is a linear function of terms: means, sums, differences, multiples by what no draw
/// influences, stacked outputs of scans. The walk goes down while that separates terms: rows from
/// each other, turns from later turns, and what a draw influences from what it does not.
class LinearPath {
public:
  /// New ops of the loss's block are put before `end`.
  LinearPath(Influence &influence, nn::ScanEditor &editor, mlir::Operation *end)
      : influence(influence), editor(editor), end(end) {}

  /// The terms that the walk ends at.
  void collect(mlir::Value value, llvm::SetVector<mlir::Value> &terms);
  /// The value with each of its terms replaced.
  mlir::Value rebuild(mlir::Value value, llvm::function_ref<mlir::Value(mlir::Value)> term);

  /// Where ops that belong to a block's end are put.
  mlir::OpBuilder builderIn(mlir::Block *block);

private:
  enum class Step { keep, term, linear, stacked, accumulated };
  Step decide(mlir::Value value);
  bool separates(mlir::Value value);
  bool separatesLinear(mlir::Operation *op, mlir::Value value);
  bool isLinear(mlir::Operation *op);
  bool isFree(mlir::Value value) { return influence.of(value).empty(); }
  mlir::Value rebuildLinear(mlir::Operation *op, llvm::function_ref<mlir::Value(mlir::Value)> term);
  mlir::Value rebuildCarry(mlir::OpResult value, llvm::function_ref<mlir::Value(mlir::Value)> term);

  Influence &influence;
  nn::ScanEditor &editor;
  mlir::Operation *end;
  llvm::DenseMap<mlir::Value, mlir::Value> rebuilt;
  llvm::DenseMap<mlir::Value, bool> separating;
};

} // namespace nnc::prob

#endif
