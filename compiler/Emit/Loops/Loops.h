/// The families of kernels that are loop nests over elements.
#ifndef NNC_COMPILER_EMIT_LOOPS_LOOPS_H
#define NNC_COMPILER_EMIT_LOOPS_LOOPS_H

#include "compiler/Emit/Element/Kernel.h"

namespace nnc {

/// One element (or vector) of each output at a time, everything else recomputed: any kernel at all.
llvm::LogicalResult emitGeneric(KernelContext &);
/// All outputs of one shape, elementwise and layout ops only.
llvm::LogicalResult emitElementwise(KernelContext &);
/// Reductions over the same axes, and elementwise work on the same rows, in as few passes as
/// levels.
llvm::LogicalResult emitRow(KernelContext &);
/// A piece written into a buffer that stays where it is (nn.put).
llvm::LogicalResult emitPut(KernelContext &);
/// Rows added to or written into a table (nn.scatter_add).
llvm::LogicalResult emitScatter(KernelContext &);
/// The k largest elements of each row, in order.
llvm::LogicalResult emitSort(KernelContext &);
/// Running sums along an axis.
llvm::LogicalResult emitCumulative(KernelContext &);

} // namespace nnc

#endif
