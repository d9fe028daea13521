/// Train blocks as commands, and the plan of each of their steps.
#include "compiler/Program/Program.h"
#include "compiler/Syntax/ASTWalk.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"

namespace nnc {

void TrainTranslator::commands() {
  for (const ast::Decl *decl : context.file.decls)
    if (auto *found = llvm::dyn_cast<ast::TrainDecl>(decl))
      command(*found);
}

void TrainTranslator::command(const ast::TrainDecl &decl) {
  std::string name = decl.name.empty() ? "train" : decl.name.text.str();
  StaticRoot root(context, name);
  train = &decl;
  auto op = learn::TrainOp::create(context.build, context.location(decl.range), name);
  Inside inside(context, op.getBody());
  for (const ast::Parameter &parameter : decl.params) {
    std::optional<TensorType> type = resolveType(context.body, *parameter.type);
    if (!type)
      continue;
    if (type->rank() || parameter.type->optional || type->vocab)
      context.diags.error(Code::MalformedFlag, parameter.range,
                          "`" + parameter.name.text + "` of a train block is no scalar");
    else if (learn::FlagOp flag = context.flag(parameter, *type))
      flags[parameter.name.text] = flag.getValue();
  }
  statements(*decl.body);
  flags.clear();
}

bool TrainTranslator::statements(const ast::TrainBlock &block) {
  bool good = true;
  for (const ast::TrainStmt *one : block.statements)
    good &= statement(*one);
  return good;
}

bool TrainTranslator::body(const ast::TrainBlock &block, mlir::Region &region) {
  Inside inside(context, region);
  return statements(block);
}

bool TrainTranslator::statement(const ast::TrainStmt &statement) {
  return llvm::TypeSwitch<const ast::TrainStmt *, bool>(&statement)
      .Case([&](const ast::ForStmt *loop) { return this->loop(*loop); })
      .Case([&](const ast::TrainRepeatStmt *repeat) { return this->repeat(*repeat); })
      .Case([&](const ast::EveryStmt *every) { return this->every(*every); })
      .Case([&](const ast::StepStmt *step) { return this->step(*step); })
      .Case([&](const ast::ValidateStmt *validate) { return this->validate(*validate); })
      .Case([&](const ast::RunStmt *run) { return this->run(*run); });
}

std::optional<TrainTranslator::Count> TrainTranslator::count(const ast::Expr &expr) {
  const ast::Parameter *used = nullptr;
  for (const ast::Parameter &parameter : train->params)
    if (mentions(&expr, parameter.name.text))
      used = &parameter;
  if (used && llvm::isa<ast::NameExpr>(expr)) {
    mlir::Value flag = flags.lookup(used->name.text); // Null after an error.
    return flag ? std::optional(Count{flag, {}}) : std::nullopt;
  }
  if (!used) {
    Value value = evalStatic(context.body, &expr);
    if (value.isPoison())
      return std::nullopt;
    if (const Dim *number = value.as<Dim>(); number && number->value() >= 0)
      return Count{{}, context.build.getI64IntegerAttr(number->value())};
  }
  auto error = context.diags.error(Code::MalformedCount, expr.range, "this is not a count");
  if (used)
    error.help("a count is a flag alone, `" + used->name.text +
               "`, or a number known at compile time");
  return std::nullopt;
}

static learn::CountUnit unitOf(ast::Unit unit) {
  return unit == ast::Unit::Epochs ? learn::CountUnit::epochs : learn::CountUnit::steps;
}

bool TrainTranslator::repeat(const ast::TrainRepeatStmt &statement) {
  std::optional<Count> times = count(*statement.count);
  auto op = learn::RepeatOp::create(context.build, context.location(statement.range),
                                    times ? times->flag : mlir::Value(),
                                    times ? times->number : mlir::IntegerAttr());
  return body(*statement.body, op.getBody()) && times;
}

bool TrainTranslator::every(const ast::EveryStmt &statement) {
  if (!depth) {
    context.diags.error(Code::NestedLoop, statement.range,
                        "`every` outside of a `for` never comes round");
    return false;
  }
  std::optional<Count> period = count(*statement.count);
  auto op = learn::EveryOp::create(
      context.build, context.location(statement.range), period ? period->flag : mlir::Value(),
      period ? period->number : mlir::IntegerAttr(), unitOf(statement.unit));
  if (!body(*statement.body, op.getBody()) || !period)
    return false;
  if (statement.unit == ast::Unit::Epochs && loops.empty()) {
    context.diags.error(Code::NestedLoop, statement.range, "there are no epochs without data");
    return false;
  }
  return true;
}

/// `points[64]`: notes the loop's batches.
bool TrainTranslator::loopData(const ast::Expr &written) {
  auto *bracket = llvm::dyn_cast<ast::BracketExpr>(&written);
  auto *name = llvm::dyn_cast<ast::NameExpr>(bracket ? bracket->base : &written);
  const DataInfo *set = name ? findData(context.body, name->name) : nullptr;
  if (!set) {
    context.diags.error(Code::WrongDeclaration, written.range,
                        "this is not a data set of the file");
    return false;
  }
  bool one = bracket && bracket->items.size() == 1 && bracket->items[0].form == ast::Item::Value;
  if (!one) {
    context.diags.error(Code::NoBatch, written.range, "the size of a batch is missing")
        .help("write " + name->name + "[64]");
    return false;
  }
  std::optional<Dim> size = evalSize(context.body, bracket->items[0].value);
  if (!size)
    return false;
  if (size->value() < 1) {
    context.diags.error(Code::NoBatch, bracket->items[0].range, "a batch has at least one row");
    return false;
  }
  loops.push_back({set, size->value()});
  return true;
}

bool TrainTranslator::loop(const ast::ForStmt &statement) {
  size_t outer = loops.size();
  if (statement.data) {
    if (!loopData(*statement.data))
      return false;
  } else if (statement.unit == ast::Unit::Epochs) {
    context.diags.error(Code::NestedLoop, statement.range, "there are no epochs without data")
        .help("write `for ... epochs of DATA[64] { ... }`, or count steps");
    return false;
  }
  ++depth;
  std::optional<Count> times = count(*statement.count);
  auto op = learn::ForOp::create(
      context.build, context.location(statement.range), times ? times->flag : mlir::Value(),
      times ? times->number : mlir::IntegerAttr(), unitOf(statement.unit), {}, {});
  if (statement.data) {
    op.setDataAttr(context.symbolOf(loops.back().data->name));
    op.setBatch(loops.back().batch);
  }
  bool good = body(*statement.body, op.getBody());
  --depth;
  loops.resize(outer);
  return good && times;
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

bool TrainTranslator::step(const ast::StepStmt &statement) {
  StepPlan plan;
  plan.statement = &statement;
  plan.train = train;
  plan.index = context.steps.size();
  if (!planObjective(plan) || !planBatch(plan) || !planOver(plan) || !planOptimizer(plan))
    return false;
  llvm::SmallVector<llvm::StringRef> over;
  for (const MovedPath &path : plan.over)
    over.push_back(path.text);
  plan.op = learn::StepOp::create(
      context.build, context.location(statement.range), plan.objective->name.text,
      /*maximize=*/false, context.build.getStrArrayAttr(over), plan.accumulate, plan.gradientName(),
      plan.updateName(), /*estimators=*/{});
  context.steps.push_back(plan);
  return true;
}

bool TrainTranslator::validate(const ast::ValidateStmt &statement) {
  std::string name = spell(statement.objective);
  auto *objective = context.find<ast::ObjectiveDecl>(name);
  if (!objective) {
    context.diags.error(Code::WrongDeclaration, statement.objective.range,
                        "`" + name + "` is not an objective");
    return false;
  }
  for (const ast::Parameter &parameter : objective->params)
    if (const DataInfo *data = context.dataOf(*parameter.type);
        data && data->decl->holdout.empty()) {
      context.diags
          .error(Code::NoHoldout, statement.range, "`" + data->name + "` holds no rows back")
          .label(data->decl->name.range, "this data set")
          .help("add `holdout 0.1` to its fields");
      return false;
    }
  std::optional<Count> rows;
  if (statement.rows) {
    rows = count(*statement.rows);
    if (!rows)
      return false;
    if (rows->number && !rows->number.getInt()) {
      context.diags.error(Code::MalformedCount, statement.rows->range,
                          "a validation is of at least one row");
      return false;
    }
  }
  learn::ValidateOp::create(context.build, context.location(statement.range), name,
                            rows ? rows->flag : mlir::Value(),
                            rows ? rows->number : mlir::IntegerAttr());
  return true;
}

//===--- run ---------------------------------------------------------------------------===//

mlir::DictionaryAttr TrainTranslator::runArguments(const ast::EntryDecl &entry,
                                                   llvm::ArrayRef<ast::Arg> args,
                                                   SourceRange range) {
  llvm::SmallVector<const ast::Parameter *> flags;
  for (const ast::Parameter &parameter : entry.params)
    if (!context.dataOf(*parameter.type))
      flags.push_back(&parameter);
  mlir::NamedAttrList members;
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
    if (type && !context.fitsFlag(value, *type)) {
      context.diags
          .error(Code::MalformedRun, arg.range,
                 "`" + target->name.text + "` of `" + entry.name.text + "` is " + type->str() +
                     ", this is " + value.describe())
          .label(target->range, "declared here");
      return {};
    }
    members.set(target->name.text, made);
  }
  for (const ast::Parameter *flag : flags)
    if (!defaultOf(*flag) && !flag->type->optional && !given.contains(flag->name.text)) {
      context.diags
          .error(Code::MalformedRun, range,
                 "`" + flag->name.text + "` of `" + entry.name.text + "` needs a value")
          .label(flag->range, "without a default");
      return {};
    }
  return members.getDictionary(context.build.getContext());
}

bool TrainTranslator::run(const ast::RunStmt &statement) {
  auto *call = llvm::dyn_cast<ast::CallExpr>(statement.entry);
  auto *name = llvm::dyn_cast<ast::NameExpr>(call ? call->callee : statement.entry);
  auto *entry = name ? context.find<ast::EntryDecl>(name->name) : nullptr;
  if (!entry) {
    bool sized = llvm::isa<ast::BracketExpr>(call ? call->callee : statement.entry);
    context.diags.error(sized ? Code::MalformedRun : Code::WrongDeclaration, statement.entry->range,
                        sized ? "sizes of an entry are fixed where it is declared"
                              : "this is not an entry of the file");
    return false;
  }
  llvm::ArrayRef<ast::Arg> args;
  if (call)
    args = call->args;
  mlir::DictionaryAttr arguments = runArguments(*entry, args, statement.range);
  if (!arguments)
    return false;
  learn::RunOp::create(context.build, context.location(statement.range), entry->name.text,
                       arguments.empty() ? mlir::DictionaryAttr() : arguments);
  return true;
}

} // namespace nnc
