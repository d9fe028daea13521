// Passes of the prob dialect.
#ifndef NNC_DIALECTS_PROB_TRANSFORMS_PASSES_TD
#define NNC_DIALECTS_PROB_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def ProbRaise : Pass<"prob-raise", "::mlir::func::FuncOp"> {
  let summary = "names log densities that are ops of nn: categorical becomes nn.cross_entropy";
  let dependentDialects = ["::nnc::nn::NNDialect"];
}

def Estimate : Pass<"prob-estimate", "::mlir::func::FuncOp"> {
  let summary = "replaces draws by random numbers, and log densities and divergences by their formulas";
  let description = [{
    A reparameterised draw is a differentiable function of its parameters and of nn.random; a draw without an estimator is the
    same function of random numbers where nothing is differentiated; gumbel is the relaxed one-hot vector, straight through
    with `hard`.
  }];
  let dependentDialects = ["::nnc::nn::NNDialect"];
}

#endif
