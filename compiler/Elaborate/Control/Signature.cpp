/// Signatures: the variables of a call are bound to the caller's sizes, results go back in the
/// caller's names.
#include "compiler/Elaborate/Control/Control.h"
#include "compiler/Syntax/ASTPrinter.h"
#include "llvm/ADT/StringExtras.h"

namespace nnc {

/// What to write where an argument has another element type than is declared.
static std::string conversionHelp(Body &body, const TensorType &declared, const ast::Type &type,
                                  SourceRange range) {
  if (declared.element == Element::F32)
    return "write f32(x)";
  if (declared.element == Element::Bool)
    return "write a condition, such as `x > 0`";
  // Integers that were read as real ones: their field or argument is declared otherwise.
  std::string text = sourceText(range);
  llvm::StringRef member = llvm::StringRef(text).rsplit('.').second;
  bool isField =
      !member.empty() && llvm::all_of(member, [](char c) { return llvm::isAlnum(c) || c == '_'; });
  std::string whole = "i32", bound;
  if (auto *name = llvm::dyn_cast_or_null<ast::NameExpr>(type.bound))
    if (auto binding = lookupQuietly(body, name->name))
      if (auto *size = binding->value.as<Dim>())
        bound = " < " + toCaller(body, *size, *body.frame).str();
  if (declared.vocab)
    whole = declared.vocab->name;
  else if (bound.empty() && type.bound)
    bound = " < " + sourceText(type.bound->range);
  return isField ? "declare the field as `" + member.str() + ": " + whole + bound + "`"
                 : "declare it as `" + whole + "`" +
                       (bound.empty() ? "" : " with its bound, `" + whole + bound + "`") +
                       ", or write i32(x), which leaves out what stands behind the point";
}

static bool unifyDots(Body &body, llvm::ArrayRef<Dim> run, SourceRange range,
                      const llvm::Twine &what) {
  if (!body.frame->dots) {
    body.frame->dots.emplace();
    for (const Dim &dim : run) {
      const Atom *atom = dim.asAtom();
      Dim rigid = body.dims.fresh(atom ? atom->name : dim.str(), dim.value(), dim.origin());
      body.frame->toCaller[rigid.asAtom()] = dim;
      body.frame->dots->push_back(rigid);
    }
    return true;
  }
  Shape wanted = llvm::map_to_vector<4>(
      *body.frame->dots, [&](const Dim &dim) { return toCaller(body, dim, *body.frame); });
  if (sameShape(body, wanted, run))
    return true;
  reportShapes(body, Code::ShapeMismatch,
               what + ": `..` is " + printShape(wanted) + " and " + printShape(run), wanted, run,
               {}, {}, range);
  return false;
}

static bool unifyDim(Body &body, const ast::Expr *written, const Dim &given,
                     llvm::ArrayRef<Dim> shape, SourceRange range, const llvm::Twine &what,
                     llvm::SmallVectorImpl<Dim> &out) {
  auto *name = llvm::dyn_cast<ast::NameExpr>(written);
  if (name && !lookupQuietly(body, name->name)) {
    Dim rigid = body.dims.fresh(name->name, given.value(),
                                given.origin().isValid() ? given.origin() : name->range);
    body.frame->toCaller[rigid.asAtom()] = given;
    body.scope->bind(name->name, {BindingKind::Dim, rigid, name->range, nullptr});
    out.push_back(rigid);
    return true;
  }
  auto size = evalSize(body, written);
  if (!size)
    return false;
  Dim wanted = toCaller(body, *size, *body.frame);
  out.push_back(*size);
  if (sameSize(body, wanted, given))
    return true;
  auto error = body.diags.error(Code::ShapeMismatch, range,
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

static bool unifyDims(Body &body, const ast::Type &type, llvm::ArrayRef<Dim> given,
                      SourceRange range, const llvm::Twine &what, llvm::SmallVectorImpl<Dim> &out) {
  if (body.frame->lifted && type.dims.empty()) {
    out.assign(given.begin(), given.end());
    return true;
  }
  size_t written = type.dims.size();
  bool dotted = llvm::any_of(
      type.dims, [](const ast::Expr *dim) { return llvm::isa<ast::EllipsisExpr>(dim); });
  if (dotted ? given.size() + 1 < written : given.size() != written) {
    body.diags
        .error(Code::RankMismatch, range,
               what + ": " + llvm::Twine(written - dotted) + (dotted ? " or more" : "") +
                   " axes are declared, " + printShape(given) + " is given")
        .label(type.range, "declared here");
    return false;
  }
  size_t at = 0, run = given.size() + 1 - written;
  for (const ast::Expr *dim : type.dims) {
    if (llvm::isa<ast::EllipsisExpr>(dim)) {
      if (!unifyDots(body, given.slice(at, run), range, what))
        return false;
      llvm::append_range(out, *body.frame->dots);
      at += run;
      continue;
    }
    if (!unifyDim(body, dim, given[at++], given, range, what, out))
      return false;
  }
  return true;
}

static bool unifyBound(Body &body, const ast::Type &type, Tensor &tensor, SourceRange range,
                       const llvm::Twine &what) {
  auto *name = llvm::dyn_cast<ast::NameExpr>(type.bound);
  if (name && !lookupQuietly(body, name->name)) {
    if (!tensor.bound) {
      body.diags.error(Code::BoundMismatch, range, what + ": no bound of these integers is known")
          .label(type.bound->range, "this size is found from the bound")
          .help("declare it: `i32[..] < N`");
      return false;
    }
    Dim rigid = body.dims.fresh(name->name, tensor.bound->value(), tensor.bound->origin());
    body.frame->toCaller[rigid.asAtom()] = *tensor.bound;
    body.scope->bind(name->name, {BindingKind::Dim, rigid, name->range, nullptr});
    tensor.bound = rigid;
    return true;
  }
  auto bound = evalSize(body, type.bound);
  if (!bound)
    return false;
  Dim wanted = toCaller(body, *bound, *body.frame);
  if (tensor.bound && !sameSize(body, *tensor.bound, wanted)) {
    body.diags
        .error(Code::BoundMismatch, range,
               what + ": integers below " + wanted.describe() + " are declared, below " +
                   tensor.bound->describe() + " are given")
        .label(type.bound->range, "declared here");
    return false;
  }
  if (!tensor.bound && !checkBound(body, tensor, wanted, range))
    return false;
  tensor.bound = *bound;
  return true;
}

std::optional<Tensor> unify(Body &body, const ast::Type &type, const Value &value,
                            SourceRange range, const llvm::Twine &what) {
  TensorType declared;
  if (!resolveElement(body, type, declared))
    return std::nullopt;
  auto x = toTensor(body, value, range, declared.element);
  if (!x)
    return std::nullopt;
  if (x->element != declared.element) {
    if (!(x->index && declared.element == Element::F32)) {
      body.diags
          .error(Code::ElementMismatch, range,
                 what + ": `" + sourceText(type.range) + "` is declared, " + x->str() + " is given")
          .label(type.range, "declared here")
          .help(conversionHelp(body, declared, type, range));
      return std::nullopt;
    }
    *x = body.build.cast(*x, Element::F32);
  }
  Shape dims;
  if (!unifyDims(body, type, x->dims, range, what, dims))
    return std::nullopt;
  Tensor result = *x;
  result.dims = dims;
  if (declared.vocab && x->vocab && declared.vocab != x->vocab) {
    body.diags.error(Code::BoundMismatch, range,
                     what + ": words of " + declared.vocab->name + " are declared, words of " +
                         x->vocab->name + " are given");
    return std::nullopt;
  }
  if (declared.vocab) {
    TensorType wanted = result;
    wanted.bound = declared.bound;
    wanted.vocab = declared.vocab;
    return checkDeclaredBound(body, result, wanted, range) ? std::optional(result) : std::nullopt;
  }
  if (type.bound && !unifyBound(body, type, result, range, what))
    return std::nullopt;
  return result;
}

//===--- Results ---------------------------------------------------------------------===//

/// A body that ends with a definition has no value, which is an error where one is declared or
/// nothing else was done.
bool reportMissingValue(Body &body, const ast::FunctionDecl &decl) {
  const auto &statements = decl.body->statements;
  const ast::Stmt *last = statements.empty() ? nullptr : statements.back();
  auto *definition = llvm::dyn_cast_or_null<ast::DefineStmt>(last);
  auto *drawn = llvm::dyn_cast_or_null<ast::DrawStmt>(last);
  if (!decl.result && !definition)
    return false;
  auto error = body.diags.error(Code::MissingValue, last ? last->range : decl.name.range,
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

static Value checkResultType(Body &body, const ast::Type &type, const Value &value,
                             SourceRange range, llvm::StringRef name) {
  if (type.isTuple()) {
    auto *tuple = value.asTuple();
    if (!tuple || tuple->elements.size() != type.elements.size()) {
      if (!value.isPoison())
        body.diags
            .error(Code::WrongKind, range,
                   "`" + name + "` returns " + llvm::Twine(type.elements.size()) +
                       " values, this is " + value.describe())
            .label(type.range, "declared here");
      return {};
    }
    std::vector<Value> elements;
    for (auto [element, part] : llvm::zip(type.elements, tuple->elements))
      elements.push_back(checkResultType(body, *element, part, range, name));
    return Value::tuple(std::move(elements));
  }
  if (value.isPoison())
    return {};
  if (type.dims.empty() && type.name.text == "f32" && value.isStaticScalar())
    return Value::real(*value.number());
  auto declared = resolveType(body, type);
  if (!declared)
    return {};
  auto tensor = convert(body, value, *declared, range, "the result of " + name);
  return tensor ? Value(*tensor) : Value();
}

Value checkResult(Body &body, const ast::FunctionDecl &decl, const Value &value) {
  if (!decl.result)
    return value;
  SourceRange range =
      decl.body->statements.empty() ? decl.range : decl.body->statements.back()->range;
  if (body.frame->lifted && decl.result->dims.empty())
    return value;
  return checkResultType(body, *decl.result, value, range, decl.name.text);
}

} // namespace nnc
