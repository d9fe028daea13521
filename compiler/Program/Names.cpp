/// Names that become words of the command line: each may stand for one thing only.
#include "compiler/Program/Program.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"

namespace nnc {

/// What every executable has already (runtime/commands/CommandLine.cpp). Names with a `-` cannot
/// collide.
static constexpr llvm::StringRef builtinCommands[] = {"eval", "info"};
static constexpr llvm::StringRef builtinFlags[] = {"threads",    "seed", "run",
                                                   "checkpoint", "json", "help"};
/// Of commands that read data sets, beside those.
static constexpr llvm::StringRef dataFlags[] = {"resume", "samples"};

/// The flags of files, as `pairs` and `pairs.holdout`.
static llvm::StringSet<> fileFlags(learn::ProgramOp program) {
  llvm::StringSet<> flags;
  auto note = [&](std::optional<llvm::StringRef> flag) {
    if (flag)
      flags.insert(*flag);
  };
  program.walk([&](mlir::Operation *op) {
    llvm::TypeSwitch<mlir::Operation *>(op)
        .Case([&](learn::FileOp file) { note(file.getFlag()); })
        .Case([&](learn::CorpusOp corpus) { note(corpus.getFlag()); })
        .Case([&](learn::ParamOp param) { note(param.getFlag()); })
        .Case([&](learn::StateOp state) { note(state.getFlag()); });
  });
  return flags;
}

void NameCheck::report(const ast::Ident &name, const llvm::Twine &message, SourceRange other) {
  auto error = context.diags.error(Code::TakenName, name.range, message);
  if (other.isValid())
    error.label(other, "first here");
  error.help("choose another name, such as `" + name.text + "_`");
}

void NameCheck::command(llvm::StringRef name, SourceRange range) {
  ast::Ident ident{name, range};
  if (llvm::is_contained(builtinCommands, name))
    return report(ident, "every executable has a command `" + name + "`", {});
  auto [before, added] = commands.try_emplace(name, range);
  if (!added)
    report(ident, "two commands would have the name `" + name + "`", before->second);
}

void NameCheck::parameters(llvm::ArrayRef<ast::Parameter> parameters, bool readsData, bool trains) {
  for (const ast::Parameter &parameter : parameters) {
    llvm::StringRef name = parameter.name.text;
    if (context.dataOf(*parameter.type))
      continue;
    if (llvm::is_contained(builtinFlags, name) || (trains && name == "resume"))
      report(parameter.name, "every command has a flag `--" + name + "`", {});
    else if (readsData && files.contains(name))
      report(parameter.name, "`--" + name + "` is the flag of a file already", {});
  }
}

void NameCheck::check() {
  files = fileFlags(context.program);
  for (const ast::Decl *decl : context.file.decls) {
    if (decl->name && files.contains(decl->name.text) &&
        (llvm::is_contained(builtinFlags, decl->name.text) ||
         llvm::is_contained(dataFlags, decl->name.text)))
      report(decl->name,
             "the file of `" + decl->name.text + "` would have the flag `--" + decl->name.text +
                 "`, which commands have already",
             {});
    if (auto *train = llvm::dyn_cast<ast::TrainDecl>(decl)) {
      command(train->name ? train->name.text : "train",
              train->name ? train->name.range : train->range);
      parameters(train->params, /*readsData=*/true, /*trains=*/true);
    }
    if (auto *entry = llvm::dyn_cast<ast::EntryDecl>(decl)) {
      command(entry->name.text, entry->name.range);
      bool readsData = llvm::any_of(
          entry->params, [&](const ast::Parameter &p) { return context.dataOf(*p.type); });
      parameters(entry->params, readsData, /*trains=*/false);
    }
  }
}

} // namespace nnc
