// Sums of products: matrix products, batched and permuted.
#ifndef NNC_DIALECTS_NN_IR_CONTRACTION_TD
#define NNC_DIALECTS_NN_IR_CONTRACTION_TD

include "dialects/nn/IR/NNBase.td"

/// Its slope is taken for constant, though a factor may be infinite: a guard would read every product again.
def NN_ContractOp : NN_Op<"contract", NN_Facts<NN_Many, NN_OwnOperations, NN_OwnAxes, NN_MadeFrom<2>>,
                          NN_Calculus<NN_LinearInEach, NN_ConstantSlope>, [InferTypeOpAdaptor]> {
  let summary = "sum of products over shared indices (an einsum of two tensors)";
  let description = [{
    Axes carry index labels, small integers. A label in a, b and y is a batch index, in one operand and y a free index, in a and b
    only a summed index; a label stands at most once in each list. A label in one operand alone is summed as well.

    Example, y[i, j] = sum_k a[i, k] b[k, j]:
    `%y = nn.contract %a [0, 2], %b [2, 1] -> [0, 1] : tensor<4x8xf32>, tensor<8x3xf32>` gives `tensor<4x3xf32>`.
  }];
  let arguments = (ins NN_Float:$a, NN_Float:$b, DenseI64ArrayAttr:$a_labels, DenseI64ArrayAttr:$b_labels,
                       DenseI64ArrayAttr:$y_labels);
  let results = (outs NN_Float:$y);
  let assemblyFormat = "$a $a_labels `,` $b $b_labels `->` $y_labels attr-dict `:` type($a) `,` type($b)";
}

#endif
