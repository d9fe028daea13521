/// Why an op does not join a kernel.
#include "compiler/Schedule/Placement.h"

using namespace mlir;

namespace nnc {

/// Buffers that one kernel may read.
static constexpr unsigned mostInputs = 24;

llvm::StringRef Placement::refusal(unsigned id, Operation &op, ArrayRef<Read> reads) {
  Cluster &cluster = clusters[id];
  if (!fuse)
    return "every op is a kernel of its own";
  if (!staysAcyclic(id, reads))
    return "it also reads what another kernel computes from the same result";
  ArrayRef<int64_t> shape = nn::shapeOf(op.getResult(0));
  bool isFull = shape == ArrayRef<int64_t>(cluster.shape);
  bool isKept = cluster.family == KernelFamily::row && shape == ArrayRef<int64_t>(cluster.kept);
  if (cluster.family != KernelFamily::elementwise && cluster.family != KernelFamily::row &&
      cluster.family != KernelFamily::contraction)
    return "that kernel computes nothing but its own op";
  if (!isFull && !isKept)
    return "its shape is another";
  // A tile's epilogue is unrolled over the tile: Philox there is more code than it saves traffic.
  if (cluster.family == KernelFamily::contraction &&
      llvm::any_of(op.getOperands(), [&](Value operand) { return drawsInline(operand); }))
    return "it draws random numbers, whose code would be repeated over the whole tile";
  llvm::SmallPtrSet<Value, 16> inputs;
  for (const Read &read : reads)
    inputs.insert(read.value);
  if (inputs.size() > mostInputs)
    return "one kernel would read too many tensors";
  for (const Read &read : reads) {
    if (clusterOf(read.value) != id)
      continue;
    ArrayRef<int64_t> from = nn::shapeOf(read.value);
    if (read.access == Access::Other || (read.access == Access::Identity && from != shape))
      return "it reads the elements in another order, so all of them have to be there first";
    if (read.access == Access::Kept &&
        !(isFull && cluster.family == KernelFamily::row &&
          from == ArrayRef<int64_t>(cluster.kept) &&
          ArrayRef<int64_t>(read.axes) == ArrayRef<int64_t>(cluster.keptAxes)))
      return "it repeats the elements along an axis that the kernel does not reduce";
  }
  return {};
}

void Placement::noteNearMiss(Operation &op, ArrayRef<Read> reads, llvm::StringRef reason) {
  for (const Read &read : llvm::reverse(reads)) {
    auto from = clusterOf(read.value);
    if (!fuse || !from || clusters[*from].family != KernelFamily::contraction)
      continue;
    llvm::StringRef why = reason.empty() ? refusal(*from, op, reads) : reason;
    if (!why.empty()) {
      nearMisses.push_back({&op, *from, why});
      return;
    }
  }
}

} // namespace nnc
