/// Base classes of the syntax tree.

#ifndef NNC_COMPILER_SYNTAX_ASTBASE_H
#define NNC_COMPILER_SYNTAX_ASTBASE_H

#include "compiler/Syntax/SourceRange.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Casting.h"
#include <cstdint>
#include <string>

namespace nnc::ast {

/// The kind of a node. Ranges matter: [FirstX, LastX] is what classof of the base X tests.
enum class Kind : uint8_t {
  // Expressions.
  Number,
  String,
  Name,
  Bool,
  None,
  Ellipsis,
  Tuple,
  List,
  Unary,
  Binary,
  Reduce,
  Call,
  Bracket,
  Member,
  If,
  Scan,
  ErrorExpr,
  FirstExpr = Number,
  LastExpr = ErrorExpr,
  // Statements of a body.
  DeclStmt,
  Param,
  Define,
  Draw,
  Update,
  Observe,
  Optimize,
  Report,
  Show,
  Assert,
  Yield,
  Repeat,
  ExprStmt,
  FirstStmt = DeclStmt,
  LastStmt = ExprStmt,
  // Statements of a train block.
  For,
  TrainRepeat,
  Every,
  Step,
  Validate,
  Run,
  FirstTrainStmt = For,
  LastTrainStmt = Run,
  // Declarations.
  Import,
  Constants,
  Vocab,
  Data,
  Function,
  Objective,
  Entry,
  Net,
  Train,
  FirstCallable = Function,
  LastCallable = Entry,
  // The last alias of a group must name its last kind: the numbering goes on from there.
  FirstDecl = Import,
  LastDecl = Train,
  // Parts.
  Type,
  Binder,
  Target,
  Block,
  TrainBlock,
};

/// The word used for a kind in printed trees: "binary", "draw", ...
llvm::StringRef kindName(Kind kind);

/// Base of everything that a File owns.
struct Node {
  const Kind kind;
  SourceRange range;

  explicit Node(Kind kind) : kind(kind) {}
  Node(const Node &) = delete;
  Node &operator=(const Node &) = delete;
  virtual ~Node() = default;

  llvm::SMLoc loc() const { return range.begin; }
};

/// Derives a node struct from Base with a fixed kind and the matching classof.
template <Kind K, typename Base> struct NodeOf : Base {
  static constexpr Kind nodeKind = K;
  NodeOf() : Base(K) {}
  static bool classof(const Node *node) { return node->kind == K; }
};

struct Expr : Node {
  /// Written in parentheses; the range excludes them.
  bool parenthesised = false;

  using Node::Node;
  static bool classof(const Node *n) {
    return n->kind >= Kind::FirstExpr && n->kind <= Kind::LastExpr;
  }
};

struct Stmt : Node {
  using Node::Node;
  static bool classof(const Node *n) {
    return n->kind >= Kind::FirstStmt && n->kind <= Kind::LastStmt;
  }
};

struct TrainStmt : Node {
  using Node::Node;
  static bool classof(const Node *n) {
    return n->kind >= Kind::FirstTrainStmt && n->kind <= Kind::LastTrainStmt;
  }
};

/// A name as written; empty where the grammar makes it optional and it is left out.
struct Ident {
  llvm::StringRef text;
  SourceRange range;

  bool empty() const { return text.empty(); }
  explicit operator bool() const { return !empty(); }
};

struct Decl : Node {
  /// The lines of the `///` comment right before the declaration, without the slashes.
  std::string doc;
  /// Empty for import, dim, const and an unnamed train.
  Ident name;

  using Node::Node;
  static bool classof(const Node *n) {
    return n->kind >= Kind::FirstDecl && n->kind <= Kind::LastDecl;
  }
};

} // namespace nnc::ast

#endif
