/// The rows of Habits.def, looked up by word.
#include "compiler/Syntax/Habits.h"

namespace nnc {

namespace {
struct Row {
  Habit where;
  llvm::StringRef word, help;
};
} // namespace

static constexpr Row rows[] = {
#define NNC_HABIT(WHERE, WORD, HELP) {Habit::WHERE, WORD, HELP},
#include "compiler/Syntax/Habits.def"
};

llvm::StringRef habit(Habit where, llvm::StringRef word) {
  for (const Row &row : rows)
    if (row.where == where && row.word == word)
      return row.help;
  return {};
}

llvm::StringRef nearestName(llvm::StringRef name, llvm::ArrayRef<llvm::StringRef> candidates) {
  unsigned limit = name.size() / 3, best = 0;
  llvm::StringRef nearest;
  for (llvm::StringRef candidate : candidates) {
    // A limit of 0 would mean none.
    unsigned distance = name.edit_distance_insensitive(candidate, true, std::max(limit, 1u));
    if (distance > limit || (distance && candidate.size() < 3))
      continue;
    if (nearest.empty() || distance < best || (distance == best && candidate < nearest)) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

} // namespace nnc
