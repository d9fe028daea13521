/// What stands on the left.
///
/// A target is read as an expression and reinterpreted when `=`, `~` or `<-` follows.
#include "compiler/Syntax/ParserImpl.h"

using namespace nnc;
using namespace nnc::ast;

Binder *Parser::makeBinder(const NameExpr *name, Expr *upper, SourceRange range) {
  auto *binder = file.make<Binder>(range);
  binder->name = name->ident();
  binder->upper = upper;
  return binder;
}

bool Parser::toIndex(const Item &item, Index &index) {
  index.range = item.range;
  switch (item.form) {
  case Item::Ellipsis:
    index.form = Index::Ellipsis;
    return true;
  case Item::Range:
    index.form = Index::Binder;
    index.binder = item.binder;
    return true;
  case Item::Slice:
    index.form = Index::All;
    return !item.begin && !item.end;
  case Item::Named:
    return false;
  case Item::Value:
    break;
  }
  index.form = Index::Binder;
  if (auto *name = llvm::dyn_cast<NameExpr>(item.value)) {
    index.binder = makeBinder(name, nullptr, item.range);
    return true;
  }
  auto *less = llvm::dyn_cast<BinaryExpr>(item.value);
  if (!less || less->op != BinaryOp::Lt || less->parenthesised)
    return false;
  auto *name = llvm::dyn_cast<NameExpr>(less->lhs);
  if (!name)
    return false;
  index.binder = makeBinder(name, less->rhs, item.range);
  return true;
}

/// Why an expression cannot be defined.
static llvm::StringRef targetHelp(const Expr *expr) {
  switch (expr->kind) {
  case Kind::Call:
    return "a function is declared at file level: `fn f(x: f32) = …`";
  case Kind::Member:
    return "members are read only; define a name of its own";
  case Kind::Binary:
  case Kind::Unary:
    return "to compare, write `==`; `=` has one name, or several in parentheses, on its left";
  case Kind::Number:
  case Kind::String:
  case Kind::Bool:
  case Kind::None:
    return "the name stands on the left: `name = value`";
  case Kind::List:
    return "several names stand in parentheses: `(a, b) = …`";
  default:
    return "on the left stand a name, `name[i, j]`, or several in parentheses";
  }
}

Target *Parser::toTarget(Expr *expr) {
  auto *target = file.make<Target>(expr->range);
  if (panic)
    return target;
  if (auto *name = llvm::dyn_cast<NameExpr>(expr)) {
    target->name = name->ident();
    return target;
  }
  if (auto *tuple = llvm::dyn_cast<TupleExpr>(expr)) {
    for (Expr *element : tuple->elements)
      target->elements.push_back(toTarget(element));
    return target;
  }
  auto *bracket = llvm::dyn_cast<BracketExpr>(expr);
  auto *name = bracket ? llvm::dyn_cast<NameExpr>(bracket->base) : nullptr;
  if (!name) {
    stop(Code::InvalidTarget, expr->range, "this cannot be defined").help(targetHelp(expr));
    return target;
  }
  target->name = name->ident();
  target->hasIndices = true;
  for (const Item &item : bracket->items) {
    Index index;
    if (!toIndex(item, index)) {
      stop(Code::InvalidTarget, item.range, "an index on the left of `=` is a name, `:` or `..`")
          .help("to replace a part of `" + name->name + "`, write `<-` instead of `=`");
      return target;
    }
    target->indices.push_back(index);
  }
  return target;
}

Stmt *Parser::define(Expr *left, Type *type, llvm::SMLoc begin) {
  auto *result = file.make<DefineStmt>();
  result->target = toTarget(left);
  take();
  result->type = type;
  result->value = expr();
  result->range = since(begin);
  return result;
}

Stmt *Parser::draw(Expr *left, Type *type, llvm::SMLoc begin) {
  auto *result = file.make<DrawStmt>();
  if (auto *name = llvm::dyn_cast<NameExpr>(left))
    result->name = name->ident();
  else
    stop(Code::InvalidTarget, left->range, "a draw has one name on its left")
        .help("a draw with a shape of its own is written `z: f32[n, k] ~ …`; to score a value that "
              "is known, write `observe … ~ …`");
  if (!panic)
    take();
  result->type = type;
  result->distribution = expr();
  if (eat(Tok::kw_by))
    result->by = postfix();
  if (eat(Tok::kw_given))
    result->given = expr();
  if (eatWord("where"))
    result->where = expr();
  result->range = since(begin);
  return result;
}

Stmt *Parser::update(Expr *left, llvm::SMLoc begin) {
  auto *result = file.make<UpdateStmt>();
  auto *bracket = llvm::dyn_cast<BracketExpr>(left);
  if (auto *name = llvm::dyn_cast<NameExpr>(bracket ? bracket->base : left))
    result->place.name = name->ident();
  else
    stop(Code::InvalidTarget, left->range, "`<-` replaces a name or a slice of it")
        .help("write `line[:, t] <- value`; to compare with a negative number, write `< -…`");
  if (bracket) {
    result->place.hasItems = true;
    result->place.items = bracket->items;
  }
  result->place.range = left->range;
  if (!panic)
    take();
  result->value = expr();
  result->range = since(begin);
  return result;
}
