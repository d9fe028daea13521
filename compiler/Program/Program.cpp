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

ProgramContext::ProgramContext(const ast::File &file, Body &body, learn::ProgramOp program)
    : file(file), body(body), diags(body.diags), program(program), build(program.getBody()) {
  for (const ast::Decl *decl : file.decls)
    if (!llvm::isa<ast::VocabDecl>(decl))
      symbols.insert(decl->name.text);
}

mlir::FlatSymbolRefAttr ProgramContext::symbolOf(const VocabInfo &vocab) {
  vocabs.insert(&vocab);
  std::string &symbol = vocabSymbols[&vocab];
  if (symbol.empty()) {
    symbol = vocab.name;
    for (unsigned k = 2; !symbols.insert(symbol).second; ++k)
      symbol = vocab.name + "." + std::to_string(k);
  }
  return symbolOf(symbol);
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
                                    learn::ArgKind kind) {
  Tensor tensor;
  static_cast<TensorType &>(tensor) = type;
  tensor.value = body.fn->argument(kind, parameter.name.text, body.build.type(type));
  body.scope->bind(parameter.name.text,
                   {BindingKind::Parameter, Value(tensor), parameter.range, nullptr});
  return tensor;
}

mlir::Attribute ProgramContext::scalar(const Value &value) {
  if (const Dim *dim = value.as<Dim>())
    return build.getI64IntegerAttr(dim->value());
  if (const double *real = value.as<double>())
    return build.getF64FloatAttr(*real);
  if (const bool *boolean = value.as<bool>())
    return build.getBoolAttr(*boolean);
  if (const std::string *text = value.as<std::string>())
    return this->text(*text);
  return {};
}

bool ProgramContext::fitsFlag(const Value &value, const TensorType &type) {
  std::optional<int64_t> bound;
  if (type.bound)
    bound = type.bound->value();
  mlir::Attribute given = scalar(value);
  return given && learn::fitsFlag(given, body.build.type(type), bound, type.vocab);
}

const ast::Expr *defaultOf(const ast::Parameter &parameter) {
  const ast::Expr *init = parameter.init;
  takeTransform(init);
  auto *name = llvm::dyn_cast_or_null<ast::NameExpr>(init);
  return name && name->name == parameter.name.text ? nullptr : init;
}

learn::FlagOp ProgramContext::flag(const ast::Parameter &parameter, const TensorType &type,
                                   learn::Transform transform) {
  mlir::Attribute fallback;
  const ast::Expr *init = type.vocab ? defaultOf(parameter) : parameter.init;
  if (init) {
    Value value = evalStatic(body, init);
    if (value.isPoison())
      return {};
    fallback = scalar(value);
    if (!fitsFlag(value, type)) {
      diags
          .error(Code::MalformedFlag, init->range,
                 "the default of `" + parameter.name.text + "` is " + value.describe() +
                     ", but its type is " + type.str())
          .help("scalars take a number, text of a vocab a string; tensors come from files");
      return {};
    }
  }
  mlir::IntegerAttr bound;
  if (type.bound && !type.vocab)
    bound = build.getI64IntegerAttr(type.bound->value());
  return learn::FlagOp::create(
      build, location(parameter.range), parameter.name.text, body.build.type(type), bound,
      type.vocab ? symbolOf(*type.vocab) : mlir::FlatSymbolRefAttr(), transform, fallback);
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
