/// The cursor of the elaboration: which function is built, which body is read, and what is visible
/// there. Whoever moves it does so by a guard, which puts it back at the end of a C++ scope: an
/// `Enter` for another body or function, an `llvm::SaveAndRestore` for a single field.
#ifndef NNC_COMPILER_ELABORATE_BODY_H
#define NNC_COMPILER_ELABORATE_BODY_H

#include "compiler/Elaborate/Elaboration.h"
#include "compiler/Elaborate/Frame.h"
#include "compiler/Elaborate/TensorBuilder.h"
#include "llvm/Support/SaveAndRestore.h"

namespace nnc {

struct ScanState;

struct Body {
  /// Stands in `init.params`, outside of all bodies.
  explicit Body(Elaboration &program);

  Elaboration &program;
  Diagnostics &diags;
  Dims &dims;
  TensorBuilder build;

  FunctionContext *fn;
  /// Null outside of all bodies, as is the scope.
  Frame *frame = nullptr;
  Scope *scope = nullptr;
  /// The scan whose body is elaborated.
  ScanState *scan = nullptr;
  /// In brackets, where everything is of compile time and `/` divides sizes exactly.
  bool compileTime = false;
  /// The condition of an `if` is evaluated.
  bool inCondition = false;
  /// Counts scored sites and moved running values: a discarded value is allowed if it did either.
  unsigned effects = 0;

  mlir::Location location(SourceRange range) const;
  /// The place in the program of what stands in the body of another file (the prelude).
  SourceRange inMainFile(SourceRange range) const;
  /// The innermost call around the statement that stands in a file: of a layer of the prelude,
  /// where the program uses it.
  SourceRange callInFile(const FileScope &file) const;
};

/// While it lives, the cursor stands elsewhere.
class Enter {
public:
  /// The same names, but ops go into another function.
  Enter(Body &body, FunctionContext &fn);
  /// The body of a call.
  Enter(Body &body, Frame &frame, Scope &scope);
  /// A body of its own in another function.
  Enter(Body &body, FunctionContext &fn, Frame &frame, Scope &scope);
  ~Enter();
  Enter(const Enter &) = delete;
  Enter &operator=(const Enter &) = delete;

private:
  explicit Enter(Body &body);

  Body &body;
  FunctionContext *fn;
  Frame *frame;
  Scope *scope;
  ScanState *scan;
  bool compileTime, inCondition;
};

/// While it lives, `fn` is being built and names resolve in a new scope of `file`.
class Root {
public:
  Root(Body &body, FunctionContext &fn, FileScope &file, llvm::StringRef path, bool training);

private:
  Frame frame;
  Scope scope;
  Enter enter;
};

} // namespace nnc

#endif
