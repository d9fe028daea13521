// Reverse-mode differentiation as an interface of tensor ops.
#ifndef NNC_DIALECTS_NN_INTERFACES_DIFFERENTIABLE_TD
#define NNC_DIALECTS_NN_INTERFACES_DIFFERENTIABLE_TD

include "mlir/IR/OpBase.td"

def Differentiable : OpInterface<"Differentiable"> {
  let cppNamespace = "::nnc::nn";
  let description = [{
    An op with a reverse-mode rule. The rule is written with ops that have rules themselves, so that a derivative can be
    differentiated again; an op whose rule yields a terminal op (attention_grad, ...) must also `decompose`.
  }];
  let methods = [
    InterfaceMethod<[{
      Builds the vector-Jacobian product at the builder's insertion point (after the op, in the same block).
      `resultGrads[i]` is the cotangent of result i, or null if it is zero. For every operand j with `needed[j]`,
      sets `operandGrads[j]` to a value of the operand's type, or leaves it null if the contribution is zero.
      `operandGrads` arrives with one null entry an operand. Fails with an error emitted on the op if there is no rule.
    }], "::llvm::LogicalResult", "backward",
    (ins "::mlir::OpBuilder &":$builder, "::mlir::ValueRange":$resultGrads, "::llvm::ArrayRef<bool>":$needed,
         "::llvm::SmallVectorImpl<::mlir::Value> &":$operandGrads)>,
    InterfaceMethod<[{
      Replaces the op's results by values of simpler ops that are differentiable to any order. Fails silently if the op
      is already elementary.
    }], "::llvm::LogicalResult", "decompose",
    (ins "::mlir::OpBuilder &":$builder, "::llvm::SmallVectorImpl<::mlir::Value> &":$results), "",
    [{ return ::mlir::failure(); }]>,
    InterfaceMethod<[{
      True if the op stands only in outermost derivatives: an enclosing gradient must decompose it (or the op that it
      is the gradient of) first.
    }], "bool", "isTerminalGradient", (ins), "", [{ return false; }]>,
    InterfaceMethod<"True if `backward` yields an op that is a terminal gradient.",
    "bool", "hasTerminalGradient", (ins), "", [{ return false; }]>,
  ];
}

#endif
