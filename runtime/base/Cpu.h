/// Whether this CPU can run what was compiled, perhaps on another one.
#ifndef NNC_RUNTIME_BASE_CPU_H
#define NNC_RUNTIME_BASE_CPU_H

#include <string>
#include <vector>

namespace nnrt {

/// Fails, before any compiled code runs, where one of the instruction sets is missing that a
/// program compiled for `cpu` uses.
void checkCpu(const std::string &cpu, const std::vector<std::string> &instructions);
/// Those of the sets that this CPU lacks.
std::vector<std::string> missingInstructions(const std::vector<std::string> &sets);

} // namespace nnrt

#endif
