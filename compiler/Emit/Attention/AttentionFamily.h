/// The families of fused attention and its gradient.
#ifndef NNC_COMPILER_EMIT_ATTENTION_ATTENTIONFAMILY_H
#define NNC_COMPILER_EMIT_ATTENTION_ATTENTIONFAMILY_H

#include "compiler/Emit/Element/Kernel.h"

namespace nnc {

llvm::LogicalResult emitAttention(KernelContext &);
llvm::LogicalResult emitAttentionGrad(KernelContext &);

} // namespace nnc

#endif
