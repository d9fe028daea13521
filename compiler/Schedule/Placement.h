/// Which op goes into which kernel.
#ifndef NNC_COMPILER_SCHEDULE_PLACEMENT_H
#define NNC_COMPILER_SCHEDULE_PLACEMENT_H

#include "dialects/sched/IR/Sched.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"

namespace nnc {

using sched::KernelFamily;

/// Ops that become one kernel.
struct Cluster {
  /// None for an op that stands alone in the schedule and is no kernel.
  std::optional<KernelFamily> family;
  /// In program order. Ops that are recomputed where they are read are in no cluster.
  llvm::SetVector<mlir::Operation *> ops;
  /// The positions that the kernel visits; for Row the axes that are reduced and the shape that is
  /// left.
  llvm::SmallVector<int64_t> shape, reducedAxes, keptAxes, kept;
  /// Clusters whose results it needs, also through others.
  llvm::BitVector ancestors;
  unsigned order = 0;
};

/// Decides for the ops of one block. `fuse` false keeps every op alone.
class Placement {
public:
  Placement(mlir::Block &block, bool fuse);

  /// An op that reads a contraction's result and is no epilogue of it, though a reader may expect
  /// that.
  struct NearMiss {
    mlir::Operation *op;
    unsigned contraction; ///< cluster
    llvm::StringRef reason;
  };

  llvm::ArrayRef<Cluster> getClusters() const { return clusters; }
  llvm::ArrayRef<NearMiss> getNearMisses() const { return nearMisses; }
  /// True if the value is in memory: an argument, a value from around the block, a kernel's result.
  bool isStored(mlir::Value value) const;
  /// True if the cluster takes the value from memory; it recomputes what it needs and does not
  /// take.
  bool reads(unsigned cluster, mlir::Value value) const;
  bool isReadByOthers(unsigned cluster, mlir::Value value) const;
  /// Clusters in an order in which every value is computed before it is read.
  llvm::SmallVector<unsigned> schedule() const;

private:
  /// How an op's element depends on a stored value's elements.
  enum class Access { Identity, Kept, Other };
  struct Read {
    mlir::Value value;
    Access access;
    llvm::SmallVector<int64_t, 4> axes; ///< for Kept: the broadcast's axes
  };
  /// The cost of recomputing a value, and what is read for it.
  struct Cost {
    int weight = 0;
    llvm::SmallPtrSet<mlir::Value, 4> large; ///< stored tensors with as many elements
  };

  void place(mlir::Operation &op);
  void placePointwise(mlir::Operation &op);
  void placeReduce(nn::ReduceOp op);
  llvm::SmallVector<unsigned> rowCandidates(llvm::ArrayRef<int64_t> shape,
                                            llvm::ArrayRef<Read> reads);
  void placeAnchor(mlir::Operation &op, KernelFamily family);
  void placePut(nn::PutOp op);
  void placeFixed(mlir::Operation &op);
  /// Makes sure that a value is in memory (what a contraction, a loop, a return reads).
  void store(mlir::Value value);
  /// As store, but a layout op in front of memory is enough.
  void storeBehindViews(mlir::Value value);
  bool floats(mlir::Operation &op);
  bool followsReader(mlir::Operation &op);
  bool readsNear(mlir::Operation &op, mlir::Value leaf, mlir::Operation &except, int depth) const;
  /// The op and all that are recomputed for it.
  void collectMade(mlir::Operation &op, llvm::SmallPtrSetImpl<mlir::Operation *> &made) const;
  Cost costOfMaking(mlir::Operation &op);
  const Cost &costOf(mlir::Value value);
  void collectReads(mlir::Value value, Access access, llvm::ArrayRef<int64_t> axes,
                    llvm::SmallVectorImpl<Read> &reads);
  llvm::SmallVector<Read> readsOf(mlir::Operation &op, Access access);
  std::optional<unsigned> clusterOf(mlir::Value value) const;
  bool canJoin(unsigned cluster, mlir::Operation &op, llvm::ArrayRef<Read> reads) {
    return refusal(cluster, op, reads).empty();
  }
  /// Why an op cannot be computed where the cluster is; empty if it can.
  llvm::StringRef refusal(unsigned cluster, mlir::Operation &op, llvm::ArrayRef<Read> reads);
  void noteNearMiss(mlir::Operation &op, llvm::ArrayRef<Read> reads, llvm::StringRef reason = "");
  bool canJoinPut(unsigned cluster, nn::PutOp op, llvm::ArrayRef<Read> reads);
  bool drawsInline(mlir::Value value);
  bool staysAcyclic(unsigned cluster, llvm::ArrayRef<Read> reads);
  void join(unsigned cluster, mlir::Operation &op, llvm::ArrayRef<Read> reads);
  unsigned create(mlir::Operation &op, std::optional<KernelFamily> family,
                  llvm::ArrayRef<Read> reads);

  mlir::Block &block;
  bool fuse;
  std::vector<Cluster> clusters;
  std::vector<NearMiss> nearMisses;
  llvm::DenseMap<mlir::Operation *, unsigned> placed;
  llvm::DenseMap<mlir::Operation *, unsigned> number; ///< position in the block
  llvm::DenseMap<mlir::Value, Cost> costs;
  /// Clusters that read a stored value, for kernels that share an input.
  llvm::DenseMap<mlir::Value, llvm::SmallVector<unsigned, 4>> readers;
};

/// True if every turn writes its own place of carried tensor k: what it starts as does not matter.
bool isFilled(sched::LoopOp loop, unsigned k);
/// True for ops that only move elements or make them from nothing.
bool isLayout(mlir::Operation &op);
/// True for what contractions and attentions read through by strides.
bool isView(mlir::Operation &op);
/// True for the matrices of contractions and attentions.
bool isTakenFromMemory(mlir::OpOperand &operand);
inline int64_t countOf(mlir::Value value) { return nn::tensorOf(value).getNumElements(); }

} // namespace nnc

#endif
