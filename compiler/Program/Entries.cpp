/// Entries: flags, data, and what they show.
#include "compiler/Program/Program.h"
#include "llvm/ADT/StringSet.h"

namespace nnc {

struct EntryTranslator::Signature {
  learn::EntryOp op;
  bool repeats = false;
  /// Sizes that no declaration fixes.
  llvm::StringSet<> open;
};

static const ast::NameExpr *firstName(const ast::Type &type) {
  return type.dims.empty() ? nullptr : llvm::dyn_cast<ast::NameExpr>(type.dims.front());
}

/// How the text of a parameter is read: as it says itself, `ended(src)`, or as the field of data
/// that has its name and vocabulary. Nothing where two fields disagree.
std::optional<learn::Transform> EntryTranslator::transformOf(const ast::Parameter &parameter,
                                                             const TensorType &type) {
  const ast::Expr *init = parameter.init;
  learn::Transform said = takeTransform(init);
  if (said != learn::Transform::plain || (init && !defaultOf(parameter)))
    return said;
  std::optional<learn::Transform> found;
  for (const ast::Decl *decl : context.file.decls) {
    const DataInfo *data =
        llvm::isa<ast::DataDecl>(decl) ? findData(context.body, decl->name.text) : nullptr;
    for (const FieldInfo &field :
         data ? llvm::ArrayRef(data->fields) : llvm::ArrayRef<FieldInfo>()) {
      if (field.name != parameter.name.text || field.type.vocab != type.vocab)
        continue;
      const ast::Expr *from = field.decl->value;
      learn::Transform transform = takeTransform(from);
      if (found && *found != transform) {
        std::string name = parameter.name.text.str();
        context.diags
            .error(Code::MalformedFlag, parameter.range,
                   "data sets read `" + name + "` in different ways")
            .help("say which one is meant: `= " + name + "`, `= ended(" + name +
                  ")` or `= framed(" + name + ")`");
        return std::nullopt;
      }
      found = transform;
    }
  }
  return found.value_or(learn::Transform::plain);
}

learn::FlagOp EntryTranslator::flag(const ast::Parameter &parameter, const TensorType &type) {
  if (!type.vocab)
    return context.flag(parameter, type);
  std::optional<learn::Transform> transform = transformOf(parameter, type);
  return transform ? context.flag(parameter, type, *transform) : learn::FlagOp();
}

bool EntryTranslator::bindParameter(const ast::Parameter &parameter, FunctionContext &fn,
                                    Signature &signature) {
  Body &body = context.body;
  if (auto *first = firstName(*parameter.type); first && !lookupQuietly(body, first->name))
    signature.open.insert(first->name);
  auto isOpen = [&](const ast::Type &type) {
    return firstName(type) && signature.open.contains(firstName(type)->name);
  };
  if (const DataInfo *data = context.dataOf(*parameter.type)) {
    if (signature.op.getData()) {
      context.diags.error(Code::MalformedFlag, parameter.range, "an entry has one data parameter");
      return false;
    }
    std::optional<int64_t> rows = context.bindBatch(parameter, *data, 1);
    if (!rows)
      return false;
    signature.op.setData(data->name);
    signature.op.setRows(*rows);
    signature.op.setEvery(isOpen(*parameter.type));
    return true;
  }
  // Whether a value is there is decided at compile time, and the command line comes later.
  if (parameter.type->optional) {
    body.scope->bind(parameter.name.text,
                     {BindingKind::Parameter, Value(Absent{}), parameter.range, nullptr});
    return true;
  }
  std::optional<TensorType> type = resolveType(body, *parameter.type, /*unknown=*/1);
  if (!type)
    return false;
  learn::FlagOp flag = this->flag(parameter, *type);
  if (!flag)
    return false;
  if (isOpen(*parameter.type) && !type->vocab && !signature.repeats) {
    flag.setRepeated(true);
    signature.repeats = true;
  }
  body.build.loc = context.location(parameter.range);
  // The runtime looks at indices before they are used.
  context.bindArgument(parameter, *type, learn::ArgKind::input);
  return true;
}

/// A field of the rows and a flag of that name would be one input of the function.
bool EntryTranslator::checkFields(const ast::EntryDecl &decl) {
  bool good = true;
  for (const ast::Parameter &rows : decl.params)
    if (const DataInfo *data = context.dataOf(*rows.type))
      for (const ast::Parameter &parameter : decl.params) {
        const FieldInfo *field = data->field(parameter.name.text);
        if (!field || &parameter == &rows)
          continue;
        context.diags
            .error(Code::TakenName, parameter.name.range,
                   "`" + parameter.name.text + "` is a field of `" + data->name +
                       "`, which is read here")
            .label(field->decl->name.range, "the field")
            .help("choose another name, such as `" + parameter.name.text + "_`");
        good = false;
      }
  return good;
}

bool EntryTranslator::bindParameters(const ast::EntryDecl &decl, FunctionContext &fn,
                                     Signature &signature) {
  bool good = checkFields(decl) && context.bindStatics(decl, {});
  for (const ast::Parameter &parameter : decl.params)
    good = good && bindParameter(parameter, fn, signature);
  return good;
}

/// The first axes of parameters that nothing fixes: the executable goes over their rows one by one.
static llvm::SmallVector<Dim> rowSizes(const ast::EntryDecl &decl, Body &body) {
  llvm::SmallVector<Dim> rows;
  for (const ast::Parameter &parameter : decl.params) {
    const ast::NameExpr *name = firstName(*parameter.type);
    auto isGiven = [&](const auto &given) { return given.name.text == name->name; };
    if (!name || llvm::any_of(decl.statics, isGiven))
      continue;
    std::optional<Dim> size = evalSize(body, name);
    if (size && size->asAtom() && !size->asAtom()->global)
      rows.push_back(*size);
  }
  return rows;
}

static learn::ShowKind kindOf(ast::ShowKind kind) {
  switch (kind) {
  case ast::ShowKind::Text:
    return learn::ShowKind::print;
  case ast::ShowKind::Image:
    return learn::ShowKind::image;
  case ast::ShowKind::Svg:
    return learn::ShowKind::svg;
  case ast::ShowKind::Csv:
    return learn::ShowKind::csv;
  case ast::ShowKind::Npy:
    return learn::ShowKind::npy;
  }
}

/// What is wrong with the shape of a shown value (without the axis of rows), if anything.
static std::optional<llvm::StringRef> shapeError(ast::ShowKind kind, llvm::ArrayRef<Dim> dims) {
  bool drawn = dims.size() >= 2 && llvm::all_of(dims, [](const Dim &d) { return d.value() > 0; });
  int64_t columns = dims.empty() ? 0 : dims.back().value();
  if (kind == ast::ShowKind::Svg && (!drawn || (columns != 2 && columns != 3)))
    return "points [.., n, 2], or moves with a pen [.., n, 3]";
  if (kind == ast::ShowKind::Image && !drawn)
    return "pictures [.., h, w]";
  return std::nullopt;
}

/// An axis that is the number 3 itself is red, green and blue; one with a name counts something.
static bool isColour(llvm::ArrayRef<Dim> dims) {
  size_t rank = dims.size();
  return rank >= 3 && dims[rank - 3].isNameless() && dims[rank - 3].value() == 3;
}

/// Checks one shown value and adds it as a result.
bool EntryTranslator::show(const Outputs::Shown &shown, llvm::StringRef result,
                           llvm::ArrayRef<Dim> rows, FunctionContext &fn) {
  const ast::ShowStmt &statement = *shown.statement;
  llvm::StringRef name = statement.name.text;
  if (mlir::Value(shown.tensor.value).getParentBlock() != &fn.function.front()) {
    context.diags.error(Code::MisplacedOutput, statement.range,
                        "`show` stands outside of scans and run-time branches");
    return false;
  }
  llvm::ArrayRef<Dim> dims(shown.tensor.dims);
  bool row = !dims.empty() && llvm::is_contained(rows, dims.front());
  if (auto wanted = shapeError(statement.show, dims.drop_front(row))) {
    context.diags.error(Code::ShapeMismatch, statement.name.range,
                        "`show " + ast::spelling(statement.show).str() + "` takes " +
                            wanted->str() + "; `" + name.str() + "` is " + printShape(dims));
    return false;
  }
  fn.result(learn::ArgKind::show, result, shown.tensor.value);
  learn::ShowOp::create(
      context.build, context.location(statement.range), kindOf(statement.show), name,
      result == name ? mlir::StringAttr() : context.text(result), row, isColour(dims),
      shown.tensor.vocab ? context.symbolOf(*shown.tensor.vocab) : mlir::FlatSymbolRefAttr());
  return true;
}

bool EntryTranslator::shows(const ast::EntryDecl &decl, FunctionContext &fn) {
  llvm::StringMap<const ast::ShowStmt *> known;
  llvm::StringMap<unsigned> kinds;
  for (const Outputs::Shown &shown : fn.outputs.shown)
    ++kinds[shown.statement->name.text];
  llvm::SmallVector<Dim> rows = rowSizes(decl, context.body);
  for (const Outputs::Shown &shown : fn.outputs.shown) {
    const ast::ShowStmt &statement = *shown.statement;
    llvm::StringRef name = statement.name.text;
    bool print = statement.show == ast::ShowKind::Text;
    llvm::StringRef kind = learn::stringifyShowKind(kindOf(statement.show));
    // One name may be several files: a.svg and a.npy. A result and its flag have the kind, then.
    std::string result = name.str();
    if (kinds[name] > 1 && !print)
      result += ("." + kind).str();
    if (auto [before, added] = known.try_emplace(result, &statement); !added) {
      context.diags
          .error(Code::MisplacedOutput, statement.name.range,
                 "`" + name + "` is shown twice" + (print ? "" : " as " + kind.str()))
          .label(before->second->name.range, "first here");
      return false;
    }
    if (!show(shown, result, rows, fn))
      return false;
  }
  return true;
}

void EntryTranslator::entry(const ast::EntryDecl &decl) {
  std::string name = ("entry." + decl.name.text).str();
  mlir::Location loc = context.location(decl.name.range);
  FunctionContext fn(context.module(), name, loc);
  Root root(context.body, fn, context.body.program.mainFile(), decl.name.text,
            /*training=*/false);
  Signature signature;
  signature.op =
      learn::EntryOp::create(context.build, loc, context.text(decl.name.text),
                             context.symbolOf(name), {}, {}, {}, context.textOrNull(decl.doc));
  Inside inside(context, signature.op.getBody());
  unsigned before = context.diags.errorCount();
  bool good = bindParameters(decl, fn, signature);
  if (good) {
    elaborateBlock(context.body, *decl.body);
    const Outputs &outputs = fn.outputs;
    if (!outputs.optimized.empty() || !outputs.reported.empty())
      context.diags.error(Code::MisplacedOutput,
                          outputs.optimized.empty() ? outputs.reported[0].statement->range
                                                    : outputs.optimized[0].statement->range,
                          "this belongs to an objective; an entry has `show`");
    good = context.diags.errorCount() == before && shows(decl, fn);
  }
  if (!good)
    return fn.discard();
  fn.finish()->setAttr("learn.training", fn.builder.getBoolAttr(false));
}

void EntryTranslator::entries() {
  for (const ast::Decl *decl : context.file.decls)
    if (auto *found = llvm::dyn_cast<ast::EntryDecl>(decl))
      entry(*found);
}

} // namespace nnc
