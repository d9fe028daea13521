/// Statements as text.

#include "compiler/Syntax/ASTPrinterImpl.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace nnc;
using namespace nnc::ast;
using llvm::dyn_cast;

static std::string typeSuffix(const Type *type) {
  return type ? ": " + sourceText(type->range) : "";
}

static std::string pathList(const std::vector<Path> &paths) {
  return llvm::join(llvm::map_range(paths, [](const Path &p) { return sourceText(p.range); }),
                    ", ");
}

static std::string headOf(const RepeatStmt *repeat) {
  std::string name = repeat->name.text.str();
  switch (repeat->form) {
  case RepeatStmt::Count:
    return "repeat";
  case RepeatStmt::Below:
    return "repeat " + name + " <";
  default:
    return "repeat " + name + " in";
  }
}

/// The statement without its children.
static std::string headOf(const Stmt *stmt) {
  switch (stmt->kind) {
  case Kind::Param: {
    auto *param = llvm::cast<ParamStmt>(stmt);
    return (param->running ? "running " : "param ") + param->name.text.str() +
           typeSuffix(param->type) + (param->drawn ? " ~" : " =");
  }
  case Kind::Define: {
    auto *define = llvm::cast<DefineStmt>(stmt);
    return "define " + sourceText(define->target->range) + typeSuffix(define->type);
  }
  case Kind::Draw: {
    auto *draw = llvm::cast<DrawStmt>(stmt);
    return "draw " + draw->name.text.str() + typeSuffix(draw->type);
  }
  case Kind::Optimize: {
    auto *optimize = llvm::cast<OptimizeStmt>(stmt);
    return (optimize->maximize ? "maximize over " : "minimize over ") + pathList(optimize->over);
  }
  case Kind::Report:
    return "report " + llvm::cast<ReportStmt>(stmt)->name.text.str();
  case Kind::Show: {
    auto *show = llvm::cast<ShowStmt>(stmt);
    return ("show " + spelling(show->show) + " " + show->name.text).str();
  }
  case Kind::Repeat:
    return headOf(llvm::cast<RepeatStmt>(stmt));
  default:
    return kindName(stmt->kind).str();
  }
}

void ASTPrinter::print(const Block *block) {
  if (!block)
    return;
  Indent indent(*this);
  for (const Stmt *stmt : block->statements)
    print(stmt);
}

void ASTPrinter::print(const Stmt *stmt) {
  if (auto *decl = dyn_cast<DeclStmt>(stmt))
    return print(decl->decl);
  if (auto *expr = dyn_cast<ExprStmt>(stmt))
    return print(expr->value);
  if (auto *update = dyn_cast<UpdateStmt>(stmt))
    line("update " + update->place.name.text);
  else
    line(headOf(stmt));
  Indent indent(*this);
  printParts(stmt);
}

void ASTPrinter::printParts(const Stmt *stmt) {
  if (auto *param = dyn_cast<ParamStmt>(stmt)) {
    print(param->init);
  } else if (auto *define = dyn_cast<DefineStmt>(stmt)) {
    print(define->value);
  } else if (auto *draw = dyn_cast<DrawStmt>(stmt)) {
    print(draw->distribution);
    print(draw->by, "by ");
    print(draw->given, "given ");
    print(draw->where, "where ");
  } else if (auto *update = dyn_cast<UpdateStmt>(stmt)) {
    for (const Item &item : update->place.items)
      print(item);
    print(update->value, "value ");
  } else if (auto *observe = dyn_cast<ObserveStmt>(stmt)) {
    print(observe->value);
    print(observe->distribution, "from ");
    print(observe->where, "where ");
  } else if (auto *optimize = dyn_cast<OptimizeStmt>(stmt)) {
    print(optimize->value);
  } else if (auto *report = dyn_cast<ReportStmt>(stmt)) {
    print(report->value);
  } else if (auto *show = dyn_cast<ShowStmt>(stmt)) {
    print(show->value);
  } else if (auto *check = dyn_cast<AssertStmt>(stmt)) {
    print(check->condition);
    if (check->message)
      line("message " + quoted(*check->message));
  } else if (auto *yield = dyn_cast<YieldStmt>(stmt)) {
    for (const Expr *value : yield->values)
      print(value);
  } else if (auto *repeat = dyn_cast<RepeatStmt>(stmt)) {
    print(repeat->lower, "from ");
    print(repeat->upper, "to ");
    print(repeat->list);
    line("body");
    print(repeat->body);
  }
}

//===----------------------------------------------------------------------===//
// Train blocks
//===----------------------------------------------------------------------===//

void ASTPrinter::print(const TrainBlock *block) {
  for (const TrainStmt *stmt : block->statements)
    print(stmt);
}

void ASTPrinter::print(const TrainStmt *stmt) {
  auto head = [](llvm::StringRef word, Unit unit) {
    return (word + (unit == Unit::Steps ? " steps" : " epochs")).str();
  };
  auto parts = [&](const std::string &text, const Expr *count, const Expr *data,
                   const TrainBlock *body) {
    line(text);
    Indent indent(*this);
    print(count, "count ");
    print(data, "of ");
    print(body);
  };
  if (auto *loop = dyn_cast<ForStmt>(stmt)) {
    parts(head("for", loop->unit), loop->count, loop->data, loop->body);
  } else if (auto *repeat = dyn_cast<TrainRepeatStmt>(stmt)) {
    parts("repeat", repeat->count, nullptr, repeat->body);
  } else if (auto *every = dyn_cast<EveryStmt>(stmt)) {
    parts(head("every", every->unit), every->count, nullptr, every->body);
  } else if (auto *step = dyn_cast<StepStmt>(stmt)) {
    line("step" + (step->over.empty() ? "" : " over " + pathList(step->over)));
    Indent indent(*this);
    print(step->objective);
    for (const Expr *part : step->with)
      print(part, "with ");
  } else if (auto *validate = dyn_cast<ValidateStmt>(stmt)) {
    line("validate " + sourceText(validate->objective.range));
    Indent indent(*this);
    if (validate->rows)
      print(validate->rows, "on ");
  } else if (auto *run = dyn_cast<RunStmt>(stmt)) {
    line("run");
    Indent indent(*this);
    print(run->entry);
  }
}
