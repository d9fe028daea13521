/// Which emitter a family of kernels has.
#include "compiler/Emit/Families.h"
#include "compiler/Emit/Attention/AttentionFamily.h"
#include "compiler/Emit/Gemm/Contraction.h"
#include "compiler/Emit/Loops/Loops.h"
#include "llvm/ADT/StringSwitch.h"

namespace nnc {

FamilyEmitter findEmitter(llvm::StringRef family, bool microkernels) {
  return llvm::StringSwitch<FamilyEmitter>(family)
      .Case("elementwise", emitElementwise)
      .Cases({"reduction", "row"}, emitRow)
      .Case("contraction", microkernels ? emitContraction : emitGeneric)
      .Case("attention", emitAttention)
      .Case("attention_grad", emitAttentionGrad)
      .Case("put", emitPut)
      .Case("scatter", emitScatter)
      .Case("sort", emitSort)
      .Case("cumulative", emitCumulative)
      .Case("generic", emitGeneric)
      .Default(nullptr);
}

} // namespace nnc
