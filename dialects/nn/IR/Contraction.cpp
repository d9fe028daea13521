/// The result type of a contraction.
#include "dialects/nn/IR/AxisRules.h"
#include "dialects/nn/IR/NN.h"
#include "dialects/nn/IR/ShapeRules.h"

#include "llvm/ADT/SmallSet.h"

using namespace mlir;

namespace nnc::nn {

/// Records the size of each label of one operand; fails if a label is repeated or met with another
/// size.
static LogicalResult collectSizes(std::optional<Location> loc, RankedTensorType type,
                                  ArrayRef<int64_t> labels,
                                  llvm::SmallDenseMap<int64_t, int64_t> &sizes) {
  if (static_cast<int64_t>(labels.size()) != type.getRank())
    return emitOptionalError(loc, "[", labels, "] does not label the ", type.getRank(), " axes of ",
                             type);
  llvm::SmallSet<int64_t, 8> seen;
  for (auto [label, size] : llvm::zip_equal(labels, type.getShape())) {
    if (!seen.insert(label).second)
      return emitOptionalError(loc, "label ", label, " stands twice in [", labels, "]");
    auto [entry, isNew] = sizes.try_emplace(label, size);
    if (!isNew && entry->second != size)
      return emitOptionalError(loc, "label ", label, " has size ", entry->second,
                               " in one operand and ", size, " in the other");
  }
  return success();
}

LogicalResult ContractOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                           Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto a = rankedOperand(loc, adaptor.getA()), b = rankedOperand(loc, adaptor.getB());
  if (failed(a) || failed(b))
    return failure();
  if (a->getElementType() != b->getElementType())
    return emitOptionalError(loc, "element types of the operands differ: ", *a, " and ", *b);
  llvm::SmallDenseMap<int64_t, int64_t> sizes;
  if (failed(collectSizes(loc, *a, adaptor.getALabels(), sizes)) ||
      failed(collectSizes(loc, *b, adaptor.getBLabels(), sizes)))
    return failure();
  SmallVector<int64_t> shape;
  llvm::SmallSet<int64_t, 8> seen;
  for (int64_t label : adaptor.getYLabels()) {
    if (!sizes.contains(label))
      return emitOptionalError(loc, "label ", label, " of the result stands in no operand");
    if (!seen.insert(label).second)
      return emitOptionalError(loc, "label ", label, " stands twice in [", adaptor.getYLabels(),
                               "]");
    shape.push_back(sizes[label]);
  }
  types.push_back(withShape(*a, shape));
  return success();
}

//===--- Facts -----------------------------------------------------------------------===//

/// A product and a sum for each combination of the labels.
int64_t ContractOp::countOperations() {
  llvm::SmallDenseMap<int64_t, int64_t> sizes;
  for (auto [labels, value] : {std::pair(getALabels(), getA()), std::pair(getBLabels(), getB())})
    for (auto [label, size] : llvm::zip_equal(labels, shapeOf(value)))
      sizes[label] = size;
  int64_t product = 1;
  for (auto [label, size] : sizes)
    product *= size;
  return 2 * product;
}

std::optional<int64_t> ContractOp::followAxis(unsigned operand, unsigned, int64_t axis) {
  ArrayRef<int64_t> labels = operand == 0 ? getALabels() : getBLabels();
  const auto *place = llvm::find(getYLabels(), labels[axis]);
  if (place == getYLabels().end())
    return std::nullopt;
  return place - getYLabels().begin();
}

/// A new label for the operands that differ by iteration, and for the result.
SmallVector<Value> ContractOp::batch(Batch &batch) {
  int64_t label = 0;
  for (int64_t each : llvm::concat<const int64_t>(getALabels(), getBLabels()))
    label = std::max(label, each + 1);
  auto side = [&](Value value, ArrayRef<int64_t> labels) {
    bool same = batch.isInvariant(value);
    return std::pair(same ? batch.invariant(value) : batch.stacked(value),
                     same ? SmallVector<int64_t>(labels) : withFirst(label, labels));
  };
  auto [a, aLabels] = side(getA(), getALabels());
  auto [b, bLabels] = side(getB(), getBLabels());
  return {ContractOp::create(batch.builder, getLoc(), a, b, aLabels, bLabels,
                             withFirst(label, getYLabels()))};
}

} // namespace nnc::nn
