/// Positions along tensor axes as linear forms of loop variables, so that layouts compose without
/// divisions and ranges are known.
#ifndef NNC_COMPILER_EMIT_ELEMENT_INDEX_H
#define NNC_COMPILER_EMIT_ELEMENT_INDEX_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace nnc {

/// offset + sum of factor * value, plus lane * l in lane l of a vector; or, where no such form
/// exists, `vector`: one position a lane (vector<W x i32>, or of i64 in a tensor of more elements
/// than that counts).
struct Index {
  struct Term {
    mlir::Value value; ///< of type index
    int64_t factor;
    int64_t min, max; ///< the value's range, both ends included
    bool operator==(const Term &) const = default;
  };
  llvm::SmallVector<Term, 2> terms;
  int64_t offset = 0;
  int64_t lane = 0;
  mlir::Value vector;

  Index() = default;
  Index(int64_t constant) : offset(constant) {}
  /// A variable in [min, max].
  Index(mlir::Value value, int64_t min, int64_t max) { terms.push_back({value, 1, min, max}); }

  /// The same position in every lane.
  bool isUniform() const { return lane == 0 && !vector; }
  std::optional<int64_t> constant() const {
    return terms.empty() && isUniform() ? std::optional<int64_t>(offset) : std::nullopt;
  }
  /// Smallest and largest position over all lanes of a vector of `width`; not for `vector`.
  int64_t min(unsigned width) const;
  int64_t max(unsigned width) const;
  /// This position with consecutive lanes `stride` apart.
  Index lanes(int64_t stride = 1) const {
    Index result = *this;
    result.lane = stride;
    return result;
  }
  bool operator==(const Index &) const = default;
};

/// Sums and multiples; neither operand may hold `vector`.
Index operator+(const Index &a, const Index &b);
Index operator*(const Index &a, int64_t factor);
inline Index operator-(const Index &a, const Index &b) { return a + b * -1; }

using Indices = llvm::SmallVector<Index, 4>;

} // namespace nnc

#endif
