/// What --report prints: bytes, parameters, operations.
#include "compiler/Report/Report.h"
#include "dialects/learn/IR/Learn.h"
#include "dialects/sched/IR/Sched.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/Format.h"

namespace nnc {
namespace {

int64_t elementBytes(llvm::StringRef dtype) {
  return dtype == "bool" ? 1 : dtype == "f64" || dtype == "i64" ? 8 : 4;
}

int64_t countElements(mlir::DictionaryAttr entry) {
  int64_t count = 1;
  for (mlir::Attribute size : entry.getAs<mlir::ArrayAttr>("shape"))
    count *= mlir::cast<mlir::IntegerAttr>(size).getInt();
  return count;
}

learn::ProgramOp findProgram(mlir::ModuleOp module) {
  auto programs = module.getOps<learn::ProgramOp>();
  return programs.empty() ? learn::ProgramOp() : *programs.begin();
}

/// Bytes of the entries of a list ("params", "states") of the program.
int64_t listBytes(mlir::ModuleOp module, llvm::StringRef list) {
  int64_t bytes = 0;
  if (learn::ProgramOp program = findProgram(module))
    if (auto entries = program.getValue().getAs<mlir::ArrayAttr>(list))
      for (mlir::Attribute entry : entries) {
        auto dictionary = mlir::cast<mlir::DictionaryAttr>(entry);
        bytes +=
            llvm::alignTo<64>(countElements(dictionary) *
                              elementBytes(dictionary.getAs<mlir::StringAttr>("dtype").getValue()));
      }
  return bytes;
}

void printLine(llvm::raw_ostream &out, llvm::StringRef what, int64_t bytes) {
  out << llvm::left_justify(what, 28)
      << llvm::format("%14lld bytes %10.2f MB\n", (long long)bytes, bytes / 1e6);
}

/// Buffers that the runtime holds for arguments of functions, on lines of the cache: each name once
/// for all functions that share buffers. Those of training steps do; an evaluation and a loader
/// have their own.
int64_t bindingBytes(mlir::ModuleOp module, llvm::ArrayRef<llvm::StringRef> prefixes,
                     llvm::ArrayRef<llvm::StringRef> kinds, bool shared) {
  llvm::StringMap<int64_t> bytes;
  for (auto function : module.getOps<mlir::func::FuncOp>()) {
    auto arguments = function->getAttrOfType<mlir::ArrayAttr>("learn.args");
    bool isMeant = llvm::any_of(
        prefixes, [&](llvm::StringRef prefix) { return function.getName().starts_with(prefix); });
    if (!arguments || !isMeant)
      continue;
    for (mlir::Attribute attribute : arguments) {
      auto entry = mlir::cast<mlir::DictionaryAttr>(attribute);
      llvm::StringRef kind = entry.getAs<mlir::StringAttr>("kind").getValue();
      if (!llvm::is_contained(kinds, kind))
        continue;
      int64_t size = llvm::alignTo<64>(
          countElements(entry) * elementBytes(entry.getAs<mlir::StringAttr>("dtype").getValue()));
      llvm::StringRef owner = shared ? "" : function.getName();
      int64_t &slot =
          bytes[(owner + "/" + kind + "/" + entry.getAs<mlir::StringAttr>("name").getValue())
                    .str()];
      slot = std::max(slot, size);
    }
  }
  int64_t total = 0;
  for (auto &entry : bytes)
    total += entry.second;
  return total;
}

void printMemory(mlir::ModuleOp module, llvm::raw_ostream &out) {
  int64_t arena = 0, scratch = 0;
  for (auto function : module.getOps<mlir::func::FuncOp>())
    if (auto bytes = function->getAttrOfType<mlir::IntegerAttr>("nn.arena_bytes"))
      arena = std::max(arena, bytes.getInt());
  module.walk(
      [&](sched::LaunchOp launch) { scratch = std::max<int64_t>(scratch, launch.getScratch()); });
  int64_t parameters = listBytes(module, "params"), states = listBytes(module, "states");
  int64_t gradients =
      bindingBytes(module, {"grad.", "update."}, {"gradient", "state_out"}, /*shared=*/true);
  int64_t batches = bindingBytes(module, {"grad."}, {"input"}, /*shared=*/true) +
                    bindingBytes(module, {"eval.", "load."}, {"input", "field"}, /*shared=*/false);
  printLine(out, "parameters", parameters);
  printLine(out, "running and optimiser state", states);
  printLine(out, "gradients", gradients);
  printLine(out, "batches", batches);
  printLine(out, "arena (intermediate values)", arena);
  printLine(out, "scratch of each thread", scratch);
  int64_t common = parameters + states + gradients + batches + arena;
  printLine(out, "total, 1 thread", common + scratch);
  printLine(out, "total, 2 threads", common + 2 * scratch);
  out << "Rows of data come on top; a training prints how much.\n";
}

void printParameters(mlir::ModuleOp module, llvm::raw_ostream &out) {
  learn::ProgramOp program = findProgram(module);
  int64_t total = 0;
  for (mlir::Attribute attribute :
       program ? program.getValue().getAs<mlir::ArrayAttr>("params").getValue()
               : llvm::ArrayRef<mlir::Attribute>()) {
    auto entry = mlir::cast<mlir::DictionaryAttr>(attribute);
    std::string shape;
    for (mlir::Attribute size : entry.getAs<mlir::ArrayAttr>("shape"))
      shape += (shape.empty() ? "" : " x ") +
               std::to_string(mlir::cast<mlir::IntegerAttr>(size).getInt());
    out << llvm::left_justify(entry.getAs<mlir::StringAttr>("name").getValue(), 44)
        << llvm::left_justify(shape, 20)
        << llvm::format("%12lld\n", (long long)countElements(entry));
    total += countElements(entry);
  }
  out << llvm::left_justify("total", 64) << llvm::format("%12lld\n", (long long)total);
}

void printFlops(mlir::ModuleOp module, llvm::raw_ostream &out) {
  for (auto function : module.getOps<mlir::func::FuncOp>()) {
    int64_t total = 0;
    for (mlir::Operation &op : function.getBody().getOps())
      total += countFlops(&op);
    out << llvm::left_justify(function.getName(), 32)
        << llvm::format("%16lld flop %10.3f GFLOP\n", (long long)total, total / 1e9);
  }
}

} // namespace

std::optional<Report> parseReport(llvm::StringRef name) {
  return llvm::StringSwitch<std::optional<Report>>(name)
      .Case("memory", Report::Memory)
      .Case("params", Report::Parameters)
      .Case("flops", Report::Flops)
      .Default(std::nullopt);
}

Stage stageOf(Report report) {
  return report == Report::Memory  ? Stage::loops
         : report == Report::Flops ? Stage::fused
                                   : Stage::nn;
}

int64_t countFlops(mlir::Operation *op) {
  if (auto arithmetic = mlir::dyn_cast<nn::Arithmetic>(op))
    return arithmetic.countOperations();
  int64_t inner = 0;
  for (mlir::Region &region : op->getRegions())
    for (mlir::Operation &child : region.getOps())
      inner += countFlops(&child);
  if (auto loop = mlir::dyn_cast<sched::LoopOp>(op))
    return inner * static_cast<int64_t>(loop.getLength());
  return inner;
}

void printReport(mlir::ModuleOp module, Report report, llvm::raw_ostream &out) {
  switch (report) {
  case Report::Memory:
    return printMemory(module, out);
  case Report::Parameters:
    return printParameters(module, out);
  case Report::Flops:
    return printFlops(module, out);
  }
}

} // namespace nnc
