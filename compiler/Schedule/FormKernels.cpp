/// Kernels of what was placed together.
#include "compiler/Schedule/Passes.h"
#include "compiler/Schedule/Placement.h"
#include "dialects/nn/IR/SourceLines.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace nnc {
#define GEN_PASS_DEF_FORMKERNELS
#include "compiler/Schedule/Passes.h.inc"

namespace {

/// Ops whose names say nothing about what a kernel does.
bool isUnnamed(Operation &op) {
  return isa<nn::ConstantOp, nn::BroadcastOp, nn::ReshapeOp, nn::StopGradientOp, sched::YieldOp>(
      op);
}

llvm::StringRef partOf(Operation &op) {
  if (auto reduce = dyn_cast<nn::ReduceOp>(op))
    return nn::stringifyReduction(reduce.getKind());
  return op.getName().stripDialect();
}

/// The ops of a kernel in order, repetitions once: contract, add, max.
SmallVector<llvm::StringRef> partsOf(Block &body) {
  SmallVector<llvm::StringRef> parts;
  for (Operation &op : body) {
    llvm::StringRef part = partOf(op);
    if (!isUnnamed(op) && !llvm::is_contained(parts, part))
      parts.push_back(part);
  }
  return parts;
}

std::string nameOf(ArrayRef<llvm::StringRef> parts) {
  return parts.empty() ? "copy" : llvm::join(parts.take_front(5), "_");
}

/// Builds the kernels of one block from its placement.
class BlockScheduler {
public:
  BlockScheduler(Block &block, bool fuse, bool remarks)
      : block(block), placement(block, fuse), remarks(remarks) {}
  void run();

private:
  void build(unsigned id);
  void keepStarts(Operation *loop);
  Value valueInside(Value value);
  void remarkKernel(const Cluster &cluster, sched::KernelOp kernel, ArrayRef<Value> outputs);
  void remarkNearMisses();

