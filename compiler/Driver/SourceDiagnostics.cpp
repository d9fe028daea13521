/// MLIR's diagnostics in the layout of the compiler's own.
#include "compiler/Driver/SourceDiagnostics.h"
#include "dialects/nn/IR/SourceLines.h"
#include "llvm/ADT/StringExtras.h"

namespace nnc {

SourceDiagnosticHandler::SourceDiagnosticHandler(mlir::MLIRContext &context,
                                                 llvm::SourceMgr &sources, Diagnostics &diagnostics,
                                                 bool remarks)
    : mlir::ScopedDiagnosticHandler(&context), sources(sources), diagnostics(diagnostics),
      remarks(remarks) {
  setHandler([this](mlir::Diagnostic &diagnostic) { handle(diagnostic); });
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
  mlir::FileLineColLoc file = nn::findSourceLine(location);
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

bool SourceDiagnosticHandler::isNews(SourceRange range, std::string text) {
  text.resize(std::min(text.size(), text.find(';'))); // Then come the numbers.
  std::erase_if(text, [](char c) { return llvm::isDigit(c); });
  return said.insert({range.begin.getPointer(), std::move(text)}).second;
}

void SourceDiagnosticHandler::handle(mlir::Diagnostic &diagnostic) {
  bool isRemark = diagnostic.getSeverity() == mlir::DiagnosticSeverity::Remark;
  if (isRemark && !remarks)
    return;
  SourceRange range = rangeOf(diagnostic.getLocation());
  std::string text = diagnostic.str();
  if (isRemark && !isNews(range, text))
    return;
  // The form of Operation::emitOpError.
  internal |= diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error &&
              llvm::StringRef(text).starts_with("'") && llvm::StringRef(text).contains("' op ");
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
