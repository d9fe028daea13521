/// Names that nn-lower-launch leaves for nn-finish-program.
#ifndef NNC_COMPILER_LLVM_LAUNCH_H
#define NNC_COMPILER_LLVM_LAUNCH_H

#include "llvm/ADT/StringRef.h"
#include <string>

namespace nnc {

inline constexpr llvm::StringLiteral kLaunchKernel = "nnc.kernel";
inline constexpr llvm::StringLiteral kLaunchTasks = "nnc.tasks";
inline constexpr llvm::StringLiteral kFunctions = "nnc.functions";
inline constexpr llvm::StringLiteral kProgram = "nnc.program";
inline constexpr llvm::StringLiteral kLaunches = "nnc.launches";

/// One launch function for each kernel and number of tasks.
inline std::string launchName(llvm::StringRef kernel, uint64_t tasks) {
  return "launch." + kernel.str() + "." + std::to_string(tasks);
}

} // namespace nnc

#endif
