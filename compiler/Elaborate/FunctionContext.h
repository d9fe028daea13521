/// One func.func while it is built: arguments appear when they are first used, results are added at
/// the end.
#ifndef NNC_COMPILER_ELABORATE_FUNCTIONCONTEXT_H
#define NNC_COMPILER_ELABORATE_FUNCTIONCONTEXT_H

#include "compiler/Sema/Instances.h"
#include "compiler/Sema/Value.h"
#include "dialects/learn/IR/Interface.h"
#include "dialects/prob/IR/Prob.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include <functional>
#include <map>

namespace nnc {

/// The evidence of an objective: log densities of scored sites, one number per element of the
/// batch dim.
struct Evidence {
  /// The batch dim, in names of the objective's body.
  Dim batch;
  /// The sum so far; of a scan's body, of this iteration. Null before the first site.
  mlir::Value sum;
  unsigned sites = 0;
  /// Where the name `evidence` was read; a site after that is an error.
  SourceRange readAt;
};

/// How a gradient passes a draw.
struct EstimatorChoice {
  prob::Estimator kind = prob::Estimator::none;
  llvm::SmallVector<mlir::Value> operands;
  bool hard = false;
  /// Instead of operands: a baseline of 0.
  bool withoutBaseline = false;
};

/// What a body said beside computing values, in source order.
struct Outputs {
  struct Optimized {
    const ast::OptimizeStmt *statement;
    mlir::Value value; ///< a scalar, as written (not negated)
  };
  struct Reported {
    const ast::ReportStmt *statement;
    mlir::Value value; ///< f32 scalar
  };
  struct Shown {
    const ast::ShowStmt *statement;
    Tensor tensor;
  };
  std::vector<Optimized> optimized;
  std::vector<Reported> reported;
  std::vector<Shown> shown;
};

class FunctionContext {
public:
  /// Starts `func.func @name` in the module.
  FunctionContext(mlir::ModuleOp module, llvm::StringRef name, mlir::Location loc);

  struct Slot {
    learn::ArgKind kind;
    std::string name;
    mlir::Value value;
    /// Of kinds param and state.
    Variable *variable = nullptr;
  };

  /// The argument of that kind and name (runtime/README.md), made when it is first asked for.
  mlir::Value argument(learn::ArgKind kind, llvm::StringRef name, mlir::RankedTensorType type,
                       Variable *variable = nullptr);
  llvm::ArrayRef<Slot> getArguments() const { return arguments; }
  /// Null if the function has no such argument (yet).
  mlir::Value findArgument(learn::ArgKind kind, llvm::StringRef name) const;
  mlir::Value seed();
  mlir::Value step();
  /// The counter of the enclosing scans; 0 outside of scans.
  mlir::Value iteration();

  void result(learn::ArgKind kind, llvm::StringRef name, mlir::Value value);
  /// Writes the return and the signature with learn.kind and learn.name. Nothing may be built
  /// afterwards.
  mlir::func::FuncOp finish();
  /// Removes the function from the module: its body had errors, or was built to be checked only.
  void discard();

  /// Runs `build` with the insertion point at the top of the body: for values that do not depend on
  /// anything there and that are shared by the whole function.
  mlir::Value prologue(llvm::function_ref<mlir::Value()> build);

  mlir::func::FuncOp function;
  mlir::OpBuilder builder;

  /// Draws need gradient estimators here: it is an objective's function.
  bool estimates = false;
  /// In place of what is written, where a draw's family allows it; then `replaced` is set.
  std::optional<EstimatorChoice> estimator;
  bool replaced = false;
  /// Whether `<-` moves the running values of this instance; the next values are in `moved`.
  std::function<bool(const Instance &)> moves = [](const Instance &) { return false; };
  llvm::MapVector<Variable *, mlir::Value> moved;
  /// The calls that moved a running value: their paths, and where the program called them.
  llvm::MapVector<Variable *, std::map<std::string, SourceRange>> movedBy;
  /// Null where nothing is scored.
  Evidence *evidence = nullptr;
  Outputs outputs;

  /// Iteration of the innermost scan, combined with those around it; null outside.
  mlir::Value currentIteration;
  /// Scans that are open: their region's block, outermost first.
  llvm::SmallVector<mlir::Block *> openBlocks;
  /// Tensors of file-level consts.
  llvm::DenseMap<const void *, Value> constants;

private:
  mlir::Block *entry();
  std::vector<Slot> arguments, results;
  mlir::Operation *lastOfPrologue = nullptr;
};

} // namespace nnc

#endif
