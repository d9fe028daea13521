/// What this CPU can run.
#include "runtime/base/Cpu.h"
#include "runtime/base/Error.h"

#include <map>

namespace nnrt {

namespace {

/// Whether this CPU and its system have a set of instructions; true of one that cannot be asked
/// for.
bool has(const std::string &set) {
#if defined(__x86_64__)
// The builtin takes literals only.
#define NNRT_SET(name) {name, __builtin_cpu_supports(name) != 0}
  static const std::map<std::string_view, bool> sets = {
      NNRT_SET("sse3"),         NNRT_SET("ssse3"),
      NNRT_SET("sse4.1"),       NNRT_SET("sse4.2"),
      NNRT_SET("popcnt"),       NNRT_SET("avx"),
      NNRT_SET("avx2"),         NNRT_SET("fma"),
      NNRT_SET("bmi"),          NNRT_SET("bmi2"),
      NNRT_SET("lzcnt"),        NNRT_SET("movbe"),
      NNRT_SET("f16c"),         NNRT_SET("sse4a"),
      NNRT_SET("gfni"),         NNRT_SET("avx512f"),
      NNRT_SET("avx512bw"),     NNRT_SET("avx512cd"),
      NNRT_SET("avx512dq"),     NNRT_SET("avx512vl"),
      NNRT_SET("avx512ifma"),   NNRT_SET("avx512vbmi"),
      NNRT_SET("avx512vbmi2"),  NNRT_SET("avx512vnni"),
      NNRT_SET("avx512bitalg"), NNRT_SET("avx512vpopcntdq"),
      NNRT_SET("avx512bf16"),   NNRT_SET("avx512fp16"),
      NNRT_SET("avxvnni")};
#undef NNRT_SET
  auto found = sets.find(set);
  return found == sets.end() || found->second;
#else
  return true;
#endif
}

/// The level of x86-64 that this CPU has, as nnc names it.
std::string levelOfCpu() {
  auto all = [](const std::vector<std::string> &sets) { return missingInstructions(sets).empty(); };
  if (!all({"sse3", "ssse3", "sse4.1", "sse4.2", "popcnt"}))
    return "x86-64";
  if (!all({"avx", "avx2", "fma", "bmi", "bmi2", "lzcnt", "movbe", "f16c"}))
    return "x86-64-v2";
  if (!all({"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}))
    return "x86-64-v3";
  return "x86-64-v4";
}

} // namespace

std::vector<std::string> missingInstructions(const std::vector<std::string> &sets) {
  std::vector<std::string> missing;
  for (const std::string &set : sets)
    if (!has(set))
      missing.push_back(set);
  return missing;
}

void checkCpu(const std::string &cpu, const std::vector<std::string> &instructions) {
  std::vector<std::string> missing = missingInstructions(instructions);
  if (missing.empty())
    return;
  fail(Exit::Cpu,
       "compiled for {}: expected a CPU with {}, found one without; compile with "
       "--mcpu={}",
       cpu, fmt::join(missing, ", "), levelOfCpu());
}

} // namespace nnrt
