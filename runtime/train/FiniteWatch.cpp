/// Looks at what kernels read and write when a failed step is run again.
#include "runtime/train/FiniteWatch.h"

#include <cmath>

namespace nnrt {

FiniteWatch::FiniteWatch(DType real, const char *text)
    : real(real), launches(parseLaunches(text)) {}

const KernelUse &FiniteWatch::kernelOf(int64_t launch) const {
  return launches.kernels[launches.launches.at(size_t(launch)).kernel];
}

FiniteWatch::Contents FiniteWatch::look(int64_t launch, void *const *args,
                                        std::string_view uses) const {
  Contents found;
  const KernelUse &kernel = kernelOf(launch);
  for (size_t k = 0; k < kernel.counts.size() && k < kernel.uses.size(); ++k) {
    if (uses.find(kernel.uses[k]) == std::string_view::npos)
      continue;
    for (int64_t i = 0; i < kernel.counts[k]; ++i) {
      double value = load(real, args[k], i);
      found.nan |= std::isnan(value);
      found.infinite |= std::isinf(value);
    }
  }
  return found;
}

void FiniteWatch::before(int64_t launch, void *const *args) { read = look(launch, args, "rx"); }

void FiniteWatch::after(int64_t launch, void *const *args) {
  Contents written = look(launch, args, "wx");
  const KernelUse &kernel = kernelOf(launch);
  // What follows the first NaN is its consequence.
  if (firstNan)
    return;
  if (written.nan && !read.nan)
    firstNan = launch;
  else if (written.infinite && !read.infinite && !read.nan && !kernel.infinite && !firstInfinite)
    firstInfinite = launch;
}

std::string FiniteWatch::finding() const {
  std::string text;
  auto add = [&](const std::optional<int64_t> &launch, const char *what) {
    if (!launch)
      return;
    const std::string &lines = launches.launches[size_t(*launch)].lines;
    text += fmt::format("{}first {} in {} (kernel {})", text.empty() ? "" : ", ", what,
                        lines.empty() ? "an unknown line" : lines, kernelOf(*launch).name);
  };
  add(firstInfinite, "infinite");
  add(firstNan, "NaN");
  return text;
}

} // namespace nnrt
