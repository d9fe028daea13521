/// Lexical scopes.
#ifndef NNC_COMPILER_SEMA_SCOPE_H
#define NNC_COMPILER_SEMA_SCOPE_H

#include "compiler/Sema/Instances.h"
#include "compiler/Sema/Value.h"

namespace nnc {

/// What introduced a name; only Values may be shadowed.
enum class BindingKind : uint8_t {
  Value,
  Static,
  Parameter,
  Variable, ///< param and running
  Dim,
  Const,
  Vocab,
  Data,
  Function,
  Layer,
  Net,
  Objective,
  Entry,
  Index
};
/// "a dim", "a parameter", ...
llvm::StringRef describe(BindingKind kind);

struct Binding {
  BindingKind kind = BindingKind::Value;
  nnc::Value value;
  SourceRange where;
  /// The parameter or running value that the name stands for.
  Variable *variable = nullptr;
};

/// Names of one pair of braces. The parent is the scope around it; of a body, the one of its file.
class Scope {
public:
  explicit Scope(Scope *parent) : parent(parent) {}
  Binding *findHere(llvm::StringRef name);
  Binding *find(llvm::StringRef name);
  void bind(llvm::StringRef name, Binding binding) { names[name] = std::move(binding); }
  Scope *getParent() const { return parent; }
  /// All names here and around, for suggestions.
  void collect(llvm::SmallVectorImpl<llvm::StringRef> &out) const;

private:
  Scope *parent;
  llvm::StringMap<Binding> names;
};

/// A field of a data set, its sizes in names of file level.
struct FieldInfo {
  const ast::Field *decl = nullptr;
  std::string name;
  TensorType type;
};
struct DataInfo {
  const ast::DataDecl *decl = nullptr;
  std::string name;
  std::vector<FieldInfo> fields;
  const FieldInfo *field(llvm::StringRef name) const;
};

/// The names of a file. Dims, consts and nets are evaluated when they are first asked for: the
/// order of a file is free.
class FileScope {
public:
  FileScope(const ast::File *file, FileScope *prelude) : file(file), prelude(prelude) {}

  const ast::File *file;
  FileScope *prelude;
  std::vector<FileScope *> imports;
  bool isPrelude = false;

  /// A declaration of file level, not yet evaluated or already bound.
  struct Declared {
    BindingKind kind;
    const ast::Decl *decl;
    /// Of dim and const lines.
    const ast::Constant *constant = nullptr;
    SourceRange where;
    enum { Untouched, Running, Done } state = Untouched;
    Value value;
  };
  llvm::MapVector<llvm::StringRef, Declared> declared;

  std::vector<std::unique_ptr<VocabInfo>> vocabs;
  std::vector<std::unique_ptr<DataInfo>> datas;
  std::vector<std::unique_ptr<NetInfo>> nets;
};

} // namespace nnc

#endif
