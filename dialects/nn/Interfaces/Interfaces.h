/// What tensor ops say about themselves: costs, axes, memory, derivatives.
#ifndef NNC_DIALECTS_NN_INTERFACES_INTERFACES_H
#define NNC_DIALECTS_NN_INTERFACES_INTERFACES_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpDefinition.h"

#include <optional>

namespace nnc::nn {

/// The work that an element of a result is.
enum class Cost {
  free,       ///< moved, repeated, counted or known: an index of the operand, or none
  choice,     ///< taken from one of several sources, by its index
  lookup,     ///< at an index that is read at run time
  arithmetic, ///< an instruction or a few
  division,   ///< a slow instruction: division, square root
  function,   ///< tens of instructions
  random,     ///< as a function, made from a counter alone
  many        ///< a sum or a search of many elements, or a whole region
};

/// What a derivative meets where an element is extreme. `finite` and what stands before it are
/// ordinary as long as the elements are.
enum class Slope {
  constant,  ///< does not depend on the elements; 0 times it is 0
  choice,    ///< 0 or 1: elements of an operand may be left out of the result
  finite,    ///< depends on the elements
  root,      ///< no number for some elements, the result too or finite
  infinite,  ///< infinite, or the result is, for some elements
  weights,   ///< of a row that is normalised: its elements of minus infinity are ordinary
  logWeights ///< as weights, with results of minus infinity
};

/// Where the elements of a tensor lie: element (i0, i1, ..) at offset + sum of strides[k] * i_k,
/// and a stride times an index for each index that is read at run time.
struct Layout {
  struct RunTimeIndex {
    mlir::Value index;
    int64_t stride, size; ///< 0 <= index < size
  };

  llvm::SmallVector<int64_t> strides;
  int64_t offset = 0;
  llvm::SmallVector<RunTimeIndex> indices;

  /// All of a row-major tensor.
  static Layout rowMajor(llvm::ArrayRef<int64_t> shape);
};

/// The type of the values of many iterations: one more axis in front.
mlir::RankedTensorType stackedType(mlir::Type type, int64_t length);

/// Values of many iterations at once.
class Batch {
public:
  Batch(mlir::OpBuilder &builder, int64_t length) : builder(builder), length(length) {}
  virtual ~Batch() = default;

  /// True if the value is the same in all iterations.
  virtual bool isInvariant(mlir::Value value) const = 0;
  /// That value.
  virtual mlir::Value invariant(mlir::Value value) const = 0;
  /// The value of each iteration, along a new first axis.
  virtual mlir::Value stacked(mlir::Value value) = 0;
  /// A copy of the op on stacked operands, whose results have the new axis too. Attributes are
  /// still those of one iteration.
  mlir::Operation *cloneStacked(mlir::Operation *op);

  mlir::OpBuilder &builder;
  const int64_t length;
};

} // namespace nnc::nn

#include "dialects/nn/Interfaces/Axes.h.inc"
#include "dialects/nn/Interfaces/Cost.h.inc"
#include "dialects/nn/Interfaces/Differentiable.h.inc"

namespace nnc::nn {

/// The axis of a result that an operand's axis goes to; nothing if there is none, also for an op
/// that is not of this dialect. Region ops are the caller's.
std::optional<int64_t> followAxis(mlir::OpOperand &operand, mlir::OpResult result, int64_t axis);

/// What an element of the op's results costs; nothing for an op that is not of this dialect or
/// computes no tensor.
inline std::optional<Cost> costOf(mlir::Operation *op) {
  auto known = mlir::dyn_cast<ElementCost>(op);
  return known ? std::optional(known.getCost()) : std::nullopt;
}

/// True for ops that take tens of instructions for each element.
inline bool isFunction(mlir::Operation *op) {
  std::optional<Cost> cost = costOf(op);
  return cost == Cost::function || cost == Cost::random;
}

} // namespace nnc::nn

#endif
