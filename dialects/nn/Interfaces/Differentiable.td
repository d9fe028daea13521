// Reverse-mode differentiation, and what derivatives ask about an op, as interfaces of tensor ops.
#ifndef NNC_DIALECTS_NN_INTERFACES_DIFFERENTIABLE_TD
#define NNC_DIALECTS_NN_INTERFACES_DIFFERENTIABLE_TD

include "mlir/IR/OpBase.td"

def Differentiable : OpInterface<"Differentiable"> {
  let cppNamespace = "::nnc::nn";
  let description = [{
    An op with a reverse-mode rule. The rule is written with ops that have rules themselves, so that a derivative can be
    differentiated again; an op whose rule yields a terminal op (attention_grad, ...) must also be a Composite.
  }];
  let methods = [
    InterfaceMethod<[{
      Builds the vector-Jacobian product at the builder's insertion point (after the op, in the same block).
      `resultGrads[i]` is the cotangent of result i, or null if it is zero. For every operand j with `needed[j]`,
      sets `operandGrads[j]` to a value of the operand's type, or leaves it null if the contribution is zero.
      `operandGrads` arrives with one null entry per operand. Fails with an error emitted on the op if there is no rule.
    }], "::llvm::LogicalResult", "backward",
    (ins "::mlir::OpBuilder &":$builder, "::mlir::ValueRange":$resultGrads, "::llvm::ArrayRef<bool>":$needed,
         "::llvm::SmallVectorImpl<::mlir::Value> &":$operandGrads)>,
    InterfaceMethod<[{
      True if the op stands only in outermost derivatives: an enclosing gradient must decompose it (or the op that it
      is the gradient of) first.
    }], "bool", "isTerminalGradient", (ins), "", [{ return false; }]>,
    InterfaceMethod<"True if `backward` yields an op that is a terminal gradient.",
    "bool", "hasTerminalGradient", (ins), "", [{ return false; }]>,
  ];
}

def Composite : OpInterface<"Composite"> {
  let cppNamespace = "::nnc::nn";
  let description = "An op that can also be written with simpler ops, for derivatives of derivatives and for targets without it.";
  let methods = [
    InterfaceMethod<[{
      Builds values of simpler ops that stand for the op's results; if the op is Differentiable, they are so to any order.
    }], "void", "decompose", (ins "::mlir::OpBuilder &":$builder, "::llvm::SmallVectorImpl<::mlir::Value> &":$results)>,
  ];
}

def LinearIn : OpInterface<"LinearIn"> {
  let cppNamespace = "::nnc::nn";
  let description = "An op that says in which of its operands it is linear.";
  let methods = [
    InterfaceMethod<[{
      True if the results are linear in the operands with `varies[k]`, all together, but for a term that depends on the others.
    }],
    "bool", "isLinearIn", (ins "::llvm::ArrayRef<bool>":$varies)>,
  ];
}

def Sloped : OpInterface<"Sloped"> {
  let cppNamespace = "::nnc::nn";
  let description = "A differentiable op that says where its slopes are not ordinary numbers.";
  let methods = [InterfaceMethod<"The kind of slope.", "::nnc::nn::Slope", "getSlope">];
}

#endif
