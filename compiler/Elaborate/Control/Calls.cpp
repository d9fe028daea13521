/// Calls of fns and layers: arguments, signature, result.
#include "compiler/Elaborate/Control/Control.h"
#include "compiler/Syntax/Habits.h"

namespace nnc {

std::vector<Argument> evalArguments(Body &body, llvm::ArrayRef<ast::Arg> args) {
  std::vector<Argument> result;
  llvm::SaveAndRestore brackets(body.compileTime, false);
  for (const ast::Arg &arg : args)
    result.push_back({arg.name.text.str(), elaborateExpr(body, arg.value), arg.range});
  return result;
}

Value callFunction(Body &body, const FunctionReference &callee, llvm::ArrayRef<ast::Item> items,
                   llvm::ArrayRef<ast::Arg> args, const ast::Expr &expr) {
  Call call;
  call.callee = callee;
  call.range = expr.range;
  call.statics = evalStatics(body, items, *callee.decl);
  call.arguments = evalArguments(body, args);
  call.site = indexedName(body, siteName(body, &expr, snakeCase(callee.decl->name.text)));
  if (callee.decl->isLayer && body.frame->instance)
    call.instance = childInstance(
        body, callee, siteName(body, &expr, snakeCase(callee.decl->name.text)), expr.range, true);
  return elaborateBody(body, std::move(call));
}

static bool matchArguments(Body &body, const Call &call,
                           llvm::StringMap<const Argument *> &arguments) {
  const ast::FunctionDecl &decl = *call.callee.decl;
  size_t position = 0;
  for (const Argument &argument : call.arguments) {
    std::string name = argument.name;
    if (name.empty() && position < decl.params.size())
      name = decl.params[position++].name.text.str();
    bool known =
        llvm::any_of(decl.params, [&](const ast::Parameter &p) { return p.name.text == name; });
    if (!known) {
      auto error = body.diags.error(
          Code::BadArguments, argument.range,
          name.empty() ? "`" + decl.name.text + "` takes " + llvm::Twine(decl.params.size()) +
                             (decl.params.size() == 1 ? " argument, " : " arguments, ") +
                             llvm::Twine(call.arguments.size()) + " are given"
                       : "`" + decl.name.text + "` has no argument `" + name + "`");
      error.label(decl.name.range, "declared here");
      if (llvm::any_of(decl.statics, [&](const ast::Static &s) { return s.name.text == name; }))
        error.help("`" + name + "` is compile time: it stands in brackets");
      else if (name.empty() && !decl.statics.empty() && argument.value.isStaticScalar())
        error.help("sizes and numbers of compile time stand in brackets: `" + decl.name.text + "[" +
                   decl.statics[0].name.text + "](...)`");
      else
        error.help(habit(Habit::Argument, name));
      return false;
    }
    if (!arguments.try_emplace(name, &argument).second) {
      body.diags.error(Code::BadArguments, argument.range,
                       "the argument `" + name + "` is given twice");
      return false;
    }
  }
  for (const ast::Parameter &parameter : decl.params)
    if (!parameter.init && !parameter.type->optional && !arguments.contains(parameter.name.text)) {
      body.diags
          .error(Code::BadArguments, call.range,
                 "`" + decl.name.text + "` needs the argument `" + parameter.name.text + "`")
          .label(parameter.range, "declared here");
      return false;
    }
  return true;
}

static Frame frameOf(Body &body, const Call &call) {
  Frame inner;
  inner.caller = body.frame;
  inner.file = call.callee.file;
  inner.callee = call.callee.decl;
  inner.instance = call.instance;
  inner.reference = call.reference;
  inner.path = body.frame->path + "/" + call.site;
  inner.training =
      body.frame->training && !(call.instance && call.instance->net && call.instance->net->frozen);
  inner.lifted = call.lifted;
  inner.calledAt = call.range;
  inner.depth = body.frame->depth + 1;
  auto &sites = body.program.siteNames[call.callee.decl];
  if (!sites)
    sites = std::make_unique<SiteNames>(call.callee.decl->body);
  inner.sites = sites.get();
  return inner;
}

/// Is the name of a static a whole dim or bound of the type of an argument that is given?
static bool inferredFrom(const ast::Type &type, llvm::StringRef name) {
  auto is = [&](const ast::Expr *expr) {
    auto *n = llvm::dyn_cast_or_null<ast::NameExpr>(expr);
    return n && n->name == name;
  };
  return llvm::any_of(type.dims, is) || is(type.bound) ||
         llvm::any_of(type.elements,
                      [&](const ast::Type *element) { return inferredFrom(*element, name); });
}

/// A default in terms of other statics abbreviates them; a number is a new name.
static void bindDefaultStatic(Body &body, llvm::StringRef name, Value value, SourceRange where) {
  auto *dim = value.as<Dim>();
  if (dim && dim->isNameless())
    bindStatic(body, name, value, where);
  else
    body.scope->bind(name, {BindingKind::Static, std::move(value), where, nullptr});
}

static bool bindStatics(Body &body, const Call &call,
                        const llvm::StringMap<const Argument *> &arguments) {
  const ast::FunctionDecl &decl = *call.callee.decl;
  bool good = true;
  // Given ones first; defaults see all of them.
  for (const ast::Static &s : decl.statics)
    if (auto given = call.statics.find(s.name.text); given != call.statics.end())
      bindStatic(body, s.name.text, given->second, s.name.range);
  for (const ast::Static &s : decl.statics) {
    if (call.statics.contains(s.name.text))
      continue;
    bool inferred = llvm::any_of(decl.params, [&](const ast::Parameter &p) {
      auto found = arguments.find(p.name.text);
      return found != arguments.end() && !found->second->value.isAbsent() &&
             inferredFrom(*p.type, s.name.text);
    });
    if (inferred)
      continue;
    if (!s.init) {
      body.diags
          .error(Code::BadStatics, call.range,
                 "`" + decl.name.text + "` needs the static `" + s.name.text + "`")
          .label(s.range, "declared here")
          .help("write " + decl.name.text + "[" + s.name.text + " = ...](...)");
      good = false;
      break;
    }
    Value value = evalStatic(body, s.init);
    good &= !value.isPoison();
    bindDefaultStatic(body, s.name.text, value, s.name.range);
  }
  return good;
}

static bool bindDefault(Body &body, const ast::Parameter &parameter, Value value) {
  bool isTensor = value.isStaticScalar() ? !parameter.type->dims.empty() : !value.isAbsent();
  if (isTensor) {
    auto type = resolveType(body, *parameter.type);
    auto tensor = type ? convert(body, value, *type, parameter.range,
                                 "the default of `" + parameter.name.text + "`")
                       : std::nullopt;
    if (!tensor)
      return false;
    value = *tensor;
  } else if (auto *dim = value.as<Dim>(); dim && parameter.type->name.text == "f32") {
    value = Value::real(dim->value());
  }
  body.scope->bind(parameter.name.text,
                   {BindingKind::Parameter, value, parameter.name.range, nullptr});
  return true;
}

static bool bindParameter(Body &body, const Call &call, const ast::Parameter &parameter,
                          const Argument &argument) {
  std::string what =
      "argument `" + parameter.name.text.str() + "` of " + call.callee.decl->name.text.str();
  auto bind = [&](Value value) {
    body.scope->bind(parameter.name.text,
                     {BindingKind::Parameter, std::move(value), parameter.name.range, nullptr});
    return true;
  };
  const Value &value = argument.value;
  if (value.isAbsent()) {
    if (parameter.type->optional || (parameter.init && llvm::isa<ast::NoneExpr>(parameter.init)))
      return bind(value);
    body.diags.error(Code::BadArguments, argument.range, what + " may not be none");
    return false;
  }
  llvm::StringRef type = parameter.type->name.text;
  // A number for a scalar stays one: it may still fold.
  bool scalar =
      parameter.type->dims.empty() && !parameter.type->isTuple() && !parameter.type->bound;
  if (scalar && value.isStaticScalar() &&
      (type == "f32" || (type == "i32" && value.is<Dim>()) || (type == "bool" && value.is<bool>())))
    return bind(type == "f32" ? Value::real(*value.number()) : value);
  auto tensor = unify(body, *parameter.type, value, argument.range, what);
  return tensor && bind(*tensor);
}

static bool bindParameters(Body &body, const Call &call,
                           const llvm::StringMap<const Argument *> &arguments) {
  const ast::FunctionDecl &decl = *call.callee.decl;
  bool good = true;
  // Sizes come from what is given; defaults may need them.
  for (const ast::Parameter &parameter : decl.params)
    if (auto found = arguments.find(parameter.name.text); good && found != arguments.end())
      good = bindParameter(body, call, parameter, *found->second);
  for (const ast::Parameter &parameter : decl.params) {
    if (!good || arguments.contains(parameter.name.text))
      continue;
    Argument standard{parameter.name.text.str(),
                      parameter.init ? elaborateExpr(body, parameter.init) : Value(Absent{}),
                      parameter.range};
    good = !standard.value.isPoison();
    if (good)
      good = bindDefault(body, parameter, standard.value);
  }
  return good;
}

/// The value of the body, in its own names.
static Value resultOf(Body &body, const Call &call, Frame &inner,
                      const llvm::StringMap<const Argument *> &arguments) {
  const ast::FunctionDecl &decl = *call.callee.decl;
  Scope names(nullptr);
  Enter callee(body, inner, names);
  llvm::SaveAndRestore place(body.build.loc);
  unsigned before = body.diags.errorCount();
  if (!bindStatics(body, call, arguments) || !bindParameters(body, call, arguments))
    return {};
  Value result = elaborateBlock(body, *decl.body);
  if (result.isAbsent() && body.diags.errorCount() == before && reportMissingValue(body, decl))
    return {};
  return result.isPoison() ? Value() : checkResult(body, decl, result);
}

Value elaborateBody(Body &body, Call call) {
  const ast::FunctionDecl &decl = *call.callee.decl;
  for (const Argument &argument : call.arguments)
    if (argument.value.isPoison())
      return {};
  for (auto &[name, value] : call.statics)
    if (value.isPoison())
      return {};
  if (body.frame->depth >= 64) {
    body.diags.error(Code::Recursion, call.range, "`" + decl.name.text + "` calls itself");
    return {};
  }
  llvm::StringMap<const Argument *> arguments;
  if (!matchArguments(body, call, arguments))
    return {};
  Frame inner = frameOf(body, call);
  unsigned before = body.diags.errorCount();
  Value result = resultOf(body, call, inner, arguments);
  if (body.diags.errorCount() != before && inner.file->isPrelude && !body.frame->file->isPrelude)
    body.diags.note(Code::BadArguments, call.range, "in this call of `" + decl.name.text + "`");
  return result.isPoison() ? Value() : toCaller(body, result, inner);
}

} // namespace nnc
