/// Errors, warnings and remarks of MLIR passes in the layout of the compiler's own diagnostics.
#ifndef NNC_COMPILER_DRIVER_SOURCEDIAGNOSTICS_H
#define NNC_COMPILER_DRIVER_SOURCEDIAGNOSTICS_H

#include "compiler/Syntax/Diagnostics.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/SourceMgr.h"
#include <set>

namespace nnc {

/// While alive, turns what passes emit at locations of source files into Diagnostics.
class SourceDiagnosticHandler : public mlir::ScopedDiagnosticHandler {
public:
  /// Remarks are dropped unless they were asked for.
  SourceDiagnosticHandler(mlir::MLIRContext &context, llvm::SourceMgr &sources,
                          Diagnostics &diagnostics, bool remarks);

  /// True once an op has failed its own checks, which no source can make it do.
  bool isInternal() const { return internal; }

private:
  void handle(mlir::Diagnostic &diagnostic);
  /// The stretch of source that a location names; invalid if there is none.
  SourceRange rangeOf(mlir::Location location);
  bool isNews(SourceRange range, std::string text);
  unsigned bufferOf(llvm::StringRef file);

  llvm::SourceMgr &sources;
  Diagnostics &diagnostics;
  bool remarks, internal = false;
  /// Remarks by place and what they say, without numbers: one body is compiled for several batch
  /// sizes, and a reader wants to be told once.
  std::set<std::pair<const char *, std::string>> said;
};

} // namespace nnc

#endif
