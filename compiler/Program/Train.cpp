/// Train blocks as commands, and the plan of each of their steps.
#include "compiler/Program/Program.h"
#include "compiler/Syntax/ASTWalk.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"

namespace nnc {

mlir::Attribute TrainTranslator::commands() {
  llvm::SmallVector<mlir::Attribute> list;
  for (const ast::Decl *decl : context.file.decls)
    if (auto *found = llvm::dyn_cast<ast::TrainDecl>(decl))
      if (mlir::Attribute made = command(*found))
        list.push_back(made);
  return context.make.list(list);
}

mlir::Attribute TrainTranslator::command(const ast::TrainDecl &decl) {
  ProgramAttributes &make = context.make;
  std::string name = decl.name.empty() ? "train" : decl.name.text.str();
  StaticRoot root(context, name);
  train = &decl;
  llvm::SmallVector<mlir::Attribute> flags;
  bool good = true;
  for (const ast::Parameter &parameter : decl.params) {
    std::optional<TensorType> type = resolveType(context.body, *parameter.type);
    mlir::Attribute made;
    if (type && type->rank() == 0 && !parameter.type->optional && !type->vocab)
      made = context.flag(parameter, *type);
    else if (type)
      context.diags.error(Code::MalformedFlag, parameter.range,
                          "`" + parameter.name.text + "` of a train block is no scalar");
    good &= bool(made);
    flags.push_back(made);
  }
  mlir::Attribute statements = body(*decl.body);
  if (!good || !statements)
    return {};
  return make.object(
      {{"name", make.text(name)}, {"flags", make.list(flags)}, {"body", statements}});
}

mlir::Attribute TrainTranslator::body(const ast::TrainBlock &block) {
  llvm::SmallVector<mlir::Attribute> list;
  bool good = true;
  for (const ast::TrainStmt *one : block.statements) {
    list.push_back(statement(*one));
    good &= bool(list.back());
  }
  return good ? context.make.list(list) : mlir::Attribute();
}

mlir::Attribute TrainTranslator::statement(const ast::TrainStmt &statement) {
  ProgramAttributes &make = context.make;
  return llvm::TypeSwitch<const ast::TrainStmt *, mlir::Attribute>(&statement)
      .Case([&](const ast::ForStmt *loop) { return this->loop(*loop); })
      .Case([&](const ast::TrainRepeatStmt *repeat) -> mlir::Attribute {
        mlir::Attribute turns = count(*repeat->count), inner = body(*repeat->body);
        if (!turns || !inner)
          return {};
        return make.object({{"op", make.text("repeat")}, {"count", turns}, {"body", inner}});
      })
      .Case([&](const ast::EveryStmt *every) -> mlir::Attribute {
        if (!depth) {
          context.diags.error(Code::NestedLoop, every->range,
                              "`every` outside of a `for` never comes round");
          return {};
        }
        mlir::Attribute period = count(*every->count), inner = body(*every->body);
        if (!period || !inner)
          return {};
        bool epochs = every->unit == ast::Unit::Epochs;
        if (epochs && loops.empty()) {
          context.diags.error(Code::NestedLoop, every->range, "there are no epochs without data");
          return {};
        }
        return make.object({{"op", make.text("every")},
                            {"count", period},
                            {"unit", make.text(epochs ? "epochs" : "steps")},
                            {"body", inner}});
      })
      .Case([&](const ast::StepStmt *step) { return this->step(*step); })
      .Case([&](const ast::ValidateStmt *validate) { return this->validate(*validate); })
      .Case([&](const ast::RunStmt *run) { return this->run(*run); });
}

mlir::Attribute TrainTranslator::count(const ast::Expr &expr) {
  ProgramAttributes &make = context.make;
  const ast::Parameter *used = nullptr;
  for (const ast::Parameter &parameter : train->params)
    if (mentions(&expr, parameter.name.text))
      used = &parameter;
  if (used && llvm::isa<ast::NameExpr>(expr))
    return make.object({{"flag", make.text(used->name.text)}});
  if (!used) {
    Value value = evalStatic(context.body, &expr);
    if (value.isPoison())
      return {};
    if (const Dim *number = value.as<Dim>(); number && number->value() >= 0)
      return make.object({{"value", make.real(double(number->value()))}});
  }
  auto error = context.diags.error(Code::MalformedCount, expr.range, "this is not a count");
  if (used)
    error.help("a count is a flag alone, `" + used->name.text +
               "`, or a number known at compile time");
  return {};
}

mlir::Attribute TrainTranslator::loop(const ast::ForStmt &statement) {
  ProgramAttributes &make = context.make;
  mlir::Attribute data = make.null();
  bool epochs = statement.unit == ast::Unit::Epochs;
  size_t outer = loops.size();
  if (statement.data) {
    auto *bracket = llvm::dyn_cast<ast::BracketExpr>(statement.data);
    auto *name = llvm::dyn_cast<ast::NameExpr>(bracket ? bracket->base : statement.data);
    const DataInfo *set = name ? findData(context.body, name->name) : nullptr;
    if (!set) {
      context.diags.error(Code::WrongDeclaration, statement.data->range,
                          "this is not a data set of the file");
      return {};
    }
    bool one = bracket && bracket->items.size() == 1 && bracket->items[0].form == ast::Item::Value;
    if (!one) {
      context.diags.error(Code::NoBatch, statement.data->range, "the size of a batch is missing")
          .help("write " + name->name + "[64]");
      return {};
    }
    std::optional<Dim> size = evalSize(context.body, bracket->items[0].value);
    if (!size)
      return {};
    if (size->value() < 1) {
      context.diags.error(Code::NoBatch, bracket->items[0].range, "a batch has at least one row");
      return {};
    }
    loops.push_back({set, size->value()});
    data = make.object({{"set", make.text(set->name)}, {"rows", make.number(size->value())}});
  } else if (epochs) {
    context.diags.error(Code::NestedLoop, statement.range, "there are no epochs without data")
        .help("write `for ... epochs of DATA[64] { ... }`, or count steps");
    return {};
  }
  ++depth;
  mlir::Attribute turns = count(*statement.count), inner = body(*statement.body);
  --depth;
  loops.resize(outer);
  if (!turns || !inner)
    return {};
  return make.object({{"op", make.text("for")},
                      {"count", turns},
                      {"unit", make.text(epochs ? "epochs" : "steps")},
                      {"data", data},
                      {"body", inner}});
}

//===--- Steps -----------------------------------------------------------------------===//

bool TrainTranslator::planObjective(StepPlan &plan) {
  const ast::Expr *written = plan.statement->objective;
  auto *bracket = llvm::dyn_cast<ast::BracketExpr>(written);
  auto *name = llvm::dyn_cast<ast::NameExpr>(bracket ? bracket->base : written);
  if (name)
    plan.objective = context.find<ast::ObjectiveDecl>(name->name);
  if (!plan.objective) {
    context.diags.error(Code::WrongDeclaration, written->range,
                        "this is not an objective of the file");
    return false;
  }
  if (bracket)
    plan.statics = bracket->items;
  return true;
}

/// The batch is the one of the innermost loop over the objective's data.
bool TrainTranslator::planBatch(StepPlan &plan) {
  for (const ast::Parameter &parameter : plan.objective->params) {
    const DataInfo *data = context.dataOf(*parameter.type);
    if (!data)
      continue;
    for (const Loop &loop : llvm::reverse(loops))
      if (loop.data == data) {
        plan.batch = loop.batch;
        return true;
      }
    context.diags
        .error(Code::NoBatch, plan.statement->range,
               "`" + plan.objective->name.text + "` needs a batch of `" + data->name + "`")
        .label(parameter.range, "rows of `" + data->name + "`")
        .help("put the step inside `for ... of " + data->name + "[64] { ... }`");
    return false;
  }
  return true;
}

bool TrainTranslator::planOver(StepPlan &plan) {
  llvm::SmallVector<const ast::OptimizeStmt *> lines;
  forEachStatement(*plan.objective->body, [&](const ast::Stmt &statement) {
    if (auto *line = llvm::dyn_cast<ast::OptimizeStmt>(&statement))
      lines.push_back(line);
  });
  if (lines.empty())
    return false; // Reported where the objective is translated.
  llvm::ArrayRef<ast::Path> paths = plan.statement->over;
  // Which of several lines are there may be for a static `if` to say.
  bool outside = llvm::all_of(lines, [&](const ast::Stmt *line) {
    return llvm::is_contained(plan.objective->body->statements, line);
  });
  if (paths.empty() && lines.size() > 1 && !outside) {
    auto kept = ObjectiveTranslator(context).keptLines(plan);
    if (!kept || kept->empty())
      return false;
    lines = *kept;
  }
  if (paths.empty() && lines.size() > 1) {
    auto error = context.diags.error(Code::StepNeedsOver, plan.statement->objective->range,
                                     "`" + plan.objective->name.text +
                                         "` is a game: which line is stepped?");
    for (const ast::OptimizeStmt *line : lines)
      error.label(line->range, "over " + (line->over.empty() ? "?" : spell(line->over[0])));
    error.help("write `step " + plan.objective->name.text + " over " + spell(lines[0]->over[0]) +
               " with ...`");
    return false;
  }
  if (paths.empty())
    paths = lines[0]->over;
  for (const ast::Path &path : paths) {
    if (!context.checkMovable(path))
      return false;
    plan.over.push_back({spell(path), path.range});
  }
  return true;
}

bool TrainTranslator::planOptimizer(StepPlan &plan) {
  Body &body = context.body;
  auto complain = [&](const ast::Expr *expr, const llvm::Twine &text) {
    context.diags.error(Code::NotAnOptimizer, expr->range, text)
        .help("write `with Adam(lr = 1e-3), clip(1.0), accumulate(4)`");
    return false;
  };
  for (const ast::Expr *expr : plan.statement->with) {
    auto *call = llvm::dyn_cast<ast::CallExpr>(expr);
    auto *name = call ? llvm::dyn_cast<ast::NameExpr>(call->callee) : nullptr;
    bool clip = name && name->name == "clip", accumulate = name && name->name == "accumulate";
    if (!clip && !accumulate) {
      if (plan.optimizer)
        return complain(expr,
                        "a step has one optimiser, and only clip( ) and accumulate( ) beside it");
      plan.optimizer = expr;
      continue;
    }
    if (call->args.size() != 1 || !call->args[0].name.empty())
      return complain(expr, "`" + name->name + "` takes one number");
    if (clip) {
      plan.clip = call->args[0].value;
      continue;
    }
    std::optional<Dim> turns = evalWhole(body, call->args[0].value);
    if (!turns)
      return false;
    plan.accumulate = turns->value();
    if (plan.accumulate < 1)
      return complain(expr, "gradients are accumulated over at least one batch");
  }
  if (!plan.optimizer)
    return complain(plan.statement->with[0], "a step needs an optimiser");
  return true;
}

mlir::Attribute TrainTranslator::step(const ast::StepStmt &statement) {
  ProgramAttributes &make = context.make;
  StepPlan plan;
  plan.statement = &statement;
  plan.train = train;
  plan.index = context.steps.size();
  if (!planObjective(plan) || !planBatch(plan) || !planOver(plan) || !planOptimizer(plan))
    return {};
  llvm::SmallVector<mlir::Attribute> over;
  for (const MovedPath &path : plan.over)
    over.push_back(make.text(path.text));
  context.steps.push_back(plan);
  return make.object({{"op", make.text("step")},
                      {"objective", make.text(plan.objective->name.text)},
                      {"over", make.list(over)},
                      {"gradient", make.text(plan.gradientName())},
                      {"update", make.text(plan.updateName())},
                      {"accumulate", make.number(plan.accumulate)}});
}

mlir::Attribute TrainTranslator::validate(const ast::ValidateStmt &statement) {
  ProgramAttributes &make = context.make;
  std::string name = spell(statement.objective);
  auto *objective = context.find<ast::ObjectiveDecl>(name);
  if (!objective) {
    context.diags.error(Code::WrongDeclaration, statement.objective.range,
                        "`" + name + "` is not an objective");
    return {};
  }
  for (const ast::Parameter &parameter : objective->params)
    if (const DataInfo *data = context.dataOf(*parameter.type);
        data && data->decl->holdout.empty()) {
      context.diags
          .error(Code::NoHoldout, statement.range, "`" + data->name + "` holds no rows back")
          .label(data->decl->name.range, "this data set")
          .help("add `holdout 0.1` to its fields");
      return {};
    }
  llvm::SmallVector<ProgramAttributes::Member> members = {{"op", make.text("validate")},
                                                          {"objective", make.text(name)}};
  if (statement.rows) {
    mlir::Attribute rows = count(*statement.rows);
    if (!rows)
      return {};
    if (rows == make.object({{"value", make.real(0)}})) {
      context.diags.error(Code::MalformedCount, statement.rows->range,
                          "a validation is of at least one row");
      return {};
    }
    members.push_back({"rows", rows});
  }
  return make.object(members);
}

//===--- run ---------------------------------------------------------------------------===//

mlir::Attribute TrainTranslator::runArguments(const ast::EntryDecl &entry,
                                              llvm::ArrayRef<ast::Arg> args, SourceRange range) {
  llvm::SmallVector<const ast::Parameter *> flags;
  for (const ast::Parameter &parameter : entry.params)
    if (!context.dataOf(*parameter.type))
      flags.push_back(&parameter);
  llvm::SmallVector<mlir::Attribute> values;
  llvm::StringSet<> given;
  for (auto [position, arg] : llvm::enumerate(args)) {
    const ast::Parameter *target = nullptr;
    for (auto [k, flag] : llvm::enumerate(flags))
      if (arg.name.empty() ? k == position : flag->name.text == arg.name.text)
        target = flag;
    if (!target || !given.insert(target->name.text).second) {
      context.diags
          .error(Code::MalformedRun, arg.range,
                 "`" + entry.name.text + "` has no " + (target ? "second" : "such") + " parameter")
          .label(entry.name.range, "declared here");
      return {};
    }
    Value value = evalStatic(context.body, arg.value);
    if (value.isPoison())
      return {};
    mlir::Attribute made = context.scalar(value);
    if (!made) {
      context.diags.error(Code::MalformedRun, arg.range, "this is neither a number nor a string");
      return {};
    }
    StaticRoot sizes(context, "run." + entry.name.text.str());
    auto type = resolveType(context.body, *target->type, /*unknown=*/1);
    if (type && !ProgramContext::fitsFlag(value, *type)) {
      context.diags
          .error(Code::MalformedRun, arg.range,
                 "`" + target->name.text + "` of `" + entry.name.text + "` is " + type->str() +
                     ", this is " + value.describe())
          .label(target->range, "declared here");
      return {};
    }
    values.push_back(
        context.make.object({{"name", context.make.text(target->name.text)}, {"value", made}}));
  }
  for (const ast::Parameter *flag : flags)
    if (!defaultOf(*flag) && !flag->type->optional && !given.contains(flag->name.text)) {
      context.diags
          .error(Code::MalformedRun, range,
                 "`" + flag->name.text + "` of `" + entry.name.text + "` needs a value")
          .label(flag->range, "without a default");
      return {};
    }
  return context.make.list(values);
}

mlir::Attribute TrainTranslator::run(const ast::RunStmt &statement) {
  ProgramAttributes &make = context.make;
  auto *call = llvm::dyn_cast<ast::CallExpr>(statement.entry);
  auto *name = llvm::dyn_cast<ast::NameExpr>(call ? call->callee : statement.entry);
  auto *entry = name ? context.find<ast::EntryDecl>(name->name) : nullptr;
  if (!entry) {
    bool sized = llvm::isa<ast::BracketExpr>(call ? call->callee : statement.entry);
    context.diags.error(sized ? Code::MalformedRun : Code::WrongDeclaration, statement.entry->range,
                        sized ? "sizes of an entry are fixed where it is declared"
                              : "this is not an entry of the file");
    return {};
  }
  llvm::ArrayRef<ast::Arg> args;
  if (call)
    args = call->args;
  mlir::Attribute arguments = runArguments(*entry, args, statement.range);
  if (!arguments)
    return {};
  return make.object(
      {{"op", make.text("run")}, {"entry", make.text(entry->name.text)}, {"args", arguments}});
}

} // namespace nnc
