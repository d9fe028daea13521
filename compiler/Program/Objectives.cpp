/// Objectives: the functions grad.* and eval.*.
#include "compiler/Program/Program.h"
#include "dialects/learn/IR/Learn.h"
#include "dialects/prob/IR/Prob.h"
#include "llvm/ADT/StringExtras.h"

namespace nnc {

/// The values that `root` is computed from, itself included.
static llvm::DenseSet<mlir::Value> ancestors(mlir::Value root) {
  llvm::DenseSet<mlir::Value> seen{root};
  llvm::SmallVector<mlir::Value> open{root};
  while (!open.empty()) {
    mlir::Operation *op = open.pop_back_val().getDefiningOp();
    if (!op)
      continue;
    // Regions are isolated, so operands are all that they see.
    for (mlir::Value operand : op->getOperands())
      if (seen.insert(operand).second)
        open.push_back(operand);
  }
  return seen;
}

/// The size named B: the batch dim of an objective without data.
static std::optional<Dim> staticBatch(Body &body, const ast::ObjectiveDecl &decl) {
  for (const ast::Static &parameter : decl.statics)
    if (parameter.name.text == "B")
      if (auto binding = lookupQuietly(body, "B"))
        if (const Dim *dim = binding->value.as<Dim>())
          return *dim;
  return std::nullopt;
}

std::optional<int64_t> ObjectiveTranslator::elaborate(const ast::ObjectiveDecl &decl,
                                                      const Statics &statics, FunctionContext &fn,
                                                      int64_t rows, Evidence &evidence) {
  Body &body = context.body;
  Scope &scope = *body.scope;
  if (!context.bindStatics(decl, statics))
    return std::nullopt;
  int64_t found = 0;
  bool batched = false;
  for (const ast::Parameter &parameter : decl.params) {
    const DataInfo *data = context.dataOf(*parameter.type);
    if (!data && reportUnknownType(body, *parameter.type))
      return std::nullopt;
    if (!data || batched) {
      context.diags
          .error(Code::MalformedObjective, parameter.range,
                 data ? "an objective has one data parameter"
                      : "`" + parameter.name.text + "` is no data")
          .help("an objective sees a batch of one data set; numbers are consts of the file, or "
                "statics in [ ]");
      return std::nullopt;
    }
    std::optional<int64_t> size = context.bindBatch(parameter, *data, rows);
    if (!size)
      return std::nullopt;
    if (const Batch *batch = scope.findHere(parameter.name.text)->value.as<Batch>())
      evidence.batch = batch->rows[0];
    found = *size;
    batched = true;
  }
  std::optional<Dim> batch = batched ? evidence.batch : staticBatch(body, decl);
  evidence.batch = batch.value_or(Dim(1));
  fn.evidence = &evidence;
  unsigned before = context.diags.errorCount();
  elaborateBlock(body, *decl.body);
  if (context.diags.errorCount() != before || !checkOutputs(decl, fn, evidence))
    return std::nullopt;
  markMovable(fn);
  for (const Outputs::Optimized &line : fn.outputs.optimized)
    (body.frame->training ? trained : judged)[&decl].insert(line.statement);
  return found;
}

std::optional<llvm::SmallVector<const ast::OptimizeStmt *>>
ObjectiveTranslator::keptLines(const StepPlan &step) {
  const ast::ObjectiveDecl &decl = *step.objective;
  FunctionContext fn(context.module(), "lines." + decl.name.text.str(),
                     context.location(decl.name.range));
  std::optional<Root> root(std::in_place, context.body, fn, context.body.program.mainFile(),
                           decl.name.text,
                           /*training=*/true);
  fn.estimates = true;
  Evidence evidence;
  Statics statics = evalStatics(context.body, step.statics, decl);
  bool good = elaborate(decl, statics, fn, step.batch, evidence).has_value();
  root.reset();
  fn.discard();
  if (!good)
    return std::nullopt;
  Lines &kept = trained[&decl];
  return llvm::SmallVector<const ast::OptimizeStmt *>(kept.begin(), kept.end());
}

bool ObjectiveTranslator::checkOutputs(const ast::ObjectiveDecl &decl, FunctionContext &fn,
                                       const Evidence &evidence) {
  if (!fn.outputs.shown.empty()) {
    context.diags.error(Code::MisplacedOutput, fn.outputs.shown[0].statement->range,
                        "`show` belongs to an entry; an objective has `report`");
    return false;
  }
  mlir::Block *top = &fn.function.front();
  for (const Outputs::Optimized &line : fn.outputs.optimized)
    if (mlir::Value(line.value).getParentBlock() != top) {
      context.diags.error(
          Code::MisplacedOutput, line.statement->range,
          "what is optimised is one number of the whole objective, not of an iteration or branch");
      return false;
    }
  for (const Outputs::Reported &report : fn.outputs.reported)
    if (mlir::Value(report.value).getParentBlock() != top) {
      context.diags.error(
          Code::MisplacedOutput, report.statement->range,
          "a report is one number of the whole objective, not of an iteration or branch");
      return false;
    }
  for (const Outputs::Optimized &line : fn.outputs.optimized)
    for (const ast::Path &path : line.statement->over)
      if (!context.checkMovable(path))
        return false;
  if (!fn.outputs.optimized.empty())
    return checkDistinct(fn.outputs.optimized);
  context.diags
      .error(Code::MalformedObjective, decl.name.range,
             "`" + decl.name.text + "` optimises nothing")
      .help("add a line `minimize e over p` or `maximize e over p`");
  return false;
}

/// A step picks a line by its nets, so each line has nets of its own.
bool ObjectiveTranslator::checkDistinct(llvm::ArrayRef<Outputs::Optimized> lines) {
  for (auto [k, line] : llvm::enumerate(lines))
    for (const Outputs::Optimized &earlier : lines.take_front(k)) {
      if (!sameNets(movedPaths(line.statement->over), movedPaths(earlier.statement->over)))
        continue;
      context.diags
          .error(Code::MalformedObjective, line.statement->range,
                 "two lines are over the same nets, so no step could tell them apart")
          .label(earlier.statement->range, "the other one")
          .help("write their sum as one line");
      return false;
    }
  return true;
}

std::string ObjectiveTranslator::lossName(const ast::ObjectiveDecl &decl, const FunctionContext &fn,
                                          const ast::OptimizeStmt &statement) {
  std::string name = decl.name.text.str();
  if (fn.outputs.optimized.size() < 2)
    return name;
  std::string nets;
  for (const ast::Path &path : statement.over)
    nets += (nets.empty() ? "" : "_") + spell(path);
  return name + "." + nets;
}

void ObjectiveTranslator::addReports(const ast::ObjectiveDecl &decl, FunctionContext &fn) {
  for (const Outputs::Reported &reported : fn.outputs.reported)
    fn.result(learn::ArgKind::report, (decl.name.text + "." + reported.statement->name.text).str(),
              reported.value);
}

/// Notes which parameters the lines of an objective could move.
void ObjectiveTranslator::markMovable(FunctionContext &fn) {
  for (const Outputs::Optimized &line : fn.outputs.optimized) {
    llvm::DenseSet<mlir::Value> reached = ancestors(line.value);
    for (const FunctionContext::Slot &slot : fn.getArguments()) {
      if (slot.kind != learn::ArgKind::param || !reached.contains(slot.value))
        continue;
      context.reached.insert(slot.variable);
      if (covers(movedPaths(line.statement->over), slot.name))
        context.movable.insert(slot.variable);
    }
  }
}

//===--- Gradients ---------------------------------------------------------------------===//

/// The line whose nets are those of the step.
const Outputs::Optimized *ObjectiveTranslator::pickLine(const StepPlan &step, FunctionContext &fn) {
  llvm::ArrayRef<Outputs::Optimized> lines = fn.outputs.optimized;
  if (lines.size() == 1 && step.statement->over.empty())
    return &lines[0];
  for (const Outputs::Optimized &line : lines)
    if (sameNets(step.over, movedPaths(line.statement->over)))
      return &line;
  auto error =
      context.diags.error(Code::StepNeedsOver, step.statement->range,
                          "no line of `" + step.objective->name.text + "` is over these nets");
  for (const Outputs::Optimized &line : lines)
    error.label(line.statement->range, "a line of the objective");
  return nullptr;
}

/// Every line of a game is looked at, whichever one is stepped.
bool ObjectiveTranslator::checkReached(FunctionContext &fn) {
  for (const Outputs::Optimized &line : fn.outputs.optimized) {
    llvm::DenseSet<mlir::Value> reached = ancestors(line.value);
    for (const MovedPath &path : movedPaths(line.statement->over)) {
      bool any = llvm::any_of(fn.getArguments(), [&](const FunctionContext::Slot &slot) {
        return slot.kind == learn::ArgKind::param && path.covers(slot.name) &&
               reached.contains(slot.value);
      });
      if (any)
        continue;
      context.diags
          .error(Code::UnreachedNet, path.range, "the value does not depend on `" + path.text + "`")
          .label(line.statement->value->range, "this value");
      return false;
    }
  }
  return true;
}

void ObjectiveTranslator::differentiate(StepPlan &step, FunctionContext &fn,
                                        const Outputs::Optimized &line) {
  TensorBuilder &build = context.body.build;
  build.loc = context.location(line.statement->range);
  llvm::DenseSet<mlir::Value> reached = ancestors(line.value);
  llvm::SmallVector<mlir::Value> of;
  for (const FunctionContext::Slot &slot : fn.getArguments())
    if (slot.kind == learn::ArgKind::param && covers(step.over, slot.name) &&
        reached.contains(slot.value)) {
      of.push_back(slot.value);
      step.moved.push_back(slot.variable);
    }
  auto gradient =
      learn::GradientOp::create(fn.builder, build.loc, line.value, of, line.statement->maximize);
  std::vector<Tensor> gradients;
  for (auto [variable, value] : llvm::zip(step.moved, gradient.getGradients())) {
    fn.result(learn::ArgKind::gradient, variable->path, value);
    llvm::SmallVector<Dim> dims(variable->shape.begin(), variable->shape.end());
    gradients.push_back(build.make(Element::F32, dims, value));
  }
  fn.result(learn::ArgKind::grad_norm, "grad_norm", globalNorm(build, gradients));
}

bool ObjectiveTranslator::buildGradient(StepPlan &step, const AlternativeEstimator *alternative) {
  const ast::ObjectiveDecl &decl = *step.objective;
  std::string name = step.gradientName();
  if (alternative)
    name += ("." + alternative->suffix).str();
  FunctionContext fn(context.module(), name, context.location(decl.name.range));
  Root root(context.body, fn, context.body.program.mainFile(), decl.name.text,
            /*training=*/true);
  fn.estimates = true;
  if (alternative)
    fn.estimator = alternative->choice;
  fn.moves = [&](const Instance &instance) { return covers(step.over, instance.path); };
  Evidence evidence;
  Statics statics = evalStatics(context.body, step.statics, decl);
  std::optional<int64_t> rows = elaborate(decl, statics, fn, step.batch, evidence);
  if (rows && *rows != step.batch) {
    context.diags
        .error(Code::NoBatch, step.statement->range,
               "the loop's batch has " + llvm::Twine(step.batch) + " rows, the objective's " +
                   llvm::Twine(*rows))
        .label(decl.params[0].range, "its size is fixed here");
    rows.reset();
  }
  const Outputs::Optimized *line = rows && checkReached(fn) ? pickLine(step, fn) : nullptr;
  if (!line || (alternative && !fn.replaced)) {
    fn.discard();
    return false;
  }
  step.op.setMaximize(line->statement->maximize);
  fn.result(learn::ArgKind::loss, lossName(decl, fn, *line->statement), line->value);
  addReports(decl, fn);
  differentiate(step, fn, *line);
  for (auto &[variable, value] : fn.moved)
    fn.result(learn::ArgKind::state_out, variable->path, value);
  warnMovedOften(fn);
  mlir::func::FuncOp function = fn.finish();
  function->setAttr("learn.training", fn.builder.getBoolAttr(true));
  dropNeedlessEstimators(function);
  return true;
}

/// One instance called at several places of a step has one running value for all of them.
void ObjectiveTranslator::warnMovedOften(FunctionContext &fn) {
  llvm::DenseSet<const Instance *> known;
  for (auto &[variable, calls] : fn.movedBy) {
    if (calls.size() < 2 || !known.insert(variable->owner).second)
      continue;
    auto warning = context.diags.warning(
        Code::RunningMovedOften, calls.begin()->second,
        "one step moves the running values of `" + variable->owner->path + "` " +
            llvm::Twine(calls.size()) + " times: they mix what its calls see");
    warning.note("training uses the values of each call, evaluation the mixture");
    warning.help("give each place an instance of its own: another `net`, or the layer itself");
  }
}

void ObjectiveTranslator::buildGradients() {
  for (StepPlan &step : context.steps)
    if (!broken.contains(step.objective) && !buildGradient(step))
      broken.insert(step.objective);
  if (context.body.program.options.compareEstimators)
    buildAlternatives();
}

/// --compare-estimators: each gradient again, by every estimator that its draws allow.
void ObjectiveTranslator::buildAlternatives() {
  auto choice = [](prob::Estimator kind, bool withoutBaseline = false) {
    EstimatorChoice result;
    result.kind = kind;
    result.withoutBaseline = withoutBaseline;
    return result;
  };
  const AlternativeEstimator all[] = {
      {learn::EstimatorKind::reparam, "reparam", choice(prob::Estimator::reparam)},
      {learn::EstimatorKind::score, "score", choice(prob::Estimator::score)},
      {learn::EstimatorKind::score_alone, "plain", choice(prob::Estimator::score, true)},
      {learn::EstimatorKind::enumerate, "enumerate", choice(prob::Estimator::enumerate)}};
  for (StepPlan &step : context.steps) {
    llvm::SmallVector<mlir::Attribute> built;
    for (const AlternativeEstimator &alternative : all) {
      StepPlan copy = step;
      copy.moved.clear();
      if (!broken.contains(step.objective) && buildGradient(copy, &alternative))
        built.push_back(learn::EstimatorAttr::get(
            context.build.getContext(), alternative.kind,
            context.symbolOf(step.gradientName() + "." + alternative.suffix.str())));
    }
    if (!built.empty())
      step.op.setEstimatorsAttr(context.build.getArrayAttr(built));
  }
}

//===--- Objectives -------------------------------------------------------------------===//

/// A game of which only some lines are stepped leaves the other players as they began.
void ObjectiveTranslator::warnUnstepped(const ast::ObjectiveDecl &decl) {
  auto steps = llvm::make_filter_range(
      context.steps, [&](const StepPlan &step) { return step.objective == &decl; });
  if (steps.empty())
    return;
  for (const ast::OptimizeStmt *line : trained[&decl]) {
    llvm::SmallVector<MovedPath> over = movedPaths(line->over);
    if (llvm::none_of(steps, [&](const StepPlan &step) { return sameNets(step.over, over); }))
      context.diags.warning(Code::UnsteppedLine, line->range, "no `step` picks this line of a game")
          .help("write `step " + decl.name.text + " over " +
                llvm::join(llvm::map_range(over, [](const MovedPath &p) { return p.text; }), ", ") +
                " with ...`");
  }
}

void ObjectiveTranslator::objective(const ast::ObjectiveDecl &decl) {
  auto op = learn::ObjectiveOp::create(context.build, context.location(decl.name.range),
                                       decl.name.text, {}, /*maximize=*/false, {}, {}, {}, {});
  if (broken.contains(&decl) || !evaluation(decl, op))
    return;
  warnUnstepped(decl);
  StaticRoot root(context, decl.name.text);
  if (const DataInfo *data = decl.params.empty() ? nullptr : context.dataOf(*decl.params[0].type))
    op.setData(data->name);
  const Lines &lines = judged[&decl].empty() ? trained[&decl] : judged[&decl];
  op.setMaximize(llvm::all_of(lines, [](const ast::OptimizeStmt *line) { return line->maximize; }));
}

void ObjectiveTranslator::objectives() {
  for (const ast::Decl *decl : context.file.decls)
    if (auto *found = llvm::dyn_cast<ast::ObjectiveDecl>(decl))
      objective(*found);
}

} // namespace nnc
