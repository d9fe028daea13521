/// The family of contractions: products over shared axes, as packs and register tiles.
#ifndef NNC_COMPILER_EMIT_GEMM_CONTRACTION_H
#define NNC_COMPILER_EMIT_GEMM_CONTRACTION_H

#include "compiler/Emit/Element/Kernel.h"

namespace nnc {

void emitContraction(KernelContext &);

} // namespace nnc

#endif
