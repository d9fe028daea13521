/// What the bodies of one program share: its files, the names that they declare, its parameters,
/// and the module that is built.
#ifndef NNC_COMPILER_ELABORATE_ELABORATION_H
#define NNC_COMPILER_ELABORATE_ELABORATION_H

#include "compiler/Elaborate/FunctionContext.h"
#include "compiler/Sema/Scope.h"
#include "compiler/Syntax/Diagnostics.h"
#include "llvm/ADT/DenseSet.h"

namespace nnc {

struct ElaborationOptions {
  bool real64 = false;
  /// -D NAME=VALUE.
  std::vector<std::pair<std::string, std::string>> defines;
  /// --compare-estimators.
  bool compareEstimators = false;
};

struct Elaboration {
  Elaboration(mlir::ModuleOp module, Diagnostics &diags, ElaborationOptions options);

  mlir::ModuleOp module;
  Diagnostics &diags;
  const ElaborationOptions options;
  Dims dims;
  Registry registry;

  FileScope &mainFile() const { return *main; }
  FileScope *main = nullptr;
  std::vector<std::unique_ptr<FileScope>> files;
  std::vector<std::unique_ptr<ast::File>> ownedFiles;
  /// By path; null while a file is read.
  llvm::StringMap<FileScope *> imported;

  /// The function `init.params`: its results grow whenever a parameter or running value is met for
  /// the first time. The program part finishes it.
  FunctionContext init;
  /// Instances of no net (optimisers).
  std::vector<std::unique_ptr<Instance>> loose;
  llvm::DenseMap<const ast::FunctionDecl *, std::unique_ptr<SiteNames>> siteNames;
  /// Calls whose parameters belong to no net: reported.
  llvm::DenseSet<const char *> ownerless;
};

} // namespace nnc

#endif
