/// What the compiler knows of the processor: one record, from --mcpu or the host.
#ifndef NNC_COMPILER_TARGET_TARGET_H
#define NNC_COMPILER_TARGET_TARGET_H

#include "mlir/IR/Types.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>
#include <string>

namespace nnc {

/// Inputs of every cost model. Filled from tables by processor name, never measured, so that the
/// same --mcpu gives the same code (and the same order of sums) everywhere.
struct Target {
  std::string cpu = "x86-64";
  /// All that it has, and for the host what it has not: "+avx,-avx512f", as LLVM takes them.
  std::string features;
  unsigned vectorBits = 128;
  unsigned vectorRegisters = 16;
  unsigned fmaPerCycle = 2;
  unsigned fmaLatency = 4;
  bool hasFma = false;
  int64_t l1Bytes = 32 << 10;
  int64_t l2Bytes = 512 << 10;
  /// Threads that a split of work should be able to feed; results never depend on it.
  unsigned cores = 16;

  /// Elements of `type` in one vector register; 1-bit and 8-bit elements count as 32-bit ones.
  unsigned lanes(mlir::Type type) const;
  unsigned lanesOfBytes(unsigned bytes) const { return vectorBits / 8 / bytes; }

  /// Whether it has a set of instructions, as LLVM names it.
  bool has(llvm::StringRef feature) const;

  /// Why there is no code for a CPU of this name, and the nearest name; nothing if there is.
  static std::optional<std::string> refuse(llvm::StringRef cpu);
  /// `cpu` as LLVM names it (znver4, x86-64-v3, ...; "native" is the host); `features` as in
  /// -mattr, added to the processor's own.
  static Target forCpu(llvm::StringRef cpu, llvm::StringRef features = "");
};

} // namespace nnc

#endif