  Block &block;
  Placement placement;
  bool remarks;
  /// Values of the old block -> kernel results.
  IRMapping results;
  llvm::SmallPtrSet<Operation *, 32> finished;
  // The kernel being built.
  Block *body = nullptr;
  SmallVector<Value> inputs;
  IRMapping inside;
  unsigned current = 0;
};

/// A value in the kernel: a member's clone, an argument for a stored value, or recomputed.
Value BlockScheduler::valueInside(Value value) {
  if (Value known = inside.lookupOrNull(value))
    return known;
  Operation *op = value.getDefiningOp();
  bool isMember = op && placement.getClusters()[current].ops.contains(op);
  // A reshape that floated when the kernel was placed may be in memory by now, under its new
  // operand.
  if (!isMember && (placement.reads(current, value) || finished.contains(op))) {
    inputs.push_back(results.lookupOrDefault(value));
    Value argument = body->addArgument(value.getType(), value.getLoc());
    inside.map(value, argument);
    return argument;
  }
  for (Value operand : op->getOperands())
    valueInside(operand);
  OpBuilder builder(op->getContext());
  builder.setInsertionPointToEnd(body);
  builder.clone(*op, inside);
  return inside.lookup(value);
}

void BlockScheduler::build(unsigned id) {
  const Cluster &cluster = placement.getClusters()[id];
  current = id;
  inputs.clear();
  inside.clear();
  auto owned = std::make_unique<Block>();
  body = owned.get();
  SmallVector<Value> outputs;
  SmallVector<Location> locations;
  for (Operation *op : cluster.ops) {
    for (Value result : op->getResults())
      valueInside(result);
    locations.push_back(op->getLoc());
  }
  for (Operation *op : cluster.ops)
    for (Value result : op->getResults())
      if (placement.isReadByOthers(id, result))
        outputs.push_back(result);
  if (outputs.empty())
    return;
  OpBuilder builder(&block, block.end());
  Location loc = builder.getFusedLoc(locations);
  SmallVector<Value> yields;
  SmallVector<Type> types;
  for (Value output : outputs) {
    yields.push_back(inside.lookup(output));
    types.push_back(output.getType());
  }
  OpBuilder inner(block.getParentOp()->getContext());
  inner.setInsertionPointToEnd(body);
  sched::YieldOp::create(inner, loc, yields);
  auto kernel = sched::KernelOp::create(builder, loc, types, nameOf(partsOf(*body)),
                                        *cluster.family, inputs, ValueRange());
  kernel.getBody().push_back(owned.release());
  if (remarks)
    remarkKernel(cluster, kernel, outputs);
  for (auto [output, result] : llvm::zip_equal(outputs, kernel.getResults()))
    results.map(output, result);
}

/// Constants that a loop's carried tensors start as, where that does not matter, stay in front of
/// it.
void BlockScheduler::keepStarts(Operation *loop) {
  if (!isa<sched::LoopOp>(loop))
    return;
  OpBuilder builder(loop);
  for (OpOperand &operand : loop->getOpOperands())
    if (Operation *start = operand.get().getDefiningOp<nn::ConstantOp>();
        start && !results.contains(operand.get()))
      operand.set(builder.clone(*start)->getResult(0));
}

/// Says what a kernel is made of where that is more than one expression of the source.
void BlockScheduler::remarkKernel(const Cluster &cluster, sched::KernelOp kernel,
                                  ArrayRef<Value> outputs) {
  llvm::SmallPtrSet<const void *, 8> places;
  int64_t values = 0, bytes = 0;
  for (Operation *op : cluster.ops) {
    if (!isUnnamed(*op))
      places.insert(op->getLoc().getAsOpaquePointer());
    for (Value result : op->getResults()) {
      if (llvm::is_contained(outputs, result))
        continue;
      RankedTensorType type = nn::tensorOf(result);
      ++values;
      bytes += type.getNumElements() * llvm::divideCeil(type.getElementTypeBitWidth(), 8);
    }
  }
  if (places.size() < 2)
    return;
  // A contraction is what its kernel is about; elsewhere it is what comes out last.
  bool leads = cluster.family == KernelFamily::contraction;
  Operation *main = leads ? cluster.ops.front() : cluster.ops.back();
  InFlightDiagnostic remark = emitRemark(main->getLoc());
  remark << "one kernel: " << llvm::join(partsOf(*kernel.getBlock()), ", ") << " ("
         << nn::describeLines(kernel.getLoc()) << ")";
  if (values > 0) // Each would be written once and read at least once.
    remark << "; " << values << (values == 1 ? " value is" : " values are") << " not stored, "
           << 2 * bytes << " bytes less through memory";
  else
    remark << "; what they share is read once";
}

void BlockScheduler::remarkNearMisses() {
  for (const Placement::NearMiss &miss : placement.getNearMisses()) {
    Operation *contraction = placement.getClusters()[miss.contraction].ops.front();
    emitRemark(miss.op->getLoc()) << "'" << partOf(*miss.op)
                                  << "' is no epilogue of the contraction ("
                                  << nn::describeLines(contraction->getLoc())
                                  << "): " << miss.reason;
  }
}

void BlockScheduler::run() {
  if (remarks)
    remarkNearMisses();
  SmallVector<Operation *> old;
  for (Operation &op : block)
    old.push_back(&op);
  for (unsigned id : placement.schedule()) {
    const Cluster &cluster = placement.getClusters()[id];
    if (cluster.family) {
      build(id);
      continue;
    }
    Operation *op = cluster.ops[0];
    op->moveBefore(&block, block.end());
    finished.insert(op);
    keepStarts(op);
    op->walk([&](Operation *inner) {
      for (OpOperand &operand : inner->getOpOperands())
        operand.set(results.lookupOrDefault(operand.get()));
    });
  }
  for (Operation *op : llvm::reverse(old))
    if (!finished.contains(op)) {
      op->dropAllUses();
      op->erase();
    }
  // A terminator is the last of the schedule by its reads only.
  for (Operation &op : block)
    if (op.hasTrait<OpTrait::IsTerminator>()) {
      op.moveBefore(&block, block.end());
      break;
    }
}

/// What costs nothing, constants too, is made again inside a region that reads it.
void sinkIntoRegions(Operation *control) {
  for (Region &region : control->getRegions()) {
    if (region.empty())
      continue;
    OpBuilder builder = OpBuilder::atBlockBegin(&region.front());
    IRMapping inside;
    std::function<Value(Value)> sink = [&](Value value) -> Value {
      Operation *op = value.getDefiningOp();
      if (!op || region.isAncestor(op->getParentRegion()) || nn::costOf(op) != nn::Cost::free ||
          isa<nn::ReshapeOp>(op)) // In memory a reshape is another name for the same buffer.
        return value;
      if (!inside.contains(value)) {
        for (Value operand : op->getOperands())
          if (Value inner = sink(operand); inner != operand)
            inside.map(operand, inner);
        builder.clone(*op, inside);
      }
      return inside.lookup(value);
    };
    SmallVector<Operation *> users;
    region.walk([&](Operation *op) { users.push_back(op); });
    for (Operation *op : users)
      for (OpOperand &operand : op->getOpOperands())
        operand.set(sink(operand.get()));
  }
}

struct FormKernels : impl::FormKernelsBase<FormKernels> {
  using FormKernelsBase::FormKernelsBase;

  void runOnOperation() override {
    SmallVector<Operation *> controls;
    getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (isa<sched::LoopOp, sched::BranchOp>(op))
        controls.push_back(op);
    });
    for (Operation *control : controls)
      sinkIntoRegions(control);
    // Outer blocks first, so that what an inner one reads from around it is in memory.
    BlockScheduler(getOperation().getBody().front(), fuse, remarks).run();
    for (Operation *control : controls)
      for (Region &region : control->getRegions())
        BlockScheduler(region.front(), fuse, remarks).run();
  }
};

} // namespace
} // namespace nnc
