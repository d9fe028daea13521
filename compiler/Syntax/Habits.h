/// What to say about words that are not of this language: habits of other languages and libraries,
/// and slips of the pen.
#ifndef NNC_COMPILER_SYNTAX_HABITS_H
#define NNC_COMPILER_SYNTAX_HABITS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace nnc {

/// Where the word stands.
enum class Habit : uint8_t {
  Statement, ///< at the start of a line: `return x`
  Operator,  ///< after a complete expression: `x is none`
  Name,      ///< as a value or function: `zeros(3)`
  Module,    ///< before a point: `torch.relu(x)`
  Type,      ///< as a type: `x: float`
  Member,    ///< after a point: `x.shape`
  Argument   ///< before `=` in a call: `keepdim = true`
};

/// What to write instead of a word that other languages have there; empty if nothing is known of
/// it.
llvm::StringRef habit(Habit where, llvm::StringRef word);

/// The candidate that `name` may be a slip of: a letter in three differs at most, and short names
/// are guessed at only if case alone differs. Empty if there is none.
llvm::StringRef nearestName(llvm::StringRef name, llvm::ArrayRef<llvm::StringRef> candidates);

} // namespace nnc

#endif
