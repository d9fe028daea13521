//===- AST.h - Syntax tree of .nn -----------------------------------------===//
//
// One struct for each production of the grammar. Nodes are plain data: the parser fills them in and
// nobody changes them afterwards; what the semantic analysis finds out lives beside the tree, keyed
// by node address. All nodes of a file belong to its File, so children are plain pointers; a child
// that the grammar requires is never null in a file that parsed without errors. Names are slices of
// the source buffer, which the llvm::SourceMgr keeps alive.
//
//===----------------------------------------------------------------------===//

#ifndef NNC_SYNTAX_AST_H
#define NNC_SYNTAX_AST_H

#include "compiler/Syntax/ASTBase.h"
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nnc::ast {

//===----------------------------------------------------------------------===//
// Parts
//===----------------------------------------------------------------------===//

/// `gpt.block.attn`: what `over`, `at` and `validate` take.
struct Path {
  std::vector<Ident> parts;
  SourceRange range;
};

/// `{ ... }`; the value of a block is its last statement, if that is an ExprStmt.
struct Block : NodeOf<Kind::Block, Node> {
  std::vector<Stmt *> statements;
};

struct TrainBlock : NodeOf<Kind::TrainBlock, Node> {
  std::vector<TrainStmt *> statements;
};

/// `f32[.., d] < V?` or `(f32[B], i32[B])`.
struct Type : NodeOf<Kind::Type, Node> {
  /// f32, i32, bool, a vocab or a data set; empty for a tuple type.
  Ident name;
  /// `[...]` was written (it may not be empty).
  bool hasDims = false;
  /// Each a size, or an EllipsisExpr.
  std::vector<Expr *> dims;
  /// After `<`; null without.
  Expr *bound = nullptr;
  /// `?`.
  bool optional = false;
  /// The members of a tuple type.
  std::vector<Type *> elements;

  bool isTuple() const { return name.empty(); }
};

/// `i`, `i < N` or `i in a:b`.
struct Binder : NodeOf<Kind::Binder, Node> {
  Ident name;
  /// `i < upper` (then lower is null) or `i in lower:upper`; both null for a bare name.
  Expr *lower = nullptr;
  Expr *upper = nullptr;
};

/// An index on the left of `=`: a binder, `:` or `..`.
struct Index {
  enum Form : uint8_t { Binder, All, Ellipsis };
  Form form = All;
  ast::Binder *binder = nullptr;
  SourceRange range;
};

/// What `=` defines: `y`, `y[b, i < N]`, `(h, ys[:, t])`.
struct Target : NodeOf<Kind::Target, Node> {
  /// Empty for a tuple.
  Ident name;
  bool hasIndices = false;
  std::vector<Index> indices;
  std::vector<Target *> elements;

  bool isTuple() const { return name.empty(); }
};

/// An argument in `( )`: `e`, `name = e` or `..`.
struct Arg {
  /// Empty if positional.
  Ident name;
  /// An EllipsisExpr for `..`.
  Expr *value = nullptr;
  SourceRange range;
};

/// What stands between the commas of `x[...]`. What it means depends on the kind of the thing
/// before the bracket: static arguments, dims or subscripts.
struct Item {
  enum Form : uint8_t {
    Value,    ///< `e`
    Named,    ///< `name = e`
    Ellipsis, ///< `..`
    Slice,    ///< `a:b`, each side optional
    Range,    ///< `i in a:b`
  };
  Form form = Value;
  /// Named.
  Ident name;
  /// Value and Named.
  Expr *value = nullptr;
  /// Slice; each may be null.
  Expr *begin = nullptr;
  Expr *end = nullptr;
  /// Range.
  ast::Binder *binder = nullptr;
  SourceRange range;
};

/// What `<-` writes to: a name, or a slice of it.
struct Place {
  Ident name;
  bool hasItems = false;
  std::vector<Item> items;
  SourceRange range;
};

/// `[heads, rate = 0.1]`: one static of a declaration.
struct Static {
  Ident name;
  Expr *init = nullptr;
  SourceRange range;
};

/// `(x: f32[B] = 0)`: one parameter of a declaration.
struct Parameter {
  Ident name;
  ast::Type *type = nullptr;
  Expr *init = nullptr;
  SourceRange range;
};

/// `carry h: f32[B] = 0`.
struct Carry {
  Ident name;
  ast::Type *type = nullptr; ///< null if not written
  Expr *init = nullptr;
  SourceRange range;
};

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

struct NumberExpr : NodeOf<Kind::Number, Expr> {
  llvm::StringRef text;
  double value = 0;
  /// Set when written without point and exponent, and it fits.
  std::optional<int64_t> integer;
};

struct StringExpr : NodeOf<Kind::String, Expr> {
  /// Escapes already replaced.
  std::string value;
};

struct NameExpr : NodeOf<Kind::Name, Expr> {
  llvm::StringRef name;
  Ident ident() const { return {name, range}; }
};

struct BoolExpr : NodeOf<Kind::Bool, Expr> {
  bool value = false;
};

struct NoneExpr : NodeOf<Kind::None, Expr> {};

/// `..` as a dim, an argument or an element of a tuple such as `axis = (.., T)`.
struct EllipsisExpr : NodeOf<Kind::Ellipsis, Expr> {};

/// `(a, b)`; always two or more elements.
struct TupleExpr : NodeOf<Kind::Tuple, Expr> {
  std::vector<Expr *> elements;
};

struct ListExpr : NodeOf<Kind::List, Expr> {
  std::vector<Expr *> elements;
};

enum class UnaryOp : uint8_t { Neg, Not };
enum class BinaryOp : uint8_t {
  Or,
  And,
  Eq,
  Ne,
  Lt,
  Le,
  Gt,
  Ge,
  Add,
  Sub,
  Mul,
  Div,
  Mod,
  MatMul,
  Pow
};

/// As written: "-", "@", "and", ...
llvm::StringRef spelling(UnaryOp op);
llvm::StringRef spelling(BinaryOp op);

struct UnaryExpr : NodeOf<Kind::Unary, Expr> {
  UnaryOp op = UnaryOp::Neg;
  Expr *operand = nullptr;
};

struct BinaryExpr : NodeOf<Kind::Binary, Expr> {
  BinaryOp op = BinaryOp::Add;
  SourceRange opRange;
  Expr *lhs = nullptr;
  Expr *rhs = nullptr;
};

enum class ReduceOp : uint8_t {
  Sum,
  Mean,
  Prod,
  Max,
  Min,
  Any,
  All,
  ArgMax,
  ArgMin,
  LogSumExp,
  Softmax,
  LogSoftmax
};

llvm::StringRef spelling(ReduceOp op);

/// `sum[j] e`. Softmax and LogSoftmax re-use an index of the left side instead of binding one.
struct ReduceExpr : NodeOf<Kind::Reduce, Expr> {
  ReduceOp op = ReduceOp::Sum;
  SourceRange opRange;
  std::vector<Binder *> binders;
  Expr *body = nullptr;
};

struct CallExpr : NodeOf<Kind::Call, Expr> {
  Expr *callee = nullptr;
  std::vector<Arg> args;
};

struct BracketExpr : NodeOf<Kind::Bracket, Expr> {
  Expr *base = nullptr;
  std::vector<Item> items;
  /// From `[` to `]`.
  SourceRange bracketRange;
};

struct MemberExpr : NodeOf<Kind::Member, Expr> {
  Expr *base = nullptr;
  Ident member;
};

struct IfExpr : NodeOf<Kind::If, Expr> {
  Expr *condition = nullptr;
  Block *thenBlock = nullptr;
  /// Null without `else`; `else if` is a block of one ExprStmt that holds the IfExpr.
  Block *elseBlock = nullptr;
};

struct ScanExpr : NodeOf<Kind::Scan, Expr> {
  Binder *binder = nullptr;
  std::vector<Carry> carries;
  /// Null without `until`.
  Expr *until = nullptr;
  Block *body = nullptr;
};

/// Stands where parsing failed; the error has been reported.
struct ErrorExpr : NodeOf<Kind::ErrorExpr, Expr> {};

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

struct ValidateStmt : NodeOf<Kind::Validate, TrainStmt> {
  Path objective;
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
  /// Some part of the file could not be parsed: declarations or statements are missing.
  bool hasErrors = false;

private:
  std::vector<std::unique_ptr<Node>> nodes;
};

/// The name of the innermost thing that `a.b[c](d)` refers to (a), or null if it is not a name.
const NameExpr *headName(const Expr *expr);

} // namespace nnc::ast

#endif // NNC_SYNTAX_AST_H
