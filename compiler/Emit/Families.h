/// One emitter for each family of kernels; sched.kernel's `family` selects it.
#ifndef NNC_COMPILER_EMIT_FAMILIES_H
#define NNC_COMPILER_EMIT_FAMILIES_H

#include "compiler/Emit/Element/Kernel.h"

namespace nnc {

/// Emits the whole body of the kernel's function; fails with an error on the kernel.
using FamilyEmitter = llvm::LogicalResult (*)(KernelContext &);

/// The emitter of a family. Without `microkernels` contractions go through the generic path.
FamilyEmitter findEmitter(sched::KernelFamily family, bool microkernels);

} // namespace nnc

#endif
