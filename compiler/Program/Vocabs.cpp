/// Vocabularies: where their contents will be learned from.
#include "compiler/Program/Program.h"

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
static learn::SourceKind kindOf(const ast::File &file, llvm::StringRef path) {
  for (const ast::Decl *decl : file.decls)
    if (auto *data = llvm::dyn_cast<ast::DataDecl>(decl))
      for (const ast::Source &source : data->sources)
        for (const ast::Arg &arg : source.args)
          if (auto *text = llvm::dyn_cast<ast::StringExpr>(arg.value); text && text->value == path)
            if (auto kind = learn::symbolizeSourceKind(source.reader.text))
              return *kind;
  if (path.ends_with(".csv"))
    return learn::SourceKind::csv;
  return path.ends_with(".tsv") ? learn::SourceKind::tsv : learn::SourceKind::text;
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

namespace {
/// What stands in the parentheses of a vocabulary's reader.
struct VocabFiles {
  llvm::SmallVector<std::string> paths;
  std::optional<TextColumn> column;
  SourceRange columnRange;
};
} // namespace

/// Nothing after errors.
static std::optional<VocabFiles> filesOf(ProgramContext &context, const ast::Source &source) {
  VocabFiles files;
  bool good = true;
  for (const ast::Arg &arg : source.args) {
    if (arg.name.text == "column") {
      files.columnRange = arg.range;
      if (auto *name = llvm::dyn_cast<ast::StringExpr>(arg.value))
        files.column = TextColumn{name->value, 0};
      else
        files.column = TextColumn{"", evalSize(context.body, arg.value).value_or(Dim()).value()};
    } else if (auto path = fileName(context.body, arg.value); path && arg.name.empty()) {
      files.paths.push_back(*path);
    } else {
      context.diags.error(Code::MalformedSource, arg.range, "this is not a file name");
      good = false;
    }
  }
  return good ? std::optional(std::move(files)) : std::nullopt;
}

void DataTranslator::vocab(const VocabInfo &vocab) {
  const ast::Source &source = vocab.decl->source;
  std::optional<learn::VocabKind> made = learn::symbolizeVocabKind(source.reader.text);
  if (!made)
    context.diags
        .error(Code::MalformedSource, source.reader.range,
               "`" + source.reader.text + "` makes no vocab")
        .help("the readers of a vocab are words, characters, labels, bytes and bpe");
  std::optional<VocabFiles> files = filesOf(context, source);
  if (!made || !files)
    return;
  mlir::FlatSymbolRefAttr symbol = context.symbolOf(vocab);
  auto op = learn::VocabOp::create(context.build, context.location(source.reader.range),
                                   symbol.getValue(), *made, vocab.size.value());
  Inside inside(context, op.getBody());
  for (auto [k, path] : llvm::enumerate(files->paths)) {
    learn::SourceKind kind = kindOf(context.file, path);
    bool table = kind == learn::SourceKind::csv || kind == learn::SourceKind::tsv;
    if (files->column && !table) {
      context.diags
          .error(Code::MalformedSource, files->columnRange,
                 "`" + path + "` is no table, it has no columns")
          .help("columns are those of csv and tsv files");
      return;
    }
    std::string flag = symbol.getValue().str();
    if (files->paths.size() > 1)
      flag += "." + std::to_string(k + 1);
    std::vector<TextColumn> columns = files->column ? std::vector{*files->column}
                                      : table       ? columnsOf(vocab, path)
                                                    : std::vector<TextColumn>{{}};
    for (const TextColumn &one : columns)
      learn::CorpusOp::create(context.build, op.getLoc(), kind, path, flag, one.column,
                              context.textOrNull(one.header));
  }
}

void DataTranslator::vocabs() {
  StaticRoot root(context, "vocabs");
  for (const ast::Decl *decl : context.file.decls)
    if (llvm::isa<ast::VocabDecl>(decl))
      if (auto binding = lookupQuietly(context.body, decl->name.text))
        if (auto *vocab = binding->value.as<const VocabInfo *>())
          context.vocabs.insert(*vocab);
  for (const VocabInfo *info : context.vocabs)
    vocab(*info);
}

} // namespace nnc
