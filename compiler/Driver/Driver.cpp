#include "compiler/Driver/Driver.h"
#include "compiler/ASTToNN/Translate.h"
#include "compiler/Driver/SourceDiagnostics.h"
#include "compiler/LLVM/Link.h"
#include "compiler/LLVM/Object.h"
#include "compiler/Pipeline/Pipeline.h"
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
  int readSource(unsigned buffer);
  int readModule(unsigned buffer);
  int compile();
  int write(llvm::function_ref<llvm::LogicalResult(llvm::raw_pwrite_stream &)> print);
  int writeObjects(std::vector<std::string> &objects,
                   llvm::SmallVectorImpl<std::unique_ptr<llvm::FileRemover>> &removers);
  int writeExecutable();
  std::string outputName() const;
  bool writesTo(Stage stage) const { return invocation.emit == stage && !invocation.checkOnly; }

  const Invocation &invocation;
  llvm::SourceMgr sources;
  Diagnostics diagnostics;
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::unique_ptr<ast::File> file;
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
    return CompilerError;
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
  CodeOptions code{invocation.options.cpu, invocation.options.optimize};
  if (failed(emitObjects(*module, code, outs)))
    return CompilerError;
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
  if (llvm::Error error = linkExecutable(objects, invocation.runtime, name))
    return fail(FileError, llvm::toString(std::move(error)));
  return Success;
}

int Run::readInput() {
  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(invocation.input, /*IsText=*/true);
  if (!buffer)
    return fail(FileError,
                "cannot read '" + invocation.input + "': " + buffer.getError().message());
  unsigned id = sources.AddNewSourceBuffer(std::move(*buffer), llvm::SMLoc());
  return invocation.from == Stage::ast ? readSource(id) : readModule(id);
}

int Run::readSource(unsigned buffer) {
  file = parseFile(sources, buffer, diagnostics);
  if (diagnostics.hasErrors() || writesTo(Stage::ast))
    return diagnostics.hasErrors() ? SourceError : Success;
  module = translateToNN(*file, sources, diagnostics, context, invocation.options);
  if (diagnostics.hasErrors() || !module)
    return SourceError;
  return succeeded(mlir::verify(*module)) ? Success : CompilerError;
}

int Run::readModule(unsigned buffer) {
  mlir::ParserConfig config(&context);
  // Locations of the dump are those of the source; without them an error could not name a line.
  module = mlir::parseSourceString<mlir::ModuleOp>(sources.getMemoryBuffer(buffer)->getBuffer(),
                                                   config, invocation.input);
  return module ? Success : SourceError;
}

int Run::compile() {
  Stage last =
      invocation.report ? stageOf(*invocation.report) : std::min(invocation.emit, Stage::llvm);
  Stage first = invocation.from == Stage::ast ? Stage::nn : invocation.from;
  if (failed(runStages(*module, first, last, invocation.options)))
    return diagnostics.hasErrors() ? SourceError : CompilerError;
  if (invocation.report) {
    printReport(*module, *invocation.report, llvm::outs());
    return Success;
  }
  CodeOptions code{invocation.options.cpu, invocation.options.optimize};
  if (invocation.emit == Stage::exe)
    return writeExecutable();
  return write([&](llvm::raw_pwrite_stream &out) -> llvm::LogicalResult {
    if (invocation.emit == Stage::object)
      return emitCode(*module, code, CodeKind::Object, out);
    if (invocation.emit == Stage::asm_)
      return emitCode(*module, code, CodeKind::Assembly, out);
    mlir::OpPrintingFlags flags;
    module->print(out, flags.enableDebugInfo(true, /*prettyForm=*/false));
    return llvm::success();
  });
}

int Run::run() {
  SourceDiagnosticHandler handler(context, sources, diagnostics, invocation.options.remarks);
  int status = readInput();
  if (status == Success && !invocation.checkOnly)
    status = writesTo(Stage::ast) ? write([&](llvm::raw_pwrite_stream &out) {
      printAST(*file, out);
      return llvm::success();
    })
                                  : compile();
  diagnostics.print(llvm::errs());
  return status;
}

} // namespace

int runInvocation(const Invocation &invocation) { return Run(invocation).run(); }

} // namespace nnc
