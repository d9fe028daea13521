/// How the values of an evaluation depend on the rows of its batch. The function is built for two
/// numbers of rows and compared: what differs between the two is what depends on the number of
/// rows.
#ifndef NNC_COMPILER_PROGRAM_ROWFLOW_H
#define NNC_COMPILER_PROGRAM_ROWFLOW_H

#include "dialects/learn/IR/Learn.h"
#include "dialects/nn/IR/NN.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

namespace nnc {

/// What a value is, as seen from the rows.
struct RowKind {
  enum Kind {
    /// The same for all rows.
    Fixed,
    /// Row r of it depends on row r of the data only: along `axis`, where a row takes `each`
    /// places.
    Rows,
    /// The row's number times `factor`, plus something of that row.
    Position,
    /// Known once all rows are.
    Whole,
    /// Anything else: a batch has to be judged as it is.
    Mixed
  } kind = Fixed;
  int64_t axis = 0, each = 1, factor = 0;
  /// Fixed in a batch and another in the next one.
  bool random = false;
  /// Of Whole: a sum over rows of what each gives.
  bool additive = false;
  /// Of Whole: a constant made from the number of rows.
  bool counts = false;
  bool operator==(const RowKind &) const = default;
};

class RowFlow {
public:
  /// `function` is built for `rows` rows, `twin` for twice as many.
  RowFlow(mlir::func::FuncOp function, mlir::func::FuncOp twin, int64_t rows);

  RowKind of(mlir::Value value) const { return kinds.lookup(value); }
  /// Whether the op takes rows together: its result is Whole, its operands are Rows.
  bool isReduction(mlir::Operation *op) const { return reductions.contains(op); }
  /// A constant c that is c / rows^p * n^p of n rows: p.
  std::optional<double> powerOf(mlir::Operation *op) const {
    auto found = powers.find(op);
    return found == powers.end() ? std::nullopt : std::optional(found->second);
  }
  /// The first op whose result is Mixed.
  mlir::Operation *firstMixed() const { return mixed; }

private:
  /// The axis of a type that grows with the rows.
  struct RowAxis {
    int64_t axis, each;
    bool operator==(const RowAxis &) const = default;
  };
  bool compare(mlir::Block &a, mlir::Block &b);
  bool compare(mlir::Operation &a, mlir::Operation &b);
  bool compareConstants(nn::ConstantOp a, nn::ConstantOp b);
  void compareTypes(mlir::Value a, mlir::Value b);

  bool visit(mlir::Block &block, unsigned depth);
  bool visitOp(mlir::Operation &op, unsigned depth);
  bool visitScan(nn::ScanOp scan, unsigned depth);
  bool visitIf(nn::IfOp branch, unsigned depth);
  RowKind resultOf(mlir::Operation &op, mlir::OpResult result, unsigned depth);
  RowKind created(mlir::Operation &op, mlir::OpResult result);
  RowKind fromRows(mlir::Operation &op, mlir::OpResult result, unsigned depth);
  RowKind position(mlir::Operation &op, mlir::OpResult result);
  std::optional<RowAxis> axisThrough(mlir::OpOperand &operand, mlir::OpResult result) const;
  bool takesRowsTogether(mlir::Operation &op) const;
  bool touchesRows(mlir::Operation &op) const;
  bool set(mlir::Value value, RowKind kind);
  bool join(mlir::Value value, RowKind kind);

  int64_t rows;
  llvm::DenseMap<mlir::Value, RowAxis> axes;
  llvm::DenseSet<mlir::Value> irregular;
  llvm::DenseSet<mlir::Operation *> differing;
  llvm::DenseMap<mlir::Operation *, double> powers;
  llvm::DenseMap<mlir::Value, RowKind> kinds;
  llvm::DenseSet<mlir::Operation *> reductions;
  mlir::Operation *mixed = nullptr;
};

} // namespace nnc

#endif
