/// How verifiers follow the names in a program.
#ifndef NNC_DIALECTS_LEARN_IR_REFERENCES_H
#define NNC_DIALECTS_LEARN_IR_REFERENCES_H

#include "dialects/learn/IR/Learn.h"

namespace nnc::learn {

/// The op of the program that `user` names; null after an error.
template <typename Found>
Found findOp(mlir::Operation *user, mlir::FlatSymbolRefAttr name,
             mlir::SymbolTableCollection &symbols) {
  auto program = user->getParentOfType<ProgramOp>();
  auto found = program ? symbols.lookupSymbolIn<Found>(program, name) : Found();
  if (!found)
    user->emitOpError("names ") << name << ", which is no " << Found::getOperationName()
                                << " of the program";
  return found;
}

/// A function of the module around the program.
struct Callee {
  /// Null where nothing is known of arguments any more: on the way to stage llvm, and there.
  mlir::func::FuncOp function;
  llvm::SmallVector<Binding> bindings;

  /// Those of that kind.
  auto of(ArgKind kind) const {
    return llvm::make_filter_range(bindings,
                                   [kind](const Binding &one) { return one.kind == kind; });
  }
  unsigned count(ArgKind kind) const {
    return llvm::count_if(bindings, [kind](const Binding &one) { return one.kind == kind; });
  }
  const Binding *find(ArgKind kind, llvm::StringRef name) const;
};

/// The function that `user` calls in that role, with nothing but what the role may have; nothing
/// after an error.
std::optional<Callee> findCallee(mlir::Operation *user, mlir::FlatSymbolRefAttr name, Role role,
                                 mlir::SymbolTableCollection &symbols);

/// Each input is a field of the data set, for so many rows at once.
llvm::LogicalResult checkRows(mlir::Operation *user, const Callee &callee, DataOp data,
                              int64_t rows);

/// Nothing but ops of a program stands in the regions.
llvm::LogicalResult checkBody(mlir::Operation *op);

/// Shape of a tensor or buffer.
llvm::ArrayRef<int64_t> shapeOf(mlir::Type type);
/// Whether two types hold the same: a boolean is a byte in memory.
bool holdSame(mlir::Type a, mlir::Type b);

/// No two of these ops have one name.
template <typename Op, typename Range> llvm::LogicalResult checkDistinct(Range &&ops) {
  llvm::DenseSet<llvm::StringRef> names;
  for (Op op : ops)
    if (!names.insert(op.getName()).second)
      return op.emitOpError("is the second of the name '") << op.getName() << "'";
  return llvm::success();
}

} // namespace nnc::learn

#endif
