/// Which lines of the source an op or a kernel computes.
#ifndef NNC_DIALECTS_NN_IR_SOURCELINES_H
#define NNC_DIALECTS_NN_IR_SOURCELINES_H

#include "mlir/IR/Location.h"
#include "mlir/IR/Operation.h"

namespace nnc::nn {

struct SourceLine {
  mlir::FileLineColLoc place;
  bool isGradient = false; ///< it computes a derivative of what the line says
};

/// Each line once, in the order of the locations that are fused. What a library's body computes
/// belongs to the line of the program that called it.
llvm::SmallVector<SourceLine> sourceLinesOf(mlir::Location location);

/// The first of them; null if the location names no file.
mlir::FileLineColLoc findSourceLine(mlir::Location location);

/// "mlp.nn:12, 16, gradient of mlp.nn:9", shortened where there are many; empty if there are none.
std::string describeLines(mlir::Location location);

/// Gives each op below `root` that has no location, as folded constants, the one of its first user
/// that has one, or else of the op around it, under the name "used by": it computes nothing of that
/// line, and no line is told from it.
void giveLocations(mlir::Operation *root);

} // namespace nnc::nn

#endif
