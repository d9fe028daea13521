// Region ops: scan and if; and assertions.
#ifndef NNC_DIALECTS_NN_IR_CONTROL_TD
#define NNC_DIALECTS_NN_IR_CONTROL_TD

include "dialects/nn/IR/NNBase.td"

def NN_YieldOp : Op<NN_Dialect, "yield", [Pure, Terminator, ReturnLike]> {
  let summary = "ends the region of an nn op with its values";
  let description = "Example: `nn.yield %h, %y : tensor<4xf32>, tensor<4xf32>`";
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::ValueRange()); }]>];
}

def NN_ScanOp : NN_RegionOp<"scan", [AttrSizedOperandSegments]> {
  let summary = "a loop over turns with carried values, stacked inputs and stacked outputs";
  let description = [{
    The body's arguments are the turn (`tensor<i32>`), the carried values, the pieces `x[t]` of each stacked input (axis 0), and
    the constants. It yields the next carried values, one piece for each stacked output (axis 0), and, with `until`, a last boolean:
    the loop stops after a turn in which it holds, and the outputs of turns not run are 0. With `reverse`, turns run from length - 1 to 0.
    `bounds`, two integer scalars, restrict the turns to [first, last) at run time; then there are no stacked inputs or outputs
    and the turn starts at `first`.
    Results: the last carried values, then the stacked outputs.

    Example: `%h, %ys = nn.scan 8 carry(%h0) inputs(%xs) constants(%w) : (tensor<4xf32>, tensor<8x4xf32>, tensor<4xf32>) ->
    (tensor<4xf32>, tensor<8x4xf32>) { ^bb0(%t: tensor<i32>, %h: tensor<4xf32>, %x: tensor<4xf32>, %w: tensor<4xf32>):
    %n = nn.mul %h, %w : tensor<4xf32> nn.yield %n, %x : tensor<4xf32>, tensor<4xf32> }`
  }];
  let arguments = (ins I64Attr:$length, Variadic<NN_Position>:$bounds, Variadic<NN_Tensor>:$inits,
                       Variadic<NN_Tensor>:$inputs, Variadic<NN_Tensor>:$constants, UnitAttr:$reverse, UnitAttr:$until);
  let results = (outs Variadic<NN_Tensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $length (`bounds` `(` $bounds^ `)`)? (`carry` `(` $inits^ `)`)? (`inputs` `(` $inputs^ `)`)?
    (`constants` `(` $constants^ `)`)? (`reverse` $reverse^)? (`until` $until^)? attr-dict `:` functional-type(operands, results) $body
  }];
  let extraClassDeclaration = [{
    ::mlir::Block *getBlock() { return &getBody().front(); }
    ::mlir::BlockArgument getTurn() { return getBlock()->getArgument(0); }
    ::llvm::ArrayRef<::mlir::BlockArgument> getCarries() { return getBlock()->getArguments().slice(1, getInits().size()); }
    ::llvm::ArrayRef<::mlir::BlockArgument> getPieces() {
      return getBlock()->getArguments().slice(1 + getInits().size(), getInputs().size());
    }
    ::llvm::ArrayRef<::mlir::BlockArgument> getConstantArguments() {
      return getBlock()->getArguments().drop_front(1 + getInits().size() + getInputs().size());
    }
  }];
  let hasVerifier = 1;
}

def NN_IfOp : NN_RegionOp<"if"> {
  let summary = "one of two regions, chosen by a scalar";
  let description = [{
    Both regions take the captured values as arguments and yield the same types.

    Example: `%y = nn.if %c (%x) : (tensor<i1>, tensor<4xf32>) -> tensor<4xf32> { ^bb0(%a: tensor<4xf32>): nn.yield %a : tensor<4xf32> }
    else { ^bb0(%a: tensor<4xf32>): %b = nn.neg %a : tensor<4xf32> nn.yield %b : tensor<4xf32> }`
  }];
  let arguments = (ins NN_Truth:$condition, Variadic<NN_Tensor>:$captures);
  let results = (outs Variadic<NN_Tensor>:$results);
  let regions = (region SizedRegion<1>:$then_region, SizedRegion<1>:$else_region);
  let assemblyFormat = [{
    $condition (`(` $captures^ `)`)? attr-dict `:` functional-type(operands, results) $then_region `else` $else_region
  }];
  let hasVerifier = 1;
}

def NN_AssertOp : Op<NN_Dialect, "assert"> {
  let summary = "stops the program with a message unless a scalar holds";
  let description = "Example: `nn.assert %c, \"the prompt is empty\"`";
  let arguments = (ins NN_Truth:$condition, StrAttr:$message);
  let assemblyFormat = "$condition `,` $message attr-dict";
}

#endif
