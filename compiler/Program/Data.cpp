/// Sources and fields of data sets.
#include "compiler/Program/Program.h"
#include "compiler/Syntax/ASTWalk.h"
#include "llvm/ADT/StringSet.h"

namespace nnc {

/// What the sources of a data set offer to its fields.
struct DataTranslator::Sources {
  /// Arrays: one row is numbers.
  llvm::StringSet<> arrays;
  /// Named files of lines.
  llvm::StringSet<> texts;
  /// csv or tsv.
  bool columns = false;
  bool lines = false;
  bool window = false;
  /// Files without a name; they are counted where there is more than one.
  unsigned unnamed = 0, unnamedSeen = 0;

  /// What a source of that kind offers beside its files with a name.
  void note(learn::SourceKind kind) {
    columns |= kind == learn::SourceKind::csv || kind == learn::SourceKind::tsv;
    lines |= kind == learn::SourceKind::lines;
    window |= kind == learn::SourceKind::text;
    if (kind == learn::SourceKind::cifar10)
      arrays.insert_range(llvm::ArrayRef<llvm::StringRef>{"image", "label"});
  }
};

namespace {

/// More columns than any file has: the width of `columns` until its slices are known.
constexpr int64_t manyColumns = int64_t(1) << 20;

const ast::Expr *onlyArgument(const ast::Expr *expr, llvm::StringRef callee) {
  auto *call = llvm::dyn_cast_or_null<ast::CallExpr>(expr);
  auto *name = call ? llvm::dyn_cast<ast::NameExpr>(call->callee) : nullptr;
  return name && name->name == callee && call->args.size() == 1 ? call->args[0].value : nullptr;
}

} // namespace

learn::Transform takeTransform(const ast::Expr *&expr) {
  for (learn::Transform transform : {learn::Transform::ended, learn::Transform::framed})
    if (const ast::Expr *inner = onlyArgument(expr, learn::stringifyTransform(transform))) {
      expr = inner;
      return transform;
    }
  return learn::Transform::plain;
}

//===--- Sources -------------------------------------------------------------------===//

/// Whether the files of a source may have names, and may have none.
struct Naming {
  bool named, unnamed;
};
static Naming namingOf(learn::SourceKind kind) {
  switch (kind) {
  case learn::SourceKind::npy:
  case learn::SourceKind::idx:
    return {true, false};
  case learn::SourceKind::lines:
    return {true, true};
  case learn::SourceKind::csv:
  case learn::SourceKind::tsv:
  case learn::SourceKind::text:
  case learn::SourceKind::cifar10:
    return {false, true};
  }
}

bool DataTranslator::source(const ast::Ident &reader, llvm::ArrayRef<ast::Arg> args,
                            llvm::StringRef prefix, Sources &names) {
  std::optional<learn::SourceKind> kind = learn::symbolizeSourceKind(reader.text);
  if (!kind) {
    context.diags.error(Code::MalformedSource, reader.range, "`" + reader.text + "` reads no data")
        .help("sources are csv, tsv, text, lines, npy, idx and cifar10");
    return false;
  }
  Naming naming = namingOf(*kind);
  auto op = learn::SourceOp::create(context.build, context.location(reader.range), *kind);
  Inside inside(context, op.getBody());
  for (const ast::Arg &arg : args) {
    std::optional<std::string> path = fileName(context.body, arg.value);
    if (!path || (arg.name.empty() ? !naming.unnamed : !naming.named)) {
      auto error =
          context.diags.error(Code::MalformedSource, arg.range,
                              !path              ? "this is not a file name"
                              : arg.name.empty() ? "an array needs a name"
                                                 : "files of `" + reader.text + "` have no name");
      if (path && arg.name.empty())
        error.help("write " + reader.text + "(NAME = \"" + *path +
                   "\"); fields read it by that name");
      return false;
    }
    std::string flag = prefix.str();
    if (!arg.name.empty())
      flag += "." + arg.name.text.str();
    else if (names.unnamed > 1)
      flag += "." + std::to_string(++names.unnamedSeen);
    if (!arg.name.empty())
      (*kind == learn::SourceKind::lines ? names.texts : names.arrays).insert(arg.name.text);
    learn::FileOp::create(context.build, context.location(arg.range), context.text(*path),
                          context.textOrNull(arg.name.text), context.text(flag));
  }
  names.note(*kind);
  return true;
}

/// How many of the files have no name.
static unsigned countUnnamed(llvm::ArrayRef<ast::Arg> args) {
  return llvm::count_if(args, [](const ast::Arg &arg) { return arg.name.empty(); });
}

/// `csv` of `csv("a.csv")`; null of anything else.
static const ast::NameExpr *readerOf(const ast::Expr *expr) {
  auto *call = llvm::dyn_cast<ast::CallExpr>(expr);
  return call ? llvm::dyn_cast<ast::NameExpr>(call->callee) : nullptr;
}

bool DataTranslator::holdout(const ast::DataDecl &decl) {
  if (decl.holdout.empty())
    return true;
  auto op = learn::HoldoutOp::create(context.build, context.location(decl.holdout[0]->range),
                                     mlir::FloatAttr());
  if (decl.holdout.size() == 1 && !readerOf(decl.holdout[0])) {
    std::optional<double> share = evalStatic(context.body, decl.holdout[0]).number();
    if (share && *share > 0 && *share < 1) {
      op.setFractionAttr(context.build.getF64FloatAttr(*share));
      return true;
    }
  }
  Inside inside(context, op.getBody());
  Sources names;
  for (const ast::Expr *expr : decl.holdout)
    if (auto *call = llvm::dyn_cast<ast::CallExpr>(expr))
      names.unnamed += countUnnamed(call->args);
  for (const ast::Expr *expr : decl.holdout) {
    if (const ast::NameExpr *reader = readerOf(expr)) {
      if (!source(reader->ident(), llvm::cast<ast::CallExpr>(expr)->args,
                  (decl.name.text + ".holdout").str(), names))
        return false;
      continue;
    }
    context.diags.error(Code::MalformedHoldout, expr->range, "this holds no rows back")
        .help("write a share between 0 and 1, or sources of the same form as after `from`");
    return false;
  }
  return true;
}

//===--- Fields --------------------------------------------------------------------===//

std::optional<TextColumn> textColumn(Body &body, const ast::Expr *from) {
  if (auto *name = llvm::dyn_cast_or_null<ast::NameExpr>(from))
    return TextColumn{name->name.str(), 0};
  auto *bracket = llvm::dyn_cast_or_null<ast::BracketExpr>(from);
  auto *base = bracket ? llvm::dyn_cast<ast::NameExpr>(bracket->base) : nullptr;
  if (!base || base->name != "columns" || bracket->items.size() != 1 ||
      bracket->items[0].form != ast::Item::Value)
    return std::nullopt;
  std::optional<Dim> index = evalSize(body, bracket->items[0].value);
  return index ? std::optional(TextColumn{"", index->value()}) : std::nullopt;
}

bool DataTranslator::textField(const DataInfo &data, const FieldInfo &field,
                               const Sources &sources) {
  const ast::Expr *from = field.decl->value;
  learn::Transform transform = takeTransform(from);
  std::optional<TextColumn> column =
      from ? textColumn(context.body, from) : TextColumn{field.name, 0};
  std::string source = column ? column->header : "";
  bool labels = field.type.vocab->decl->source.reader.text == "labels";
  bool isWindow =
      source == "window" && transform == learn::Transform::plain && sources.window && !labels;
  bool line = (source == "line" && sources.lines) || sources.texts.contains(source);
  bool table = column && sources.columns && !isWindow && !line && source != "columns";
  if (!isWindow && !line && !table) {
    auto error = context.diags.error(Code::MalformedField, from ? from->range : field.decl->range,
                                     "`" + data.name + "` has no such text for the field `" +
                                         field.name + "`");
    if (labels && source == "window")
      error.help(
          "labels are whole lines or cells; a window is cut from words, characters or bytes");
    else
      error.help("text is `line` or a name of lines( ), `columns[k]` or a header name of csv and "
                 "tsv, or `window` of text( )");
    return false;
  }
  learn::InputKind kind = isWindow || source == "line" ? learn::InputKind::line
                          : !table                     ? learn::InputKind::item
                          : source.empty()             ? learn::InputKind::columns
                                                       : learn::InputKind::header;
  bool named = kind == learn::InputKind::item || kind == learn::InputKind::header;
  auto input = learn::InputAttr::get(context.build.getContext(), kind,
                                     named ? context.text(source) : mlir::StringAttr(),
                                     kind == learn::InputKind::columns ? column->column : 0);
  learn::TextFieldOp::create(context.build, context.location(field.decl->range), field.name,
                             context.body.build.type(field.type),
                             context.symbolOf(*field.type.vocab).getValue(), input,
                             isWindow ? learn::Transform::window : transform);
  return true;
}

namespace {

/// The function `load.DATA.FIELD` while it is built.
class FieldLoader {
public:
  FieldLoader(ProgramContext &context, const FieldInfo &field, const llvm::StringSet<> &arrays,
              bool columns, FunctionContext &fn)
      : context(context), field(field), arrays(arrays), hasColumns(columns), fn(fn) {}

