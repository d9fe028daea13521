/// One run of the compiler: from a source or a dump to what was asked for.
#include "compiler/Driver/Driver.h"
#include "compiler/Driver/SourceDiagnostics.h"
#include "compiler/LLVM/Link.h"
#include "compiler/LLVM/Object.h"
#include "compiler/Pipeline/Dump.h"
#include "compiler/Pipeline/Pipeline.h"
#include "compiler/Program/Translate.h"
#include "compiler/Syntax/ASTPrinter.h"
#include "compiler/Syntax/Parser.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/ToolOutputFile.h"
#include <thread>

namespace nnc {
namespace {

enum ExitStatus { Success = 0, SourceError = 1, FileError = 2, CompilerError = 3 };

/// One run of the compiler over one input.
class Run {
public:
  explicit Run(const Invocation &invocation) : invocation(invocation), diagnostics(sources) {
    timing.setEnabled(invocation.options.time);
    time = timing.getRootScope();
    mlir::DialectRegistry registry;
    registerDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    context.printOpOnDiagnostic(false); // A reader of source has not seen the op.
  }

  int run();

private:
  int fail(ExitStatus status, const llvm::Twine &text) {
    llvm::errs() << "error: " << text << "\n";
    return status;
  }
  int readInput();
  bool findStage(llvm::StringRef text);
  int dump(Stage stage, llvm::function_ref<void(llvm::raw_ostream &)> print);
  int readSource(unsigned buffer);
  int readModule(unsigned buffer);
  int compile();
  int write(llvm::function_ref<llvm::LogicalResult(llvm::raw_pwrite_stream &)> print);
  int writeObjects(std::vector<std::string> &objects,
                   llvm::SmallVectorImpl<std::unique_ptr<llvm::FileRemover>> &removers);
  int writeExecutable();
  std::string outputName() const;
  int failure() const;
  void printFile(llvm::raw_ostream &out) const {
    out << dumpHeader(Stage::ast);
    printAST(*file, out);
  }
  bool writesTo(Stage stage) const { return invocation.emit == stage && !invocation.checkOnly; }

