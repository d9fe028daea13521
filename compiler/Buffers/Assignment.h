/// Which tensors share a buffer, and when each buffer is in use.
#ifndef NNC_COMPILER_BUFFERS_ASSIGNMENT_H
#define NNC_COMPILER_BUFFERS_ASSIGNMENT_H

#include "dialects/sched/IR/Sched.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

namespace nnc {

/// Memory for one or more tensors, one after the other.
struct Buffer {
  int64_t bytes = 0;
  /// The function's buffer argument that it is, or none: a place in the arena.
  std::optional<unsigned> argument;
  /// Points of the schedule, both ends included.
  unsigned first = ~0u, last = 0;
  int64_t offset = -1;
  /// May be handed on to the result of a kernel that reads it last.
  bool isPlain = true;
  llvm::SmallVector<mlir::Value> values;
};

/// Gives every tensor value of a function's schedule a buffer.
class Assignment {
public:
  /// `destinations[k]`: the buffer argument that result k is written to; the first ones are the
  /// function's arguments.
  Assignment(mlir::func::FuncOp function, llvm::ArrayRef<unsigned> destinations, bool reuse);

  Buffer &of(mlir::Value value) { return buffers[ids.lookup(rootOf(value))]; }
  unsigned idOf(mlir::Value value) { return ids.lookup(rootOf(value)); }
  std::vector<Buffer> &all() { return buffers; }
  Buffer &argument(unsigned k) { return buffers[k]; }

  /// The value whose buffer a chain of reshapes names.
  static mlir::Value rootOf(mlir::Value value);
  /// A buffer for a moment: during one op.
  unsigned temporary(mlir::RankedTensorType type, mlir::Operation *op);
  unsigned iterationOf(sched::LoopOp loop) { return iterations.lookup(loop); }

private:
  unsigned create(mlir::Type type);
  void assign(mlir::Value value, unsigned buffer);
  bool isAssigned(mlir::Value value) { return ids.contains(value); }
  void assignResults(llvm::ArrayRef<unsigned> destinations);
  void assignControl(mlir::Block &block);
  void assignLoop(sched::LoopOp loop);
  void assignBranch(sched::BranchOp branch);
  void assignKernels(mlir::Block &block);
  void assignKernel(sched::KernelOp kernel);
  bool diesAt(unsigned buffer, sched::KernelOp kernel);
  bool lastReadBefore(mlir::Value value, mlir::Operation *op);
  bool mayReplace(mlir::Value old, mlir::Value root);
  void number(mlir::Block &block);
  void measure();

  mlir::func::FuncOp function;
  bool reuse;
  std::vector<Buffer> buffers;
  llvm::DenseMap<mlir::Value, unsigned> ids;
  llvm::DenseMap<mlir::Operation *, unsigned> iterations;
  llvm::DenseMap<mlir::Operation *, std::pair<unsigned, unsigned>> points;
  unsigned nextPoint = 0;
};

/// True if the kernel reads input `k` only at the positions at which it writes output `j`, so that
/// both may be one buffer.
bool readsInPlace(sched::KernelOp kernel, unsigned k, unsigned j);
/// Bytes of a tensor in memory.
int64_t bytesOf(mlir::Type type);

} // namespace nnc

#endif
