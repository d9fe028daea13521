/// Passes of the nn dialect before the schedule.
#ifndef NNC_DIALECTS_NN_TRANSFORMS_PASSES_H
#define NNC_DIALECTS_NN_TRANSFORMS_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace nnc::nn {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "dialects/nn/Transforms/Passes.h.inc"

/// Adds the patterns of nn-simplify.
void populateSimplifyPatterns(mlir::RewritePatternSet &patterns);
/// Adds the patterns that find a softmax in exponentials divided by their sum.
void populateSoftmaxPatterns(mlir::RewritePatternSet &patterns);
/// Adds the pattern that reads rows where a product with one-hot rows would choose them.
void populateOneHotPatterns(mlir::RewritePatternSet &patterns, bool remarks);
/// Adds the patterns that find contractions in sums of products of broadcasts.
void populateRaiseContractPatterns(mlir::RewritePatternSet &patterns);
} // namespace nnc::nn

#endif
