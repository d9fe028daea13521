// Passes of the nn dialect before the schedule.
#ifndef NNC_DIALECTS_NN_TRANSFORMS_PASSES_TD
#define NNC_DIALECTS_NN_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def FoldEmpty : Pass<"nn-fold-empty", "::mlir::func::FuncOp"> {
  let summary = "replaces what has, or reads, an axis of size 0";
  let description = [{
    A tensor without elements is a constant, a sum over nothing is 0, a scan of no iterations gives its first values, and parts without
    elements leave a concatenation. No later stage has to think of loops, tiles and windows of nothing.
  }];
  let dependentDialects = ["::nnc::nn::NNDialect"];
}

def CheckDivisors : Pass<"nn-check-divisors", "::mlir::func::FuncOp"> {
  let summary = "asserts that divisions of integers have a result";
  let description = [{
    A division by 0, and one of the least number by -1, fails with its source line where its result is needed: not where a `select`
    chooses the other value, or the left side of `and` and `or` decides. The kernels divide by 1 there and never trap.
  }];
  let dependentDialects = ["::nnc::nn::NNDialect"];
}

def NameFormulas : Pass<"nn-name-formulas", "::mlir::func::FuncOp"> {
  let summary = "names sigmoid, softplus and softmax however they are spelled";
  let description = [{
    a / (1 + exp(-x)), log(1 + exp(x)), max(x, 0) + log1p(exp(-abs(x))), exponentials divided by their sum. The ops are right where the
    formulas overflow or have a corner, and so are their derivatives; so this pass is not optional.
  }];
  let dependentDialects = ["::nnc::nn::NNDialect"];
}

def Simplify : Pass<"nn-simplify", "::mlir::func::FuncOp"> {
  let summary = "folds, lets contractions read and write permuted axes, finds them in sums of products, and rows in one-hot ones";
  let dependentDialects = ["::nnc::nn::NNDialect"];
  let options = [Option<"remarks", "remarks", "bool", "false", "say what became a read of rows">];
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
  let summary = "turns nn.at of a scan's constant at its iteration into a stacked input";
  let description = [{
    `x[t]` becomes a stacked input, and so does `x[T - 1 - t]`, of the reversed tensor, so that the adjoint of the scan
    stacks their cotangents instead of adding a whole tensor in each iteration. Arguments that nothing reads are removed.
  }];
  let dependentDialects = ["::nnc::nn::NNDialect"];
}

def ScanSplit : Pass<"nn-scan-split", "::mlir::func::FuncOp"> {
  let summary = "computes what no iteration of a scan waits for before or after it, for all iterations at once";
  let description = [{
    Contractions that need no carried value become one contraction before the loop, whose pieces are stacked inputs; those that no
    carried value needs become one after it, with what reads them. `concat(x, h) w` is split for that into `x w1 + h w2`, and a carry that
    is only last iteration's piece of an input (the symbol before, where the text is given) becomes an input. Runs before
    differentiation, so the gradients of the weights are single contractions too. A scan that may stop early, or whose ends are
    known at run time, stays as it is.
  }];
  let dependentDialects = ["::nnc::nn::NNDialect"];
  let options = [Option<"remarks", "remarks", "bool", "false", "say what was moved">];
}

#endif
