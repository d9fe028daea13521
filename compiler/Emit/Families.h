/// One emitter for each family of kernels; nn.kernel's `family` selects it.
#ifndef NNC_COMPILER_EMIT_FAMILIES_H
#define NNC_COMPILER_EMIT_FAMILIES_H

#include "compiler/Emit/Kernel.h"

namespace nnc {

/// Emits the whole body of the kernel's function; fails with an error on the kernel.
using FamilyEmitter = llvm::LogicalResult (*)(KernelContext &);

/// One element (or vector) of each output at a time, everything else recomputed: any kernel at all.
llvm::LogicalResult emitGeneric(KernelContext &);
/// All outputs of one shape, elementwise and layout ops only.
llvm::LogicalResult emitElementwise(KernelContext &);
/// Reductions over the same axes, and elementwise work on the same rows, in as few passes as
/// levels.
llvm::LogicalResult emitRow(KernelContext &);
/// A piece written into a buffer that stays where it is (nn.put).
llvm::LogicalResult emitPut(KernelContext &);
llvm::LogicalResult emitScatter(KernelContext &);
llvm::LogicalResult emitSort(KernelContext &);
llvm::LogicalResult emitCumulative(KernelContext &);
/// In Contraction.cpp and Attention.cpp.
llvm::LogicalResult emitContraction(KernelContext &);
llvm::LogicalResult emitAttention(KernelContext &);
llvm::LogicalResult emitAttentionGrad(KernelContext &);

/// The emitter of a family, or null. Without `microkernels` contractions go through the generic
/// path.
FamilyEmitter findEmitter(llvm::StringRef family, bool microkernels);

} // namespace nnc

#endif
