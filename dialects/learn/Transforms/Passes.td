// Passes of the learn dialect.
#ifndef NNC_DIALECTS_LEARN_TRANSFORMS_PASSES_TD
#define NNC_DIALECTS_LEARN_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def Differentiate : Pass<"learn-differentiate", "::mlir::func::FuncOp"> {
  let summary = "replaces each learn.gradient by the adjoint of what computed its loss";
  let description = [{
    Gradients are expanded in program order, in every block, by reverse mode over the ops between the values and the loss. If a
    gradient's result feeds the loss of another gradient, ops whose derivative is a terminal op are decomposed first, in the inner
    slice, so that the outer one can be taken.
  }];
  let dependentDialects = ["::nnc::nn::NNDialect"];
}

#endif
