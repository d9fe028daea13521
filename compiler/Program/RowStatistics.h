/// An evaluation in two parts: sums over the rows of a batch, and what is reported of their totals.
#ifndef NNC_COMPILER_PROGRAM_ROWSTATISTICS_H
#define NNC_COMPILER_PROGRAM_ROWSTATISTICS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace nnc {

/// What became of an evaluation.
struct SplitEvaluation {
  /// Results that are no function of sums over rows: they stay numbers of a batch.
  llvm::SmallVector<std::string> perBatch;
  /// Where rows meet otherwise, if a result is of the batch.
  mlir::Operation *mixed = nullptr;
};

/// Makes the results of `function`, built for `rows` rows, statistics of its batch, of which the
/// first `valid` rows count, and adds `function.finish`, which makes the results of the statistics
/// of all batches. `twin` is the same function for twice as many rows; without it all results stay
/// numbers of a batch.
SplitEvaluation splitEvaluation(mlir::func::FuncOp function, mlir::func::FuncOp twin, int64_t rows);

} // namespace nnc

#endif
