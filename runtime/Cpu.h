/// Whether this CPU can run what was compiled, perhaps on another one.
#pragma once

#include "runtime/Program.h"

namespace nnrt {

/// Fails, before any compiled code runs, where an instruction set is missing.
void checkCpu(const Program &program);
/// Those of the sets that this CPU lacks.
std::vector<std::string> missingInstructions(const std::vector<std::string> &sets);

} // namespace nnrt
