// Passes of the nn dialect before the schedule.
#ifndef NNC_DIALECTS_NN_TRANSFORMS_PASSES_TD
#define NNC_DIALECTS_NN_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def Simplify : Pass<"nn-simplify", "::mlir::func::FuncOp"> {
  let summary = "folds, lets contractions read and write permuted axes, and finds them in sums of products";
  let dependentDialects = ["::nnc::nn::NNDialect"];
}

def RaiseAttention : Pass<"nn-raise-attention", "::mlir::func::FuncOp"> {
  let summary = "names attention however it is spelled, so that no score is stored";
  let description = [{
    Recognises softmax(scale * q . k + bias, masked) . v through transposes, with operands in any order and any number of batch
    axes, and replaces it by transposes and nn.attention. Runs before differentiation: afterwards the weights have more uses.
  }];
  let dependentDialects = ["::nnc::nn::NNDialect"];
  let options = [Option<"remarks", "remarks", "bool", "false", "say what was raised, and why a near miss was not">];
}

def ScanInputs : Pass<"nn-scan-inputs", "::mlir::func::FuncOp"> {
  let summary = "turns nn.at of a scan's constant at its turn into a stacked input";
  let description = [{
    `x[t]` becomes a stacked input, and so does `x[T - 1 - t]`, of the reversed tensor, so that the adjoint of the scan
    stacks their cotangents instead of adding a whole tensor in each turn. A product of a piece and a constant is computed for
    all turns before the loop, as one contraction. Arguments that nothing reads are removed.
  }];
  let dependentDialects = ["::nnc::nn::NNDialect"];
}

#endif