  /// Elaborates the field's expression as a tensor of its type.
  std::optional<Tensor> build();
  /// The parts of the row that it reads, after narrowing `columns`.
  llvm::SmallVector<mlir::Attribute> inputs();
  /// Whether the row's numbers are the field as they are: then they are read in its own type.
  bool direct = false;

private:
  void bindRaw(const ast::NameExpr &use);
  Tensor raw(llvm::StringRef name, llvm::ArrayRef<Dim> dims);
  llvm::SmallVector<Dim, 4> rawDims(llvm::StringRef name);
  bool isDirect() const;
  bool isRaw(const ast::Expr *expr) const;
  bool isWhole(const ast::Expr *expr) const;
  bool narrowColumns();

  ProgramContext &context;
  const FieldInfo &field;
  const llvm::StringSet<> &arrays;
  bool hasColumns;
  FunctionContext &fn;
  Element rawElement = Element::F32; ///< the row's numbers are read as such
  int64_t firstColumn = 0;
};

/// Whether a name stands for numbers of the row.
bool FieldLoader::isRaw(const ast::Expr *expr) const {
  auto *name = llvm::dyn_cast_or_null<ast::NameExpr>(expr);
  return name &&
         (arrays.contains(name->name) ||
          (hasColumns && (name->name == "columns" || !lookupQuietly(context.body, name->name))));
}

bool FieldLoader::isDirect() const {
  const ast::Expr *expr = field.decl->value;
  if (auto *bracket = llvm::dyn_cast_or_null<ast::BracketExpr>(expr))
    expr = bracket->base;
  return !expr || isRaw(expr);
}

/// Whether an expression needs whole numbers of the row to be a whole number: sums and differences
/// of them, and what else integers alone have. Such an index is computed in integers.
bool FieldLoader::isWhole(const ast::Expr *expr) const {
  if (auto *number = llvm::dyn_cast<ast::NumberExpr>(expr))
    return number->integer.has_value();
  if (auto *unary = llvm::dyn_cast<ast::UnaryExpr>(expr))
    return unary->op == ast::UnaryOp::Neg && isWhole(unary->operand);
  if (auto *binary = llvm::dyn_cast<ast::BinaryExpr>(expr))
    return (binary->op == ast::BinaryOp::Add || binary->op == ast::BinaryOp::Sub ||
            binary->op == ast::BinaryOp::Mod) &&
           isWhole(binary->lhs) && isWhole(binary->rhs);
  if (auto *bracket = llvm::dyn_cast<ast::BracketExpr>(expr))
    return isRaw(bracket->base);
  auto *name = llvm::dyn_cast<ast::NameExpr>(expr);
  if (!name || isRaw(name))
    return name;
  auto binding = lookupQuietly(context.body, name->name);
  return binding && binding->value.as<Dim>();
}

Tensor FieldLoader::raw(llvm::StringRef name, llvm::ArrayRef<Dim> dims) {
  TensorBuilder &build = context.body.build;
  return build.make(rawElement, dims,
                    fn.argument(learn::ArgKind::input, name, build.type(rawElement, dims)));
}

/// A row of an array is as long as the `reshape` of it says; without one it has the shape of the
/// field.
llvm::SmallVector<Dim, 4> FieldLoader::rawDims(llvm::StringRef name) {
  std::optional<Dim> flat;
  forEachExpr(field.decl->value, [&](const ast::Expr &expr) {
    auto *call = llvm::dyn_cast<ast::CallExpr>(&expr);
    auto *bracket = call ? llvm::dyn_cast<ast::BracketExpr>(call->callee) : nullptr;
    auto *callee = bracket ? llvm::dyn_cast<ast::NameExpr>(bracket->base) : nullptr;
    auto *argument = call && call->args.size() == 1
                         ? llvm::dyn_cast<ast::NameExpr>(call->args[0].value)
                         : nullptr;
    if (!callee || callee->name != "reshape" || !argument || argument->name != name)
      return;
    Dim product(1);
    for (const ast::Item &item : bracket->items)
      if (auto size = item.value ? evalSize(context.body, item.value) : std::nullopt)
        product = product * *size;
    flat = product;
  });
  if (flat)
    return {*flat};
  return field.type.dims;
}

void FieldLoader::bindRaw(const ast::NameExpr &use) {
  Body &body = context.body;
  llvm::StringRef name = use.name;
  if (body.scope->findHere(name))
    return;
  std::optional<Tensor> value;
  if (arrays.contains(name)) {
    value = raw(name, rawDims(name));
  } else if (hasColumns && name == "columns") {
    bool whole = llvm::isa_and_nonnull<ast::NameExpr>(field.decl->value);
    value = raw(name, whole ? llvm::ArrayRef<Dim>(field.type.dims)
                            : llvm::ArrayRef<Dim>(Dim(manyColumns)));
  } else if (hasColumns && !lookupQuietly(body, name)) {
    value = raw(name, {}); // A name of the header.
  }
  if (value)
    body.scope->bind(name, {BindingKind::Parameter, Value(*value), use.range, nullptr});
}

std::optional<Tensor> FieldLoader::build() {
  Body &body = context.body;
  TensorBuilder &build = body.build;
  const ast::Expr *expr = field.decl->value;
  Element wanted = field.type.element;
  direct = isDirect();
  if (wanted != Element::F32 && (direct || (wanted == Element::I32 && isWhole(expr))))
    rawElement = wanted;
  Value value;
  if (expr) {
    forEachExpr(expr, [&](const ast::Expr &part) {
      if (auto *name = llvm::dyn_cast<ast::NameExpr>(&part))
        bindRaw(*name);
    });
    value = elaborateExpr(body, expr);
  } else if (arrays.contains(field.name) || hasColumns) {
    value = raw(field.name,
                arrays.contains(field.name) ? rawDims(field.name) : llvm::SmallVector<Dim, 4>());
  } else {
    context.diags
        .error(Code::MalformedField, field.decl->range, "no source is called `" + field.name + "`")
        .help("give the field an expression: " + field.name + ": " + field.type.str() + " = ...");
    return std::nullopt;
  }
  if (value.isPoison() || !narrowColumns())
    return std::nullopt;
  SourceRange range = expr ? expr->range : field.decl->range;
  build.loc = body.location(range);
  // Numbers that are computed stay as they are: the runtime looks at them before they become
  // indices or booleans.
  TensorType type = field.type;
  type.bound.reset();
  if (const Tensor *tensor = value.tensor(); tensor && wanted != Element::F32) {
    if (tensor->element == Element::Bool && wanted == Element::I32)
      value = build.cast(*tensor, Element::I32);
    else
      type.element = tensor->element;
  }
  return convert(body, value, type, range, "field " + field.name);
}

/// `columns` becomes as wide as what is read of it.
bool FieldLoader::narrowColumns() {
  mlir::Value columns = fn.findArgument(learn::ArgKind::input, "columns");
  if (!columns || nn::shapeOf(columns) != llvm::ArrayRef<int64_t>(manyColumns))
    return true;
  int64_t first = manyColumns, last = 0;
  llvm::SmallVector<nn::SliceOp> slices;
  for (mlir::Operation *user : columns.getUsers()) {
    auto slice = llvm::dyn_cast<nn::SliceOp>(user);
    int64_t begin = slice ? slice.getOffsets()[0] : 0;
    int64_t end = slice ? begin + (nn::shapeOf(slice.getY())[0] - 1) * slice.getStrides()[0] + 1
                        : manyColumns;
    if (end >= manyColumns) {
      context.diags
          .error(Code::MalformedField, field.decl->value->range,
                 "how many columns are read is not known")
          .help("give both ends, `columns[0:n]`; the positions are fixed at compile time");
      return false;
    }
    first = std::min(first, begin);
    last = std::max(last, end);
    slices.push_back(slice);
  }
  if (slices.empty())
    first = 0, last = 1;
  for (nn::SliceOp slice : slices)
    slice.setOffsets(llvm::ArrayRef<int64_t>{slice.getOffsets()[0] - first});
  columns.setType(
      mlir::RankedTensorType::get({last - first}, nn::tensorOf(columns).getElementType()));
  firstColumn = first;
  return true;
}

llvm::SmallVector<mlir::Attribute> FieldLoader::inputs() {
  llvm::SmallVector<mlir::Attribute> list;
  for (const FunctionContext::Slot &slot : fn.getArguments()) {
    if (slot.kind != learn::ArgKind::input)
      continue;
    bool item = arrays.contains(slot.name), columns = !item && slot.name == "columns";
    list.push_back(learn::InputAttr::get(context.build.getContext(),
                                         item      ? learn::InputKind::item
                                         : columns ? learn::InputKind::columns
                                                   : learn::InputKind::header,
                                         columns ? mlir::StringAttr() : context.text(slot.name),
                                         columns ? firstColumn : 0));
  }
  return list;
}

} // namespace

bool DataTranslator::numberField(const DataInfo &data, const FieldInfo &field,
                                 const Sources &sources) {
  std::string name = "load." + data.name + "." + field.name;
  mlir::Location loc = context.location(field.decl->range);
  FunctionContext fn(context.module(), name, loc);
  FieldLoader loader(context, field, sources.arrays, sources.columns, fn);
  std::optional<Tensor> value;
  {
    Root root(context.body, fn, context.body.program.mainFile(), name,
              /*training=*/false);
    value = loader.build();
  }
  if (!value) {
    fn.discard();
    return false;
  }
  fn.result(learn::ArgKind::field, field.name, value->value);
  mlir::ArrayAttr inputs = context.build.getArrayAttr(loader.inputs());
  fn.finish();
  const TensorType &type = field.type;
  learn::FieldOp::create(context.build, loc, field.name, context.body.build.type(type),
                         type.bound ? context.build.getI64IntegerAttr(type.bound->value())
                                    : mlir::IntegerAttr(),
                         inputs, name, loader.direct && type.element != Element::F32);
  return true;
}

bool DataTranslator::field(const DataInfo &data, const FieldInfo &field, const Sources &sources) {
  return field.type.vocab ? textField(data, field, sources) : numberField(data, field, sources);
}

void DataTranslator::dataSet(const DataInfo &data) {
  auto op =
      learn::DataOp::create(context.build, context.location(data.decl->name.range), data.name);
  Inside inside(context, op.getBody());
  Sources names;
  bool good = true;
  for (const ast::Source &written : data.decl->sources)
    names.unnamed += countUnnamed(written.args);
  for (const ast::Source &written : data.decl->sources)
    good &= source(written.reader, written.args, data.name, names);
  good &= holdout(*data.decl);
  for (const FieldInfo &info : good ? llvm::ArrayRef(data.fields) : llvm::ArrayRef<FieldInfo>())
    field(data, info, names);
}

void DataTranslator::dataSets() {
  StaticRoot root(context, "data");
  for (const ast::Decl *decl : context.file.decls)
    if (llvm::isa<ast::DataDecl>(decl))
      if (const DataInfo *data = findData(context.body, decl->name.text))
        dataSet(*data);
}

} // namespace nnc
