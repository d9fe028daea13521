/// Loop nests over boxes of positions, split into tasks.
#ifndef NNC_COMPILER_EMIT_LOOPS_NEST_H
#define NNC_COMPILER_EMIT_LOOPS_NEST_H

#include "compiler/Emit/Element/Kernel.h"

namespace nnc {

/// Visits every position of a box, in vectors along one axis.
struct Nest {
  llvm::ArrayRef<int64_t> shape = {};
  /// The axis of the lanes; none: one position at a time.
  std::optional<unsigned> laneAxis = {};
  unsigned lanes = 1;
  /// Vectors side by side along the lane axis that one visit gets.
  unsigned group = 1;
  /// Elements computed a position: what tasks are sized by.
  int64_t work = 1;
  /// False: everything in one task.
  bool parallel = true;

  /// One visit: `group` or fewer vectors of positions; the emitter's width is set.
  using Visit = llvm::function_ref<void(llvm::ArrayRef<Indices>)>;
  void emit(ElementEmitter &emitter, Visit visit);
};

/// Elements that a task should have at least.
inline constexpr int64_t taskWork = 16384;

/// Exact pieces of n positions: whole vectors, then halves, quarters .. of one.
struct Piece {
  int64_t first;
  unsigned width;
};
llvm::SmallVector<Piece> tailPieces(int64_t first, int64_t last, unsigned lanes);
/// The largest power of two up to n.
inline unsigned powerOfTwoUpTo(int64_t n) {
  return n < 2 ? 1 : 2 * powerOfTwoUpTo(std::min<int64_t>(n, 1 << 30) / 2);
}

} // namespace nnc

#endif
