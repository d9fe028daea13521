/// The families of kernels that are loop nests over elements.
#ifndef NNC_COMPILER_EMIT_LOOPS_LOOPS_H
#define NNC_COMPILER_EMIT_LOOPS_LOOPS_H

#include "compiler/Emit/Element/Kernel.h"

namespace nnc {

/// One element (or vector) of each output at a time, everything else recomputed: any kernel at all.
void emitGeneric(KernelContext &);
/// All outputs of one shape, elementwise and layout ops only.
void emitElementwise(KernelContext &);
/// Reductions over the same axes, and elementwise work on the same rows, in as few passes as
/// levels.
void emitRow(KernelContext &);
/// A piece written into a buffer that stays where it is (nn.put).
void emitPut(KernelContext &);
/// Rows added to or written into a table (nn.scatter_add).
void emitScatter(KernelContext &);
/// The k largest elements of each row, in order.
void emitSort(KernelContext &);
/// Running sums along an axis.
void emitCumulative(KernelContext &);

} // namespace nnc

#endif
