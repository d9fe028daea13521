/// Instances: nets, call sites, parameters, running values.
#include "compiler/Elaborate/Chance/Chance.h"
#include "compiler/Elaborate/Control/Control.h"

namespace nnc {

Value callNet(Body &body, std::shared_ptr<NetReference> net, llvm::ArrayRef<ast::Item> items,
              const ast::CallExpr &expr) {
  Call call;
  call.callee = {net->layer, net->file};
  call.range = expr.range;
  call.statics = evalStatics(body, items, *net->layer);
  for (auto &[name, value] : net->statics)
    call.statics.emplace(name, value);
  call.arguments = evalArguments(body, expr.args);
  const ast::NameExpr *head = ast::headName(expr.callee);
  call.site = indexedName(body, siteName(body, &expr, head ? snakeCase(head->name) : "net"));
  call.instance = net->instance;
  call.reference = net.get();
  return elaborateBody(body, std::move(call));
}

/// Once per call, and about the outermost layer that no net is around.
static void reportNoOwner(Body &body, const ast::ParamStmt &statement) {
  const Frame *top = body.frame;
  while (top->caller && top->caller->callee && top->caller->callee->isLayer)
    top = top->caller;
  if (!body.program.ownerless.insert(top->calledAt.begin.getPointer()).second)
    return;
  llvm::StringRef name = top->callee->name.text;
  body.diags
      .error(Code::NoOwner, top->calledAt, "the parameters of `" + name + "` belong to no net here")
      .label(statement.name.range, "a parameter")
      .help("declare `net f = " + name + "[...]` at file level and call f(...)");
}

/// Notes the sizes of a parameter in every net reference around it, in the names of the body that
/// declared that net: `embed.table` in the reference of `body`.
static void noteSizes(Body &body, llvm::StringRef path, llvm::ArrayRef<Dim> dims) {
  Shape here(dims);
  for (const Frame *at = body.frame; at && at->caller; at = at->caller) {
    Shape outside =
        llvm::map_to_vector<4>(here, [&](const Dim &dim) { return toCaller(body, dim, *at); });
    llvm::StringRef rest = path;
    if (at->reference && at->instance && rest.consume_front(at->instance->path) &&
        rest.consume_front("."))
      at->reference->paramDims[rest.str()] =
          at->reference->global
              ? llvm::map_to_vector<4>(here, [&](const Dim &dim) { return toRoot(body, dim, at); })
              : outside;
    here = outside;
  }
}

/// The first value is computed in init.params, from sizes and statics of this body.
static void initialise(Body &body, Variable &variable, const ast::ParamStmt &statement,
                       const TensorType &type) {
  Enter init(body, body.program.init);
  llvm::SaveAndRestore place(body.build.loc, body.location(statement.range));
  // A running average starts where its source starts: the same draws.
  std::string site = variable.path;
  NetInfo *net = variable.owner->net;
  if (net && net->emaOf)
    site = net->emaOf->name + site.substr(net->name.size());
  Value value = elaborateExpr(body, statement.init);
  std::optional<Tensor> first;
  if (statement.drawn) {
    if (auto *distribution = toDistribution(body, value, statement.init->range))
      first = emitDraw(body, *distribution, type, site, nullptr, statement.init->range);
  } else if (!value.isPoison()) {
    first = convert(body, value, type, statement.init->range, "`" + statement.name.text + "`");
  }
  if (first)
    body.program.init.result(variable.running ? learn::ArgKind::state : learn::ArgKind::param,
                             variable.path, first->value);
}

static Variable *registerVariable(Body &body, const ast::ParamStmt &statement,
                                  const TensorType &type) {
  Instance &instance = *body.frame->instance;
  std::string name = indexedName(body, statement.name.text.str());
  noteSizes(body, instance.path + "." + name, type.dims);
  auto known = instance.variables.find(name);
  if (known != instance.variables.end()) {
    Variable &variable = *known->second;
    if (llvm::ArrayRef<int64_t>(variable.shape) != llvm::ArrayRef<int64_t>(numbersOf(type.dims)))
      body.diags
          .error(Code::InstanceChanged, body.frame->calledAt,
                 "`" + variable.path + "` would have two shapes")
          .label(statement.name.range, printShape(type.dims) + " here, " +
                                           printShape(variable.dims) + " in its first call")
          .help("a net has one set of parameters; declare another net for the other sizes");
    return &variable;
  }
  Variable variable;
  variable.path = instance.path + "." + name;
  variable.running = statement.running;
  variable.owner = &instance;
  variable.decl = &statement;
  variable.element = type.element;
  variable.shape = numbersOf(type.dims);
  for (const Dim &dim : type.dims)
    variable.dims.push_back(toRoot(body, dim, body.frame));
  if (body.program.registry.find(variable.path)) {
    body.diags.error(Code::PathCollision, statement.name.range,
                     "two parameters would have the path `" + variable.path + "`");
    return nullptr;
  }
  Variable *added = instance.variables[name] = body.program.registry.add(std::move(variable));
  initialise(body, *added, statement, type);
  return added;
}

void elaborateVariable(Body &body, const ast::ParamStmt &statement) {
  auto type = resolveType(body, *statement.type);
  Value value;
  Variable *variable = nullptr;
  if (!body.frame->callee || !body.frame->callee->isLayer) {
    body.diags.error(Code::ParameterInFn, statement.range,
                     "only layers have parameters and running values");
  } else if (!body.frame->instance) {
    reportNoOwner(body, statement);
  } else if (type) {
    variable = registerVariable(body, statement, *type);
    Tensor tensor;
    static_cast<TensorType &>(tensor) = *type;
    value = tensor;
  }
  if (!mayDefine(body, statement.name))
    return;
  body.scope->bind(statement.name.text,
                   {BindingKind::Variable, value, statement.name.range, variable});
}

} // namespace nnc
