/// Entries: flags, data, and what they show.
#include "compiler/Program/Program.h"
#include "llvm/ADT/StringSet.h"

namespace nnc {

struct EntryTranslator::Signature {
  llvm::SmallVector<mlir::Attribute> flags;
  mlir::Attribute data;
  std::string repeat;
  /// Sizes that no declaration fixes.
  llvm::StringSet<> open;
};

static const ast::NameExpr *firstName(const ast::Type &type) {
  return type.dims.empty() ? nullptr : llvm::dyn_cast<ast::NameExpr>(type.dims.front());
}

/// How the text of a parameter is read: as it says itself, `ended(src)`, or as the field of data
/// that has its name and vocabulary. Nothing where two fields disagree.
std::optional<std::string> EntryTranslator::transformOf(const ast::Parameter &parameter,
                                                        const TensorType &type) {
  const ast::Expr *init = parameter.init;
  llvm::StringRef said = takeTransform(init);
  if (said != "plain" || (init && !defaultOf(parameter)))
    return said.str();
  std::optional<std::string> found;
  for (const ast::Decl *decl : context.file.decls) {
    const DataInfo *data =
        llvm::isa<ast::DataDecl>(decl) ? findData(context.body, decl->name.text) : nullptr;
    for (const FieldInfo &field :
         data ? llvm::ArrayRef(data->fields) : llvm::ArrayRef<FieldInfo>()) {
      if (field.name != parameter.name.text || field.type.vocab != type.vocab)
        continue;
      const ast::Expr *from = field.decl->value;
      std::string transform = takeTransform(from).str();
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
  return found ? found : "plain";
}

mlir::Attribute EntryTranslator::flag(const ast::Parameter &parameter, const TensorType &type) {
  if (!type.vocab)
    return context.flag(parameter, type);
  std::optional<std::string> transform = transformOf(parameter, type);
  return transform ? context.flag(parameter, type, *transform) : mlir::Attribute();
}

bool EntryTranslator::bindParameter(const ast::Parameter &parameter, FunctionContext &fn,
                                    Signature &signature) {
  ProgramAttributes &make = context.make;
  Body &body = context.body;
  if (auto *first = firstName(*parameter.type); first && !lookupQuietly(body, first->name))
    signature.open.insert(first->name);
  auto isOpen = [&](const ast::Type &type) {
    return firstName(type) && signature.open.contains(firstName(type)->name);
  };
  if (const DataInfo *data = context.dataOf(*parameter.type)) {
    if (signature.data) {
      context.diags.error(Code::MalformedFlag, parameter.range, "an entry has one data parameter");
      return false;
    }
    std::optional<int64_t> rows = context.bindBatch(parameter, *data, 1);
    if (!rows)
      return false;
    signature.data = make.object({{"set", make.text(data->name)},
                                  {"rows", make.number(*rows)},
                                  {"every", make.truth(isOpen(*parameter.type))}});
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
  mlir::Attribute flag = this->flag(parameter, *type);
  if (!flag)
    return false;
  signature.flags.push_back(flag);
  if (isOpen(*parameter.type) && !type->vocab && signature.repeat.empty())
    signature.repeat = parameter.name.text.str();
  body.build.loc = context.location(parameter.range);
  // The runtime looks at indices before they are used.
  context.bindArgument(parameter, *type, "input");
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

mlir::Attribute EntryTranslator::shows(const ast::EntryDecl &decl, FunctionContext &fn) {
  ProgramAttributes &make = context.make;
  llvm::SmallVector<mlir::Attribute> list;
  llvm::StringMap<const ast::ShowStmt *> known;
  llvm::StringMap<unsigned> kinds;
  for (const Outputs::Shown &shown : fn.outputs.shown)
    ++kinds[shown.statement->name.text];
  llvm::SmallVector<Dim> rows = rowSizes(decl, context.body);
  for (const Outputs::Shown &shown : fn.outputs.shown) {
    const ast::ShowStmt &statement = *shown.statement;
    llvm::StringRef name = statement.name.text;
    bool print = statement.show == ast::ShowKind::Text;
    llvm::StringRef kind = print ? "print" : ast::spelling(statement.show);
    // One name may be several files: a.svg and a.npy. A result and its flag have the kind, then.
    std::string result = name.str();
    if (kinds[name] > 1 && !print)
      result += ("." + kind).str();
    if (auto [before, added] = known.try_emplace(result, &statement); !added) {
      context.diags
          .error(Code::MisplacedOutput, statement.name.range,
                 "`" + name + "` is shown twice" + (print ? "" : " as " + kind.str()))
          .label(before->second->name.range, "first here");
      return {};
    }
    if (mlir::Value(shown.tensor.value).getParentBlock() != &fn.function.front()) {
      context.diags.error(Code::MisplacedOutput, statement.range,
                          "`show` stands outside of scans and run-time branches");
      return {};
    }
    llvm::ArrayRef<Dim> dims(shown.tensor.dims);
    bool row = !dims.empty() && llvm::is_contained(rows, dims.front());
    if (auto wanted = shapeError(statement.show, dims.drop_front(row))) {
      context.diags.error(Code::ShapeMismatch, statement.name.range,
                          "`show " + ast::spelling(statement.show).str() + "` takes " +
                              wanted->str() + "; `" + name.str() + "` is " + printShape(dims));
      return {};
    }
    if (shown.tensor.vocab)
      context.vocabs.insert(shown.tensor.vocab);
    fn.result("show", result, shown.tensor.value);
    list.push_back(make.object(
        {{"name", make.text(name)},
         {"result", make.text(result)},
         {"kind", make.text(kind)},
         {"row", make.truth(row)},
         {"colour", make.truth(isColour(dims))},
         {"vocab", shown.tensor.vocab ? make.text(shown.tensor.vocab->name) : make.null()}}));
  }
  return make.list(list);
}

mlir::Attribute EntryTranslator::entry(const ast::EntryDecl &decl) {
  ProgramAttributes &make = context.make;
  std::string name = ("entry." + decl.name.text).str();
  FunctionContext fn(context.module(), name, context.location(decl.name.range));
  Root root(context.body, fn, context.body.program.mainFile(), decl.name.text,
            /*training=*/false);
  Signature signature;
  unsigned before = context.diags.errorCount();
  mlir::Attribute shown;
  if (bindParameters(decl, fn, signature)) {
    elaborateBlock(context.body, *decl.body);
    const Outputs &outputs = fn.outputs;
    if (!outputs.optimized.empty() || !outputs.reported.empty())
      context.diags.error(Code::MisplacedOutput,
                          outputs.optimized.empty() ? outputs.reported[0].statement->range
                                                    : outputs.optimized[0].statement->range,
                          "this belongs to an objective; an entry has `show`");
    if (context.diags.errorCount() == before)
      shown = shows(decl, fn);
  }
  if (!shown) {
    fn.discard();
    return {};
  }
  fn.finish()->setAttr("learn.training", fn.builder.getBoolAttr(false));
  return make.object({{"name", make.text(decl.name.text)},
                      {"doc", make.text(decl.doc)},
                      {"function", make.text(name)},
                      {"flags", make.list(signature.flags)},
                      {"data", signature.data ? signature.data : make.null()},
                      {"repeat", make.textOrNull(signature.repeat)},
                      {"shows", shown}});
}

mlir::Attribute EntryTranslator::entries() {
  llvm::SmallVector<mlir::Attribute> list;
  for (const ast::Decl *decl : context.file.decls)
    if (auto *found = llvm::dyn_cast<ast::EntryDecl>(decl))
      if (mlir::Attribute made = entry(*found))
        list.push_back(made);
  return context.make.list(list);
}

} // namespace nnc
