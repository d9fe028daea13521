/// Source lines of an op from its (fused, named, called) locations.
#include "dialects/nn/IR/SourceLines.h"
#include "mlir/IR/Iterators.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace nnc::nn {

/// Lines that a description lists before it stops.
static constexpr size_t mostLines = 6;
/// The name of a location that an op only has of who reads it.
static constexpr llvm::StringLiteral usedBy = "used by";

static void collect(Location location, bool isGradient, SmallVectorImpl<SourceLine> &lines) {
  if (auto place = dyn_cast<FileLineColLoc>(location)) {
    bool isKnown = llvm::any_of(lines, [&](const SourceLine &line) {
      return line.isGradient == isGradient && line.place.getLine() == place.getLine() &&
             line.place.getFilename() == place.getFilename();
    });
    if (!isKnown)
      lines.push_back({place, isGradient});
  } else if (auto named = dyn_cast<NameLoc>(location)) {
    if (named.getName() != usedBy)
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

/// The location that an op without one is given, or null.
static Location locationOfUser(Operation *op) {
  auto isKnown = [](Location location) { return !isa<UnknownLoc>(location); };
  Operation *first = nullptr;
  for (Operation *user : op->getUsers())
    if (isKnown(user->getLoc()) &&
        (!first || (user->getBlock() == first->getBlock() && user->isBeforeInBlock(first))))
      first = user;
  if (!first && op->getParentOp() && isKnown(op->getParentOp()->getLoc()))
    first = op->getParentOp();
  if (!first)
    return op->getLoc();
  auto named = dyn_cast<NameLoc>(first->getLoc());
  if (named && named.getName() == usedBy)
    return named;
  return NameLoc::get(StringAttr::get(op->getContext(), usedBy), first->getLoc());
}

void giveLocations(Operation *root) {
  auto give = [](Operation *op) {
    if (isa<UnknownLoc>(op->getLoc()))
      op->setLoc(locationOfUser(op));
  };
  // Users before what they use; then from the outside in, for what only an op around it explains.
  root->walk<WalkOrder::PostOrder, ReverseIterator>(give);
  root->walk<WalkOrder::PreOrder>(give);
}

} // namespace nnc::nn
