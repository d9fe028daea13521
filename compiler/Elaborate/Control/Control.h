/// Bodies and their calls: statements, branches, scans, signatures, parameters.
#ifndef NNC_COMPILER_ELABORATE_CONTROL_CONTROL_H
#define NNC_COMPILER_ELABORATE_CONTROL_CONTROL_H

#include "compiler/Elaborate/Expr/Expr.h"

namespace nnc {

/// The open scan of a frame, and what it yields.
struct ScanState {
  const Frame *frame = nullptr;
  bool yielded = false;
  struct Yield {
    Value value;
    SourceRange range;
  };
  std::vector<Yield> yields;
};

/// The statements of a block in a scope of its own; the value of the last one.
Value elaborateScoped(Body &body, const ast::Block &block);
/// `x <- ...`
void elaborateUpdate(Body &body, const ast::UpdateStmt &statement);
/// `param` and `running`.
void elaborateVariable(Body &body, const ast::ParamStmt &statement);

//===--- Calls (Calls.cpp, Signature.cpp) ----------------------------------------------===//

std::vector<Argument> evalArguments(Body &body, llvm::ArrayRef<ast::Arg> args);
/// The argument of a parameter, whose body the cursor is in: its sizes are those of the declared
/// type, the names in it that are new are bound. `what` begins the message.
std::optional<Tensor> unify(Body &body, const ast::Type &type, const Value &value,
                            SourceRange range, const llvm::Twine &what);
/// The value of the body that the cursor is in, as its declared result.
Value checkResult(Body &body, const ast::FunctionDecl &decl, const Value &value);
/// A body that ends with a definition has no value, which is an error where one is declared or
/// nothing else was done.
bool reportMissingValue(Body &body, const ast::FunctionDecl &decl);

} // namespace nnc

#endif
