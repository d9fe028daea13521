/// The checker and the translation to nn, prob and learn as one abstract interpreter over the
/// syntax tree: one function for each kind of syntax that holds other syntax. They call each other
/// in a circle, so that they are declared here and defined in the rooms, each in its own; whatever
/// else a room offers has a header there.
///
/// Each body is elaborated once per call. Inside, the variables of its signature and its statics
/// are rigid names with numbers: names decide equality of sizes, numbers decide floors, quotients
/// and bounds. Results go back to the caller in its own names. An error makes the value of its
/// statement a Poison, silently accepted everywhere, so that one run reports several errors.
#ifndef NNC_COMPILER_ELABORATE_ELABORATE_H
#define NNC_COMPILER_ELABORATE_ELABORATE_H

#include "compiler/Elaborate/Body.h"

namespace nnc {

/// An argument of a call, evaluated.
struct Argument {
  std::string name; ///< empty if positional
  Value value;
  SourceRange range;
};

/// A call of a fn or layer.
struct Call {
  FunctionReference callee;
  Statics statics;
  std::vector<Argument> arguments;
  /// Of layers with parameters.
  Instance *instance = nullptr;
  NetReference *reference = nullptr;
  /// Its part of the call path: `block.0`, `dropout_2`.
  std::string site;
  SourceRange range;
  bool lifted = false;
};

//===--- Statements (Control) ----------------------------------------------------------===//

/// The statements of a block in the current scope; the value of the last one.
Value elaborateBlock(Body &body, const ast::Block &block);
void elaborateStatement(Body &body, const ast::Stmt &statement, Value *last = nullptr);
/// Without a target its yields belong to nothing, which is an error.
Value elaborateScan(Body &body, const ast::ScanExpr &scan, const ast::Target *target);
Value elaborateIf(Body &body, const ast::IfExpr &expr);

//===--- Calls (Control) ---------------------------------------------------------------===//

/// The body of a fn or layer on its arguments.
Value elaborateBody(Body &body, Call call);
Value callNet(Body &body, std::shared_ptr<NetReference> net, llvm::ArrayRef<ast::Item> items,
              const ast::CallExpr &expr);
Value callFunction(Body &body, const FunctionReference &callee, llvm::ArrayRef<ast::Item> items,
                   llvm::ArrayRef<ast::Arg> args, const ast::Expr &expr);

//===--- Expressions (Expr, Index, Chance) ---------------------------------------------===//

Value elaborateExpr(Body &body, const ast::Expr *expr);
/// `y[i, j] = ...`
Value elaborateIndexed(Body &body, const ast::Target &target, const ast::Expr *value);
/// `sum[i] x[i]` outside of such a definition.
Value elaborateReduce(Body &body, const ast::ReduceExpr &expr);
/// `d.mean`, `d.mode`, `d.logits`.
Value distributionMember(Body &body, const Distribution &distribution, const ast::MemberExpr &expr);

} // namespace nnc

#endif
