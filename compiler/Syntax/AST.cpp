/// Spellings and small queries.

#include "compiler/Syntax/AST.h"

using namespace nnc::ast;
using llvm::StringRef;

StringRef nnc::ast::spelling(UnaryOp op) { return op == UnaryOp::Neg ? "-" : "not"; }

StringRef nnc::ast::spelling(BinaryOp op) {
  static constexpr StringRef table[] = {
      "or", "and", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "@", "^"};
  return table[static_cast<unsigned>(op)];
}

StringRef nnc::ast::spelling(ReduceOp op) {
  static constexpr StringRef table[] = {"sum",    "mean",      "prod",    "max",
                                        "min",    "any",       "all",     "argmax",
                                        "argmin", "logsumexp", "softmax", "log_softmax"};
  return table[static_cast<unsigned>(op)];
}

StringRef nnc::ast::spelling(ShowKind kind) {
  static constexpr StringRef table[] = {"text", "image", "svg", "csv", "npy"};
  return table[static_cast<unsigned>(kind)];
}

StringRef nnc::ast::kindName(Kind kind) {
  static constexpr StringRef table[] = {
      "number",     "string",     "name",      "bool",        "none",   "ellipsis", "tuple",
      "list",       "unary",      "binary",    "reduce",      "call",   "bracket",  "member",
      "if",         "scan",       "error",     "declaration", "param",  "define",   "draw",
      "update",     "observe",    "optimize",  "report",      "show",   "assert",   "yield",
      "repeat",     "expression", "for",       "repeat",      "every",  "step",     "validate",
      "run",        "import",     "constants", "vocab",       "data",   "function", "objective",
      "entry",      "net",        "train",     "type",        "binder", "target",   "block",
      "train block"};
  static_assert(std::size(table) == static_cast<unsigned>(Kind::TrainBlock) + 1);
  return table[static_cast<unsigned>(kind)];
}

llvm::SmallVector<const BinaryExpr *, 4> nnc::ast::leftSpine(const Expr *expr) {
  llvm::SmallVector<const BinaryExpr *, 4> spine;
  for (auto *at = llvm::dyn_cast_or_null<BinaryExpr>(expr); at;
       at = llvm::dyn_cast_or_null<BinaryExpr>(at->lhs))
    spine.push_back(at);
  return spine;
}

const NameExpr *nnc::ast::headName(const Expr *expr) {
  while (expr) {
    if (auto *call = llvm::dyn_cast<CallExpr>(expr))
      expr = call->callee;
    else if (auto *bracket = llvm::dyn_cast<BracketExpr>(expr))
      expr = bracket->base;
    else if (auto *member = llvm::dyn_cast<MemberExpr>(expr))
      expr = member->base;
    else
      return llvm::dyn_cast<NameExpr>(expr);
  }
  return nullptr;
}
