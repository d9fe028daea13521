/// Instances of layers: who owns which parameter, under which path.
#ifndef NNC_COMPILER_SEMA_INSTANCES_H
#define NNC_COMPILER_SEMA_INSTANCES_H

#include "compiler/Sema/Value.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringMap.h"

namespace nnc {

struct NetInfo;

/// A parameter tensor or a running value. Both live in checkpoints under their path.
struct Variable {
  std::string path; ///< gpt.block.3.attn.w_q
  bool running = false;
  Instance *owner = nullptr;
  const ast::ParamStmt *decl = nullptr;
  Element element = Element::F32;
  llvm::SmallVector<int64_t> shape;
  /// In names of file level where it has some.
  Shape dims;
};

struct Instance {
  std::string path;
  Instance *parent = nullptr;
  /// The net that it belongs to; null for an optimiser's.
  NetInfo *net = nullptr;
  const ast::FunctionDecl *layer = nullptr;
  FileScope *file = nullptr;
  std::map<std::string, std::unique_ptr<Instance>, std::less<>> children;
  std::map<std::string, Variable *, std::less<>> variables;
  /// Where it was declared or called, for "two instances have the path".
  SourceRange where;
};

/// A net of file level.
struct NetInfo {
  std::string name;
  const ast::NetDecl *decl = nullptr;
  std::shared_ptr<NetReference> reference;
  /// The root of its instances.
  std::unique_ptr<Instance> instance;
  bool frozen = false;
  /// `ema(source, rate)`.
  NetInfo *emaOf = nullptr;
  double emaRate = 0;
};

/// Every parameter and running value, in the order in which they were met.
class Registry {
public:
  /// Finds by path.
  Variable *find(llvm::StringRef path) const;
  Variable *add(Variable variable);
  llvm::ArrayRef<std::unique_ptr<Variable>> all() const { return variables; }

private:
  std::vector<std::unique_ptr<Variable>> variables;
  llvm::StringMap<Variable *> byPath;
};

/// `TransformerBlock` as `transformer_block`.
std::string snakeCase(llvm::StringRef name);

/// The names of the call sites of a body: for each call of something that is not a net, its callee
/// in snake case and, from the second one of that name on, `_2`, `_3` ... in the order of
/// evaluation. It depends on the text only.
class SiteNames {
public:
  explicit SiteNames(const ast::Block *body);
  llvm::StringRef name(const ast::Node *call) const;

private:
  llvm::DenseMap<const ast::Node *, std::string> names;
};

/// FNV-1a, 64 bits: the site of a random number is the hash of its call path.
uint64_t hashPath(llvm::StringRef path);

} // namespace nnc

#endif
