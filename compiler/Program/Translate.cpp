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

/// Puts the ops of the program in the order in which a reader needs them.
void arrange(learn::ProgramOp program) {
  auto last = [&](auto ops) {
    for (mlir::Operation *op : llvm::to_vector_of<mlir::Operation *>(ops))
      op->moveBefore(&program.getBody().front(), program.getBody().front().end());
  };
  last(program.getOps<learn::ParamOp>());
  last(program.getOps<learn::StateOp>());
  last(program.getOps<learn::VocabOp>());
  last(program.getOps<learn::DataOp>());
  last(program.getOps<learn::ObjectiveOp>());
  last(program.getOps<learn::TrainOp>());
  last(program.getOps<learn::EntryOp>());
}

/// Builds the functions in the order in which they need one another.
void translateProgram(ProgramContext &context, const Options &options) {
  DataTranslator data(context);
  data.dataSets();
  TrainTranslator(context).commands();
  ObjectiveTranslator objective(context);
  objective.buildGradients();
  objective.objectives();
  EntryTranslator(context).entries();
  data.vocabs();
  if (context.diags.hasErrors())
    return;
  // Averages have their parameters from entries that call them.
  UpdateTranslator(context).buildUpdates();
  ParameterTranslator parameters(context);
  parameters.checkNets();
  parameters.variables();
  NameCheck(context).check();
  checkDefines(context, options);
  if (context.diags.hasErrors())
    return;
  context.body.program.init.finish();
  arrange(context.program);
}

/// The empty program.
learn::ProgramOp startProgram(mlir::ModuleOp module, const ast::File &file,
                              llvm::SourceMgr &sources, const Options &options) {
  mlir::OpBuilder builder(module.getBodyRegion());
  mlir::Type real = options.real64 ? builder.getF64Type() : builder.getF32Type();
  auto program =
      learn::ProgramOp::create(builder, module.getLoc(), llvm::sys::path::stem(file.path),
                               programHash(sources, options), real);
  program.getBody().emplaceBlock();
  return program;
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
      ProgramContext program(file, body, startProgram(*module, file, sources, options));
      translateProgram(program, options);
    }
  }
  return diagnostics.hasErrors() ? nullptr : std::move(module);
}

} // namespace nnc
