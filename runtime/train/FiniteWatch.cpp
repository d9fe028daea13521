/// Looks at what kernels read and write when a failed step is run again.
#include "runtime/train/FiniteWatch.h"
#include "runtime/base/Error.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace nnrt {

using nlohmann::json;

FiniteWatch::FiniteWatch(DType real, const char *text) : real(real) {
  try {
    json root = json::parse(text);
    for (const json &kernel : root.at("kernels"))
      kernels.push_back({kernel.at("name"), kernel.at("uses"),
                         kernel.at("counts").get<std::vector<int64_t>>(), kernel.at("infinite")});
    for (const json &launch : root.at("launches"))
      launches.push_back({launch.at("kernel"), launch.at("lines")});
  } catch (const json::exception &error) {
    fail(Exit::Usage, "list of launches: {}", error.what());
  }
}

FiniteWatch::Contents FiniteWatch::look(int64_t launch, void *const *args,
                                        std::string_view uses) const {
  Contents found;
  const Kernel &kernel = kernels.at(launches.at(size_t(launch)).kernel);
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
  const Kernel &kernel = kernels.at(launches.at(size_t(launch)).kernel);
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
    const Launch &place = launches[size_t(*launch)];
    text += fmt::format("{}first {} in {} (kernel {})", text.empty() ? "" : ", ", what,
                        place.lines.empty() ? "an unknown line" : place.lines,
                        kernels[place.kernel].name);
  };
  add(firstInfinite, "infinite");
  add(firstNan, "NaN");
  return text;
}

} // namespace nnrt
