#include "compiler/Driver/SourceDiagnostics.h"
#include "mlir/IR/Location.h"

namespace nnc {

SourceDiagnosticHandler::SourceDiagnosticHandler(mlir::MLIRContext &context,
                                                 llvm::SourceMgr &sources, Diagnostics &diagnostics,
                                                 bool remarks)
    : mlir::ScopedDiagnosticHandler(&context), sources(sources), diagnostics(diagnostics),
      remarks(remarks) {
  setHandler([this](mlir::Diagnostic &diagnostic) { handle(diagnostic); });
}

/// The first place in a file that a location (fused, named, called) leads to.
static mlir::FileLineColLoc findFile(mlir::Location location) {
  mlir::FileLineColLoc found;
  location->walk([&](mlir::Location inner) {
    found = mlir::dyn_cast<mlir::FileLineColLoc>(inner);
    return found ? mlir::WalkResult::interrupt() : mlir::WalkResult::advance();
  });
  return found;
}

unsigned SourceDiagnosticHandler::bufferOf(llvm::StringRef file) {
  for (unsigned id = 1; id <= sources.getNumBuffers(); ++id)
    if (sources.getMemoryBuffer(id)->getBufferIdentifier() == file)
      return id;
  // The dump of a stage names its source; show the line if the source is still there.
  if (auto buffer = llvm::MemoryBuffer::getFile(file))
    return sources.AddNewSourceBuffer(std::move(*buffer), llvm::SMLoc());
  return 0;
}

SourceRange SourceDiagnosticHandler::rangeOf(mlir::Location location) {
  mlir::FileLineColLoc file = findFile(location);
  unsigned buffer = file ? bufferOf(file.getFilename().getValue()) : 0;
  if (!buffer)
    return {};
  llvm::SMLoc start =
      sources.FindLocForLineAndColumn(buffer, file.getLine(), std::max(1u, file.getColumn()));
  if (!start.isValid())
    return {};
  const char *end = start.getPointer();
  const char *last = sources.getMemoryBuffer(buffer)->getBufferEnd();
  while (end != last && *end != '\n')
    ++end;
  return {start, llvm::SMLoc::getFromPointer(end)};
}

void SourceDiagnosticHandler::handle(mlir::Diagnostic &diagnostic) {
  if (diagnostic.getSeverity() == mlir::DiagnosticSeverity::Remark && !remarks)
    return;
  SourceRange range = rangeOf(diagnostic.getLocation());
  std::string text = diagnostic.str();
  auto add = [&] {
    switch (diagnostic.getSeverity()) {
    case mlir::DiagnosticSeverity::Error:
      return diagnostics.error(Code::CompilerError, range, text);
    case mlir::DiagnosticSeverity::Warning:
      return diagnostics.warning(Code::CompilerWarning, range, text);
    default:
      return diagnostics.remark(Code::CompilerRemark, range, text);
    }
  };
  Diagnostics::Builder builder = add();
  for (mlir::Diagnostic &note : diagnostic.getNotes()) {
    SourceRange place = rangeOf(note.getLocation());
    place.isValid() ? builder.label(place, note.str()) : builder.note(note.str());
  }
}

} // namespace nnc
