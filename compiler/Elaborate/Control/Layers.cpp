/// Instances: nets, call sites, parameters, running values.
#include "compiler/Elaborate/Elaborator.h"

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

/// Notes the sizes of a parameter in every net reference around it, in the names of the body that
/// declared that net: `embed.table` in the reference of `body`.
void Elaborator::noteSizes(llvm::StringRef path, llvm::ArrayRef<Dim> dims) {
  Shape here(dims);
  for (const Frame *at = frame; at && at->caller; at = at->caller) {
    Shape outside =
        llvm::map_to_vector<4>(here, [&](const Dim &dim) { return toCaller(dim, *at); });
    llvm::StringRef rest = path;
    if (at->reference && at->instance && rest.consume_front(at->instance->path) &&
        rest.consume_front("."))
      at->reference->paramDims[rest.str()] =
          at->reference->global
              ? llvm::map_to_vector<4>(here, [&](const Dim &dim) { return toRoot(dim, at); })
              : outside;
    here = outside;
  }
}

//===--- Parameters of nets -------------------------------------------------------------===//

/// A layer that needs no arguments has all its sizes: it is called for them, and what it computes
/// is thrown away.
bool Elaborator::completeNet(NetReference &net, SourceRange use) {
  auto given = [&](const ast::Static &s) { return s.init || net.statics.contains(s.name.text); };
  auto optional = [](const ast::Parameter &p) { return p.init || p.type->optional; };
  if (!llvm::all_of(net.layer->params, optional) || !llvm::all_of(net.layer->statics, given))
    return false;
  FunctionContext scratch(module, "sizes." + net.instance->path, location(use));
  FunctionContext *savedFunction = std::exchange(fn, &scratch);
  mlir::OpBuilder *savedBuilder = std::exchange(build.builder, &scratch.builder);
  Call call;
  call.callee = {net.layer, net.file};
  call.range = use;
  call.statics = net.statics;
  call.site = net.instance->path;
  call.instance = net.instance;
  call.reference = &net;
  this->call(std::move(call));
  fn = savedFunction;
  build.builder = savedBuilder;
  scratch.discard();
  return true;
}

/// An error at a path, with the names that may stand behind the net.
void Elaborator::reportMember(const Instance &instance, SourceRange range,
                              const llvm::Twine &message) {
  auto list = [](auto &table) {
    std::string text;
    for (auto &[name, part] : table)
      text += (text.empty() ? "`" : ", `") + name + "`";
    return text;
  };
  auto error = diags.error(Code::UnknownMember, range, message);
  std::string names = list(instance.variables), nets = list(instance.children);
  if (!names.empty())
    error.help("its parameters are " + names);
  if (!nets.empty())
    error.help("it has the nets " + nets + ": `" + instance.path + "." +
               instance.children.begin()->first + ".NAME`");
}

/// `model.block.3.attn.w_q`: the path of the parameter, as in checkpoints.
Value Elaborator::netMember(NetReference &net, llvm::ArrayRef<const ast::MemberExpr *> path) {
  Instance *at = net.instance;
  auto isCalled = [&] { return !at->variables.empty() || !at->children.empty(); };
  SourceRange whole = path.back()->range;
  if (unsigned before = diags.errorCount(); !isCalled() && !completeNet(net, whole)) {
    diags
        .error(Code::IncompleteNet, whole,
               "the sizes of `" + net.instance->path + "` are not known yet")
        .help("they come from its calls: call it in an objective, or before this line");
    return {};
  } else if (diags.errorCount() != before) {
    return {};
  }
  std::string relative;
  for (size_t i = 0; i < path.size();) {
    // The turn of a `repeat` belongs to the name before it.
    std::string key;
    size_t end = i, used = 0;
    std::string found;
    for (; end < path.size(); ++end) {
      key += (end > i ? "." : "") + path[end]->member.text.str();
      if (at->variables.contains(key) || at->children.contains(key)) {
        found = key;
        used = end + 1 - i;
      }
    }
    if (!used) {
      reportMember(*at, path[i]->member.range,
                   "the net `" + at->path + "` has no parameter `" + path[i]->member.text + "`");
      return {};
    }
    relative += (relative.empty() ? "" : ".") + found;
    i += used;
    if (auto variable = at->variables.find(found); variable != at->variables.end()) {
      Value value = variableOf(net, *variable->second, relative);
      for (const ast::MemberExpr *rest : path.drop_front(i))
        value = memberOf(value, *rest);
      return value;
    }
    at = at->children.find(found)->second.get();
  }
  reportMember(*at, whole, "`" + at->path + "` is a net, not a parameter");
  return {};
}

Value Elaborator::variableOf(NetReference &net, Variable &variable, llvm::StringRef relative) {
  Tensor tensor;
  tensor.element = variable.element;
  if (auto dims = net.paramDims.find(relative); dims != net.paramDims.end())
    tensor.dims = dims->second;
  else
    for (int64_t size : variable.shape)
      tensor.dims.push_back(Dim(size));
  return materialise({BindingKind::Variable, tensor, {}, &variable}, relative);
}

Variable *Elaborator::registerVariable(const ast::ParamStmt &statement, const TensorType &type) {
  Instance &instance = *frame->instance;
  std::string name = indexed(statement.name.text.str());
  noteSizes(instance.path + "." + name, type.dims);
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
