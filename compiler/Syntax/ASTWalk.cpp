/// Visits what is written in expressions and bodies.
#include "compiler/Syntax/ASTWalk.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

namespace nnc {
namespace {

/// Calls `child` for each expression directly inside `expr`, and `block` for each block.
struct Children {
  llvm::function_ref<void(const ast::Expr *)> child;
  llvm::function_ref<void(const ast::Block &)> block;

  void items(llvm::ArrayRef<ast::Item> items) {
    for (const ast::Item &item : items) {
      for (const ast::Expr *part : {item.value, item.begin, item.end})
        child(part);
      binder(item.binder);
    }
  }
  void binder(const ast::Binder *binder) {
    if (!binder)
      return;
    child(binder->lower);
    child(binder->upper);
  }
  void all(llvm::ArrayRef<ast::Expr *> list) {
    for (const ast::Expr *expr : list)
      child(expr);
  }
  void visit(const ast::Expr &expr);
};

void Children::visit(const ast::Expr &expr) {
  if (auto *tuple = llvm::dyn_cast<ast::TupleExpr>(&expr)) {
    all(tuple->elements);
  } else if (auto *list = llvm::dyn_cast<ast::ListExpr>(&expr)) {
    all(list->elements);
  } else if (auto *unary = llvm::dyn_cast<ast::UnaryExpr>(&expr)) {
    child(unary->operand);
  } else if (auto *reduce = llvm::dyn_cast<ast::ReduceExpr>(&expr)) {
    for (const ast::Binder *one : reduce->binders)
      binder(one);
    child(reduce->body);
  } else if (auto *call = llvm::dyn_cast<ast::CallExpr>(&expr)) {
    child(call->callee);
    for (const ast::Arg &arg : call->args)
      child(arg.value);
  } else if (auto *bracket = llvm::dyn_cast<ast::BracketExpr>(&expr)) {
    child(bracket->base);
    items(bracket->items);
  } else if (auto *member = llvm::dyn_cast<ast::MemberExpr>(&expr)) {
    child(member->base);
  } else if (auto *branch = llvm::dyn_cast<ast::IfExpr>(&expr)) {
    child(branch->condition);
    for (const ast::Block *part : {branch->thenBlock, branch->elseBlock})
      if (part)
        block(*part);
  } else if (auto *scan = llvm::dyn_cast<ast::ScanExpr>(&expr)) {
    binder(scan->binder);
    for (const ast::Carry &carry : scan->carries)
      child(carry.init);
    child(scan->until);
    block(*scan->body);
  }
}

/// The expressions of a statement.
llvm::SmallVector<const ast::Expr *, 4> partsOf(const ast::Stmt &statement) {
  if (auto *define = llvm::dyn_cast<ast::DefineStmt>(&statement))
    return {define->value};
  if (auto *draw = llvm::dyn_cast<ast::DrawStmt>(&statement))
    return {draw->distribution, draw->by, draw->given, draw->where};
  if (auto *update = llvm::dyn_cast<ast::UpdateStmt>(&statement))
    return {update->value};
  if (auto *observe = llvm::dyn_cast<ast::ObserveStmt>(&statement))
    return {observe->value, observe->distribution, observe->where};
  if (auto *optimize = llvm::dyn_cast<ast::OptimizeStmt>(&statement))
    return {optimize->value};
  if (auto *report = llvm::dyn_cast<ast::ReportStmt>(&statement))
    return {report->value};
  if (auto *show = llvm::dyn_cast<ast::ShowStmt>(&statement))
    return {show->value};
  if (auto *check = llvm::dyn_cast<ast::AssertStmt>(&statement))
    return {check->condition};
  if (auto *param = llvm::dyn_cast<ast::ParamStmt>(&statement))
    return {param->init};
  if (auto *last = llvm::dyn_cast<ast::ExprStmt>(&statement))
    return {last->value};
  if (auto *yield = llvm::dyn_cast<ast::YieldStmt>(&statement))
    return llvm::SmallVector<const ast::Expr *, 4>(yield->values.begin(), yield->values.end());
  if (auto *repeat = llvm::dyn_cast<ast::RepeatStmt>(&statement))
    return {repeat->lower, repeat->upper, repeat->list};
  return {};
}

} // namespace

void forEachExpr(const ast::Expr *expr, llvm::function_ref<void(const ast::Expr &)> visit) {
  if (!expr)
    return;
  if (auto spine = ast::leftSpine(expr); !spine.empty()) {
    for (const ast::BinaryExpr *one : spine)
      visit(*one);
    forEachExpr(spine.back()->lhs, visit);
    for (const ast::BinaryExpr *one : llvm::reverse(spine))
      forEachExpr(one->rhs, visit);
    return;
  }
  visit(*expr);
  auto child = [&](const ast::Expr *part) { forEachExpr(part, visit); };
  auto block = [&](const ast::Block &body) { forEachExpr(body, visit); };
  Children{child, block}.visit(*expr);
}

void forEachExpr(const ast::Block &block, llvm::function_ref<void(const ast::Expr &)> visit) {
  for (const ast::Stmt *statement : block.statements) {
    for (const ast::Expr *part : partsOf(*statement))
      forEachExpr(part, visit);
    if (auto *repeat = llvm::dyn_cast<ast::RepeatStmt>(statement))
      forEachExpr(*repeat->body, visit);
  }
}

void forEachStatement(const ast::Block &block, llvm::function_ref<void(const ast::Stmt &)> visit) {
  auto inside = [&](const ast::Expr *expr) {
    auto *branch = llvm::dyn_cast_or_null<ast::IfExpr>(expr);
    for (const ast::Block *part :
         {branch ? branch->thenBlock : nullptr, branch ? branch->elseBlock : nullptr})
      if (part)
        forEachStatement(*part, visit);
  };
  for (const ast::Stmt *statement : block.statements) {
    visit(*statement);
    if (auto *repeat = llvm::dyn_cast<ast::RepeatStmt>(statement))
      forEachStatement(*repeat->body, visit);
    if (auto *expr = llvm::dyn_cast<ast::ExprStmt>(statement))
      inside(expr->value);
    if (auto *define = llvm::dyn_cast<ast::DefineStmt>(statement))
      inside(define->value);
  }
}

bool mentions(const ast::Expr *expr, llvm::StringRef name) {
  bool found = false;
  forEachExpr(expr, [&](const ast::Expr &part) {
    auto *use = llvm::dyn_cast<ast::NameExpr>(&part);
    found |= use && use->name == name;
  });
  return found;
}

} // namespace nnc
