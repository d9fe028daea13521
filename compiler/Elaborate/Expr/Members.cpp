/// `base.name`: of nets, distributions, batches and vocabularies.
#include "compiler/Elaborate/Elaborate.h"
#include "compiler/Elaborate/Expr/Expr.h"
#include "compiler/Syntax/Habits.h"

namespace nnc {

/// `torch.relu`: the name before the point is of another language.
static bool reportModule(Body &body, const ast::MemberExpr &expr) {
  auto *base = llvm::dyn_cast<ast::NameExpr>(expr.base);
  llvm::StringRef module = base ? habit(Habit::Module, base->name) : llvm::StringRef();
  if (module.empty() || lookupQuietly(body, base->name))
    return false;
  llvm::StringRef member = habit(Habit::Name, expr.member.text);
  body.diags.error(Code::UnknownName, expr.range, "there is no `" + base->name + "`")
      .here("not defined")
      .help(member.empty() ? module : member);
  return true;
}

static Value batchMember(Body &body, const Batch &batch, const ast::MemberExpr &expr) {
  const FieldInfo *field = batch.data->field(expr.member.text);
  if (!field) {
    auto error = body.diags.error(Code::UnknownMember, expr.member.range,
                                  "the data set " + batch.data->name + " has no field `" +
                                      expr.member.text + "`");
    std::string names;
    for (const FieldInfo &other : batch.data->fields)
      names += (names.empty() ? "" : ", ") + other.name;
    error.help("its fields are " + names);
    return {};
  }
  Tensor tensor;
  static_cast<TensorType &>(tensor) = field->type;
  tensor.dims.insert(tensor.dims.begin(), batch.rows.begin(), batch.rows.end());
  tensor.value = body.fn->argument(learn::ArgKind::input, field->name, body.build.type(tensor));
  return tensor;
}

static Value vocabMember(Body &body, const VocabInfo &vocab, const ast::MemberExpr &expr) {
  llvm::StringRef name = expr.member.text;
  static constexpr llvm::StringRef specials[] = {"pad", "unk", "bos", "eos", "mask"};
  auto *special = llvm::find(specials, name);
  if (special != std::end(specials) && vocab.hasSpecials)
    return Word{Dim(int64_t(special - std::begin(specials))), &vocab};
  if (name == "frequency")
    return body.build.make(Element::F32, {vocab.size},
                           body.fn->argument(learn::ArgKind::vocab_frequency, vocab.name,
                                             body.build.type(Element::F32, {vocab.size})));
  auto error = body.diags.error(Code::UnknownMember, expr.member.range,
                                "the vocab " + vocab.name + " has no `" + name + "`");
  if (special != std::end(specials))
    error.note("`bytes` has no special ids");
  return {};
}

static Value memberOf(Body &body, const Value &base, const ast::MemberExpr &expr) {
  if (base.isPoison() || base.isAbsent())
    return base;
  if (auto *distribution = base.distribution())
    return distributionMember(body, *distribution, expr);
  if (auto *batch = base.as<Batch>())
    return batchMember(body, *batch, expr);
  if (auto *vocab = base.as<const VocabInfo *>())
    return vocabMember(body, **vocab, expr);
  auto error =
      body.diags.error(Code::UnknownMember, expr.member.range, base.describe() + " has no members");
  llvm::StringRef name = expr.member.text;
  for (Habit where : {Habit::Member, Habit::Name})
    if (llvm::StringRef known = habit(where, name); !known.empty()) {
      error.help(known);
      return {};
    }
  if (lookupQuietly(body, name))
    error.help("functions stand before their argument: `" + name + "(x)`");
  return {};
}

/// A layer that needs no arguments has all its sizes: it is called for them, and what it computes
/// is thrown away.
static bool completeNet(Body &body, NetReference &net, SourceRange use) {
  auto given = [&](const ast::Static &s) { return s.init || net.statics.contains(s.name.text); };
  auto optional = [](const ast::Parameter &p) { return p.init || p.type->optional; };
  if (!llvm::all_of(net.layer->params, optional) || !llvm::all_of(net.layer->statics, given))
    return false;
  FunctionContext scratch(body.program.module, "sizes." + net.instance->path, body.location(use));
  Call call;
  call.callee = {net.layer, net.file};
  call.range = use;
  call.statics = net.statics;
  call.site = net.instance->path;
  call.instance = net.instance;
  call.reference = &net;
  {
    Enter inside(body, scratch);
    elaborateBody(body, std::move(call));
  }
  scratch.discard();
  return true;
}

/// An error at a path, with the names that may stand behind the net.
static void reportMember(Body &body, const Instance &instance, SourceRange range,
                         const llvm::Twine &message) {
  auto list = [](auto &table) {
    std::string text;
    for (auto &[name, part] : table)
      text += (text.empty() ? "`" : ", `") + name + "`";
    return text;
  };
  auto error = body.diags.error(Code::UnknownMember, range, message);
  std::string names = list(instance.variables), nets = list(instance.children);
  if (!names.empty())
    error.help("its parameters are " + names);
  if (!nets.empty())
    error.help("it has the nets " + nets + ": `" + instance.path + "." +
               instance.children.begin()->first + ".NAME`");
}

static Value variableOf(Body &body, NetReference &net, Variable &variable,
                        llvm::StringRef relative) {
  Tensor tensor;
  tensor.element = variable.element;
  if (auto dims = net.paramDims.find(relative); dims != net.paramDims.end())
    tensor.dims = dims->second;
  else
    for (int64_t size : variable.shape)
      tensor.dims.push_back(Dim(size));
  return materialise(body, {BindingKind::Variable, tensor, {}, &variable}, relative);
}

/// `model.block.3.attn.w_q`: the path of the parameter, as in checkpoints.
static Value netMember(Body &body, NetReference &net,
                       llvm::ArrayRef<const ast::MemberExpr *> path) {
  Instance *at = net.instance;
  auto isCalled = [&] { return !at->variables.empty() || !at->children.empty(); };
  SourceRange whole = path.back()->range;
  if (unsigned before = body.diags.errorCount(); !isCalled() && !completeNet(body, net, whole)) {
    body.diags
        .error(Code::IncompleteNet, whole,
               "the sizes of `" + net.instance->path + "` are not known yet")
        .help("they come from its calls: call it in an objective, or before this line");
    return {};
  } else if (body.diags.errorCount() != before) {
    return {};
  }
  std::string relative;
  for (size_t i = 0; i < path.size();) {
    // The iteration of a `repeat` belongs to the name before it.
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
      reportMember(body, *at, path[i]->member.range,
                   "the net `" + at->path + "` has no parameter `" + path[i]->member.text + "`");
      return {};
    }
    relative += (relative.empty() ? "" : ".") + found;
    i += used;
    if (auto variable = at->variables.find(found); variable != at->variables.end()) {
      Value value = variableOf(body, net, *variable->second, relative);
      for (const ast::MemberExpr *rest : path.drop_front(i))
        value = memberOf(body, value, *rest);
      return value;
    }
    at = at->children.find(found)->second.get();
  }
  reportMember(body, *at, whole, "`" + at->path + "` is a net, not a parameter");
  return {};
}

Value elaborateMember(Body &body, const ast::MemberExpr &expr) {
  // `body.embed.table`: all names at once, as a net inside of a net is no value.
  llvm::SmallVector<const ast::MemberExpr *> path;
  const ast::Expr *base = &expr;
  for (; auto *member = llvm::dyn_cast<ast::MemberExpr>(base); base = member->base)
    path.insert(path.begin(), member);
  if (reportModule(body, *path.front()))
    return {};
  Value value = elaborateExpr(body, base);
  if (NetReference *net = value.net())
    return netMember(body, *net, path);
  for (const ast::MemberExpr *member : path)
    value = memberOf(body, value, *member);
  return value;
}

} // namespace nnc
