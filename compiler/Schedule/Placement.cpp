/// Which op goes into which kernel, op by op.
#include "compiler/Schedule/Placement.h"
#include "mlir/IR/Block.h"
#include <set>

using namespace mlir;

namespace nnc {

/// A whole-tensor reduction joins an elementwise kernel up to this size: it has one task.
static constexpr int64_t smallReduction = 16384;
/// Rows that feed a few threads, since a row is not shared.
static constexpr int64_t enoughRows = 8;

bool isLayout(Operation &op) {
  std::optional<nn::Cost> cost = nn::costOf(&op);
  return cost == nn::Cost::free || cost == nn::Cost::choice || cost == nn::Cost::random;
}

/// The layout of a view of a tensor in memory; nothing for an op that is no view.
static std::optional<nn::Layout> layoutOf(Operation &op) {
  auto view = dyn_cast<nn::StridedView>(op);
  if (!view)
    return std::nullopt;
  nn::Layout layout = nn::Layout::rowMajor(nn::shapeOf(op.getOperand(0)));
  return view.view(layout) ? std::optional(layout) : std::nullopt;
}

static bool runsBackwards(const nn::Layout &layout) {
  return llvm::any_of(layout.strides, [](int64_t stride) { return stride < 0; });
}

/// What a contraction or an attention reads through by strides. What is turned around is copied
/// first: it has no axes that run on, and is a small filter as a rule.
bool isView(Operation &op) {
  auto layout = layoutOf(op);
  return layout && !runsBackwards(*layout);
}

/// True for the matrices of contractions and attentions.
bool isTakenFromMemory(OpOperand &operand) {
  auto reader = dyn_cast<nn::StridedReader>(operand.getOwner());
  return reader && operand.getOperandNumber() < reader.countMatrices();
}

Placement::Placement(Block &block, bool fuse) : block(block), fuse(fuse) {
  unsigned k = 0;
  for (Operation &op : block)
    number[&op] = k++;
  for (Operation &op : block)
    place(op);
}

bool Placement::isStored(Value value) const {
  Operation *op = value.getDefiningOp();
  return !op || op->getBlock() != &block || placed.contains(op);
}

bool Placement::reads(unsigned cluster, Value value) const {
  auto it = readers.find(value);
  return it != readers.end() && llvm::is_contained(it->second, cluster);
}

bool Placement::isReadByOthers(unsigned cluster, Value value) const {
  auto it = readers.find(value);
  return it != readers.end() &&
         llvm::any_of(it->second, [&](unsigned reader) { return reader != cluster; });
}

std::optional<unsigned> Placement::clusterOf(Value value) const {
  auto it = placed.find(value.getDefiningOp());
  return it == placed.end() ? std::nullopt : std::optional<unsigned>(it->second);
}

void Placement::collectReads(Value value, Access access, ArrayRef<int64_t> axes,
                             SmallVectorImpl<Read> &reads) {
  if (isStored(value)) {
    reads.push_back({value, access, SmallVector<int64_t, 4>(axes)});
    return;
  }
  Operation *op = value.getDefiningOp();
  if (op->hasTrait<nn::ElementwiseMap>()) {
    for (Value operand : op->getOperands())
      collectReads(operand, access, axes, reads);
    return;
  }
  auto broadcast = dyn_cast<nn::BroadcastOp>(op);
  if (broadcast && access == Access::Identity)
    return collectReads(broadcast.getX(), Access::Kept, broadcast.getAxes(), reads);
  for (Value operand : op->getOperands())
    collectReads(operand, Access::Other, {}, reads);
}

SmallVector<Placement::Read> Placement::readsOf(Operation &op, Access access) {
  SmallVector<Read> reads;
  for (Value operand : op.getOperands())
    collectReads(operand, access, {}, reads);
  // Loops and branches read what their regions use.
  for (Region &region : op.getRegions())
    region.walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        if (Operation *def = operand.getDefiningOp(); def && def->getBlock() == &block)
          reads.push_back({operand, Access::Other, {}});
    });
  return reads;
}

bool Placement::staysAcyclic(unsigned cluster, ArrayRef<Read> reads) {
  for (const Read &read : reads) {
    auto from = clusterOf(read.value);
    if (from && *from != cluster && clusters[*from].ancestors.size() > cluster &&
        clusters[*from].ancestors.test(cluster))
      return false;
  }
  return true;
}

