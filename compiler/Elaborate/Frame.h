/// One body while it is elaborated: of a fn or layer that is called, or of an objective, entry or
/// train block (a root).
#ifndef NNC_COMPILER_ELABORATE_FRAME_H
#define NNC_COMPILER_ELABORATE_FRAME_H

#include "compiler/Sema/Scope.h"

namespace nnc {

struct Frame {
  /// The body that called; null for a root.
  Frame *caller = nullptr;
  FileScope *file = nullptr;
  /// Null for roots.
  const ast::FunctionDecl *callee = nullptr;
  /// Owner of parameters; null in roots and where no net is around.
  Instance *instance = nullptr;
  /// The net reference that was called, to note shapes of parameters in.
  NetReference *reference = nullptr;
  /// likelihood/gpt/block.0/dropout_2: call sites from the root to here.
  std::string path;
  bool training = false;
  /// Rigid names of this body in the caller's terms.
  DimMap toCaller;
  /// The run of `..` of the signature.
  std::optional<Shape> dots;
  /// Pairs made one by a static `a == b` that holds.
  DimMap ties;
  /// Positions in the `repeat`s around the statement.
  llvm::SmallVector<int64_t, 2> iterations;
  const SiteNames *sites = nullptr;
  /// Of roots: names of sites in the order in which they are met.
  std::map<const ast::Node *, std::string> rootSites;
  std::map<std::string, unsigned> rootCounts;
  /// Parameters that are scalars by declaration take any shape (a scalar fn in index notation).
  bool lifted = false;
  /// Where it was called.
  SourceRange calledAt;
  unsigned depth = 0;
};

} // namespace nnc

#endif
