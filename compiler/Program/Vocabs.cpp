/// Vocabularies: where their contents will be learned from.
#include "compiler/Program/Program.h"
#include "llvm/ADT/StringSwitch.h"

namespace nnc {

std::optional<std::string> fileName(Body &body, const ast::Expr *expr) {
  if (auto *text = llvm::dyn_cast<ast::StringExpr>(expr))
    return text->value;
  Value value = evalStatic(body, expr);
  if (const std::string *text = value.as<std::string>())
    return *text;
  return std::nullopt;
}

/// How the file of a vocabulary is cut into texts: as the data sets read it, else by its ending.
static llvm::StringRef readerOf(const ast::File &file, llvm::StringRef path) {
  for (const ast::Decl *decl : file.decls)
    if (auto *data = llvm::dyn_cast<ast::DataDecl>(decl))
      for (const ast::Source &source : data->sources)
        for (const ast::Arg &arg : source.args)
          if (auto *text = llvm::dyn_cast<ast::StringExpr>(arg.value); text && text->value == path)
            return source.reader.text;
  if (path.ends_with(".csv"))
    return "csv";
  return path.ends_with(".tsv") ? "tsv" : "text";
}

mlir::Attribute DataTranslator::vocabSource(llvm::StringRef path, llvm::StringRef kind,
                                            const TextColumn &column, llvm::StringRef flag) {
  ProgramAttributes &make = context.make;
  llvm::SmallVector<ProgramAttributes::Member> members = {{"kind", make.text(kind)},
                                                          {"path", make.text(path)},
                                                          {"column", make.number(column.column)},
                                                          {"flag", make.text(flag)}};
  if (!column.header.empty())
    members.push_back({"header", make.text(column.header)});
  return make.object(members);
}

/// The columns of a table that fields of the vocabulary read; the first one where none does.
std::vector<TextColumn> DataTranslator::columnsOf(const VocabInfo &vocab, llvm::StringRef path) {
  std::vector<TextColumn> columns;
  for (const ast::Decl *decl : context.file.decls) {
    auto *found = llvm::dyn_cast<ast::DataDecl>(decl);
    const DataInfo *data = found ? findData(context.body, decl->name.text) : nullptr;
    if (!data || !llvm::any_of(found->sources, [&](const ast::Source &source) {
          return llvm::any_of(source.args, [&](const ast::Arg &arg) {
            return fileName(context.body, arg.value) == path.str();
          });
        }))
      continue;
    for (const FieldInfo &field : data->fields) {
      const ast::Expr *from = field.decl->value;
      takeTransform(from);
      std::optional<TextColumn> column =
          from ? textColumn(context.body, from) : TextColumn{field.name, 0};
      auto same = [&](const TextColumn &other) {
        return other.header == column->header && other.column == column->column;
      };
      if (field.type.vocab == &vocab && column && llvm::none_of(columns, same))
        columns.push_back(*column);
    }
  }
  return columns.empty() ? std::vector<TextColumn>{{}} : columns;
}

mlir::Attribute DataTranslator::vocab(const VocabInfo &vocab) {
  ProgramAttributes &make = context.make;
  const ast::Source &source = vocab.decl->source;
  bool known = llvm::StringSwitch<bool>(source.reader.text)
                   .Cases({"words", "characters", "labels", "bytes", "bpe"}, true)
                   .Default(false);
  if (!known)
    context.diags
        .error(Code::MalformedSource, source.reader.range,
               "`" + source.reader.text + "` makes no vocab")
        .help("the readers of a vocab are words, characters, labels, bytes and bpe");
  std::optional<TextColumn> column;
  SourceRange columnRange;
  llvm::SmallVector<std::string> paths;
  for (const ast::Arg &arg : source.args) {
    if (arg.name.text == "column") {
      columnRange = arg.range;
      if (auto *name = llvm::dyn_cast<ast::StringExpr>(arg.value))
        column = TextColumn{name->value, 0};
      else
        column = TextColumn{"", evalSize(context.body, arg.value).value_or(Dim()).value()};
    } else if (auto path = fileName(context.body, arg.value); path && arg.name.empty()) {
      paths.push_back(*path);
    } else {
      context.diags.error(Code::MalformedSource, arg.range, "this is not a file name");
      known = false;
    }
  }
  if (!known)
    return {};
  llvm::SmallVector<mlir::Attribute> sources;
  for (auto [k, path] : llvm::enumerate(paths)) {
    llvm::StringRef kind = readerOf(context.file, path);
    bool table = kind == "csv" || kind == "tsv";
    if (column && !table) {
      context.diags
          .error(Code::MalformedSource, columnRange,
                 "`" + path + "` is no table, it has no columns")
          .help("columns are those of csv and tsv files");
      return {};
    }
    std::string flag = paths.size() == 1 ? vocab.name : vocab.name + "." + std::to_string(k + 1);
    std::vector<TextColumn> columns = column  ? std::vector{*column}
                                      : table ? columnsOf(vocab, path)
                                              : std::vector<TextColumn>{{}};
    for (const TextColumn &one : columns)
      sources.push_back(vocabSource(path, kind, one, flag));
  }
  return make.object({{"name", make.text(vocab.name)},
                      {"size", make.number(vocab.size.value())},
                      {"kind", make.text(source.reader.text)},
                      {"sources", make.list(sources)}});
}

mlir::Attribute DataTranslator::vocabs() {
  StaticRoot root(context, "vocabs");
  for (const ast::Decl *decl : context.file.decls)
    if (llvm::isa<ast::VocabDecl>(decl))
      if (auto binding = lookupQuietly(context.body, decl->name.text))
        if (auto *vocab = binding->value.as<const VocabInfo *>())
          context.vocabs.insert(*vocab);
  llvm::SmallVector<mlir::Attribute> list;
  for (const VocabInfo *info : context.vocabs)
    if (mlir::Attribute made = vocab(*info))
      list.push_back(made);
  return context.make.list(list);
}

} // namespace nnc