/// True if a value's elements are made from random numbers where they are read.
bool Placement::drawsInline(Value value) {
  if (isStored(value))
    return false;
  Operation *op = value.getDefiningOp();
  return isa<nn::RandomOp>(op) ||
         llvm::any_of(op->getOperands(), [&](Value operand) { return drawsInline(operand); });
}

void Placement::join(unsigned id, Operation &op, ArrayRef<Read> reads) {
  placed[&op] = id;
  Cluster &cluster = clusters[id];
  cluster.ops.insert(&op);
  for (Value result : op.getResults())
    costs.erase(result);
  llvm::BitVector more(clusters.size());
  for (const Read &read : reads) {
    auto &list = readers[read.value];
    if (!llvm::is_contained(list, id))
      list.push_back(id);
    if (auto from = clusterOf(read.value); from && *from != id) {
      more |= clusters[*from].ancestors;
      more.resize(clusters.size());
      more.set(*from);
    }
  }
  cluster.ancestors.resize(clusters.size());
  if (!more.test(cluster.ancestors)) // Nothing new.
    return;
  cluster.ancestors |= more;
  for (Cluster &other : clusters)
    if (other.ancestors.size() > id && other.ancestors.test(id)) {
      other.ancestors.resize(clusters.size());
      other.ancestors |= cluster.ancestors;
    }
}

unsigned Placement::create(Operation &op, std::optional<KernelFamily> family,
                           ArrayRef<Read> reads) {
  unsigned id = clusters.size();
  Cluster &cluster = clusters.emplace_back();
  cluster.family = family;
  cluster.order = number[&op];
  if (op.getNumResults() && isa<RankedTensorType>(op.getResult(0).getType()))
    cluster.shape.assign(nn::shapeOf(op.getResult(0)));
  cluster.ancestors.resize(id + 1);
  join(id, op, reads);
  return id;
}

void Placement::place(Operation &op) {
  if (placed.contains(&op) || floats(op) || followsReader(op))
    return;
  if (auto reduce = dyn_cast<nn::ReduceOp>(op))
    return placeReduce(reduce);
  if (isa<nn::ContractOp>(op))
    return placeAnchor(op, KernelFamily::contraction);
  if (isa<nn::AttentionOp>(op))
    return placeAnchor(op, KernelFamily::attention);
  if (isa<nn::AttentionGradOp>(op))
    return placeAnchor(op, KernelFamily::attention_grad);
  if (isa<nn::TopKOp>(op))
    return placeAnchor(op, KernelFamily::sort);
  if (isa<nn::CumulativeOp>(op))
    return placeAnchor(op, KernelFamily::cumulative);
  if (isa<nn::ScatterAddOp>(op))
    return placeAnchor(op, KernelFamily::scatter);
  if (auto put = dyn_cast<nn::PutOp>(op))
    return placePut(put);
  if (isa<sched::LoopOp, sched::BranchOp, nn::AssertOp>(op) || op.hasTrait<OpTrait::IsTerminator>())
    return placeFixed(op);
  if (isa<nn::ReshapeOp>(op))
    return placeFixed(op);
  placePointwise(op);
}

void Placement::storeBehindViews(Value value) {
  for (Value behind = value; !isStored(behind); behind = behind.getDefiningOp()->getOperand(0)) {
    auto layout = layoutOf(*behind.getDefiningOp());
    if (!layout)
      break;
    if (runsBackwards(*layout))
      return store(value);
  }
  while (!isStored(value) && isView(*value.getDefiningOp()))
    value = value.getDefiningOp()->getOperand(0);
  store(value);
}

void Placement::store(Value value) {
  if (isStored(value))
    return;
  Operation *op = value.getDefiningOp();
  if (isa<nn::ReshapeOp>(op)) {
    store(op->getOperand(0));
    placeFixed(*op);
  } else {
    placePointwise(*op);
  }
}

bool isFilled(sched::LoopOp loop, unsigned k) {
  BlockArgument carry = loop.getBlock()->getArgument(1 + k);
  if (loop.getUntil() || !loop.getBounds().empty() || !carry.hasOneUse())
    return false;
  auto put = dyn_cast<nn::PutOp>(*carry.user_begin());
  return put && put.getX() == carry && put.getAxis() == 0 &&
         put.getIndex() == loop.getBlock()->getArgument(0) &&
         loop.getBlock()->getTerminator()->getOperand(k) == put.getY();
}

