// Ops that move elements: constants, broadcasts, layouts, pieces, gathers.
#ifndef NNC_DIALECTS_NN_IR_SHAPE_TD
#define NNC_DIALECTS_NN_IR_SHAPE_TD

include "dialects/nn/IR/NNBase.td"

def NN_Source : NN_Facts<NN_Free, NN_NoOperations, NN_MixedAxes, NN_Made>;
/// All elements of the operands, or those at a run-time index of the first one.
def NN_Moving : NN_Calculus<NN_LinearInAll, NN_ConstantSlope>;
def NN_Picking : NN_Calculus<NN_LinearIn<[0]>, NN_ChoiceSlope>;

def NN_ConstantOp : NN_FlatOp<"constant", NN_Source, [ConstantLike, AllTypesMatch<["value", "y"]>]> {
  let summary = "a constant tensor";
  let description = "Example: `%y = nn.constant dense<0.0> : tensor<4x3xf32>`";
  let arguments = (ins ElementsAttr:$value);
  let results = (outs NN_Tensor:$y);
  let builders = [OpBuilder<(ins "::mlir::RankedTensorType":$type, "double":$splat)>];
  let assemblyFormat = "$value attr-dict";
  let hasFolder = 1;
}

def NN_IotaOp : NN_FlatOp<"iota", NN_Source> {
  let summary = "the index along one axis";
  let description = [{
    `y[i0, ..., in] = i_axis`, in an integer or float element type.

    Example: `%y = nn.iota 1 : tensor<4x3xi32>`
  }];
  let arguments = (ins I64Attr:$axis);
  let results = (outs NN_Number:$y);
  let assemblyFormat = "$axis attr-dict `:` type($y)";
  let hasVerifier = 1;
}

