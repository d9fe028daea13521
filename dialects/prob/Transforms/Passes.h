/// Passes of the prob dialect.
#ifndef NNC_DIALECTS_PROB_TRANSFORMS_PASSES_H
#define NNC_DIALECTS_PROB_TRANSFORMS_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace nnc::prob {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "dialects/prob/Transforms/Passes.h.inc"
} // namespace nnc::prob

#endif
