/// Which emitter a family of kernels has.
#include "compiler/Emit/Families.h"
#include "compiler/Emit/Attention/AttentionFamily.h"
#include "compiler/Emit/Gemm/Contraction.h"
#include "compiler/Emit/Loops/Loops.h"

namespace nnc {

FamilyEmitter findEmitter(sched::KernelFamily family, bool microkernels) {
  switch (family) {
  case sched::KernelFamily::elementwise:
    return emitElementwise;
  case sched::KernelFamily::row:
    return emitRow;
  case sched::KernelFamily::contraction:
    return microkernels ? emitContraction : emitGeneric;
  case sched::KernelFamily::attention:
    return emitAttention;
  case sched::KernelFamily::attention_grad:
    return emitAttentionGrad;
  case sched::KernelFamily::put:
    return emitPut;
  case sched::KernelFamily::scatter:
    return emitScatter;
  case sched::KernelFamily::sort:
    return emitSort;
  case sched::KernelFamily::cumulative:
    return emitCumulative;
  }
  llvm_unreachable("a kernel of no family");
}

} // namespace nnc
