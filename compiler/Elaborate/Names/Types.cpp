/// Declared types and compile-time values.
#include "compiler/Elaborate/Names/Names.h"
#include "compiler/Syntax/Habits.h"

namespace nnc {

std::optional<Dim> evalSize(Body &body, const ast::Expr *expr) {
  auto size = evalWhole(body, expr);
  return size && checkSize(body, *size, expr->range) ? size : std::nullopt;
}

bool checkSize(Body &body, const Dim &size, SourceRange range) {
  int64_t number = size.value();
  if (number >= 0 && number <= maxAxis)
    return true;
  std::string name = "the size " + (size.isNameless() ? std::to_string(number) : size.str());
  auto error = body.diags.error(
      Code::UnknownSize, body.inMainFile(range),
      name + (number < 0 ? " is negative"
                         : " is more than the positions of an axis, " + std::to_string(maxAxis)));
  error.here(size.isNameless() ? "" : size.describe());
  if (size.origin().isValid())
    error.label(size.origin(), "it comes from here");
  return false;
}

std::optional<Dim> evalWhole(Body &body, const ast::Expr *expr) {
  Value value = evalInBrackets(body, expr);
  if (value.isPoison())
    return std::nullopt;
  if (auto *dim = value.as<Dim>())
    return *dim;
  bool runtime = value.is<Tensor>();
  body.diags.error(runtime ? Code::NotStatic : Code::WrongKind, expr->range,
                   "a size is an integer known at compile time, not " + value.describe());
  return std::nullopt;
}

Value evalInBrackets(Body &body, const ast::Expr *expr) {
  llvm::SaveAndRestore brackets(body.compileTime, true);
  return elaborateExpr(body, expr);
}

Value evalStatic(Body &body, const ast::Expr *expr) {
  Value value = evalInBrackets(body, expr);
  if (value.is<Tensor>()) {
    body.diags.error(Code::NotStatic, expr->range, "this is not known at compile time")
        .here("a run-time value: " + value.describe())
        .help("what stands in brackets is compile time; run-time arguments stand in parentheses");
    return {};
  }
  return value;
}

Statics evalStatics(Body &body, llvm::ArrayRef<ast::Item> items, const ast::CallableDecl &decl) {
  Statics statics;
  size_t position = 0;
  for (const ast::Item &item : items) {
    llvm::StringRef name;
    if (item.form == ast::Item::Named) {
      name = item.name.text;
      if (llvm::none_of(decl.statics, [&](const ast::Static &s) { return s.name.text == name; })) {
        body.diags
            .error(Code::BadStatics, item.range,
                   "`" + decl.name.text + "` has no static `" + name + "`")
            .label(decl.name.range, "declared here")
            .help(habit(Habit::Argument, name));
        continue;
      }
    } else if (item.form == ast::Item::Value && position < decl.statics.size()) {
      name = decl.statics[position++].name.text;
    } else {
      body.diags
          .error(Code::BadStatics, item.range,
                 item.form == ast::Item::Value
                     ? "`" + decl.name.text + "` takes " + llvm::Twine(decl.statics.size()) +
                           " static arguments"
                     : llvm::Twine("this is not a static argument"))
          .label(decl.name.range, "declared here");
      continue;
    }
    if (!statics.emplace(name.str(), evalStatic(body, item.value)).second)
      body.diags.error(Code::BadStatics, item.range, "the static `" + name + "` is given twice");
  }
  return statics;
}

void bindStatic(Body &body, llvm::StringRef name, Value value, SourceRange where) {
  if (auto *dim = value.as<Dim>(); dim && !value.is<Word>()) {
    Dim rigid =
        body.dims.fresh(name, dim->value(), dim->origin().isValid() ? dim->origin() : where);
    body.frame->toCaller[rigid.asAtom()] = *dim;
    value = rigid;
  }
  body.scope->bind(name, {BindingKind::Static, std::move(value), where, nullptr});
}

static std::optional<Dim> evalSizeOrReport(Body &body, const ast::Expr *expr,
                                           std::optional<int64_t> unknown) {
  auto *name = llvm::dyn_cast<ast::NameExpr>(expr);
  if (!name || lookupQuietly(body, name->name)) {
    auto size = evalSize(body, expr);
    return size ? std::optional(*size) : std::nullopt;
  }
  if (!unknown) {
    body.diags
        .error(Code::UnknownSize, name->range, "the size `" + name->name + "` is not known here")
        .help("declare `dim " + name->name + " = ...`, or a static [" + name->name + "]");
    return std::nullopt;
  }
  Dim fresh = body.dims.fresh(name->name, *unknown, name->range);
  body.scope->bind(name->name, {BindingKind::Dim, fresh, name->range, nullptr});
  return fresh;
}

std::optional<TensorType> resolveType(Body &body, const ast::Type &type,
                                      std::optional<int64_t> unknown) {
  TensorType result;
  if (!resolveElement(body, type, result))
    return std::nullopt;
  for (const ast::Expr *dim : type.dims) {
    if (!llvm::isa<ast::EllipsisExpr>(dim)) {
      auto size = evalSizeOrReport(body, dim, unknown);
      if (!size)
        return std::nullopt;
      result.dims.push_back(*size);
    } else if (body.frame->dots) {
      llvm::append_range(result.dims, *body.frame->dots);
    } else {
      body.diags.error(Code::UnknownSize, dim->range,
                       "`..` stands for no axes here: the signature has no `..`");
      return std::nullopt;
    }
  }
  if (type.bound) {
    auto bound = evalSizeOrReport(body, type.bound, unknown);
    if (!bound)
      return std::nullopt;
    result.bound = *bound;
  }
  body.build.type(result);
  if (reportRefusal(body, type.range))
    return std::nullopt;
  return result;
}

/// The part of a type before the brackets.
bool resolveElement(Body &body, const ast::Type &type, TensorType &result) {
  if (type.isTuple()) {
    body.diags.error(Code::UnknownType, type.range, "a tuple type can only be a result");
    return false;
  }
  llvm::StringRef name = type.name.text;
  if (name == "f32" || name == "i32" || name == "bool") {
    result.element = name == "f32" ? Element::F32 : name == "i32" ? Element::I32 : Element::Bool;
    return true;
  }
  auto binding = lookupQuietly(body, name);
  if (auto *vocab = binding ? binding->value.as<const VocabInfo *>() : nullptr) {
    result.element = Element::I32;
    result.vocab = *vocab;
    result.bound = (*vocab)->size;
    return true;
  }
  if (binding && binding->value.isPoison())
    return false;
  if (!reportUnknownType(body, type))
    body.diags.error(Code::UnknownType, type.name.range, "`" + name + "` is not a type here")
        .here("this is " + binding->value.describe())
        .help("types are f32, i32, bool and the names of vocabs");
  return false;
}

bool reportUnknownType(Body &body, const ast::Type &type) {
  llvm::StringRef name = type.name.text;
  if (type.isTuple() || name == "f32" || name == "i32" || name == "bool" ||
      lookupQuietly(body, name))
    return false;
  llvm::SmallVector<llvm::StringRef> known{"f32", "i32", "bool"};
  for (FileScope *file : {body.program.main, body.frame ? body.frame->file : body.program.main})
    for (auto &[other, declared] : file->declared)
      if (declared.kind == BindingKind::Data || declared.kind == BindingKind::Vocab)
        known.push_back(other);
  auto error =
      body.diags.error(Code::UnknownType, type.name.range, "`" + name + "` is not a type here");
  llvm::StringRef near = nearestName(name, known), habitual = habit(Habit::Type, name);
  if (!habitual.empty())
    error.help(habitual);
  else if (!near.empty())
    error.help("did you mean `" + near + "`?");
  else
    error.help("types are f32, i32, bool, the names of vocabs, and, in objectives and entries, of "
               "data sets");
  return true;
}

bool reportRefusal(Body &body, SourceRange range) {
  auto refusal = body.build.takeRefusal();
  if (refusal)
    body.diags.error(Code::UnknownSize, body.inMainFile(range), *refusal);
  return refusal.has_value();
}

} // namespace nnc
