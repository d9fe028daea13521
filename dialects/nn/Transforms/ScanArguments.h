/// Changes to what a scan takes.
#ifndef NNC_DIALECTS_NN_TRANSFORMS_SCANARGUMENTS_H
#define NNC_DIALECTS_NN_TRANSFORMS_SCANARGUMENTS_H

#include "dialects/nn/IR/NN.h"

namespace nnc::nn {

/// Adds a stacked input; gives its piece in the body.
mlir::BlockArgument addInput(ScanOp scan, mlir::Value stacked);
/// Adds a constant; gives its argument of the body.
mlir::BlockArgument addConstant(ScanOp scan, mlir::Value value);
/// Removes stacked inputs and constants that the body does not read.
void eraseUnread(ScanOp scan);

} // namespace nnc::nn

#endif