void Placement::placeFixed(Operation &op) {
  auto loop = dyn_cast<sched::LoopOp>(op);
  for (OpOperand &operand : op.getOpOperands()) {
    unsigned k = loop ? operand.getOperandNumber() - loop.getBounds().size() : 0;
    if (!loop || operand.getOperandNumber() < loop.getBounds().size() || !isFilled(loop, k) ||
        !operand.get().getDefiningOp<nn::ConstantOp>())
      store(operand.get());
  }
  for (Region &region : op.getRegions())
    region.walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        if (Operation *def = operand.getDefiningOp(); def && def->getBlock() == &block)
          store(operand);
    });
  create(op, std::nullopt, readsOf(op, Access::Other));
}

void Placement::placeAnchor(Operation &op, KernelFamily family) {
  // What shapes the scores (mask, bias, dropout) is computed where they are, never stored at their
  // size.
  for (OpOperand &operand : op.getOpOperands())
    if (isTakenFromMemory(operand))
      storeBehindViews(operand.get());
  if (auto scatter = dyn_cast<nn::ScatterAddOp>(op))
    storeBehindViews(scatter.getIndices());
  create(op, family, readsOf(op, Access::Other));
}

/// Whether the cluster can write its elements, or what it reads element by element, into the put's
/// place at once.
bool Placement::canJoinPut(unsigned id, nn::PutOp op, ArrayRef<Read> reads) {
  const Cluster &cluster = clusters[id];
  ArrayRef<int64_t> shape = nn::shapeOf(op.getPiece());
  return fuse && cluster.family == KernelFamily::elementwise &&
         shape == ArrayRef<int64_t>(cluster.shape) && staysAcyclic(id, reads) &&
         llvm::all_of(reads, [&](const Read &read) {
           return clusterOf(read.value) != id ||
                  (read.access == Access::Identity && nn::shapeOf(read.value) == shape);
         });
}

/// A loop's stacked output is written by the kernel that computes its piece; any other put is a
/// kernel.
void Placement::placePut(nn::PutOp op) {
  store(op.getX()); // The buffer that the piece is written into.
  bool isOutput = isa<BlockArgument>(op.getX()) && op.getX().hasOneUse() && op->hasOneUse() &&
                  (*op->user_begin())->hasTrait<OpTrait::IsTerminator>();
  SmallVector<Read> reads;
  collectReads(op.getPiece(), Access::Identity, {}, reads);
  SmallVector<unsigned> candidates;
  for (const Read &read : reads) {
    if (auto from = clusterOf(read.value))
      candidates.push_back(*from);
    if (read.access == Access::Identity)
      llvm::append_range(candidates, readers[read.value]);
  }
  collectReads(op.getIndex(), Access::Other, {}, reads);
  reads.push_back({op.getX(), Access::Other, {}});
  for (unsigned id : candidates)
    if (isOutput && canJoinPut(id, op, reads))
      return join(id, *op, reads);
  placeAnchor(*op, KernelFamily::put);
}

void Placement::placePointwise(Operation &op) {
  SmallVector<Read> reads;
  if (op.hasTrait<nn::ElementwiseMap>() || !op.getNumResults())
    reads = readsOf(op, Access::Identity);
  else if (auto broadcast = dyn_cast<nn::BroadcastOp>(op))
    collectReads(broadcast.getX(), Access::Kept, broadcast.getAxes(), reads);
  else
    reads = readsOf(op, Access::Other);
  // The producer that comes last in the program first; then kernels that read the same tensor.
  SmallVector<unsigned> candidates;
  for (const Read &read : reads)
    if (auto from = clusterOf(read.value); from && !llvm::is_contained(candidates, *from))
      candidates.push_back(*from);
  llvm::sort(candidates, std::greater<unsigned>());
  for (unsigned id : candidates)
    if (canJoin(id, op, reads))
      return join(id, op, reads);
  noteNearMiss(op, reads);
  // Position by position, or each its own part of a larger one (the gates of a cell).
  for (const Read &read : reads)
    if (read.access == Access::Identity ? nn::shapeOf(read.value) == nn::shapeOf(op.getResult(0))
                                        : countOf(read.value) > countOf(op.getResult(0)))
      for (unsigned id : readers[read.value])
        if (clusters[id].family == KernelFamily::elementwise && canJoin(id, op, reads))
          return join(id, op, reads);
  create(op, KernelFamily::elementwise, reads);
}

