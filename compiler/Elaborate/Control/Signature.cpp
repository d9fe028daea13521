/// Signatures: the variables of a call are bound to the caller's sizes, results go back in the
/// caller's names.
#include "compiler/Elaborate/Elaborator.h"
#include "compiler/Syntax/ASTPrinter.h"
#include "llvm/ADT/StringExtras.h"

namespace nnc {

/// What to write where an argument has another element type than is declared.
std::string Elaborator::conversionHelp(const TensorType &declared, const ast::Type &type,
                                       SourceRange range) {
  if (declared.element == Element::F32)
    return "write f32(x)";
  if (declared.element == Element::Bool)
    return "write a condition, such as `x > 0`";
  // Whole numbers that were read as real ones: their field or argument is declared otherwise.
  std::string text = sourceText(range);
  llvm::StringRef member = llvm::StringRef(text).rsplit('.').second;
  bool isField =
      !member.empty() && llvm::all_of(member, [](char c) { return llvm::isAlnum(c) || c == '_'; });
  std::string whole = "i32", bound;
  if (auto *name = llvm::dyn_cast_or_null<ast::NameExpr>(type.bound))
    if (auto binding = lookupQuietly(name->name))
      if (auto *size = binding->value.as<Dim>())
        bound = " < " + toCaller(*size, *frame).str();
  if (declared.vocab)
    whole = declared.vocab->name;
  else if (bound.empty() && type.bound)
    bound = " < " + sourceText(type.bound->range);
  return isField ? "declare the field as `" + member.str() + ": " + whole + bound + "`"
                 : "declare it as `" + whole + "`" +
                       (bound.empty() ? "" : " with its bound, `" + whole + bound + "`") +
                       ", or write i32(x), which leaves out what stands behind the point";
}

std::optional<Tensor> Elaborator::unify(const ast::Type &type, const Value &value, Frame &inner,
                                        Scope &body, SourceRange range, const llvm::Twine &what) {
  TensorType declared;
  if (!resolveElement(type, declared))
    return std::nullopt;
  auto x = toTensor(value, range, declared.element);
  if (!x)
    return std::nullopt;
  if (x->element != declared.element) {
    if (!(x->index && declared.element == Element::F32)) {
      diags
          .error(Code::ElementMismatch, range,
                 what + ": `" + sourceText(type.range) + "` is declared, " + x->str() + " is given")
          .label(type.range, "declared here")
          .help(conversionHelp(declared, type, range));
      return std::nullopt;
    }
    *x = build.cast(*x, Element::F32);
  }
  Shape dims;
  if (!unifyDims(type, x->dims, inner, body, range, what, dims))
    return std::nullopt;
  Tensor result = *x;
  result.dims = dims;
  if (declared.vocab && x->vocab && declared.vocab != x->vocab) {
    diags.error(Code::BoundMismatch, range,
                what + ": words of " + declared.vocab->name + " are declared, words of " +
                    x->vocab->name + " are given");
    return std::nullopt;
  }
  if (declared.vocab) {
    TensorType wanted = result;
    wanted.bound = declared.bound;
    wanted.vocab = declared.vocab;
    return checkDeclaredBound(result, wanted, range) ? std::optional(result) : std::nullopt;
  }
  if (type.bound && !unifyBound(type, result, inner, body, range, what))
    return std::nullopt;
  return result;
}

bool Elaborator::unifyDims(const ast::Type &type, llvm::ArrayRef<Dim> given, Frame &inner,
                           Scope &body, SourceRange range, const llvm::Twine &what,
                           llvm::SmallVectorImpl<Dim> &out) {
  if (inner.lifted && type.dims.empty()) {
    out.assign(given.begin(), given.end());
    return true;
  }
  size_t written = type.dims.size();
  bool dotted = llvm::any_of(
      type.dims, [](const ast::Expr *dim) { return llvm::isa<ast::EllipsisExpr>(dim); });
  if (dotted ? given.size() + 1 < written : given.size() != written) {
    diags
        .error(Code::RankMismatch, range,
               what + ": " + llvm::Twine(written - dotted) + (dotted ? " or more" : "") +
                   " axes are declared, " + printShape(given) + " is given")
        .label(type.range, "declared here");
    return false;
  }
  size_t at = 0, run = given.size() + 1 - written;
  for (const ast::Expr *dim : type.dims) {
    if (llvm::isa<ast::EllipsisExpr>(dim)) {
      if (!unifyDots(given.slice(at, run), inner, range, what))
        return false;
      llvm::append_range(out, *inner.dots);
      at += run;
      continue;
    }
    if (!unifyDim(dim, given[at++], given, inner, body, range, what, out))
      return false;
  }
  return true;
}

bool Elaborator::unifyDots(llvm::ArrayRef<Dim> run, Frame &inner, SourceRange range,
                           const llvm::Twine &what) {
  if (!inner.dots) {
    inner.dots.emplace();
    for (const Dim &dim : run) {
      const Atom *atom = dim.asAtom();
      Dim rigid = dimTable.fresh(atom ? atom->name : dim.str(), dim.value(), dim.origin());
      inner.toCaller[rigid.asAtom()] = dim;
      inner.dots->push_back(rigid);
    }
    return true;
  }
  Shape wanted =
      llvm::map_to_vector<4>(*inner.dots, [&](const Dim &dim) { return toCaller(dim, inner); });
  if (sameShape(wanted, run))
    return true;
  reportShapes(Code::ShapeMismatch,
               what + ": `..` is " + printShape(wanted) + " and " + printShape(run), wanted, run,
               {}, {}, range);
  return false;
}

bool Elaborator::unifyDim(const ast::Expr *written, const Dim &given, llvm::ArrayRef<Dim> shape,
                          Frame &inner, Scope &body, SourceRange range, const llvm::Twine &what,
                          llvm::SmallVectorImpl<Dim> &out) {
  auto *name = llvm::dyn_cast<ast::NameExpr>(written);
  if (name && !lookupQuietly(name->name)) {
    Dim rigid = dimTable.fresh(name->name, given.value(),
                               given.origin().isValid() ? given.origin() : name->range);
    inner.toCaller[rigid.asAtom()] = given;
    body.bind(name->name, {BindingKind::Dim, rigid, name->range, nullptr});
    out.push_back(rigid);
    return true;
  }
  auto size = evalSize(written);
  if (!size)
    return false;
  Dim wanted = toCaller(*size, inner);
  out.push_back(*size);
  if (sameSize(wanted, given))
    return true;
  auto error = diags.error(Code::ShapeMismatch, range,
                           what + ": an axis of " + wanted.describe() + " is declared, " +
                               given.describe() + " is given");
  error.here(printShape(shape)).label(written->range, "declared here");
  for (const Dim &dim : {wanted, given})
    if (dim.origin().isValid())
      error.label(dim.origin(), dim.describe() + " comes from here");
  if (wanted.value() == given.value())
    error.help("equal numbers under different names do not mix; reshape[...](x) renames an axis");
  return false;
}

bool Elaborator::unifyBound(const ast::Type &type, Tensor &tensor, Frame &inner, Scope &body,
                            SourceRange range, const llvm::Twine &what) {
  auto *name = llvm::dyn_cast<ast::NameExpr>(type.bound);
  if (name && !lookupQuietly(name->name)) {
    if (!tensor.bound) {
      diags.error(Code::BoundMismatch, range, what + ": no bound of these integers is known")
          .label(type.bound->range, "this size is found from the bound")
          .help("declare it: `i32[..] < N`");
      return false;
    }
    Dim rigid = dimTable.fresh(name->name, tensor.bound->value(), tensor.bound->origin());
    inner.toCaller[rigid.asAtom()] = *tensor.bound;
    body.bind(name->name, {BindingKind::Dim, rigid, name->range, nullptr});
    tensor.bound = rigid;
    return true;
  }
  auto bound = evalSize(type.bound);
  if (!bound)
    return false;
  Dim wanted = toCaller(*bound, inner);
  if (tensor.bound && !sameSize(*tensor.bound, wanted)) {
    diags
        .error(Code::BoundMismatch, range,
               what + ": integers below " + wanted.describe() + " are declared, below " +
                   tensor.bound->describe() + " are given")
        .label(type.bound->range, "declared here");
    return false;
  }
  if (!tensor.bound && !checkBound(tensor, wanted, range))
    return false;
  tensor.bound = *bound;
  return true;
}

//===--- Results ---------------------------------------------------------------------===//

/// A body that ends with a definition has no value, which is an error where one is declared or
/// nothing else was done.
bool Elaborator::reportMissingValue(const ast::FunctionDecl &decl) {
  const auto &statements = decl.body->statements;
  const ast::Stmt *last = statements.empty() ? nullptr : statements.back();
  auto *definition = llvm::dyn_cast_or_null<ast::DefineStmt>(last);
  auto *drawn = llvm::dyn_cast_or_null<ast::DrawStmt>(last);
  if (!decl.result && !definition)
    return false;
  auto error = diags.error(Code::MissingValue, last ? last->range : decl.name.range,
                           "the body of `" + decl.name.text + "` has no value");
  if (decl.result)
    error.label(decl.result->range, "a value is declared");
  llvm::StringRef name = drawn ? drawn->name.text
                         : definition && !definition->target->isTuple()
                             ? definition->target->name.text
                             : llvm::StringRef();
  if (name.empty())
    error.help("the value of a body is its last line");
  else
    error.help("its last line defines `" + name + "`; write `" + name +
               "` on a line of its own after it");
  return true;
}

Value Elaborator::checkResult(const ast::FunctionDecl &decl, const Value &value,
                              const Frame &inner) {
  if (!decl.result)
    return value;
  SourceRange range =
      decl.body->statements.empty() ? decl.range : decl.body->statements.back()->range;
  if (inner.lifted && decl.result->dims.empty())
    return value;
  return checkResultType(*decl.result, value, range, decl.name.text);
}

Value Elaborator::checkResultType(const ast::Type &type, const Value &value, SourceRange range,
                                  llvm::StringRef name) {
  if (type.isTuple()) {
    auto *tuple = value.asTuple();
    if (!tuple || tuple->elements.size() != type.elements.size()) {
      if (!value.isPoison())
        diags
            .error(Code::WrongKind, range,
                   "`" + name + "` returns " + llvm::Twine(type.elements.size()) +
                       " values, this is " + value.describe())
            .label(type.range, "declared here");
      return {};
    }
    std::vector<Value> elements;
    for (auto [element, part] : llvm::zip(type.elements, tuple->elements))
      elements.push_back(checkResultType(*element, part, range, name));
    return Value::tuple(std::move(elements));
  }
  if (value.isPoison())
    return {};
  if (type.dims.empty() && type.name.text == "f32" && value.isStaticScalar())
    return Value::real(*value.number());
  auto declared = resolveType(type);
  if (!declared)
    return {};
  auto tensor = convert(value, *declared, range, "the result of " + name);
  return tensor ? Value(*tensor) : Value();
}

Dim Elaborator::toCaller(const Dim &dim, const Frame &inner) {
  Dim result = inner.ties.empty() ? dim : dimTable.substitute(dim, inner.ties);
  return dimTable.substitute(result, inner.toCaller);
}

Value Elaborator::toCaller(const Value &value, const Frame &inner) {
  if (auto *dim = value.as<Dim>())
    return value.is<Word>() ? value : Value(toCaller(*dim, inner));
  auto shape = [&](llvm::SmallVectorImpl<Dim> &dims) {
    for (Dim &dim : dims)
      dim = toCaller(dim, inner);
  };
  if (auto *tensor = value.tensor()) {
    Tensor result = *tensor;
    shape(result.dims);
    if (result.bound)
      result.bound = toCaller(*result.bound, inner);
    result.offset = toCaller(result.offset, inner);
    return result;
  }
  if (auto *tuple = value.asTuple()) {
    std::vector<Value> elements;
    for (const Value &element : tuple->elements)
      elements.push_back(toCaller(element, inner));
    return Value::tuple(std::move(elements));
  }
  if (auto *distribution = value.distribution()) {
    auto result = std::make_shared<Distribution>(*distribution);
    shape(result->dims);
    for (Tensor &param : result->params)
      param = *toCaller(Value(param), inner).tensor();
    if (result->bound)
      result->bound = toCaller(*result->bound, inner);
    if (result->component)
      result->component =
          *toCaller(Value(result->component), inner).as<std::shared_ptr<Distribution>>();
    return result;
  }
  return value;
}

} // namespace nnc
