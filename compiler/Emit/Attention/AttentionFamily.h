/// The families of fused attention and its gradient.
#ifndef NNC_COMPILER_EMIT_ATTENTION_ATTENTIONFAMILY_H
#define NNC_COMPILER_EMIT_ATTENTION_ATTENTIONFAMILY_H

#include "compiler/Emit/Element/Kernel.h"

namespace nnc {

void emitAttention(KernelContext &);
void emitAttentionGrad(KernelContext &);

} // namespace nnc

#endif
