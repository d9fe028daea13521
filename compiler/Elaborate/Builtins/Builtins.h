/// The predeclared functions: one table of name, argument counts and builder. Each builder checks
/// shapes and emits ops.
#ifndef NNC_COMPILER_ELABORATE_BUILTINS_BUILTINS_H
#define NNC_COMPILER_ELABORATE_BUILTINS_BUILTINS_H

#include "compiler/Elaborate/Elaborator.h"

namespace nnc {

struct Builtin {
  llvm::StringRef name;
  unsigned minArguments;
  unsigned maxArguments;
  /// What stands in brackets is sizes or counts, not an error.
  bool takesBrackets;
  bool takesAxis;
  /// May be used on scalars of index notation, one result an element.
  bool elementwise;
  Value (*build)(Elaborator &, BuiltinCall &);
};

llvm::ArrayRef<Builtin> allBuiltins();
/// The parts of the table, by family.
llvm::ArrayRef<Builtin> elementwiseBuiltins();
llvm::ArrayRef<Builtin> reductionBuiltins();
llvm::ArrayRef<Builtin> shapeBuiltins();
llvm::ArrayRef<Builtin> distributionBuiltins();

/// `kl(q, p)` and `entropy(q)`.
Value buildDivergence(Elaborator &e, BuiltinCall &call);
Value buildEntropy(Elaborator &e, BuiltinCall &call);

} // namespace nnc

#endif
