/// Source lines of an op from its (fused, named, called) locations.
#include "dialects/nn/IR/SourceLines.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace nnc::nn {

/// Lines that a description lists before it stops.
static constexpr size_t mostLines = 6;

static void collect(Location location, bool isGradient, SmallVectorImpl<SourceLine> &lines) {
  if (auto place = dyn_cast<FileLineColLoc>(location)) {
    bool isKnown = llvm::any_of(lines, [&](const SourceLine &line) {
      return line.isGradient == isGradient && line.place.getLine() == place.getLine() &&
             line.place.getFilename() == place.getFilename();
    });
    if (!isKnown)
      lines.push_back({place, isGradient});
  } else if (auto named = dyn_cast<NameLoc>(location)) {
    collect(named.getChildLoc(), isGradient || named.getName() == "gradient of", lines);
  } else if (auto call = dyn_cast<CallSiteLoc>(location)) {
    bool isKnown = bool(findSourceLine(call.getCaller()));
    collect(isKnown ? call.getCaller() : call.getCallee(), isGradient, lines);
  } else if (auto fused = dyn_cast<FusedLoc>(location)) {
    for (Location part : fused.getLocations())
      collect(part, isGradient, lines);
  }
}

SmallVector<SourceLine> sourceLinesOf(Location location) {
  SmallVector<SourceLine> lines;
  collect(location, false, lines);
  return lines;
}

FileLineColLoc findSourceLine(Location location) {
  SmallVector<SourceLine> lines = sourceLinesOf(location);
  return lines.empty() ? FileLineColLoc() : lines.front().place;
}

std::string describeLines(Location location) {
  SmallVector<SourceLine> all = sourceLinesOf(location), lines;
  for (bool isGradient : {false, true}) // What is computed first, then what is derived.
    llvm::copy_if(all, std::back_inserter(lines),
                  [&](const SourceLine &line) { return line.isGradient == isGradient; });
  std::string text;
  for (auto [k, line] : llvm::enumerate(lines)) {
    const SourceLine *before = k > 0 ? &lines[k - 1] : nullptr;
    text += before ? ", " : "";
    if (k == mostLines)
      return text + "...";
    bool goesOn = before && before->isGradient == line.isGradient &&
                  before->place.getFilename() == line.place.getFilename();
    if (!goesOn) {
      text += line.isGradient ? "gradient of " : "";
      text += llvm::sys::path::filename(line.place.getFilename().getValue()).str() + ":";
    }
    text += std::to_string(line.place.getLine());
  }
  return text;
}

} // namespace nnc::nn
