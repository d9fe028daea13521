/// Vocabularies: where their contents will be learned from.
#include "compiler/ASTToNN/Program.h"
#include "llvm/ADT/StringSwitch.h"

namespace nnc {

std::optional<std::string> fileName(Elaborator &elaborator, const ast::Expr *expr) {
  if (auto *text = llvm::dyn_cast<ast::StringExpr>(expr))
    return text->value;
  Value value = elaborator.evalStatic(expr);
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

mlir::Attribute DataTranslator::vocabSource(const VocabInfo &vocab, llvm::StringRef path,
                                            int64_t column, llvm::StringRef flag) {
  ProgramAttributes &make = context.make;
  return make.object({{"kind", make.text(readerOf(context.file, path))},
                      {"path", make.text(path)},
                      {"column", make.number(column)},
                      {"flag", make.text(flag)}});
}

mlir::Attribute DataTranslator::vocab(const VocabInfo &vocab) {
  ProgramAttributes &make = context.make;
  const ast::Source &source = vocab.decl->source;
  bool known = llvm::StringSwitch<bool>(source.reader.text)
                   .Cases({"words", "characters", "bytes", "bpe"}, true)
                   .Default(false);
  if (!known)
    context.diags
        .error(Code::MalformedSource, source.reader.range,
               "`" + source.reader.text + "` makes no vocab")
        .help("the readers of a vocab are words, characters, bytes and bpe");
  int64_t column = 0;
  llvm::SmallVector<std::string> paths;
  for (const ast::Arg &arg : source.args) {
    if (arg.name.text == "column") {
      column = context.elaborator.evalSize(arg.value).value_or(Dim()).value();
    } else if (auto path = fileName(context.elaborator, arg.value); path && arg.name.empty()) {
      paths.push_back(*path);
    } else {
      context.diags.error(Code::MalformedSource, arg.range, "this is not a file name");
      known = false;
    }
  }
  if (!known)
    return {};
  llvm::SmallVector<mlir::Attribute> sources;
  for (auto [k, path] : llvm::enumerate(paths))
    sources.push_back(
        vocabSource(vocab, path, column,
                    paths.size() == 1 ? vocab.name : vocab.name + "." + std::to_string(k + 1)));
  return make.object({{"name", make.text(vocab.name)},
                      {"size", make.number(vocab.size.value())},
                      {"kind", make.text(source.reader.text)},
                      {"sources", make.list(sources)}});
}

mlir::Attribute DataTranslator::vocabs() {
  StaticRoot root(context, "vocabs");
  for (const ast::Decl *decl : context.file.decls)
    if (llvm::isa<ast::VocabDecl>(decl))
      if (auto binding = context.elaborator.lookupQuietly(decl->name.text))
        if (auto *vocab = binding->value.as<const VocabInfo *>())
          context.vocabs.insert(*vocab);
  llvm::SmallVector<mlir::Attribute> list;
  for (const VocabInfo *info : context.vocabs)
    if (mlir::Attribute made = vocab(*info))
      list.push_back(made);
  return context.make.list(list);
}

} // namespace nnc