/// The producers of what a reduction reads, and row kernels that read it too; the latest first.
SmallVector<unsigned> Placement::rowCandidates(ArrayRef<int64_t> shape, ArrayRef<Read> reads) {
  SmallVector<unsigned> candidates;
  for (const Read &read : reads) {
    if (auto from = clusterOf(read.value); from && !llvm::is_contained(candidates, *from))
      candidates.push_back(*from);
    if (nn::shapeOf(read.value) == shape)
      for (unsigned id : readers[read.value])
        if (clusters[id].family == KernelFamily::row && !llvm::is_contained(candidates, id))
          candidates.push_back(id);
  }
  llvm::sort(candidates, std::greater<unsigned>());
  return candidates;
}

void Placement::placeReduce(nn::ReduceOp op) {
  SmallVector<int64_t> axes(op.getAxes()), keptAxes, kept;
  llvm::sort(axes);
  ArrayRef<int64_t> shape = nn::shapeOf(op.getX());
  for (auto [k, size] : llvm::enumerate(shape))
    if (!llvm::is_contained(axes, int64_t(k)))
      keptAxes.push_back(k), kept.push_back(size);
  SmallVector<Read> reads;
  collectReads(op.getX(), Access::Identity, {}, reads);
  bool trailing = true;
  for (auto [k, axis] : llvm::enumerate(axes))
    trailing &= axis == int64_t(shape.size() - axes.size() + k);
  // Rows may lie in pieces (a channel of all pictures) if there are enough of them for a task each.
  bool alongMemory = !axes.empty() && axes.back() == int64_t(shape.size()) - 1;
  bool fusable = trailing ? !kept.empty() || countOf(op.getX()) <= smallReduction
                          : alongMemory && countOf(op.getY()) >= enoughRows;
  auto fits = [&](unsigned id) {
    Cluster &c = clusters[id];
    if (!fuse || !fusable || ArrayRef<int64_t>(c.shape) != shape || !staysAcyclic(id, reads))
      return false;
    if (c.family == KernelFamily::row ? c.reducedAxes != axes
                                      : c.family != KernelFamily::elementwise)
      return false;
    return llvm::all_of(reads, [&](const Read &read) {
      if (clusterOf(read.value) != id || read.access == Access::Identity)
        return clusterOf(read.value) != id || nn::shapeOf(read.value) == shape;
      return read.access == Access::Kept && c.family == KernelFamily::row &&
             ArrayRef<int64_t>(read.axes) == ArrayRef<int64_t>(keptAxes) &&
             nn::shapeOf(read.value) == ArrayRef<int64_t>(kept);
    });
  };
  SmallVector<unsigned> candidates = rowCandidates(shape, reads);
  noteNearMiss(*op, reads, "it reduces, and a tile holds a part of what is reduced");
  auto found = llvm::find_if(candidates, fits);
  unsigned id = found != candidates.end() ? *found : create(*op, KernelFamily::row, reads);
  Cluster &cluster = clusters[id];
  cluster.family = KernelFamily::row;
  cluster.shape.assign(shape.begin(), shape.end());
  cluster.reducedAxes = axes;
  cluster.keptAxes = keptAxes;
  cluster.kept = kept;
  if (found != candidates.end())
    join(id, *op, reads);
}

SmallVector<unsigned> Placement::schedule() const {
  SmallVector<SmallVector<unsigned>> users(clusters.size());
  SmallVector<unsigned> waits(clusters.size(), 0), result;
  for (unsigned id = 0; id < clusters.size(); ++id)
    for (unsigned from : clusters[id].ancestors.set_bits())
      if (from != id) {
        users[from].push_back(id);
        ++waits[id];
      }
  // Assertions run as early as they can: they guard what follows.
  auto priority = [&](unsigned id) {
    Operation *op = clusters[id].ops[0];
    return isa<nn::AssertOp>(op) ? 0u : 1 + clusters[id].order;
  };
  using Entry = std::pair<unsigned, unsigned>;
  std::set<Entry> ready;
  for (unsigned id = 0; id < clusters.size(); ++id)
    if (waits[id] == 0)
      ready.insert({priority(id), id});
  while (!ready.empty()) {
    unsigned id = ready.begin()->second;
    ready.erase(ready.begin());
    result.push_back(id);
    for (unsigned user : users[id])
      if (--waits[user] == 0)
        ready.insert({priority(user), user});
  }
  assert(result.size() == clusters.size() && "kernels wait for each other");
  return result;
}

} // namespace nnc
