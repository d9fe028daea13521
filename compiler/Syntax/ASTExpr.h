/// Expressions, types and other parts of the tree.

#ifndef NNC_COMPILER_SYNTAX_ASTEXPR_H
#define NNC_COMPILER_SYNTAX_ASTEXPR_H

#include "compiler/Syntax/ASTBase.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>
#include <string>
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

/// An expression that is a binary operator, its left side, the left side of that, as far as they
/// are operators: a chain a + b + ... of any length without recursion. Outermost first.
llvm::SmallVector<const BinaryExpr *, 4> leftSpine(const Expr *expr);

/// The name of the innermost thing that `a.b[c](d)` refers to (a), or null if it is not a name.
const NameExpr *headName(const Expr *expr);

} // namespace nnc::ast

#endif
