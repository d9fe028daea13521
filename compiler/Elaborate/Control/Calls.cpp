/// Calls of fns and layers: arguments, signature, result.
#include "compiler/Elaborate/Elaborator.h"
#include "compiler/Syntax/Habits.h"

namespace nnc {

std::vector<Argument> Elaborator::evalArguments(llvm::ArrayRef<ast::Arg> args) {
  std::vector<Argument> result;
  unsigned depth = std::exchange(bracketDepth, 0);
  for (const ast::Arg &arg : args)
    result.push_back({arg.name.text.str(), elaborateExpr(arg.value), arg.range});
  bracketDepth = depth;
  return result;
}

Statics Elaborator::evalStatics(llvm::ArrayRef<ast::Item> items, const ast::CallableDecl &decl) {
  Statics statics;
  size_t position = 0;
  for (const ast::Item &item : items) {
    llvm::StringRef name;
    if (item.form == ast::Item::Named) {
      name = item.name.text;
      if (llvm::none_of(decl.statics, [&](const ast::Static &s) { return s.name.text == name; })) {
        diags
            .error(Code::BadStatics, item.range,
                   "`" + decl.name.text + "` has no static `" + name + "`")
            .label(decl.name.range, "declared here")
            .help(habit(Habit::Argument, name));
        continue;
      }
    } else if (item.form == ast::Item::Value && position < decl.statics.size()) {
      name = decl.statics[position++].name.text;
    } else {
      diags
          .error(Code::BadStatics, item.range,
                 item.form == ast::Item::Value
                     ? "`" + decl.name.text + "` takes " + llvm::Twine(decl.statics.size()) +
                           " static arguments"
                     : llvm::Twine("this is not a static argument"))
          .label(decl.name.range, "declared here");
      continue;
    }
    if (!statics.emplace(name.str(), evalStatic(item.value)).second)
      diags.error(Code::BadStatics, item.range, "the static `" + name + "` is given twice");
  }
  return statics;
}

Value Elaborator::callFunction(const FunctionReference &callee, llvm::ArrayRef<ast::Item> items,
                               llvm::ArrayRef<ast::Arg> args, const ast::Expr &expr) {
  Call call;
  call.callee = callee;
  call.range = expr.range;
  call.statics = evalStatics(items, *callee.decl);
  call.arguments = evalArguments(args);
  call.site = indexed(siteName(&expr, snakeCase(callee.decl->name.text)));
  if (callee.decl->isLayer && frame->instance)
    call.instance =
        childInstance(callee, siteName(&expr, snakeCase(callee.decl->name.text)), expr.range, true);
  return this->call(std::move(call));
}

bool Elaborator::matchArguments(const Call &call, llvm::StringMap<const Argument *> &arguments) {
  const ast::FunctionDecl &decl = *call.callee.decl;
  size_t position = 0;
  for (const Argument &argument : call.arguments) {
    std::string name = argument.name;
    if (name.empty() && position < decl.params.size())
      name = decl.params[position++].name.text.str();
    bool known =
        llvm::any_of(decl.params, [&](const ast::Parameter &p) { return p.name.text == name; });
    if (!known) {
      auto error = diags.error(
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
      diags.error(Code::BadArguments, argument.range, "the argument `" + name + "` is given twice");
      return false;
    }
  }
  for (const ast::Parameter &parameter : decl.params)
    if (!parameter.init && !parameter.type->optional && !arguments.contains(parameter.name.text)) {
      diags
          .error(Code::BadArguments, call.range,
                 "`" + decl.name.text + "` needs the argument `" + parameter.name.text + "`")
          .label(parameter.range, "declared here");
      return false;
    }
  return true;
}

Frame Elaborator::frameOf(const Call &call) {
  Frame inner;
  inner.caller = frame;
  inner.file = call.callee.file;
  inner.callee = call.callee.decl;
  inner.instance = call.instance;
  inner.reference = call.reference;
  inner.path = frame->path + "/" + call.site;
  inner.training =
      frame->training && !(call.instance && call.instance->net && call.instance->net->frozen);
  inner.lifted = call.lifted;
  inner.calledAt = call.range;
  inner.depth = frame->depth + 1;
  auto &sites = siteNames[call.callee.decl];
  if (!sites)
    sites = std::make_unique<SiteNames>(call.callee.decl->body);
  inner.sites = sites.get();
  return inner;
}

Value Elaborator::call(Call call) {
  const ast::FunctionDecl &decl = *call.callee.decl;
  for (const Argument &argument : call.arguments)
    if (argument.value.isPoison())
      return {};
  for (auto &[name, value] : call.statics)
    if (value.isPoison())
      return {};
  if (frame->depth >= 64) {
    diags.error(Code::Recursion, call.range, "`" + decl.name.text + "` calls itself");
    return {};
  }
  llvm::StringMap<const Argument *> arguments;
  if (!matchArguments(call, arguments))
    return {};
  Frame inner = frameOf(call);
  Scope body(nullptr);
  Frame *savedFrame = frame;
  Scope *savedScope = scope;
  unsigned savedDepth = std::exchange(bracketDepth, 0);
  mlir::Location savedLoc = build.loc;
  unsigned before = diags.errorCount();
  Value result;
  if (bindStatics(call, inner, body, arguments) && bindParameters(call, inner, body, arguments)) {
    frame = &inner;
    scope = &body;
    bool savedCondition = std::exchange(inCondition, false);
    result = elaborateBlock(*decl.body);
    inCondition = savedCondition;
    if (result.isAbsent() && diags.errorCount() == before && reportMissingValue(decl))
      result = {};
    if (!result.isPoison())
      result = checkResult(decl, result, inner);
  }
  bool failed = diags.errorCount() != before;
  frame = savedFrame;
  scope = savedScope;
  bracketDepth = savedDepth;
  build.loc = savedLoc;
  if (failed && inner.file->isPrelude && !frame->file->isPrelude)
    diags.note(Code::BadArguments, call.range, "in this call of `" + decl.name.text + "`");
  return result.isPoison() ? Value() : toCaller(result, inner);
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

bool Elaborator::bindStatics(const Call &call, Frame &inner, Scope &body,
                             const llvm::StringMap<const Argument *> &arguments) {
  const ast::FunctionDecl &decl = *call.callee.decl;
  Frame *savedFrame = std::exchange(frame, &inner);
  Scope *savedScope = std::exchange(scope, &body);
  bool good = true;
  // Given ones first; defaults see all of them.
  for (const ast::Static &s : decl.statics)
    if (auto given = call.statics.find(s.name.text); given != call.statics.end())
      bindStatic(s.name.text, given->second, s.name.range);
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
      diags
          .error(Code::BadStatics, call.range,
                 "`" + decl.name.text + "` needs the static `" + s.name.text + "`")
          .label(s.range, "declared here")
          .help("write " + decl.name.text + "[" + s.name.text + " = ...](...)");
      good = false;
      break;
    }
    Value value = evalStatic(s.init);
    good &= !value.isPoison();
    bindDefaultStatic(s.name.text, value, s.name.range);
  }
  frame = savedFrame;
  scope = savedScope;
  return good;
}

/// A default in terms of other statics abbreviates them; a number is a new name.
void Elaborator::bindDefaultStatic(llvm::StringRef name, Value value, SourceRange where) {
  auto *dim = value.as<Dim>();
  if (dim && dim->isNameless())
    bindStatic(name, value, where);
  else
    scope->bind(name, {BindingKind::Static, std::move(value), where, nullptr});
}

bool Elaborator::bindParameters(const Call &call, Frame &inner, Scope &body,
                                const llvm::StringMap<const Argument *> &arguments) {
  const ast::FunctionDecl &decl = *call.callee.decl;
  Frame *savedFrame = std::exchange(frame, &inner);
  Scope *savedScope = std::exchange(scope, &body);
  bool good = true;
  // Sizes come from what is given; defaults may need them.
  for (const ast::Parameter &parameter : decl.params)
    if (auto found = arguments.find(parameter.name.text); good && found != arguments.end())
      good = bindParameter(call, parameter, *found->second, inner, body);
  for (const ast::Parameter &parameter : decl.params) {
    if (!good || arguments.contains(parameter.name.text))
      continue;
    Argument standard{parameter.name.text.str(),
                      parameter.init ? elaborateExpr(parameter.init) : Value(Absent{}),
                      parameter.range};
    good = !standard.value.isPoison();
    if (good)
      good = bindDefault(parameter, standard.value);
  }
  frame = savedFrame;
  scope = savedScope;
  return good;
}

bool Elaborator::bindDefault(const ast::Parameter &parameter, Value value) {
  if (!value.isAbsent() && !value.isStaticScalar()) {
    auto type = resolveType(*parameter.type);
    auto tensor = type ? convert(value, *type, parameter.range,
                                 "the default of `" + parameter.name.text + "`")
                       : std::nullopt;
    if (!tensor)
      return false;
    value = *tensor;
  } else if (value.isStaticScalar() && !parameter.type->dims.empty()) {
    auto type = resolveType(*parameter.type);
    auto tensor = type ? convert(value, *type, parameter.range,
                                 "the default of `" + parameter.name.text + "`")
                       : std::nullopt;
    if (!tensor)
      return false;
    value = *tensor;
  } else if (auto *dim = value.as<Dim>(); dim && parameter.type->name.text == "f32") {
    value = Value::real(dim->value());
  }
  scope->bind(parameter.name.text, {BindingKind::Parameter, value, parameter.name.range, nullptr});
  return true;
}

bool Elaborator::bindParameter(const Call &call, const ast::Parameter &parameter,
                               const Argument &argument, Frame &inner, Scope &body) {
  std::string what =
      "argument `" + parameter.name.text.str() + "` of " + call.callee.decl->name.text.str();
  auto bind = [&](Value value) {
    body.bind(parameter.name.text,
              {BindingKind::Parameter, std::move(value), parameter.name.range, nullptr});
    return true;
  };
  const Value &value = argument.value;
  if (value.isAbsent()) {
    if (parameter.type->optional || (parameter.init && llvm::isa<ast::NoneExpr>(parameter.init)))
      return bind(value);
    diags.error(Code::BadArguments, argument.range, what + " may not be none");
    return false;
  }
  llvm::StringRef type = parameter.type->name.text;
  // A number for a scalar stays one: it may still fold.
  bool scalar =
      parameter.type->dims.empty() && !parameter.type->isTuple() && !parameter.type->bound;
  if (scalar && value.isStaticScalar() &&
      (type == "f32" || (type == "i32" && value.is<Dim>()) || (type == "bool" && value.is<bool>())))
    return bind(type == "f32" ? Value::real(*value.number()) : value);
  auto tensor = unify(*parameter.type, value, inner, body, argument.range, what);
  return tensor && bind(*tensor);
}

} // namespace nnc
