// Reductions, running reductions, order statistics, normalisations along an axis.
#ifndef NNC_DIALECTS_NN_IR_REDUCTION_TD
#define NNC_DIALECTS_NN_IR_REDUCTION_TD

include "dialects/nn/IR/NNBase.td"

def NN_Reduction : I32EnumAttr<"Reduction", "how elements are combined", [
    I32EnumAttrCase<"sum", 0>, I32EnumAttrCase<"prod", 1>, I32EnumAttrCase<"max", 2>,
    I32EnumAttrCase<"min", 3>, I32EnumAttrCase<"any", 4>, I32EnumAttrCase<"all", 5>]> {
  let cppNamespace = "::nnc::nn";
}

def NN_Weights : NN_Calculus<NN_NotLinear, NN_WeightsSlope>;
def NN_LogWeights : NN_Calculus<NN_NotLinear, NN_LogWeightsSlope>;

def NN_ReduceOp : NN_Op<"reduce", NN_ManyFacts<NN_PerOperand, NN_OwnAxes>, NN_Calculus<NN_OwnLinear, NN_OwnSlope>,
                        [InferTypeOpAdaptor]> {
  let summary = "combines the elements along axes, which disappear";
  let description = [{
    The order of a sum depends on the shapes and the target only. The cotangent of `max` and `min` goes to the first extreme
    element of each group.

    Example: `%y = nn.reduce sum %x [1] : tensor<4x3xf32>` gives `tensor<4xf32>`.
  }];
  let arguments = (ins NN_Reduction:$kind, NN_Tensor:$x, DenseI64ArrayAttr:$axes);
  let results = (outs NN_Tensor:$y);
  let assemblyFormat = "$kind $x $axes attr-dict `:` type($x)";
  let hasFolder = 1;
}

def NN_ArgmaxOp : NN_FlatOp<"argmax", NN_ManyFacts<NN_PerOperand, NN_OverAxis>,
                            [DeclareOpInterfaceMethods<Composite>, InferTypeOpAdaptor]> {
  let summary = "the position of the largest element along an axis, the first of equals";
  let description = "Example: `%y = nn.argmax %x axis 1 : tensor<4x3xf32>` gives `tensor<4xi32>`.";
  let arguments = (ins NN_Number:$x, I64Attr:$axis);
  let results = (outs NN_TensorOf<[I32]>:$y);
  let assemblyFormat = "$x `axis` $axis attr-dict `:` type($x)";
}

def NN_CumulativeOp : NN_Op<"cumulative", NN_ManyFacts<NN_PerOperand, NN_AlongAxis>,
                            NN_Calculus<NN_OwnLinear, NN_FiniteSlope>, [SameOperandsAndResultType]> {
  let summary = "running sum or product along an axis";
  let description = [{
    `y[k] = x[0] o ... o x[k]`, or from the end with `reverse`.

    Example: `%y = nn.cumulative sum %x axis 1 : tensor<4x3xf32>`
  }];
  let arguments = (ins NN_Reduction:$kind, NN_Number:$x, I64Attr:$axis, UnitAttr:$reverse);
  let results = (outs NN_Number:$y);
  let assemblyFormat = "$kind $x `axis` $axis (`reverse` $reverse^)? attr-dict `:` type($x)";
  let hasVerifier = 1;
}

def NN_TopKOp : NN_Op<"top_k", NN_ManyFacts<NN_PerOperand, NN_AlongLastAxis>, NN_Calculus<NN_NotLinear, NN_ChoiceSlope>,
                      [InferTypeOpAdaptor]> {
  let summary = "the k largest elements of the last axis, in descending order, and where they stood";
  let description = "Example: `%v, %i = nn.top_k %x 5 : tensor<4x30xf32>` gives `tensor<4x5xf32>` and `tensor<4x5xi32>`.";
  let arguments = (ins NN_Number:$x, I64Attr:$k);
  let results = (outs NN_Number:$values, NN_TensorOf<[I32]>:$indices);
  let assemblyFormat = "$x $k attr-dict `:` type($x)";
}

def NN_SoftmaxOp : NN_CompositeOp<"softmax", NN_ManyFacts<NN_PerOperand, NN_AlongAxis>, NN_Weights, [SameOperandsAndResultType]> {
  let summary = "e^x over the sum of e^x along an axis";
  let description = [{
    Computed from the maximum, so it does not overflow. A row that is all minus infinity is 0, value and gradient.

    Example: `%y = nn.softmax %x axis 1 : tensor<4x3xf32>`
  }];
  let arguments = (ins NN_Float:$x, I64Attr:$axis);
  let results = (outs NN_Float:$y);
  let assemblyFormat = "$x `axis` $axis attr-dict `:` type($x)";
  let hasVerifier = 1;
}

def NN_LogSoftmaxOp : NN_CompositeOp<"log_softmax", NN_ManyFacts<NN_PerOperand, NN_AlongAxis>, NN_LogWeights,
                                      [SameOperandsAndResultType]> {
  let summary = "x - logsumexp(x) along an axis";
  let description = "Example: `%y = nn.log_softmax %x axis 1 : tensor<4x3xf32>`";
  let arguments = (ins NN_Float:$x, I64Attr:$axis);
  let results = (outs NN_Float:$y);
  let assemblyFormat = "$x `axis` $axis attr-dict `:` type($x)";
  let hasVerifier = 1;
}

def NN_LogSumExpOp : NN_CompositeOp<"logsumexp", NN_ManyFacts<NN_PerOperand, NN_OverAxis>, NN_LogWeights,
                                     [InferTypeOpAdaptor]> {
  let summary = "log of the sum of e^x along an axis, which disappears";
  let description = [{
    Minus infinity, with gradient 0, for a row that is all minus infinity.

    Example: `%y = nn.logsumexp %x axis 1 : tensor<4x3xf32>` gives `tensor<4xf32>`.
  }];
  let arguments = (ins NN_Float:$x, I64Attr:$axis);
  let results = (outs NN_Float:$y);
  let assemblyFormat = "$x `axis` $axis attr-dict `:` type($x)";
}

def NN_CrossEntropyOp : NN_CompositeOp<"cross_entropy", NN_ManyFacts<NN_PerOperand, NN_AlongLastAxis>, NN_Weights,
                                        [InferTypeOpAdaptor]> {
  let summary = "-log softmax(logits)[label] along the last axis";
  let description = [{
    The shape of labels is that of logits without the last axis. Raised from the log density of a categorical distribution;
    its derivative, softmax minus one-hot, reads the logits once.

    Example: `%y = nn.cross_entropy %logits, %labels : tensor<64x10xf32>, tensor<64xi32>` gives `tensor<64xf32>`.
  }];
  let arguments = (ins NN_Float:$logits, NN_TensorOf<[I32]>:$labels);
  let results = (outs NN_Float:$y);
  let assemblyFormat = "$logits `,` $labels attr-dict `:` type($logits) `,` type($labels)";
}

#endif
