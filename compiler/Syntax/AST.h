/// Syntax tree of .nn.
///
/// One struct for each production of the grammar. Nodes are plain data: the parser fills them in
/// and nobody changes them afterwards; what the semantic analysis finds out lives beside the tree,
/// keyed by node address. All nodes of a file belong to its File, so children are plain pointers; a
/// child that the grammar requires is never null in a file that parsed without errors. Names are
/// slices of the source buffer, which the llvm::SourceMgr keeps alive.
#ifndef NNC_COMPILER_SYNTAX_AST_H
#define NNC_COMPILER_SYNTAX_AST_H

#include "compiler/Syntax/ASTExpr.h"
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nnc::ast {

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

/// A `dim` (ConstantsDecl) or `net` (NetDecl) inside a body.
struct DeclStmt : NodeOf<Kind::DeclStmt, Stmt> {
  Decl *decl = nullptr;
};

/// `param w: f32[a, b] ~ D`, `param b: f32[d] = 0`, `running n: f32 = 0`.
struct ParamStmt : NodeOf<Kind::Param, Stmt> {
  bool running = false;
  Ident name;
  ast::Type *type = nullptr;
  /// `~`: init is a distribution, else a value.
  bool drawn = false;
  Expr *init = nullptr;
};

/// `target [: type] = value`.
struct DefineStmt : NodeOf<Kind::Define, Stmt> {
  ast::Target *target = nullptr;
  ast::Type *type = nullptr;
  Expr *value = nullptr;
};

/// `z [: type] ~ distribution [by ...] [given ...] [where ...]`; absent parts are null.
struct DrawStmt : NodeOf<Kind::Draw, Stmt> {
  Ident name;
  ast::Type *type = nullptr;
  Expr *distribution = nullptr;
  Expr *by = nullptr;
  Expr *given = nullptr;
  Expr *where = nullptr;
};

/// `place <- value`.
struct UpdateStmt : NodeOf<Kind::Update, Stmt> {
  Place place;
  Expr *value = nullptr;
};

struct ObserveStmt : NodeOf<Kind::Observe, Stmt> {
  Expr *value = nullptr;
  Expr *distribution = nullptr;
  Expr *where = nullptr; ///< null if not written
};

/// `minimize e over p, q` or `maximize ...`.
struct OptimizeStmt : NodeOf<Kind::Optimize, Stmt> {
  bool maximize = false;
  Expr *value = nullptr;
  std::vector<Path> over;
};

struct ReportStmt : NodeOf<Kind::Report, Stmt> {
  Ident name;
  Expr *value = nullptr;
};

enum class ShowKind : uint8_t { Text, Image, Svg, Csv, Npy };

llvm::StringRef spelling(ShowKind kind);

struct ShowStmt : NodeOf<Kind::Show, Stmt> {
  ShowKind show = ShowKind::Text;
  Ident name;
  Expr *value = nullptr;
};

struct AssertStmt : NodeOf<Kind::Assert, Stmt> {
  Expr *condition = nullptr;
  std::optional<std::string> message;
};

struct YieldStmt : NodeOf<Kind::Yield, Stmt> {
  std::vector<Expr *> values;
};

/// The compile-time loop in its forms.
struct RepeatStmt : NodeOf<Kind::Repeat, Stmt> {
  enum Form : uint8_t {
    Count, ///< `repeat L`: upper
    Below, ///< `repeat i < L`: name, upper
    Range, ///< `repeat i in a:b`: name, lower, upper
    List,  ///< `repeat c in [32, 64]`: name, list
  };
  Form form = Count;
  Ident name;
  Expr *lower = nullptr;
  Expr *upper = nullptr;
  Expr *list = nullptr;
  Block *body = nullptr;
};

struct ExprStmt : NodeOf<Kind::ExprStmt, Stmt> {
  Expr *value = nullptr;
};

//===----------------------------------------------------------------------===//
// Train statements
//===----------------------------------------------------------------------===//

enum class Unit : uint8_t { Steps, Epochs };

/// `for n epochs of digits[64] { ... }`.
struct ForStmt : NodeOf<Kind::For, TrainStmt> {
  Expr *count = nullptr;
  Unit unit = Unit::Steps;
  Expr *data = nullptr; ///< null without `of`
  TrainBlock *body = nullptr;
};

struct TrainRepeatStmt : NodeOf<Kind::TrainRepeat, TrainStmt> {
  Expr *count = nullptr;
  TrainBlock *body = nullptr;
};

struct EveryStmt : NodeOf<Kind::Every, TrainStmt> {
  Expr *count = nullptr;
  Unit unit = Unit::Steps;
  TrainBlock *body = nullptr;
};

/// `step f over p with Adam(lr), clip(1.0)`.
struct StepStmt : NodeOf<Kind::Step, TrainStmt> {
  Expr *objective = nullptr;
  std::vector<Path> over;
  std::vector<Expr *> with;
};

/// `validate f`, `validate f on 2000 rows`.
struct ValidateStmt : NodeOf<Kind::Validate, TrainStmt> {
  Path objective;
  /// Null: on all rows.
  Expr *rows = nullptr;
};

struct RunStmt : NodeOf<Kind::Run, TrainStmt> {
  Expr *entry = nullptr;
};

//===----------------------------------------------------------------------===//
// Declarations
//===----------------------------------------------------------------------===//

struct ImportDecl : NodeOf<Kind::Import, Decl> {
  std::string path;
  SourceRange pathRange;
};

/// `name = e` or `name[i < N] = e` of a dim or const line.
struct Constant {
  ast::Target *target = nullptr;
  Expr *value = nullptr;
  SourceRange range;
};

/// `dim a = 1, b = 2` (isDim) or `const lambda = 10`.
struct ConstantsDecl : NodeOf<Kind::Constants, Decl> {
  bool isDim = false;
  std::vector<Constant> constants;
};

/// `csv("digits.csv")`: a reader and its arguments.
struct Source {
  Ident reader;
  std::vector<Arg> args;
  SourceRange range;
};

struct VocabDecl : NodeOf<Kind::Vocab, Decl> {
  Expr *size = nullptr;
  Source source;
};

struct Field {
  Ident name;
  ast::Type *type = nullptr;
  Expr *value = nullptr; ///< null: the source value of that name
  SourceRange range;
};

struct DataDecl : NodeOf<Kind::Data, Decl> {
  std::vector<Source> sources;
  std::vector<Field> fields;
  /// One fraction, or CallExprs of the form of sources; empty without `holdout`.
  std::vector<Expr *> holdout;
  SourceRange holdoutRange;
};

/// Common to fn, layer, objective and entry.
struct CallableDecl : Decl {
  bool hasStatics = false;
  std::vector<Static> statics;
  bool hasParams = false;
  std::vector<Parameter> params;
  Block *body = nullptr;

  using Decl::Decl;
  static bool classof(const Node *n) {
    return n->kind >= Kind::FirstCallable && n->kind <= Kind::LastCallable;
  }
};

struct FunctionDecl : NodeOf<Kind::Function, CallableDecl> {
  bool isLayer = false;
  ast::Type *result = nullptr; ///< null without `->`
  /// `= expr`: the body is one ExprStmt.
  bool expressionBody = false;
};

struct ObjectiveDecl : NodeOf<Kind::Objective, CallableDecl> {};

struct EntryDecl : NodeOf<Kind::Entry, CallableDecl> {};

/// `[frozen] net name = init [from "file" [at path]]`.
struct NetDecl : NodeOf<Kind::Net, Decl> {
  bool frozen = false;
  Expr *init = nullptr;
  std::optional<std::string> from;
  SourceRange fromRange;
  /// No parts without `at`.
  Path at;
};

struct TrainDecl : NodeOf<Kind::Train, Decl> {
  bool hasParams = false;
  std::vector<Parameter> params;
  TrainBlock *body = nullptr;
};

//===----------------------------------------------------------------------===//
// File
//===----------------------------------------------------------------------===//

/// `//> ARGS: CONDITION`, an expectation for `nnc test`.
struct Expectation {
  /// The command line before the colon.
  std::string command;
  /// After the colon.
  std::string condition;
  SourceRange range;
};

/// One parsed source file: the owner of its nodes.
class File {
public:
  explicit File(unsigned bufferId, std::string path) : bufferId(bufferId), path(std::move(path)) {}

  /// Creates a node that lives as long as the file.
  template <typename T> T *make(SourceRange range = {}) {
    auto node = std::make_unique<T>();
    T *result = node.get();
    result->range = range;
    nodes.push_back(std::move(node));
    return result;
  }

  unsigned bufferId;
  std::string path;
  std::vector<Decl *> decls;
  std::vector<Expectation> expectations;
  /// The `///` lines at the top of the file, when a blank line follows them.
  std::string doc;
  /// Some part of the file could not be parsed: declarations or statements are missing.
  bool hasErrors = false;

private:
  std::vector<std::unique_ptr<Node>> nodes;
};

} // namespace nnc::ast

#endif
