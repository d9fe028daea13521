/// A program from its tree to stage nn.
#include "compiler/Program/Translate.h"
#include "compiler/Program/Program.h"
#include "dialects/learn/IR/Learn.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/xxhash.h"

namespace nnc {
namespace {

/// Of everything that decides what the program means: all sources and what replaced their
/// constants.
std::string programHash(llvm::SourceMgr &sources, const Options &options) {
  std::string text = options.real64 ? "f64" : "f32";
  for (unsigned id = 1; id <= sources.getNumBuffers(); ++id)
    text += sources.getMemoryBuffer(id)->getBuffer();
  for (const auto &[name, value] : options.defines)
    text += "\n" + name + "=" + value;
  return llvm::utohexstr(llvm::xxh3_64bits(text), /*LowerCase=*/true, /*Width=*/16);
}

void checkDefines(ProgramContext &context, const Options &options) {
  auto declares = [&](FileScope &scope, llvm::StringRef name) {
    auto found = scope.declared.find(name);
    return found != scope.declared.end() &&
           (found->second.kind == BindingKind::Dim || found->second.kind == BindingKind::Const);
  };
  FileScope &main = context.body.program.mainFile();
  for (const auto &[name, value] : options.defines) {
    bool known =
        declares(main, name) || context.isStaticDefine(name) ||
        llvm::any_of(main.imports, [&](FileScope *import) { return declares(*import, name); });
    if (!known)
      context.diags.error(Code::UnknownDefine, {},
                          "-D " + name + ": the program has no such dim or const");
  }
}

/// Builds the functions in the order in which they need one another, and the constant in the order
/// in which it is read.
void translateProgram(ProgramContext &context, llvm::SourceMgr &sources, const Options &options) {
  ProgramAttributes &make = context.make;
  DataTranslator data(context);
  mlir::Attribute dataSets = data.dataSets();
  mlir::Attribute commands = TrainTranslator(context).commands();
  ObjectiveTranslator objective(context);
  objective.buildGradients();
  mlir::Attribute objectives = objective.objectives();
  mlir::Attribute entries = EntryTranslator(context).entries();
  mlir::Attribute vocabs = data.vocabs();
  if (context.diags.hasErrors())
    return;
  // Averages have their parameters from entries that call them.
  UpdateTranslator(context).buildUpdates();
  ParameterTranslator parameters(context);
  parameters.checkNets();
  mlir::Attribute params = parameters.params(), states = parameters.states();
  NameCheck(context).check({dataSets, vocabs, params, states});
  checkDefines(context, options);
  if (context.diags.hasErrors())
    return;
  context.body.program.init.finish();
  mlir::DictionaryAttr constant =
      make.object({{"version", make.number(2)},
                   {"name", make.text(llvm::sys::path::stem(context.file.path))},
                   {"hash", make.text(programHash(sources, options))},
                   {"real", make.text(options.real64 ? "f64" : "f32")},
                   {"params", params},
                   {"states", states},
                   {"vocabs", vocabs},
                   {"data", dataSets},
                   {"commands", commands},
                   {"objectives", objectives},
                   {"entries", entries}});
  mlir::OpBuilder builder(context.module().getBodyRegion());
  learn::ProgramOp::create(builder, context.module().getLoc(), "program", constant);
}

} // namespace

mlir::OwningOpRef<mlir::ModuleOp> translateToNN(const ast::File &file, llvm::SourceMgr &sources,
                                                Diagnostics &diagnostics,
                                                mlir::MLIRContext &context,
                                                const Options &options) {
  mlir::Location place = mlir::FileLineColLoc::get(&context, file.path, 1, 1);
  mlir::OwningOpRef<mlir::ModuleOp> module = mlir::ModuleOp::create(place);
  {
    Elaboration shared(*module, diagnostics,
                       {options.real64, options.defines, options.compareEstimators});
    Body body(shared);
    if (loadProgram(body, file)) {
      ProgramContext program(file, body);
      translateProgram(program, sources, options);
    }
  }
  return diagnostics.hasErrors() ? nullptr : std::move(module);
}

} // namespace nnc
