/// Passes of the learn dialect.
#ifndef NNC_DIALECTS_LEARN_TRANSFORMS_PASSES_H
#define NNC_DIALECTS_LEARN_TRANSFORMS_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace nnc::learn {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "dialects/learn/Transforms/Passes.h.inc"
} // namespace nnc::learn

#endif
