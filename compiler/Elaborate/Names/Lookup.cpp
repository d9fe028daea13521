/// What a name means, and what it may be made to mean.
#include "compiler/Elaborate/Builtin.h"
#include "compiler/Elaborate/Names/Names.h"
#include "compiler/Syntax/Habits.h"
#include <numbers>

namespace nnc {

static constexpr llvm::StringRef reserved[] = {"training", "evidence", "iteration",
                                               "progress", "pi",       "inf"};

bool isReserved(llvm::StringRef name) { return llvm::is_contained(reserved, name); }

std::optional<Binding> lookupQuietly(Body &body, llvm::StringRef name) {
  if (Binding *binding = body.scope ? body.scope->find(name) : nullptr)
    return *binding;
  FileScope *file = body.frame ? body.frame->file : body.program.main;
  auto [owner, declared] = findDeclared(*file, name);
  if (declared)
    return evaluateDeclared(body, *owner, name, *declared);
  if (const Builtin *builtin = findBuiltin(name))
    return Binding{BindingKind::Function, BuiltinReference{builtin->name}, {}, nullptr};
  return std::nullopt;
}

static Value readEvidence(Body &body, SourceRange use) {
  if (!body.fn->evidence) {
    body.diags.error(Code::MisplacedName, use, "`evidence` is known in an objective only");
    return {};
  }
  Evidence &evidence = *body.fn->evidence;
  if (!evidence.sites || !evidence.sum) {
    // A site that has an error of its own is not there.
    if (body.diags.hasErrors())
      return {};
    body.diags.error(Code::EmptyEvidence, use, "nothing has been scored before `evidence` is read")
        .help("score a value with `observe x ~ D` or `z ~ D given y` before this line");
    return {};
  }
  evidence.readAt = use;
  return body.build.make(Element::F32, {evidence.batch}, evidence.sum);
}

static std::optional<Binding> predeclared(Body &body, llvm::StringRef name, SourceRange use) {
  auto value = [](Value v) { return Binding{BindingKind::Const, std::move(v), {}, nullptr}; };
  if (name == "pi")
    return value(Value::real(std::numbers::pi));
  if (name == "inf")
    return value(Value::real(std::numeric_limits<double>::infinity()));
  if (name == "training")
    return value(Value::boolean(body.frame->training));
  if (name == "evidence")
    return value(readEvidence(body, use));
  if (name == "iteration" || name == "progress") {
    auto type = body.build.type(Element::F32, {});
    return value(body.build.make(Element::F32, {},
                                 body.fn->argument(*learn::symbolizeArgKind(name), "", type)));
  }
  return std::nullopt;
}

static void reportUnknown(Body &body, llvm::StringRef name, SourceRange use) {
  llvm::SmallVector<llvm::StringRef> names;
  if (body.scope)
    body.scope->collect(names);
  for (FileScope *file = body.frame ? body.frame->file : body.program.main; file;
       file = file->prelude) {
    for (auto &entry : file->declared)
      names.push_back(entry.first);
    for (FileScope *import : file->imports)
      for (auto &entry : import->declared)
        names.push_back(entry.first);
  }
  for (const Builtin &builtin : allBuiltins())
    names.push_back(builtin.name);
  llvm::append_range(names, reserved);
  auto error = body.diags.error(Code::UnknownName, use, "`" + name + "` is not defined here");
  error.here("not defined");
  for (Habit where : {Habit::Name, Habit::Module})
    if (llvm::StringRef known = habit(where, name); !known.empty()) {
      error.help(known);
      return;
    }
  if (llvm::StringRef near = nearestName(name, names); !near.empty())
    error.help("did you mean `" + near + "`?");
}

std::optional<Binding> lookup(Body &body, llvm::StringRef name, SourceRange use) {
  if (auto binding = predeclared(body, name, use))
    return binding;
  auto binding = lookupQuietly(body, name);
  if (!binding)
    reportUnknown(body, name, use);
  return binding;
}

Value materialise(Body &body, const Binding &binding, llvm::StringRef name) {
  if (!binding.variable)
    return binding.value;
  const Tensor *tensor = binding.value.tensor();
  if (!tensor)
    return binding.value;
  Tensor result = *tensor;
  if (mlir::Value moved = body.fn->moved.lookup(binding.variable))
    result.value = moved;
  else
    result.value =
        body.fn->argument(binding.variable->running ? learn::ArgKind::state : learn::ArgKind::param,
                          binding.variable->path, body.build.type(*tensor), binding.variable);
  return result;
}

bool mayDefine(Body &body, const ast::Ident &name) {
  if (isReserved(name.text)) {
    body.diags.error(Code::HiddenName, name.range,
                     "`" + name.text + "` is predeclared and cannot be defined");
    return false;
  }
  std::optional<Binding> hidden;
  if (Binding *binding = body.scope->find(name.text)) {
    hidden = *binding;
  } else if (auto [owner, declared] = findDeclared(*body.frame->file, name.text); declared) {
    hidden = Binding{declared->kind, {}, declared->where, nullptr};
  } else if (findBuiltin(name.text)) {
    body.diags.error(Code::HiddenName, name.range,
                     "`" + name.text + "` is a predeclared function and cannot be defined");
    return false;
  }
  if (!hidden || hidden->where.begin == name.range.begin)
    return true;
  switch (hidden->kind) {
  case BindingKind::Value:
  case BindingKind::Parameter:
  case BindingKind::Index:
  case BindingKind::Objective:
  case BindingKind::Entry:
    return true;
  default:
    body.diags
        .error(Code::HiddenName, name.range,
               "`" + name.text + "` would hide " + describe(hidden->kind))
        .label(hidden->where, "declared here")
        .help("choose another name");
    return false;
  }
}

/// The op that made a named value says its name.
static void nameOp(const Value &value, llvm::StringRef name) {
  auto *tensor = value.tensor();
  mlir::Operation *op = tensor && tensor->value ? tensor->value.getDefiningOp() : nullptr;
  if (op && mlir::isa<mlir::FileLineColLoc, mlir::CallSiteLoc>(op->getLoc()))
    op->setLoc(mlir::NameLoc::get(mlir::StringAttr::get(op->getContext(), name), op->getLoc()));
}

void bindName(Body &body, const ast::Ident &name, Value value, BindingKind kind) {
  if (!mayDefine(body, name))
    return;
  nameOp(value, name.text);
  body.scope->bind(name.text, {kind, std::move(value), name.range, nullptr});
}

} // namespace nnc
