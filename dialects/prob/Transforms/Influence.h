/// Which draws a value depends on, and how: through which turn, and whether row by row.
#ifndef NNC_DIALECTS_PROB_TRANSFORMS_INFLUENCE_H
#define NNC_DIALECTS_PROB_TRANSFORMS_INFLUENCE_H

#include "dialects/prob/IR/Prob.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

namespace nnc::prob {

/// A dependence of a value on a draw.
struct Trace {
  unsigned site; ///< place in the list of draws
  /// The number of scans around the body whose turn was crossed on the way: the draw is one of an
  /// earlier turn of that scan. 0: none, it is this turn's draw.
  unsigned crossed;
  /// The axis of the value whose row i depends on row i of the draw only; -1 if rows are mixed.
  int64_t axis;
  bool operator==(const Trace &) const = default;
};

/// The scans around an op, from the outermost.
llvm::SmallVector<nn::ScanOp> scansAround(mlir::Operation *op);

/// The dependences of all values of a function on some draws, to the fixed point of its loops.
class Influence {
public:
  Influence(mlir::func::FuncOp function, llvm::ArrayRef<DrawOp> draws);
  llvm::ArrayRef<Trace> of(mlir::Value value) const;
  DrawOp getSite(unsigned site) const { return sites[site]; }
  /// A value that takes another's place.
  void copy(mlir::Value from, mlir::Value to) { traces[to] = traces.lookup(from); }

private:
  bool visit(mlir::Block &block, unsigned depth);
  bool visitScan(nn::ScanOp scan, unsigned depth);
  bool visitIf(nn::IfOp branch, unsigned depth);
  bool visitPlain(mlir::Operation &op);
  bool join(mlir::Value value, Trace trace);
  bool joinAll(mlir::Value value, mlir::Value from, int64_t shift = 0);

  llvm::SmallVector<DrawOp> sites;
  llvm::DenseMap<mlir::Value, llvm::SmallVector<Trace, 2>> traces;
};

} // namespace nnc::prob

#endif
