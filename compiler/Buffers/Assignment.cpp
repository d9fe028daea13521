/// Which tensors share a buffer.
#include "compiler/Buffers/Assignment.h"

using namespace mlir;

namespace nnc {

int64_t bytesOf(Type type) {
  auto tensor = cast<ShapedType>(type);
  return tensor.getNumElements() * std::max(1u, tensor.getElementTypeBitWidth() / 8);
}

/// True if a kernel's outputs are written position by position, or row by row after all that is
/// reduced: what other shapes and axes make is computed an output at a time, and reads its inputs
/// again for each.
static bool writesTogether(sched::KernelOp kernel) {
  SmallVector<int64_t> full, kept, axes;
  for (auto reduce : kernel.getBlock()->getOps<nn::ReduceOp>()) {
    SmallVector<int64_t> own(reduce.getAxes());
    llvm::sort(own);
    if (!axes.empty() && (own != axes || nn::shapeOf(reduce.getX()) != ArrayRef<int64_t>(full)))
      return false;
    axes = own;
    full.assign(nn::shapeOf(reduce.getX()));
    kept.assign(nn::shapeOf(reduce.getY()));
  }
  // A piece that goes into a stack is written at the piece's positions.
  auto writtenShape = [](Value value) {
    auto put = value.getDefiningOp<nn::PutOp>();
    return nn::shapeOf(put ? Value(put.getPiece()) : value);
  };
  if (axes.empty()) {
    full.assign(writtenShape(kernel.getYield().getValues()[0]));
    kept = full;
  }
  return llvm::all_of(kernel.getYield().getValues(), [&](Value value) {
    ArrayRef<int64_t> shape = writtenShape(value);
    return shape == ArrayRef<int64_t>(full) || shape == ArrayRef<int64_t>(kept);
  });
}

bool readsInPlace(sched::KernelOp kernel, unsigned k, unsigned j) {
  Block &body = *kernel.getBlock();
  Value input = body.getArgument(k), output = kernel.getYield().getValues()[j];
  if (input.getType() != output.getType())
    return false;
  if (auto put = output.getDefiningOp<nn::PutOp>())
    return put.getX() == input && input.hasOneUse();
  bool isRow = kernel.getFamily() == sched::KernelFamily::row;
  if ((kernel.getFamily() != sched::KernelFamily::elementwise && !isRow) || !writesTogether(kernel))
    return false;
  SmallVector<Value> reach{input};
  llvm::SmallPtrSet<Operation *, 16> seen;
  while (!reach.empty())
    for (Operation *user : reach.pop_back_val().getUsers()) {
      bool isStored = isa<sched::YieldOp, nn::PutOp>(user); // A piece goes to another buffer.
      if (!seen.insert(user).second || isStored || (isRow && isa<nn::ReduceOp>(user)))
        continue;
      if (!user->hasTrait<nn::ElementwiseMap>())
        return false;
      reach.push_back(user->getResult(0));
    }
  return true;
}

Value Assignment::rootOf(Value value) {
  while (auto reshape = value.getDefiningOp<nn::ReshapeOp>())
    value = reshape.getX();
  return value;
}

unsigned Assignment::create(Type type) {
  buffers.emplace_back().bytes = bytesOf(type);
  return buffers.size() - 1;
}

void Assignment::assign(Value value, unsigned buffer) {
  ids[value] = buffer;
  buffers[buffer].values.push_back(value);
}

/// Calls `visit` for the ops that read a value, also under other shapes.
static void forEachReader(Value value, llvm::function_ref<void(Operation *)> visit) {
  for (Operation *user : value.getUsers())
    if (isa<nn::ReshapeOp>(user))
      forEachReader(user->getResult(0), visit);
    else
      visit(user);
}

/// True if nothing reads the value after `op`, an op of a block that the value is visible in.
bool Assignment::lastReadBefore(Value value, Operation *op) {
  bool result = true;
  forEachReader(value, [&](Operation *reader) {
    Operation *here = op->getBlock()->findAncestorOpInBlock(*reader);
    result &= here && (here == op || here->isBeforeInBlock(op));
  });
  return result;
}

/// True if `root`, made by a kernel, can be written over `old`, which is read in the same block.
bool Assignment::mayReplace(Value old, Value root) {
  auto kernel = root.getDefiningOp<sched::KernelOp>();
  if (!kernel || isAssigned(root) || !lastReadBefore(old, kernel))
    return false;
  unsigned j = cast<OpResult>(root).getResultNumber();
  for (auto [k, input] : llvm::enumerate(kernel.getInputs()))
    if (rootOf(input) == old && (input != old || !readsInPlace(kernel, k, j)))
      return false;
  return true;
}

Assignment::Assignment(func::FuncOp function, ArrayRef<unsigned> destinations, bool reuse)
    : function(function), reuse(reuse) {
  Block &body = function.getBody().front();
  for (BlockArgument argument : body.getArguments()) {
    unsigned id = create(argument.getType());
    buffers[id].argument = id;
    buffers[id].isPlain = false;
    assign(argument, id);
  }
  Operation *end = body.getTerminator();
  for (auto [k, destination] : llvm::enumerate(destinations))
    if (destination >= buffers.size()) {
      unsigned id = create(end->getOperand(k).getType());
      buffers[id].argument = id;
      buffers[id].isPlain = false;
    }
  assignResults(destinations);
  assignControl(body);
  number(body);
  assignKernels(body);
  measure();
}

void Assignment::assignResults(ArrayRef<unsigned> destinations) {
  Block &body = function.getBody().front();
  for (auto [k, destination] : llvm::enumerate(destinations)) {
    Value root = rootOf(body.getTerminator()->getOperand(k));
    if (isAssigned(root) || !root.getDefiningOp() || root.getDefiningOp()->getBlock() != &body)
      continue;
    bool isOwn = destination >= body.getNumArguments();
    if (isOwn ? isa<sched::KernelOp, sched::LoopOp>(root.getDefiningOp())
              : reuse && mayReplace(body.getArgument(destination), root))
      assign(root, destination);
  }
}

void Assignment::assignControl(Block &block) {
  for (Operation &op : block) {
    if (auto loop = dyn_cast<sched::LoopOp>(op)) {
      assignLoop(loop);
      assignControl(*loop.getBlock());
    } else if (auto branch = dyn_cast<sched::BranchOp>(op)) {
      assignBranch(branch);
      assignControl(branch.getThenRegion().front());
      assignControl(branch.getElseRegion().front());
    }
  }
}

/// One buffer for each carried value: what it starts from and what an iteration yields are written
/// there directly if nothing needs what they overwrite; else a copy is made.
void Assignment::assignLoop(sched::LoopOp loop) {
  Block &body = *loop.getBlock();
  iterations[loop] = create(body.getArgument(0).getType());
  buffers[iterations[loop]].isPlain = false;
  assign(body.getArgument(0), iterations[loop]);
  for (auto [k, init] : llvm::enumerate(loop.getInits())) {
    Value result = loop.getResult(k), carry = body.getArgument(1 + k);
    if (!isAssigned(result))
      assign(result, create(result.getType()));
    unsigned buffer = ids[result];
    buffers[buffer].isPlain = false;
    assign(carry, buffer);
    Value start = rootOf(init), next = rootOf(body.getTerminator()->getOperand(k));
    auto first = start.getDefiningOp<sched::KernelOp>();
    if (reuse && first && first->getBlock() == loop->getBlock() && !isAssigned(start) &&
        lastReadBefore(start, loop) &&
        llvm::count_if(loop.getInits(), [&](Value v) { return rootOf(v) == start; }) == 1 &&
        !loop->isProperAncestor(first) && llvm::none_of(start.getUsers(), [&](Operation *user) {
          return loop->isProperAncestor(user);
        }))
      assign(start, buffer);
    Operation *maker = next.getDefiningOp();
    if (reuse && maker && maker->getBlock() == &body && mayReplace(carry, next))
      assign(next, buffer);
  }
}

void Assignment::assignBranch(sched::BranchOp branch) {
  for (auto [k, result] : llvm::enumerate(branch.getResults())) {
    if (!isAssigned(result))
      assign(result, create(result.getType()));
    buffers[ids[result]].isPlain = false;
    for (Region *region : {&branch.getThenRegion(), &branch.getElseRegion()}) {
      Value root = rootOf(region->front().getTerminator()->getOperand(k));
      Operation *maker = root.getDefiningOp();
      if (reuse && maker && isa<sched::KernelOp>(maker) && maker->getBlock() == &region->front() &&
          !isAssigned(root))
        assign(root, ids[result]);
    }
  }
}

void Assignment::assignKernels(Block &block) {
  for (Operation &op : block) {
    if (auto kernel = dyn_cast<sched::KernelOp>(op))
      assignKernel(kernel);
    for (Region &region : op.getRegions())
      if (!isa<sched::KernelOp>(op))
        assignKernels(region.front());
  }
}

/// True if everything in the buffer was made in the kernel's block and is read for the last time by
/// it.
bool Assignment::diesAt(unsigned id, sched::KernelOp kernel) {
  const Buffer &buffer = buffers[id];
  return buffer.isPlain && llvm::all_of(buffer.values, [&](Value value) {
           return value.getDefiningOp() &&
                  value.getDefiningOp()->getBlock() == kernel->getBlock() &&
                  lastReadBefore(value, kernel);
         });
}

void Assignment::assignKernel(sched::KernelOp kernel) {
  llvm::SmallPtrSet<Value, 8> taken;
  for (auto [j, result] : llvm::enumerate(kernel.getResults())) {
    if (isAssigned(result))
      continue;
    std::optional<unsigned> found;
    for (auto [k, input] : llvm::enumerate(kernel.getInputs())) {
      if (!reuse || found)
        break;
      Value root = rootOf(input);
      // Another view of the same buffer in the kernel would be read at other positions.
      bool alone =
          llvm::count_if(kernel.getInputs(), [&](Value v) { return rootOf(v) == root; }) == 1;
      if (isAssigned(root) && alone && !taken.contains(root) && readsInPlace(kernel, k, j) &&
          diesAt(ids[root], kernel)) {
        found = ids[root];
        taken.insert(root);
      }
    }
    assign(result, found ? *found : create(result.getType()));
  }
}

void Assignment::number(Block &block) {
  for (Operation &op : block) {
    unsigned first = nextPoint++;
    for (Region &region : op.getRegions())
      if (!isa<sched::KernelOp>(op))
        number(region.front());
    points[&op] = {first, nextPoint++};
  }
}

void Assignment::measure() {
  for (Buffer &buffer : buffers)
    for (Value value : buffer.values) {
      Operation *maker = value.getDefiningOp();
      Block *home = value.getParentBlock();
      auto cover = [&](std::pair<unsigned, unsigned> span) {
        buffer.first = std::min(buffer.first, span.first);
        buffer.last = std::max(buffer.last, span.second);
      };
      if (maker) // A loop's result is in use all through the loop.
        cover(points[maker]);
      else if (Operation *parent = home->getParentOp(); points.count(parent))
        cover(points[parent]);
      forEachReader(value, [&](Operation *reader) {
        if (Operation *here = home->findAncestorOpInBlock(*reader))
          cover(points[here]);
      });
    }
  if (!reuse) // In use from first to last, so that no two share a place.
    for (Buffer &buffer : buffers)
      if (!buffer.values.empty())
        std::tie(buffer.first, buffer.last) = std::pair(0u, nextPoint);
}

unsigned Assignment::temporary(RankedTensorType type, Operation *op) {
  unsigned id = create(type);
  std::tie(buffers[id].first, buffers[id].last) = reuse ? points[op] : std::pair(0u, nextPoint);
  return id;
}

} // namespace nnc
