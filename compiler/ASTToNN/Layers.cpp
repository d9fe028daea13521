/// Instances: nets, call sites, parameters, running values.
#include "compiler/ASTToNN/Elaborator.h"

namespace nnc {

std::string Elaborator::indexed(std::string name) const {
  for (int64_t turn : frame->turns)
    name += "." + std::to_string(turn);
  return name;
}

std::string Elaborator::siteName(const ast::Node *call, llvm::StringRef callee) {
  if (frame->sites)
    if (llvm::StringRef name = frame->sites->name(call); !name.empty())
      return name.str();
  std::string &name = frame->rootSites[call];
  if (name.empty()) {
    unsigned count = ++frame->rootCounts[callee.str()];
    name = count == 1 ? callee.str() : callee.str() + "_" + std::to_string(count);
  }
  return name;
}

Instance *Elaborator::childInstance(const FunctionReference &layer, llvm::StringRef name,
                                    SourceRange where, bool anonymous) {
  std::string key = indexed(name.str());
  Instance &parent = *frame->instance;
  std::unique_ptr<Instance> &child = parent.children[key];
  if (!child) {
    child = std::make_unique<Instance>();
    child->path = parent.path + "." + key;
    child->parent = &parent;
    child->net = parent.net;
    child->layer = layer.decl;
    child->file = layer.file;
    child->where = where;
  } else if (child->where.begin != where.begin) {
    diags
        .error(Code::PathCollision, where,
               "two instances would have the path `" + child->path + "`")
        .label(child->where, "the first one")
        .help(anonymous ? "declare a `net` with another name and call it"
                        : "choose another name for the net");
  }
  return child.get();
}

Instance *Elaborator::makeInstance(llvm::StringRef path, const FunctionReference &layer) {
  for (auto &known : loose)
    if (known->path == path)
      return known.get();
  auto instance = std::make_unique<Instance>();
  instance->path = path.str();
  instance->layer = layer.decl;
  instance->file = layer.file;
  loose.push_back(std::move(instance));
  return loose.back().get();
}

Value Elaborator::callNet(std::shared_ptr<NetReference> net, llvm::ArrayRef<ast::Item> items,
                          const ast::CallExpr &expr) {
  Call call;
  call.callee = {net->layer, net->file};
  call.range = expr.range;
  call.statics = evalStatics(items, *net->layer);
  for (auto &[name, value] : net->statics)
    call.statics.emplace(name, value);
  call.arguments = evalArguments(expr.args);
  const ast::NameExpr *head = ast::headName(expr.callee);
  call.site = indexed(siteName(&expr, head ? snakeCase(head->name) : "net"));
  call.instance = net->instance;
  call.reference = net.get();
  return this->call(std::move(call));
}

void Elaborator::elaborateVariable(const ast::ParamStmt &statement) {
  auto type = resolveType(*statement.type);
  Value value;
  Variable *variable = nullptr;
  if (!frame->callee || !frame->callee->isLayer) {
    diags.error(Code::ParameterInFn, statement.range,
                "only layers have parameters and running values");
  } else if (!frame->instance) {
    reportNoOwner(statement);
  } else if (type) {
    variable = registerVariable(statement, *type);
    Tensor tensor;
    static_cast<TensorType &>(tensor) = *type;
    value = tensor;
  }
  if (!mayDefine(statement.name))
    return;
  scope->bind(statement.name.text, {BindingKind::Variable, value, statement.name.range, variable});
}

/// Once a call, and about the outermost layer that no net is around.
void Elaborator::reportNoOwner(const ast::ParamStmt &statement) {
  const Frame *top = frame;
  while (top->caller && top->caller->callee && top->caller->callee->isLayer)
    top = top->caller;
  if (!ownerless.insert(top->calledAt.begin.getPointer()).second)
    return;
  llvm::StringRef name = top->callee->name.text;
  diags
      .error(Code::NoOwner, top->calledAt, "the parameters of `" + name + "` belong to no net here")
      .label(statement.name.range, "a parameter")
      .help("declare `net f = " + name + "[...]` at file level and call f(...)");
}

Variable *Elaborator::registerVariable(const ast::ParamStmt &statement, const TensorType &type) {
  Instance &instance = *frame->instance;
  std::string name = indexed(statement.name.text.str());
  Shape outside;
  for (const Dim &dim : type.dims) {
    bool global = frame->reference && frame->reference->global;
    outside.push_back(global ? toRoot(dim, frame) : toCaller(dim, *frame));
  }
  if (frame->reference)
    frame->reference->paramDims[name] = outside;
  auto known = instance.variables.find(name);
  if (known != instance.variables.end()) {
    Variable &variable = *known->second;
    if (llvm::ArrayRef<int64_t>(variable.shape) != llvm::ArrayRef<int64_t>(numbersOf(type.dims)))
      diags
          .error(Code::InstanceChanged, frame->calledAt,
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
    variable.dims.push_back(toRoot(dim, frame));
  if (registry.find(variable.path)) {
    diags.error(Code::PathCollision, statement.name.range,
                "two parameters would have the path `" + variable.path + "`");
    return nullptr;
  }
  Variable *added = instance.variables[name] = registry.add(std::move(variable));
  initialise(*added, statement, type);
  return added;
}

/// The first value is computed in init.params, from sizes and statics of this body.
void Elaborator::initialise(Variable &variable, const ast::ParamStmt &statement,
                            const TensorType &type) {
  FunctionContext *savedFunction = std::exchange(fn, init.get());
  mlir::OpBuilder *savedBuilder = std::exchange(build.builder, &init->builder);
  mlir::Location savedLoc = build.loc;
  build.loc = location(statement.range);
  // A running average starts where its source starts: the same draws.
  std::string site = variable.path;
  NetInfo *net = variable.owner->net;
  if (net && net->emaOf)
    site = net->emaOf->name + site.substr(net->name.size());
  Value value = elaborateExpr(statement.init);
  std::optional<Tensor> first;
  if (statement.drawn) {
    if (auto *distribution = toDistribution(value, statement.init->range))
      first = draw(*distribution, type, site, nullptr, statement.init->range);
  } else if (!value.isPoison()) {
    first = convert(value, type, statement.init->range, "`" + statement.name.text + "`");
  }
  fn = savedFunction;
  build.builder = savedBuilder;
  build.loc = savedLoc;
  if (first)
    init->result(variable.running ? "state" : "param", variable.path, first->value);
}

} // namespace nnc
