/// The functions update.*: an optimiser is a layer, instantiated once per parameter tensor.
#include "compiler/Program/Program.h"
#include "compiler/Syntax/ASTWalk.h"

namespace nnc {

Variable *followed(const Registry &registry, const Variable &variable) {
  NetInfo *net = variable.owner ? variable.owner->net : nullptr;
  if (!net || !net->emaOf)
    return nullptr;
  llvm::StringRef rest = variable.path;
  return rest.consume_front(net->name) ? registry.find((net->emaOf->name + rest).str()) : nullptr;
}

/// Flags of the train block that the step's arguments read.
void UpdateTranslator::bindFlags(const StepPlan &step) {
  for (const ast::Parameter &parameter : step.train->params) {
    if (!mentions(step.optimizer, parameter.name.text) && !mentions(step.clip, parameter.name.text))
      continue;
    if (std::optional<TensorType> type = resolveType(context.body, *parameter.type))
      context.bindArgument(parameter, *type, learn::ArgKind::flag);
  }
}

Tensor UpdateTranslator::tensorOf(Variable &variable, FunctionContext &fn) {
  TensorBuilder &build = context.body.build;
  mlir::RankedTensorType type = build.type(variable.element, variable.dims);
  return build.make(variable.element, variable.dims,
                    fn.argument(variable.running ? learn::ArgKind::state : learn::ArgKind::param,
                                variable.path, type, &variable));
}

Tensor UpdateTranslator::gradientOf(Variable &variable, FunctionContext &fn) {
  TensorBuilder &build = context.body.build;
  return build.make(Element::F32, variable.dims,
                    fn.argument(learn::ArgKind::gradient, variable.path,
                                build.type(Element::F32, variable.dims)));
}

/// min(1, c / norm). The norm is that of the gradients which the update gets, the mean of several
/// batches where they are accumulated.
std::optional<Tensor> UpdateTranslator::clipFactor(const StepPlan &step, FunctionContext &fn) {
  Body &body = context.body;
  TensorBuilder &build = body.build;
  std::optional<Tensor> limit =
      toScalar(body, elaborateExpr(body, step.clip), step.clip->range, "the limit of clip");
  if (!limit)
    return std::nullopt;
  build.loc = context.location(step.clip->range);
  std::vector<Tensor> gradients;
  for (Variable *variable : step.moved)
    gradients.push_back(gradientOf(*variable, fn));
  Tensor norm = build.make(Element::F32, {}, globalNorm(build, gradients));
  Tensor ratio = build.div(*limit, build.add(norm, build.constant(1e-6, Element::F32)));
  return build.binary<nn::MinOp>(build.constant(1, Element::F32), ratio);
}

/// The rate is logged: the optimiser's argument of that name.
void UpdateTranslator::addRate(const ast::FunctionDecl &layer, llvm::ArrayRef<Argument> arguments,
                               FunctionContext &fn) {
  for (auto [position, argument] : llvm::enumerate(arguments)) {
    // Parameter and gradient come before the arguments that are written.
    bool positional = argument.name.empty() && position + 2 < layer.params.size() &&
                      layer.params[position + 2].name.text == "lr";
    if (!positional && argument.name != "lr")
      continue;
    if (auto rate = toScalar(context.body, argument.value, argument.range, "lr"))
      fn.result(learn::ArgKind::lr, "lr", rate->value);
    return;
  }
}

bool UpdateTranslator::applyOptimizer(const StepPlan &step, FunctionContext &fn,
                                      llvm::MapVector<Variable *, Tensor> &results) {
  Body &body = context.body;
  TensorBuilder &build = body.build;
  SourceRange range = step.optimizer->range;
  auto *call = llvm::dyn_cast<ast::CallExpr>(step.optimizer);
  auto *bracket = call ? llvm::dyn_cast<ast::BracketExpr>(call->callee) : nullptr;
  auto *name =
      call ? llvm::dyn_cast<ast::NameExpr>(bracket ? bracket->base : call->callee) : nullptr;
  std::optional<Binding> binding = name ? lookup(body, name->name, name->range) : std::nullopt;
  if (name && !binding)
    return false;
  const FunctionReference *layer = binding ? binding->value.as<FunctionReference>() : nullptr;
  if (!layer || !layer->decl->isLayer || layer->decl->params.size() < 2) {
    context.diags.error(Code::NotAnOptimizer, range, "this is not an optimiser")
        .help("write `with Adam(lr = 1e-3)`; an optimiser is a layer (w, g, ...) -> w'");
    return false;
  }
  unsigned before = context.diags.errorCount();
  std::vector<Argument> arguments = evalArguments(body, call->args);
  Statics statics = bracket ? evalStatics(body, bracket->items, *layer->decl) : Statics();
  std::optional<Tensor> factor = step.clip ? clipFactor(step, fn) : std::nullopt;
  if (context.diags.errorCount() != before)
    return false;
  addRate(*layer->decl, arguments, fn);
  for (Variable *variable : step.moved) {
    Tensor gradient = gradientOf(*variable, fn);
    build.loc = context.location(range);
    if (factor)
      gradient = build.mul(gradient, build.broadcast(*factor, {}, gradient.dims));
    Call one;
    one.callee = *layer;
    one.statics = statics;
    one.arguments = {{"", Value(tensorOf(*variable, fn)), range}, {"", Value(gradient), range}};
    one.arguments.insert(one.arguments.end(), arguments.begin(), arguments.end());
    std::optional<Tensor> tensor = moved(*variable, step, std::move(one));
    if (!tensor)
      return false;
    results[variable] = *tensor;
  }
  return true;
}

std::optional<Tensor> UpdateTranslator::moved(Variable &variable, const StepPlan &step, Call call) {
  SourceRange range = step.optimizer->range;
  const FunctionReference layer = call.callee;
  unsigned before = context.diags.errorCount();
  call.instance = makeInstance(context.body,
                               "optim." + std::to_string(step.index) + "." + variable.path, layer);
  call.site = variable.path;
  call.range = range;
  Value result = elaborateBody(context.body, std::move(call));
  if (context.diags.errorCount() != before)
    return std::nullopt;
  const Tensor *tensor = result.tensor();
  if (tensor && tensor->element == Element::F32 && equalShapes(tensor->dims, variable.dims))
    return *tensor;
  context.diags
      .error(Code::NotAnOptimizer, range,
             "`" + layer.decl->name.text + "` gives " + result.describe() + " for a parameter " +
                 printShape(variable.dims))
      .label(layer.decl->name.range, "declared here");
  return std::nullopt;
}

/// Averages of the nets that were moved: a <- rate a + (1 - rate) w.
void UpdateTranslator::follow(const StepPlan &step, FunctionContext &fn,
                              llvm::MapVector<Variable *, Tensor> &results) {
  TensorBuilder &build = context.body.build;
  llvm::DenseSet<const NetInfo *> moved;
  for (Variable *variable : step.moved)
    moved.insert(variable->owner->net);
  std::vector<std::pair<Variable *, Tensor>> averages;
  for (const std::unique_ptr<Variable> &average : context.body.program.registry.all()) {
    Variable *source = followed(context.body.program.registry, *average);
    if (!source || !moved.contains(source->owner->net))
      continue;
    auto found = results.find(source);
    if (found == results.end() && !source->running)
      continue;
    NetInfo *net = average->owner->net;
    build.loc = context.location(net->decl->range);
    Tensor now = source->running ? tensorOf(*source, fn) : found->second;
    auto weighted = [&](const Tensor &x, double weight) {
      return build.mul(x, build.constant(weight, Element::F32, x.dims));
    };
    Tensor next =
        build.add(weighted(tensorOf(*average, fn), net->emaRate), weighted(now, 1 - net->emaRate));
    averages.push_back({average.get(), next});
  }
  for (auto &[variable, tensor] : averages)
    results[variable] = tensor;
}

bool UpdateTranslator::buildUpdate(const StepPlan &step) {
  std::string name = step.updateName();
  FunctionContext fn(context.module(), name, context.location(step.statement->range));
  Root root(context.body, fn, context.body.program.mainFile(), name,
            /*training=*/true);
  std::string prefix = "optim." + std::to_string(step.index) + ".";
  fn.moves = [&](const Instance &instance) {
    return llvm::StringRef(instance.path).starts_with(prefix);
  };
  bindFlags(step);
  llvm::MapVector<Variable *, Tensor> results;
  if (!applyOptimizer(step, fn, results)) {
    fn.discard();
    return false;
  }
  follow(step, fn, results);
  for (auto &[variable, tensor] : results)
    fn.result(variable->running ? learn::ArgKind::state : learn::ArgKind::param, variable->path,
              tensor.value);
  for (auto &[variable, value] : fn.moved)
    fn.result(learn::ArgKind::state, variable->path, value);
  fn.finish();
  return true;
}

void UpdateTranslator::buildUpdates() {
  for (const StepPlan &step : context.steps)
    if (!step.moved.empty() && !buildUpdate(step))
      return; // Other steps would repeat the message.
}

} // namespace nnc
