/// One emitter for each family of kernels; sched.kernel's `family` selects it.
#ifndef NNC_COMPILER_EMIT_FAMILIES_H
#define NNC_COMPILER_EMIT_FAMILIES_H

#include "compiler/Emit/Element/Kernel.h"

namespace nnc {

/// Emits the whole body of a kernel's function. It cannot fail: what a family has no code for, the
/// kernel's verifier refuses. Without `microkernels` contractions go through the generic path.
void emitFamily(KernelContext &context, bool microkernels);

} // namespace nnc

#endif
