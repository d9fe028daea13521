/// Scans that get more operands and results after they were built.
#ifndef NNC_DIALECTS_NN_IR_SCANEDIT_H
#define NNC_DIALECTS_NN_IR_SCANEDIT_H

#include "dialects/nn/IR/NN.h"

#include "llvm/ADT/DenseMap.h"

namespace nnc::nn {

/// Of a scan without carries that calls a function at each point of an index: its turns are no
/// order.
constexpr llvm::StringLiteral pointsAttribute = "nn.points";

/// Extends scans. A scan with more results is another op with the same body; values of the old one
/// are followed with `current`, and the old ops are erased at the end of the editor's life.
class ScanEditor {
public:
  /// `onMove(old, now)` hears of each result that moves.
  explicit ScanEditor(std::function<void(mlir::Value, mlir::Value)> onMove)
      : onMove(std::move(onMove)) {}
  ~ScanEditor();

  /// The argument of a constant in a scan's body; the constant is added if it is new.
  mlir::BlockArgument constant(mlir::Block *body, mlir::Value value);
  /// A value of an enclosing block inside another block, through the constants of the scans
  /// between.
  mlir::Value inside(mlir::Value value, mlir::Block *block);

  struct Carry {
    mlir::BlockArgument argument;
    mlir::Value last; ///< the result of the scan; follow it with `current`
  };
  /// A carried value with a start and, in the body, a next value made from the argument.
  Carry carry(mlir::Block *body, mlir::Value start,
              llvm::function_ref<mlir::Value(mlir::BlockArgument)> next);
  /// Stacks a value of the body.
  mlir::Value output(mlir::Block *body, mlir::Value piece);

  /// The value that stands for one that has moved.
  mlir::Value current(mlir::Value value) const;

private:
  ScanOp rebuild(ScanOp scan, unsigned at, mlir::Type type);

  std::function<void(mlir::Value, mlir::Value)> onMove;
  llvm::DenseMap<mlir::Value, mlir::Value> moved;
  llvm::SmallVector<ScanOp> retired;
};

} // namespace nnc::nn

#endif
