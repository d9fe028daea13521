/// Which emitter a family of kernels has.
#include "compiler/Emit/Families.h"
#include "compiler/Emit/Attention/AttentionFamily.h"
#include "compiler/Emit/Gemm/Contraction.h"
#include "compiler/Emit/Loops/Loops.h"

namespace nnc {

void emitFamily(KernelContext &context, bool microkernels) {
  switch (context.kernel.getFamily()) {
  case sched::KernelFamily::elementwise:
    return emitElementwise(context);
  case sched::KernelFamily::row:
    return emitRow(context);
  case sched::KernelFamily::contraction:
    return microkernels ? emitContraction(context) : emitGeneric(context);
  case sched::KernelFamily::attention:
    return emitAttention(context);
  case sched::KernelFamily::attention_grad:
    return emitAttentionGrad(context);
  case sched::KernelFamily::put:
    return emitPut(context);
  case sched::KernelFamily::scatter:
    return emitScatter(context);
  case sched::KernelFamily::sort:
    return emitSort(context);
  case sched::KernelFamily::cumulative:
    return emitCumulative(context);
  }
  llvm_unreachable("a kernel of no family");
}

} // namespace nnc
