/// What the parts of the translation share: sizes, flags and paths of nets.
#include "compiler/Program/Program.h"
#include "llvm/Support/MathExtras.h"

namespace nnc {

bool covers(llvm::ArrayRef<MovedPath> over, llvm::StringRef path) {
  return llvm::any_of(over, [&](const MovedPath &moved) { return moved.covers(path); });
}

std::string spell(const ast::Path &path) {
  std::string text;
  for (const ast::Ident &part : path.parts)
    text += (text.empty() ? "" : ".") + part.text.str();
  return text;
}

llvm::SmallVector<MovedPath> movedPaths(llvm::ArrayRef<ast::Path> over) {
  return llvm::map_to_vector(
      over, [](const ast::Path &path) { return MovedPath{spell(path), path.range}; });
}

bool sameNets(llvm::ArrayRef<MovedPath> a, llvm::ArrayRef<MovedPath> b) {
  auto contains = [](llvm::ArrayRef<MovedPath> all, const MovedPath &one) {
    return llvm::any_of(all, [&](const MovedPath &path) { return path.text == one.text; });
  };
  return llvm::all_of(a, [&](const MovedPath &path) { return contains(b, path); }) &&
         llvm::all_of(b, [&](const MovedPath &path) { return contains(a, path); });
}

mlir::Attribute ProgramContext::dtype(Element element) {
  bool wide = element == Element::F32 && body.program.options.real64;
  return make.text(wide ? "f64" : spelling(element));
}

const DataInfo *ProgramContext::dataOf(const ast::Type &type) {
  if (type.isTuple())
    return nullptr;
  std::optional<Binding> binding = lookupQuietly(body, type.name.text);
  return binding && binding->kind == BindingKind::Data ? findData(body, type.name.text) : nullptr;
}

bool ProgramContext::bindStatics(const ast::CallableDecl &decl, const Statics &given) {
  for (const ast::Static &parameter : decl.statics) {
    std::string full = (decl.name.text + "." + parameter.name.text).str();
    std::optional<Value> value;
    if (auto found = given.find(parameter.name.text); found != given.end())
      value = found->second;
    for (const auto &[name, text] : body.program.options.defines)
      if (name == full)
        value = parseDefine(text);
    if (!value && parameter.init)
      value = evalStatic(body, parameter.init);
    if (!value) {
      diags
          .error(Code::MalformedFlag, parameter.range, "`" + parameter.name.text + "` has no value")
          .help("give it a default, `" + parameter.name.text + " = 16`, or compile with -D " +
                full + "=16");
      return false;
    }
    if (value->isPoison())
      return false;
    bindStatic(body, parameter.name.text, *value, parameter.range);
  }
  return true;
}

std::optional<int64_t> ProgramContext::bindBatch(const ast::Parameter &parameter,
                                                 const DataInfo &data, int64_t rows) {
  const ast::Type &type = *parameter.type;
  if (type.dims.size() != 1 || llvm::isa<ast::EllipsisExpr>(type.dims[0])) {
    diags.error(Code::MalformedObjective, type.range, "rows of `" + data.name + "` need one size")
        .help("write " + parameter.name.text + ": " + data.name + "[B]");
    return std::nullopt;
  }
  auto *name = llvm::dyn_cast<ast::NameExpr>(type.dims[0]);
  if (name && !lookupQuietly(body, name->name))
    bindStatic(body, name->name, Value::integer(rows), name->range);
  std::optional<Dim> size = evalSize(body, type.dims[0]);
  if (!size)
    return std::nullopt;
  Batch batch{&data, {*size}};
  body.scope->bind(parameter.name.text,
                   {BindingKind::Parameter, Value(std::move(batch)), parameter.range, nullptr});
  return size->value();
}

Tensor ProgramContext::bindArgument(const ast::Parameter &parameter, const TensorType &type,
                                    llvm::StringRef kind) {
  Tensor tensor;
  static_cast<TensorType &>(tensor) = type;
  tensor.value = body.fn->argument(kind, parameter.name.text, body.build.type(type));
  body.scope->bind(parameter.name.text,
                   {BindingKind::Parameter, Value(tensor), parameter.range, nullptr});
  return tensor;
}

mlir::Attribute ProgramContext::scalar(const Value &value) {
  if (const Dim *dim = value.as<Dim>())
    return make.number(dim->value());
  if (const double *real = value.as<double>())
    return make.real(*real);
  if (const bool *truth = value.as<bool>())
    return make.truth(*truth);
  if (const std::string *text = value.as<std::string>())
    return make.text(*text);
  return {};
}

bool ProgramContext::fitsFlag(const Value &value, const TensorType &type) {
  if (type.vocab)
    return value.is<std::string>();
  if (type.rank() || !value.isStaticScalar())
    return false;
  auto *whole = value.as<Dim>();
  if (type.element == Element::F32)
    return !value.is<bool>();
  if (type.element == Element::Bool)
    return value.is<bool>() || (whole && (whole->value() == 0 || whole->value() == 1));
  if (!whole || !llvm::isInt<32>(whole->value()))
    return false;
  return !type.bound || (whole->value() >= 0 && whole->value() < type.bound->value());
}

const ast::Expr *defaultOf(const ast::Parameter &parameter) {
  const ast::Expr *init = parameter.init;
  takeTransform(init);
  auto *name = llvm::dyn_cast_or_null<ast::NameExpr>(init);
  return name && name->name == parameter.name.text ? nullptr : init;
}

mlir::Attribute ProgramContext::flag(const ast::Parameter &parameter, const TensorType &type,
                                     llvm::StringRef transform) {
  mlir::Attribute otherwise = make.null();
  if (type.vocab)
    vocabs.insert(type.vocab);
  const ast::Expr *init = type.vocab ? defaultOf(parameter) : parameter.init;
  if (init) {
    Value value = evalStatic(body, init);
    if (value.isPoison())
      return {};
    otherwise = scalar(value);
    if (!otherwise || !fitsFlag(value, type)) {
      diags
          .error(Code::MalformedFlag, init->range,
                 "the default of `" + parameter.name.text + "` is " + value.describe() +
                     ", but its type is " + type.str())
          .help("scalars take a number, text of a vocab a string; tensors come from files");
      return {};
    }
  }
  llvm::SmallVector<ProgramAttributes::Member> members = {
      {"name", make.text(parameter.name.text)},
      {"dtype", dtype(type.element)},
      {"shape", make.shape(numbersOf(type.dims))},
      {"vocab", type.vocab ? make.text(type.vocab->name) : make.null()},
      {"default", otherwise},
      {"doc", make.text("")}};
  if (type.bound && !type.vocab)
    members.push_back({"bound", make.number(type.bound->value())});
  if (transform != "plain")
    members.push_back({"transform", make.text(transform)});
  return make.object(members);
}

bool ProgramContext::checkMovable(const ast::Path &path) {
  NetInfo *net = findNet(body, path.parts[0].text);
  if (net && !net->frozen && !net->emaOf)
    return true;
  auto error = diags.error(Code::UnknownMove, path.range, "`" + spell(path) + "` cannot be moved");
  error.here(!net          ? "not a net of this file"
             : net->frozen ? "it is frozen"
                           : "it follows another net");
  return false;
}

bool ProgramContext::isStaticDefine(llvm::StringRef name) const {
  auto [scope, local] = name.split('.');
  for (const ast::Decl *decl : file.decls)
    if (auto *callable = llvm::dyn_cast<ast::CallableDecl>(decl);
        callable && callable->name.text == scope && !llvm::isa<ast::FunctionDecl>(callable))
      for (const ast::Static &parameter : callable->statics)
        if (parameter.name.text == local)
          return true;
  return false;
}

StaticRoot::StaticRoot(ProgramContext &context, llvm::StringRef path)
    : function(context.module(), ("static." + path).str(), context.module().getLoc()) {
  root.emplace(context.body, function, context.body.program.mainFile(), path,
               /*training=*/false);
}

StaticRoot::~StaticRoot() {
  root.reset();
  function.discard();
}

mlir::Value globalNorm(TensorBuilder &build, llvm::ArrayRef<Tensor> tensors) {
  Tensor total = build.constant(0, Element::F32);
  for (const Tensor &tensor : tensors) {
    llvm::SmallVector<int64_t> axes(llvm::to_vector(llvm::seq<int64_t>(0, tensor.rank())));
    total = build.add(total, build.sum(build.mul(tensor, tensor), axes));
  }
  return build.unary<nn::SqrtOp>(total).value;
}

} // namespace nnc
