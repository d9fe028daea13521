/// Declared types and compile-time values.
#include "compiler/Elaborate/Elaborator.h"
#include "compiler/Syntax/Habits.h"

namespace nnc {

std::optional<Dim> Elaborator::evalSize(const ast::Expr *expr) {
  auto size = evalWhole(expr);
  return size && checkSize(*size, expr->range) ? size : std::nullopt;
}

bool Elaborator::checkSize(const Dim &size, SourceRange range) {
  int64_t number = size.value();
  if (number >= 0 && number <= maxAxis)
    return true;
  std::string name = "the size " + (size.isNameless() ? std::to_string(number) : size.str());
  auto error = diags.error(
      Code::UnknownSize, inMainFile(range),
      name + (number < 0 ? " is negative"
                         : " is more than the positions of an axis, " + std::to_string(maxAxis)));
  error.here(size.isNameless() ? "" : size.describe());
  if (size.origin().isValid())
    error.label(size.origin(), "it comes from here");
  return false;
}

SourceRange Elaborator::inMainFile(SourceRange range) const {
  for (const Frame *at = frame; at && at->file != main && at->calledAt.isValid(); at = at->caller)
    range = at->calledAt;
  return range;
}

std::optional<Dim> Elaborator::evalWhole(const ast::Expr *expr) {
  ++bracketDepth;
  Value value = elaborateExpr(expr);
  --bracketDepth;
  if (value.isPoison())
    return std::nullopt;
  if (auto *dim = value.as<Dim>())
    return *dim;
  bool runtime = value.is<Tensor>();
  diags.error(runtime ? Code::NotStatic : Code::WrongKind, expr->range,
              "a size is a whole number known at compile time, not " + value.describe());
  return std::nullopt;
}

Value Elaborator::evalStatic(const ast::Expr *expr) {
  ++bracketDepth;
  Value value = elaborateExpr(expr);
  --bracketDepth;
  if (value.is<Tensor>()) {
    diags.error(Code::NotStatic, expr->range, "this is not known at compile time")
        .here("a run-time value: " + value.describe())
        .help("what stands in brackets is compile time; run-time arguments stand in parentheses");
    return {};
  }
  return value;
}

void Elaborator::bindStatic(llvm::StringRef name, Value value, SourceRange where) {
  if (auto *dim = value.as<Dim>(); dim && !value.is<Word>()) {
    Dim rigid = dimTable.fresh(name, dim->value(), dim->origin().isValid() ? dim->origin() : where);
    frame->toCaller[rigid.asAtom()] = *dim;
    value = rigid;
  }
  scope->bind(name, {BindingKind::Static, std::move(value), where, nullptr});
}

std::optional<Dim> Elaborator::evalSizeOrReport(const ast::Expr *expr,
                                                std::optional<int64_t> unknown) {
  auto *name = llvm::dyn_cast<ast::NameExpr>(expr);
  if (!name || lookupQuietly(name->name)) {
    auto size = evalSize(expr);
    return size ? std::optional(*size) : std::nullopt;
  }
  if (!unknown) {
    diags.error(Code::UnknownSize, name->range, "the size `" + name->name + "` is not known here")
        .help("declare `dim " + name->name + " = ...`, or a static [" + name->name + "]");
    return std::nullopt;
  }
  Dim fresh = dimTable.fresh(name->name, *unknown, name->range);
  scope->bind(name->name, {BindingKind::Dim, fresh, name->range, nullptr});
  return fresh;
}

std::optional<TensorType> Elaborator::resolveType(const ast::Type &type,
                                                  std::optional<int64_t> unknown) {
  TensorType result;
  if (!resolveElement(type, result))
    return std::nullopt;
  for (const ast::Expr *dim : type.dims) {
    if (!llvm::isa<ast::EllipsisExpr>(dim)) {
      auto size = evalSizeOrReport(dim, unknown);
      if (!size)
        return std::nullopt;
      result.dims.push_back(*size);
    } else if (frame->dots) {
      llvm::append_range(result.dims, *frame->dots);
    } else {
      diags.error(Code::UnknownSize, dim->range,
                  "`..` stands for no axes here: the signature has no `..`");
      return std::nullopt;
    }
  }
  if (type.bound) {
    auto bound = evalSizeOrReport(type.bound, unknown);
    if (!bound)
      return std::nullopt;
    result.bound = *bound;
  }
  build.type(result);
  if (reportRefusal(type.range))
    return std::nullopt;
  return result;
}

/// The part of a type before the brackets.
bool Elaborator::resolveElement(const ast::Type &type, TensorType &result) {
  if (type.isTuple()) {
    diags.error(Code::UnknownType, type.range, "a tuple type can only be a result");
    return false;
  }
  llvm::StringRef name = type.name.text;
  if (name == "f32" || name == "i32" || name == "bool") {
    result.element = name == "f32" ? Element::F32 : name == "i32" ? Element::I32 : Element::Bool;
    return true;
  }
  auto binding = lookupQuietly(name);
  if (auto *vocab = binding ? binding->value.as<const VocabInfo *>() : nullptr) {
    result.element = Element::I32;
    result.vocab = *vocab;
    result.bound = (*vocab)->size;
    return true;
  }
  if (binding && binding->value.isPoison())
    return false;
  if (!reportUnknownType(type))
    diags.error(Code::UnknownType, type.name.range, "`" + name + "` is not a type here")
        .here("this is " + binding->value.describe())
        .help("types are f32, i32, bool and the names of vocabs");
  return false;
}

bool Elaborator::reportUnknownType(const ast::Type &type) {
  llvm::StringRef name = type.name.text;
  if (type.isTuple() || name == "f32" || name == "i32" || name == "bool" || lookupQuietly(name))
    return false;
  llvm::SmallVector<llvm::StringRef> known{"f32", "i32", "bool"};
  for (FileScope *file : {main, frame ? frame->file : main})
    for (auto &[other, declared] : file->declared)
      if (declared.kind == BindingKind::Data || declared.kind == BindingKind::Vocab)
        known.push_back(other);
  auto error = diags.error(Code::UnknownType, type.name.range, "`" + name + "` is not a type here");
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

} // namespace nnc
