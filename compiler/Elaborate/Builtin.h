/// The predeclared functions: one table of names, argument counts and builders. Its rows stand in
/// the rooms; each builder checks shapes and emits ops.
#ifndef NNC_COMPILER_ELABORATE_BUILTIN_H
#define NNC_COMPILER_ELABORATE_BUILTIN_H

#include "compiler/Elaborate/Elaborate.h"
#include <limits>

namespace nnc {

/// A call of a predeclared function.
struct BuiltinCall {
  const struct Builtin *builtin = nullptr;
  const ast::CallExpr *expr = nullptr;
  std::vector<Argument> arguments;
  /// What stood in brackets, and after `axis =`; not evaluated.
  llvm::ArrayRef<ast::Item> items;
  const ast::Expr *axis = nullptr;
  /// The arguments as written.
  llvm::ArrayRef<ast::Arg> source;
  SourceRange range;
};

/// Of functions that take as many arguments as are given.
inline constexpr unsigned anyNumber = std::numeric_limits<unsigned>::max();

struct Builtin {
  llvm::StringRef name;
  unsigned minArguments = 1;
  unsigned maxArguments = minArguments;
  /// What stands in brackets is sizes or counts, not an error.
  bool takesBrackets = false;
  bool takesAxis = false;
  /// May be used on scalars of index notation, one result per element.
  bool elementwise = false;
  Value (*build)(Body &, BuiltinCall &) = nullptr;
};

llvm::ArrayRef<Builtin> allBuiltins();
/// Null if there is none of that name.
const Builtin *findBuiltin(llvm::StringRef name);
Value callBuiltin(Body &body, const Builtin &builtin, llvm::ArrayRef<ast::Item> items,
                  const ast::CallExpr &expr);

/// The parts of the table (Builtins, Chance).
llvm::ArrayRef<Builtin> elementwiseBuiltins();
llvm::ArrayRef<Builtin> reductionBuiltins();
llvm::ArrayRef<Builtin> shapeBuiltins();
llvm::ArrayRef<Builtin> distributionBuiltins();

} // namespace nnc

#endif
