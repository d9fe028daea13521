/// Caches, registers and units of processors by their names.
#include "compiler/Target/Target.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/X86TargetParser.h"

using namespace llvm;

namespace nnc {

unsigned Target::lanes(mlir::Type type) const {
  return vectorBits / std::max(32u, type.isIndex() ? 64u : type.getIntOrFloatBitWidth());
}

/// Caches and FMA units by processor family; what is not listed keeps the record's defaults.
static void fillFromTable(Target &target) {
  StringRef cpu = target.cpu;
  if (cpu == "znver4" || cpu == "znver5") {
    target.l2Bytes = 1 << 20;
    target.fmaPerCycle = cpu == "znver5" ? 2 : 1;
    target.l1Bytes = cpu == "znver5" ? 48 << 10 : 32 << 10;
  } else if (cpu.starts_with("skylake-avx512") || cpu == "cascadelake" || cpu == "icelake-server") {
    target.l2Bytes = 1 << 20;
  } else if (cpu == "sapphirerapids" || cpu == "emeraldrapids" || cpu == "graniterapids") {
    target.l1Bytes = 48 << 10;
    target.l2Bytes = 2 << 20;
  }
}

static void fillFromFeatures(Target &target) {
  target.hasFma = target.has("fma");
  if (target.has("avx512f") && target.has("avx512vl") && target.has("avx512bw") &&
      target.has("avx512dq")) {
    target.vectorBits = 512;
    target.vectorRegisters = 32;
  } else if (target.has("avx2")) {
    target.vectorBits = 256;
  }
}

bool Target::has(StringRef feature) const {
  return is_contained(split(features, ','), "+" + feature.str());
}

std::optional<std::string> Target::refuse(StringRef cpu) {
  if (cpu == "native" || X86::parseArchX86(cpu, /*Only64Bit=*/true) != X86::CK_None)
    return std::nullopt;
  if (X86::parseArchX86(cpu) != X86::CK_None)
    return "'" + cpu.str() + "' has no 64-bit code";
  SmallVector<StringRef> names{"native"};
  X86::fillValidCPUArchList(names, /*Only64Bit=*/true);
  auto distance = [&](StringRef name) { return cpu.edit_distance_insensitive(name); };
  StringRef nearest = *llvm::min_element(
      names, [&](StringRef a, StringRef b) { return distance(a) < distance(b); });
  std::string reason = "there is no CPU '" + cpu.str() + "'; ";
  if (distance(nearest) <= std::max<size_t>(1, cpu.size() / 3))
    return reason + "did you mean '" + nearest.str() + "'?";
  return reason + "names are as LLVM spells them: x86-64-v3, znver4, skylake-avx512, native, ...";
}

Target Target::forCpu(StringRef cpu, StringRef extra) {
  Target target;
  StringMap<bool> features;
  if (cpu == "native" || cpu.empty()) {
    target.cpu = sys::getHostCPUName().str();
    features = sys::getHostCPUFeatures();
  } else {
    target.cpu = cpu.str();
    SmallVector<StringRef> names;
    X86::getFeaturesForCPU(cpu, names);
    for (StringRef name : names) {
      features[name] = true;
      X86::updateImpliedFeatures(name, true,
                                 features); // The table of x86-64-v4 leaves out avx512f.
    }
  }
  SmallVector<StringRef> changes;
  extra.split(changes, ',', -1, false);
  for (StringRef change : changes)
    features[change.ltrim("+-")] = !change.starts_with("-");
  SmallVector<std::string> list;
  for (auto &feature : features)
    list.push_back((feature.second ? "+" : "-") + feature.first().str());
  llvm::sort(list);
  target.features = llvm::join(list, ",");
  fillFromFeatures(target);
  fillFromTable(target);
  return target;
}

} // namespace nnc