  const Invocation &invocation;
  llvm::SourceMgr sources;
  Diagnostics diagnostics;
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::unique_ptr<ast::File> file;
  SourceDiagnosticHandler *stageErrors = nullptr;
  /// Where the input starts.
  Stage from = Stage::ast;
  /// One table of the whole run, for --time.
  mlir::DefaultTimingManager timing;
  mlir::TimingScope time;
};

/// gpt.nn gives gpt, gpt.s, gpt.fused.mlir.
std::string Run::outputName() const {
  if (!invocation.output.empty())
    return invocation.output;
  if (invocation.emit != Stage::exe && invocation.emit != Stage::object)
    return "-";
  std::string stem = llvm::sys::path::stem(invocation.input).str();
  return invocation.emit == Stage::exe ? stem : stem + ".o";
}

int Run::write(llvm::function_ref<llvm::LogicalResult(llvm::raw_pwrite_stream &)> print) {
  std::string name = outputName();
  if (name != "-" && llvm::sys::fs::equivalent(name, invocation.input))
    return fail(FileError, "'" + name + "' is the input; it is not overwritten");
  std::error_code error;
  llvm::ToolOutputFile file(name, error, llvm::sys::fs::OF_None);
  if (error)
    return fail(FileError, "cannot write '" + name + "': " + error.message());
  llvm::SmallString<0> text; // Code generation seeks, and a pipe cannot.
  llvm::raw_svector_ostream buffer(text);
  if (failed(print(buffer)))
    return failure();
  file.os() << text;
  file.os().flush();
  if (file.os().has_error()) {
    error = file.os().error();
    file.os().clear_error();
    return fail(FileError, "cannot write '" + name + "': " + error.message());
  }
  file.keep();
  return Success;
}

/// Compiles to temporary object files, one for each processor.
int Run::writeObjects(std::vector<std::string> &objects,
                      llvm::SmallVectorImpl<std::unique_ptr<llvm::FileRemover>> &removers) {
  std::vector<std::unique_ptr<llvm::raw_fd_ostream>> files;
  llvm::SmallVector<llvm::raw_pwrite_stream *> outs;
  for (unsigned k = 0; k < std::clamp(std::thread::hardware_concurrency(), 1u, 8u); ++k) {
    llvm::SmallString<128> path;
    int descriptor;
    if (auto error = llvm::sys::fs::createTemporaryFile("nnc", "o", descriptor, path))
      return fail(FileError, "cannot make a temporary file: " + error.message());
    objects.push_back(path.str().str());
    removers.push_back(std::make_unique<llvm::FileRemover>(path));
    files.push_back(std::make_unique<llvm::raw_fd_ostream>(descriptor, /*shouldClose=*/true));
    outs.push_back(files.back().get());
  }
  mlir::TimingScope part = time.nest("LLVM");
  if (failed(emitObjects(*module, invocation.options, outs)))
    return failure();
  part.stop();
  for (auto [file, path] : llvm::zip(files, objects)) {
    file->flush();
    if (!file->has_error())
      continue;
    std::error_code error = file->error();
    file->clear_error();
    return fail(FileError, "cannot write '" + path + "': " + error.message());
  }
  return Success;
}

int Run::writeExecutable() {
  std::string name = outputName();
  if (name == "-")
    return fail(FileError, "an executable is not written to standard output; use -o FILE");
  if (llvm::sys::fs::equivalent(name, invocation.input))
    return fail(FileError, "'" + name + "' is the input; it is not overwritten");
  std::vector<std::string> objects;
  llvm::SmallVector<std::unique_ptr<llvm::FileRemover>> removers;
  if (int status = writeObjects(objects, removers))
    return status;
  mlir::TimingScope part = time.nest("linker");
  if (llvm::Error error = linkExecutable(objects, invocation.runtime, name))
    return fail(FileError, llvm::toString(std::move(error)));
  return Success;
}

int Run::readInput() {
  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(invocation.input, /*IsText=*/true);
  if (!buffer)
    return fail(FileError,
                "cannot read '" + invocation.input + "': " + buffer.getError().message());
  if (!findStage((*buffer)->getBuffer()))
    return SourceError;
  unsigned id = sources.AddNewSourceBuffer(std::move(*buffer), llvm::SMLoc());
  return from == Stage::ast ? readSource(id) : readModule(id);
}

/// A dump says its stage, and --from has to agree; false after an error.
bool Run::findStage(llvm::StringRef text) {
  std::optional<Stage> named = stageOfDump(text);
  std::string input = "'" + invocation.input + "' is a dump of stage ";
  auto wrong = [&](const llvm::Twine &message) { return fail(SourceError, message) == Success; };
  if (named && invocation.from && *named != *invocation.from)
    return wrong(input + infoOf(*named).name + ", not " + infoOf(*invocation.from).name);
  if (named && !isModuleStage(*named))
    return wrong(input + infoOf(*named).name + ", which cannot be read back; nn to llvm can");
  from = invocation.from ? *invocation.from : named.value_or(Stage::ast);
  if (invocation.emit < from)
    return wrong("--emit=" + infoOf(invocation.emit).name + " is a stage before " +
                 infoOf(from).name + ", where the input starts");
  return true;
}

int Run::dump(Stage stage, llvm::function_ref<void(llvm::raw_ostream &)> print) {
  if (invocation.options.dumpFolder.empty())
    return Success;
  llvm::Error error = writeDump(stage, invocation.options.dumpFolder, print);
  return error ? fail(FileError, llvm::toString(std::move(error))) : int(Success);
}

int Run::readSource(unsigned buffer) {
  file = parseFile(sources, buffer, diagnostics);
  if (diagnostics.hasErrors())
    return SourceError;
  if (int status = dump(Stage::ast, [&](llvm::raw_ostream &out) { printFile(out); }))
    return status;
  if (writesTo(Stage::ast))
    return Success;
  module = translateToNN(*file, sources, diagnostics, context, invocation.options);
  if (diagnostics.hasErrors() || !module)
    return SourceError;
  if (failed(mlir::verify(*module)))
    return CompilerError;
  return dump(Stage::nn, [&](llvm::raw_ostream &out) { printDump(*module, Stage::nn, out); });
}

int Run::readModule(unsigned buffer) {
  mlir::ParserConfig config(&context);
  // Locations of the dump are those of the source; without them an error could not name a line.
  module = mlir::parseSourceString<mlir::ModuleOp>(sources.getMemoryBuffer(buffer)->getBuffer(),
                                                   config, invocation.input);
  return module && succeeded(checkDump(*module, from)) ? Success : SourceError;
}

/// A stage could not go on: what it met is in the source, or in a dump that was edited, or the
/// compiler made it itself.
int Run::failure() const {
  bool blamesInput = diagnostics.hasErrors() && !stageErrors->isInternal();
  return from != Stage::ast || blamesInput ? SourceError : CompilerError;
}

int Run::compile() {
  Stage last =
      invocation.report ? stageOf(*invocation.report) : std::min(invocation.emit, Stage::llvm);
  Stage first = from == Stage::ast ? Stage::nn : from;
  if (failed(runStages(*module, first, last, invocation.options, time)))
    return failure();
  if (invocation.report) {
    printReport(*module, *invocation.report, llvm::outs());
    return Success;
  }
  if (invocation.emit == Stage::exe)
    return writeExecutable();
  return write([&](llvm::raw_pwrite_stream &out) -> llvm::LogicalResult {
    mlir::TimingScope part = time.nest(invocation.emit > Stage::llvm ? "LLVM" : "printing");
    if (invocation.emit == Stage::object)
      return emitCode(*module, invocation.options, CodeKind::Object, out);
    if (invocation.emit == Stage::asm_)
      return emitCode(*module, invocation.options, CodeKind::Assembly, out);
    printDump(*module, invocation.emit, out);
    return llvm::success();
  });
}

int Run::run() {
  SourceDiagnosticHandler handler(context, sources, diagnostics, invocation.options.remarks);
  stageErrors = &handler;
  mlir::TimingScope part = time.nest("reading and checking");
  int status = readInput();
  part.stop();
  if (status == Success && !invocation.checkOnly)
    status = writesTo(Stage::ast) ? write([&](llvm::raw_pwrite_stream &out) {
      printFile(out);
      return llvm::success();
    })
                                  : compile();
  diagnostics.print(llvm::errs());
  return status;
}

} // namespace

int runInvocation(const Invocation &invocation) { return Run(invocation).run(); }

} // namespace nnc
