/// Visits what is written in expressions and bodies, without evaluating anything.
#ifndef NNC_COMPILER_SYNTAX_ASTWALK_H
#define NNC_COMPILER_SYNTAX_ASTWALK_H

#include "compiler/Syntax/AST.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace nnc {

/// Calls `visit` for the expression and all inside it, parents first; bodies of `if` and `scan`
/// included.
void forEachExpr(const ast::Expr *expr, llvm::function_ref<void(const ast::Expr &)> visit);

/// The same for every expression of a body.
void forEachExpr(const ast::Block &block, llvm::function_ref<void(const ast::Expr &)> visit);

/// Calls `visit` for each statement of the block and of the blocks inside it, in source order.
void forEachStatement(const ast::Block &block, llvm::function_ref<void(const ast::Stmt &)> visit);

/// Whether a name stands anywhere in the expression.
bool mentions(const ast::Expr *expr, llvm::StringRef name);

} // namespace nnc

#endif
