/// What a compiled program needs: memory, parameters, arithmetic.
#ifndef NNC_COMPILER_REPORT_REPORT_H
#define NNC_COMPILER_REPORT_REPORT_H

#include "compiler/Stages/Stages.h"
#include "mlir/IR/BuiltinOps.h"

namespace nnc {

enum class Report { Memory, Parameters, Flops };

std::optional<Report> parseReport(llvm::StringRef name);
/// The stage whose IR the report is read from.
Stage stageOf(Report report);
/// Prints a table.
void printReport(mlir::ModuleOp module, Report report, llvm::raw_ostream &out);

/// Floating-point operations of one run of an op: two a multiply-add, one an element of elementwise
/// and reducing ops.
int64_t countFlops(mlir::Operation *op);

} // namespace nnc

#endif