def NN_BroadcastOp : NN_Op<"broadcast", NN_ViewFacts<NN_OwnAxes>, NN_Moving> {
  let summary = "repeats a tensor along new axes";
  let description = [{
    Axis k of the operand becomes axis `axes[k]` of the result (ascending, sizes equal); the other axes repeat it.

    Example: `%y = nn.broadcast %x [1] : tensor<3xf32> to tensor<4x3xf32>`
  }];
  let arguments = (ins NN_Tensor:$x, DenseI64ArrayAttr:$axes);
  let results = (outs NN_Tensor:$y);
  let assemblyFormat = "$x $axes attr-dict `:` type($x) `to` type($y)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def NN_ReshapeOp : NN_Op<"reshape", NN_ViewFacts<NN_OwnAxes>, NN_Moving> {
  let summary = "the same elements in row-major order under another shape";
  let description = "Example: `%y = nn.reshape %x : tensor<4x3xf32> to tensor<12xf32>`";
  let arguments = (ins NN_Tensor:$x);
  let results = (outs NN_Tensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x) `to` type($y)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def NN_TransposeOp : NN_Op<"transpose", NN_ViewFacts<NN_OwnAxes>, NN_Moving, [InferTypeOpAdaptor]> {
  let summary = "permutes axes";
  let description = [{
    Result axis k is operand axis `permutation[k]`.

    Example: `%y = nn.transpose %x [1, 0] : tensor<4x3xf32>` gives `tensor<3x4xf32>`.
  }];
  let arguments = (ins NN_Tensor:$x, DenseI64ArrayAttr:$permutation);
  let results = (outs NN_Tensor:$y);
  let assemblyFormat = "$x $permutation attr-dict `:` type($x)";
  let hasFolder = 1;
}

def NN_ReverseOp : NN_Op<"reverse", NN_ViewFacts<NN_OwnAxes>, NN_Moving, [SameOperandsAndResultType]> {
  let summary = "turns axes around";
  let description = "Example: `%y = nn.reverse %x [1] : tensor<4x3xf32>`";
  let arguments = (ins NN_Tensor:$x, DenseI64ArrayAttr:$axes);
  let results = (outs NN_Tensor:$y);
  let assemblyFormat = "$x $axes attr-dict `:` type($x)";
  let hasVerifier = 1;
}

def NN_SliceOp : NN_Op<"slice", NN_ViewFacts<NN_OwnAxes>, NN_Calculus<NN_LinearInAll, NN_ChoiceSlope>> {
  let summary = "a static box of a tensor";
  let description = [{
    `y[i] = x[offsets + strides * i]`; the box lies inside x.

    Example: `%y = nn.slice %x [0, 1] [1, 2] : tensor<4x8xf32> to tensor<4x3xf32>`
  }];
  let arguments = (ins NN_Tensor:$x, DenseI64ArrayAttr:$offsets, DenseI64ArrayAttr:$strides);
  let results = (outs NN_Tensor:$y);
  let assemblyFormat = "$x $offsets $strides attr-dict `:` type($x) `to` type($y)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def NN_PadOp : NN_Op<"pad", NN_Facts<NN_Choice, NN_NoOperations, NN_OwnAxes, NN_Made>, NN_Moving, [InferTypeOpAdaptor]> {
  let summary = "surrounds a tensor with a constant and spreads its elements";
  let description = [{
    `low` and `high` elements of `value` before and after each axis, `interior` between neighbours; counts are not negative.

    Example: `%y = nn.pad %x [0, 1] [0, 1] [0, 0] value 0.0 : tensor<4x3xf32>` gives `tensor<4x5xf32>`.
  }];
  let arguments = (ins NN_Number:$x, DenseI64ArrayAttr:$low, DenseI64ArrayAttr:$high, DenseI64ArrayAttr:$interior,
                       DefaultValuedAttr<F64Attr, "0.0">:$value);
  let results = (outs NN_Number:$y);
  let assemblyFormat = "$x $low $high $interior (`value` $value^)? attr-dict `:` type($x)";
}

def NN_ConcatOp : NN_Op<"concat", NN_Facts<NN_Choice, NN_NoOperations, NN_AlongAxis, NN_Made>, NN_Moving, [InferTypeOpAdaptor]> {
  let summary = "joins tensors along an axis";
  let description = "Example: `%y = nn.concat %a, %b axis 1 : tensor<4x3xf32>, tensor<4x2xf32>` gives `tensor<4x5xf32>`.";
  let arguments = (ins Variadic<NN_Tensor>:$parts, I64Attr:$axis);
  let results = (outs NN_Tensor:$y);
  let assemblyFormat = "$parts `axis` $axis attr-dict `:` type($parts)";
}

def NN_AtOp : NN_Op<"at", NN_ViewFacts<NN_SomeOwnAxes>, NN_Picking, [InferTypeOpAdaptor]> {
  let summary = "the piece of a tensor at a run-time position of one axis, which disappears";
  let description = [{
    The position must be in range; who builds the op proves or asserts it.

    Example: `%y = nn.at %x, %t axis 1 : tensor<4x8x3xf32>` gives `tensor<4x3xf32>`.
  }];
  let arguments = (ins NN_Tensor:$x, NN_Position:$index, I64Attr:$axis);
  let results = (outs NN_Tensor:$y);
  let assemblyFormat = "$x `,` $index `axis` $axis attr-dict `:` type($x)";
}

def NN_PutOp : NN_Op<"put", NN_Facts<NN_Lookup, NN_NoOperations, NN_UnbatchedAxes, NN_Made>,
                     NN_Calculus<NN_LinearIn<[0, 2]>, NN_ChoiceSlope>, [AllTypesMatch<["x", "y"]>]> {
  let summary = "a tensor with the piece at a run-time position of one axis replaced";
  let description = "Example: `%y = nn.put %x, %t, %piece axis 1 : tensor<4x8x3xf32>, tensor<4x3xf32>`";
  let arguments = (ins NN_Tensor:$x, NN_Position:$index, NN_Tensor:$piece, I64Attr:$axis);
  let results = (outs NN_Tensor:$y);
  let assemblyFormat = "$x `,` $index `,` $piece `axis` $axis attr-dict `:` type($x) `,` type($piece)";
  let hasVerifier = 1;
}

def NN_GatherOp : NN_Op<"gather", NN_Facts<NN_Lookup, NN_NoOperations, NN_SomeOwnAxes, NN_Made>, NN_Picking,
                        [InferTypeOpAdaptor]> {
  let summary = "rows of a tensor by integer index";
  let description = [{
    `y[o.., i.., r..] = x[o.., indices[i..], r..]` with the index in place of axis `axis` of x. Indices must be in range.

    Example: `%y = nn.gather %table, %words axis 0 : tensor<100x8xf32>, tensor<4x5xi32>` gives `tensor<4x5x8xf32>`.
  }];
  let arguments = (ins NN_Tensor:$x, NN_TensorOf<[I32]>:$indices, I64Attr:$axis);
  let results = (outs NN_Tensor:$y);
  let assemblyFormat = "$x `,` $indices `axis` $axis attr-dict `:` type($x) `,` type($indices)";
}

def NN_ScatterAddOp : NN_Op<"scatter_add", NN_ManyFacts<NN_PerOperand, NN_UnbatchedAxes>,
                            NN_Calculus<NN_LinearIn<[0]>, NN_ConstantSlope>> {
  let summary = "adds rows into a tensor of zeros at integer indices: the adjoint of gather";
  let description = [{
    `y[o.., k, r..] = sum over i.. with indices[i..] = k of updates[o.., i.., r..]`, summed in index order.

    Example: `%y = nn.scatter_add %updates, %words axis 0 : tensor<4x5x8xf32>, tensor<4x5xi32> to tensor<100x8xf32>`
  }];
  let arguments = (ins NN_Number:$updates, NN_TensorOf<[I32]>:$indices, I64Attr:$axis);
  let results = (outs NN_Number:$y);
  let assemblyFormat = "$updates `,` $indices `axis` $axis attr-dict `:` type($updates) `,` type($indices) `to` type($y)";
  let hasVerifier = 1;
}

def NN_WindowOp : NN_Op<"window", NN_ViewFacts<NN_OwnAxes>, NN_Moving, [InferTypeOpAdaptor]> {
  let summary = "all windows of a tensor, as a view with more axes";
  let description = [{
    For each k, axis `axes[k]` of size D becomes the window's position, of size (D - sizes[k]) / strides[k] + 1, and a new last
    axis (in the order of k) holds the place in the window: `y[.., i, .., u] = x[.., strides * i + u, ..]`.

    Example: `%y = nn.window %x axes [2, 3] sizes [3, 3] strides [1, 1] : tensor<8x16x30x30xf32>` gives
    `tensor<8x16x28x28x3x3xf32>`.
  }];
  let arguments = (ins NN_Tensor:$x, DenseI64ArrayAttr:$axes, DenseI64ArrayAttr:$sizes, DenseI64ArrayAttr:$strides);
  let results = (outs NN_Tensor:$y);
  let assemblyFormat = "$x `axes` $axes `sizes` $sizes `strides` $strides attr-dict `:` type($x)";
}

def NN_UnwindowOp : NN_Op<"unwindow", NN_ManyFacts<NN_PerOperand, NN_OwnAxes>, NN_Moving> {
  let summary = "adds windows back to where they came from: the adjoint of window";
  let description = [{
    `y[.., s, ..] = sum over (i, u) with strides * i + u = s of x[.., i, .., u]`.

    Example: `%y = nn.unwindow %x axes [1] sizes [3] strides [1] : tensor<8x28x3xf32> to tensor<8x30xf32>`
  }];
  let arguments = (ins NN_Float:$x, DenseI64ArrayAttr:$axes, DenseI64ArrayAttr:$sizes, DenseI64ArrayAttr:$strides);
  let results = (outs NN_Float:$y);
  let assemblyFormat = "$x `axes` $axes `sizes` $sizes `strides` $strides attr-dict `:` type($x) `to` type($y)";
  let hasVerifier = 1;
}

#endif
