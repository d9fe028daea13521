// Gradients, as an op on values.
#ifndef NNC_DIALECTS_LEARN_IR_GRADIENT_TD
#define NNC_DIALECTS_LEARN_IR_GRADIENT_TD

include "dialects/learn/IR/LearnBase.td"

def Learn_GradientOp : Learn_Op<"gradient", [Pure]> {
  let summary = "the derivative of a scalar with respect to values that it was computed from";
  let description = [{
    One result for each of `of`, of its type: d loss / d of[k], where everything else is held fixed as it enters; with `maximize`,
    -d loss / d of[k], so that a step down is a step up. The values must be defined in the block of the op (or be arguments of it). Gone after stage differentiated; results can be differentiated again.

    Example: `%dw, %db = learn.gradient %loss of %w, %b : (tensor<f32>, tensor<4x3xf32>, tensor<3xf32>) -> (tensor<4x3xf32>, tensor<3xf32>)`
  }];
  let arguments = (ins NN_Float:$loss, Variadic<NN_Float>:$of, UnitAttr:$maximize);
  let results = (outs Variadic<NN_Float>:$gradients);
  let assemblyFormat = "(`maximize` $maximize^)? $loss `of` $of attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
  let builders = [OpBuilder<(ins "::mlir::Value":$loss, "::mlir::ValueRange":$of, CArg<"bool", "false">:$maximize), [{
    build($_builder, $_state, of.getTypes(), loss, of, maximize);
  }]>];
}

#endif
