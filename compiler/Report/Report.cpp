/// What --report prints: bytes, parameters, operations.
#include "compiler/Report/Report.h"
#include "dialects/learn/IR/Learn.h"
#include "dialects/sched/IR/Sched.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/Format.h"
#include <map>

namespace nnc {
namespace {

/// Bytes of a tensor or buffer, on lines of the cache. A boolean is one byte.
int64_t bytesOf(mlir::Type type) {
  auto shaped = mlir::cast<mlir::ShapedType>(type);
  int64_t bits = std::max(8u, shaped.getElementTypeBitWidth());
  return llvm::alignTo<64>(shaped.getNumElements() * bits / 8);
}

learn::ProgramOp findProgram(mlir::ModuleOp module) {
  auto programs = module.getOps<learn::ProgramOp>();
  return programs.empty() ? learn::ProgramOp() : *programs.begin();
}

/// Bytes of all parameters, or of all states.
template <typename Variable> int64_t variableBytes(learn::ProgramOp program) {
  int64_t bytes = 0;
  if (program)
    for (Variable variable : program.getOps<Variable>())
      bytes += bytesOf(variable.getType());
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
                     llvm::ArrayRef<learn::ArgKind> kinds, bool shared) {
  std::map<std::tuple<llvm::StringRef, learn::ArgKind, llvm::StringRef>, int64_t> bytes;
  for (auto function : module.getOps<mlir::func::FuncOp>()) {
    bool isMeant = llvm::any_of(
        prefixes, [&](llvm::StringRef prefix) { return function.getName().starts_with(prefix); });
    if (!isMeant)
      continue;
    for (const learn::Binding &binding : learn::bindingsOf(function)) {
      if (!llvm::is_contained(kinds, binding.kind))
        continue;
      int64_t &slot = bytes[{shared ? "" : function.getName(), binding.kind, binding.name}];
      slot = std::max(slot, bytesOf(binding.type));
    }
  }
  int64_t total = 0;
  for (auto &[key, size] : bytes)
    total += size;
  return total;
}

void printMemory(mlir::ModuleOp module, llvm::raw_ostream &out) {
  int64_t arena = 0, scratch = 0;
  for (auto function : module.getOps<mlir::func::FuncOp>())
    arena = std::max(arena, learn::arenaBytes(function).value_or(0));
  module.walk(
      [&](sched::LaunchOp launch) { scratch = std::max<int64_t>(scratch, launch.getScratch()); });
  learn::ProgramOp program = findProgram(module);
  int64_t parameters = variableBytes<learn::ParamOp>(program);
  int64_t states = variableBytes<learn::StateOp>(program);
  using learn::ArgKind;
  int64_t gradients = bindingBytes(module, {"grad.", "update."},
                                   {ArgKind::gradient, ArgKind::state_out}, /*shared=*/true);
  int64_t batches = bindingBytes(module, {"grad."}, {ArgKind::input}, /*shared=*/true) +
                    bindingBytes(module, {"eval.", "load."}, {ArgKind::input, ArgKind::field},
                                 /*shared=*/false);
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
  int64_t total = 0;
  auto print = [&](learn::ParamOp param) {
    auto type = mlir::cast<mlir::ShapedType>(param.getType());
    std::string shape;
    for (int64_t size : type.getShape())
      shape += (shape.empty() ? "" : " x ") + std::to_string(size);
    out << llvm::left_justify(param.getSymName(), 44) << llvm::left_justify(shape, 20)
        << llvm::format("%12lld\n", (long long)type.getNumElements());
    total += type.getNumElements();
  };
  if (learn::ProgramOp program = findProgram(module))
    llvm::for_each(program.getOps<learn::ParamOp>(), print);
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
