/// Which ops are recomputed where they are read.
#include "compiler/Schedule/Placement.h"

using namespace mlir;

namespace nnc {

/// Recomputing up to this much, from one large tensor, is cheaper than another pass over memory.
static constexpr int floatLimit = 3;
/// How many ops away a reader of the same tensor is looked for.
static constexpr int followDepth = 6;

/// Instructions for an element, roughly. Random numbers are made where they are read in any case.
static int weightOf(Operation &op) {
  switch (nn::costOf(&op).value_or(nn::Cost::free)) {
  case nn::Cost::arithmetic:
    return 1;
  case nn::Cost::division:
    return 3;
  case nn::Cost::function:
    return 10;
  case nn::Cost::free:
  case nn::Cost::choice:
  case nn::Cost::lookup:
  case nn::Cost::random:
  case nn::Cost::many:
    return 0;
  }
  llvm_unreachable("a cost of no kind");
}

void Placement::collectMade(Operation &op, llvm::SmallPtrSetImpl<Operation *> &made) const {
  if (!made.insert(&op).second)
    return;
  for (Value operand : op.getOperands())
    if (!isStored(operand))
      collectMade(*operand.getDefiningOp(), made);
}

Placement::Cost Placement::costOfMaking(Operation &op) {
  Cost cost;
  llvm::SmallPtrSet<Operation *, 8> made; // What two operands share is computed once.
  collectMade(op, made);
  for (Operation *each : made)
    cost.weight += weightOf(*each);
  for (Value operand : op.getOperands()) {
    for (Value leaf : costOf(operand).large)
      if (countOf(leaf) * 4 > countOf(op.getResult(0)))
        cost.large.insert(leaf);
  }
  return cost;
}

const Placement::Cost &Placement::costOf(Value value) {
  if (auto known = costs.find(value); known != costs.end())
    return known->second;
  return costs[value] = isStored(value) ? Cost{0, {value}} : costOfMaking(*value.getDefiningOp());
}

/// True if a reader takes the value, or a view of it, from memory: then nobody recomputes it.
static bool isReadFromMemory(Value value) {
  return llvm::any_of(value.getUses(), [](OpOperand &use) {
    Operation *reader = use.getOwner();
    return isTakenFromMemory(use) || reader->hasTrait<OpTrait::IsTerminator>() ||
           (isView(*reader) && isReadFromMemory(reader->getResult(0)));
  });
}

/// Ops that are recomputed at every use.
bool Placement::floats(Operation &op) {
  if (op.getNumResults() != 1)
    return false;
  if (isa<nn::ReshapeOp>(op)) // In memory a reshape is another name for the same buffer.
    return !isStored(op.getOperand(0));
  if (nn::costOf(&op) == nn::Cost::choice) // What is chosen from is computed on every side.
    return llvm::all_of(op.getOperands(),
                        [&](Value operand) { return costOf(operand).weight <= floatLimit; });
  if (isLayout(op))
    return true;
  if (!fuse || !op.hasTrait<nn::ElementwiseMap>() || isReadFromMemory(op.getResult(0)))
    return false;
  Cost cost = costOfMaking(op);
  return cost.weight <= floatLimit && cost.large.size() <= 1;
}

/// True if `leaf` is read on the way to `op`, by it or by elementwise ops that are not computed
/// where `leaf` is.
bool Placement::readsNear(Operation &op, Value leaf, Operation &except, int depth) const {
  return llvm::any_of(op.getOperands(), [&](Value operand) {
    Operation *inner = operand.getDefiningOp();
    if (operand == leaf)
      return true;
    if (!inner || inner == &except || depth == 0 || !inner->hasTrait<nn::ElementwiseMap>())
      return false;
    auto home = clusterOf(operand);
    return (!home || home != clusterOf(leaf)) && readsNear(*inner, leaf, except, depth - 1);
  });
}

/// An op made of one large tensor, read by one op alone, that needs this tensor too (what a
/// derivative computes from an activation's input) or is followed by one that does: it is computed
/// where its reader is. Nothing more is read there, and the op's result is never in memory.
bool Placement::followsReader(Operation &op) {
  if (!fuse || !op.hasTrait<nn::ElementwiseMap>())
    return false;
  Cost cost = costOfMaking(op);
  if (cost.large.size() != 1)
    return false;
  Value leaf = *cost.large.begin();
  if (nn::shapeOf(leaf) != nn::shapeOf(op.getResult(0)))
    return false;
  Operation *last = &op;
  for (int k = 0; k < followDepth && last->getResult(0).hasOneUse(); ++k) {
    Operation *reader = *last->user_begin();
    if (reader->getBlock() != &block || !reader->hasTrait<nn::ElementwiseMap>())
      return false;
    if (readsNear(*reader, leaf, *last, followDepth))
      return true;
    last = reader;
  }
  return false;
}

} // namespace nnc
