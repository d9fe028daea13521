// Scaled dot-product attention under its name, and its derivative.
#ifndef NNC_DIALECTS_NN_IR_ATTENTION_TD
#define NNC_DIALECTS_NN_IR_ATTENTION_TD

include "dialects/nn/IR/NNBase.td"

/// Slopes are taken for constant, as those of the contractions that an attention is made of.
class NN_AttentionBase<string mnemonic, Trait axes, Trait linear, int matrices, string terminal>
    : Op<NN_Dialect, mnemonic, !listconcat(
          [Pure, AttrSizedOperandSegments, DeclareOpInterfaceMethods<Differentiable, [terminal]>,
           DeclareOpInterfaceMethods<Composite>],
          NN_Facts<NN_Many, NN_OwnOperations, axes, NN_MadeFrom<matrices>>.traits, NN_Calculus<linear, NN_ConstantSlope>.traits)>;

def NN_AttentionOp : NN_AttentionBase<"attention", NN_UnbatchedAxes, NN_LinearIn<[2]>, 3, "hasTerminalGradient"> {
  let summary = "y_i = sum_j softmax_j(scale * q_i . k_j) v_j, with the rows' log-sum-exp";
  let description = [{
    q: [G.., I, M], k: [G.., J, M], v: [G.., J, N] with equal leading (group) axes G of any number; y: [G.., I, N], lse: [G.., I].
    `causal`: key j is seen by query i only if j <= i. `mask` (true where a key is seen) has shape [H.., I or 1 .., J]: see
    `mask_axes`, which maps each of its axes to an axis of the scores [G.., I, J]. `bias`, with `bias_axes`, is added to the scaled
    scores. `keep` (booleans shaped as the scores) with `keep_scale` is dropout of the weights: kept weights are multiplied by
    keep_scale. A query that sees no key gives 0 and lse minus infinity. Vaswani et al. 2017, eq. 1; Dao 2023 for the form of
    the kernel: no score is stored.

    Example: `%y, %lse = nn.attention %q, %k, %v scale 0.125 causal : (tensor<2x8x64x32xf32>, tensor<2x8x64x32xf32>,
    tensor<2x8x64x32xf32>) -> (tensor<2x8x64x32xf32>, tensor<2x8x64xf32>)`
  }];
  let arguments = (ins NN_Float:$q, NN_Float:$k, NN_Float:$v, Optional<NN_Bool>:$mask, Optional<NN_Float>:$bias,
                       Optional<NN_Bool>:$keep, F64Attr:$scale, UnitAttr:$causal,
                       OptionalAttr<DenseI64ArrayAttr>:$mask_axes, OptionalAttr<DenseI64ArrayAttr>:$bias_axes,
                       DefaultValuedAttr<F64Attr, "1.0">:$keep_scale);
  let results = (outs NN_Float:$y, NN_Float:$lse);
  let assemblyFormat = [{
    $q `,` $k `,` $v (`mask` $mask^ $mask_axes)? (`bias` $bias^ $bias_axes)? (`keep` $keep^ $keep_scale)? `scale` $scale
    (`causal` $causal^)? attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def NN_AttentionGradOp : NN_AttentionBase<"attention_grad", NN_MixedAxes, NN_NotLinear, 6, "isTerminalGradient"> {
  let summary = "the cotangents of q, k and v of an attention";
  let description = [{
    Recomputes the weights from lse; memory is linear in the number of keys. Stands in outermost derivatives only.
    Example: `%dq, %dk, %dv = nn.attention_grad %q, %k, %v, %y, %lse, %dy scale 0.5 causal : (tensor<3x4xf32>, tensor<5x4xf32>,
    tensor<5x2xf32>, tensor<3x2xf32>, tensor<3xf32>, tensor<3x2xf32>) -> (tensor<3x4xf32>, tensor<5x4xf32>, tensor<5x2xf32>)`
  }];
  let arguments = (ins NN_Float:$q, NN_Float:$k, NN_Float:$v, NN_Float:$y, NN_Float:$lse, NN_Float:$dy,
                       Optional<NN_Bool>:$mask, Optional<NN_Float>:$bias, Optional<NN_Bool>:$keep, F64Attr:$scale,
                       UnitAttr:$causal, OptionalAttr<DenseI64ArrayAttr>:$mask_axes,
                       OptionalAttr<DenseI64ArrayAttr>:$bias_axes, DefaultValuedAttr<F64Attr, "1.0">:$keep_scale);
  let results = (outs NN_Float:$dq, NN_Float:$dk, NN_Float:$dv);
  let assemblyFormat = [{
    $q `,` $k `,` $v `,` $y `,` $lse `,` $dy (`mask` $mask^ $mask_axes)? (`bias` $bias^ $bias_axes)?
    (`keep` $keep^ $keep_scale)? `scale` $scale (`causal` $causal^)? attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif
