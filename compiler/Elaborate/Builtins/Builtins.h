/// What builders of predeclared functions share, and reductions.
#ifndef NNC_COMPILER_ELABORATE_BUILTINS_BUILTINS_H
#define NNC_COMPILER_ELABORATE_BUILTINS_BUILTINS_H

#include "compiler/Elaborate/Builtin.h"
#include "compiler/Elaborate/Expr/Expr.h"

namespace nnc {

/// The tensors, which come from the arguments in order, repeated to one shape.
bool alignArguments(Body &body, llvm::MutableArrayRef<Tensor> tensors, const BuiltinCall &call);

/// The axes that `axis = ...` names, ascending.
std::optional<llvm::SmallVector<int64_t>> axesOf(Body &body, const ast::Expr *axis,
                                                 const Tensor &x);
/// The one that it names; `otherwise` without `axis`.
std::optional<int64_t> axisOf(Body &body, const ast::Expr *axis, const Tensor &x,
                              int64_t otherwise);

/// A reduction along axes; poison after an error.
Value reduce(Body &body, ast::ReduceOp op, const Tensor &x, llvm::ArrayRef<int64_t> axes,
             SourceRange range);
/// `sum(x, axis = ...)`: without an axis over everything.
Value reduceCall(Body &body, ast::ReduceOp op, const BuiltinCall &call);

} // namespace nnc

#endif
