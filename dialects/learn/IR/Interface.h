/// What the runtime binds to the arguments and results of a compiled function, and the memory that
/// it gives it: the one home of the attributes `learn.kind`, `learn.name`,
/// `learn.combiner`, `learn.shape` and `nn.arena_bytes`.
#ifndef NNC_DIALECTS_LEARN_IR_INTERFACE_H
#define NNC_DIALECTS_LEARN_IR_INTERFACE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include "dialects/learn/IR/LearnEnums.h.inc"

namespace nnc::learn {

struct Binding {
  ArgKind kind;
  llvm::StringRef name;
  mlir::Type type;
  /// Of a statistic.
  std::optional<Combiner> combiner;
  bool sameSlot(const Binding &other) const { return kind == other.kind && name == other.name; }
};

/// Nothing where an argument or result says none.
std::optional<Binding> argumentBinding(mlir::func::FuncOp function, unsigned k);
std::optional<Binding> resultBinding(mlir::func::FuncOp function, unsigned k);
/// Those of all arguments, then those of all results: from stage buffers on, results are arguments.
llvm::SmallVector<Binding> bindingsOf(mlir::func::FuncOp function);
/// What an argument or result carries.
mlir::DictionaryAttr bindingAttributes(mlir::MLIRContext *context, ArgKind kind,
                                       llvm::StringRef name,
                                       std::optional<Combiner> combiner = std::nullopt);
/// What a buffer carries from stage loops on: also its shape if it holds nothing, since the type of
/// such a buffer is flat there.
mlir::DictionaryAttr bufferAttributes(mlir::MLIRContext *context, const Binding &binding);
/// Whether an attribute of an argument or result is of its type.
llvm::LogicalResult checkBinding(mlir::Operation *op, mlir::NamedAttribute attribute);
void dropBindings(mlir::func::FuncOp function);

/// Of a program's function on buffers: the bytes of its arena.
std::optional<int64_t> arenaBytes(mlir::func::FuncOp function);
void setArenaBytes(mlir::func::FuncOp function, int64_t bytes);

/// The function that makes every parameter and state.
inline constexpr llvm::StringLiteral initialiser = "init.params";

/// What a function is called for.
enum class Role { Initialise, Gradient, Update, Evaluate, Finish, Enter, Load };
/// Whether a function of that role may have such an argument, or such a result.
bool mayRead(Role role, ArgKind kind);
bool mayWrite(Role role, ArgKind kind);

} // namespace nnc::learn

#endif
