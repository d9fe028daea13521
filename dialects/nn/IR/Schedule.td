// What the schedule is made of beside nn.kernel: control that the processor runs between kernels, and launches.
#ifndef NNC_DIALECTS_NN_IR_SCHEDULE_TD
#define NNC_DIALECTS_NN_IR_SCHEDULE_TD

include "dialects/nn/IR/NNBase.td"
include "mlir/IR/SymbolInterfaces.td"

def NN_LoopOp : Op<NN_Dialect, "loop", [AttrSizedOperandSegments, SingleBlock]> {
  let summary = "a loop of the schedule";
  let description = [{
    What nn.scan becomes in stage fused: stacked inputs are read with nn.at, stacked outputs are carried and written with nn.put.
    The region sees the values around it. Turns run from 0 to length - 1, with `bounds` from bounds[0] to bounds[1] - 1 (at most
    `length` of them), backwards with `reverse`. On tensors the region's arguments are the turn and the carried values, which it
    yields, with `until` followed by a boolean after which, if it holds, no turn follows. On buffers nothing is carried: each turn
    is stored to `turn`, and `stop` is read after it.

    Example: `%h = nn.loop 8 carry(%h0) : (tensor<4xf32>) -> tensor<4xf32> { ^bb0(%t: tensor<i32>, %c: tensor<4xf32>): ...
    nn.yield %n : tensor<4xf32> }`
  }];
  let arguments = (ins I64Attr:$length, Variadic<AnyType>:$bounds, Variadic<NN_Tensor>:$inits, Optional<AnyMemRef>:$turn,
                       Optional<AnyMemRef>:$stop, UnitAttr:$reverse, UnitAttr:$until);
  let results = (outs Variadic<NN_Tensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $length (`bounds` `(` $bounds^ `)`)? (`carry` `(` $inits^ `)`)? (`turn` `(` $turn^ `)`)? (`stop` `(` $stop^ `)`)?
    (`reverse` $reverse^)? (`until` $until^)? attr-dict `:` functional-type(operands, results) $body
  }];
  let extraClassDeclaration = [{
    ::mlir::Block *getBlock() { return &getBody().front(); }
  }];
  let hasVerifier = 1;
}

def NN_BranchOp : Op<NN_Dialect, "branch", [SingleBlock]> {
  let summary = "one of two pieces of the schedule";
  let description = [{
    What nn.if becomes in stage fused. The regions see the values around them and yield the results; on buffers the condition is a
    memref of one byte and nothing is yielded.

    Example: `%y = nn.branch %c : (tensor<i1>) -> tensor<4xf32> { nn.yield %a : tensor<4xf32> } else { nn.yield %b : tensor<4xf32> }`
  }];
  let arguments = (ins AnyType:$condition);
  let results = (outs Variadic<NN_Tensor>:$results);
  let regions = (region SizedRegion<1>:$then_region, SizedRegion<1>:$else_region);
  let assemblyFormat = "$condition attr-dict `:` functional-type(operands, results) $then_region `else` $else_region";
}

def NN_CheckOp : Op<NN_Dialect, "check"> {
  let summary = "nn.assert on buffers: returns from the function unless a byte is 1";
  let description = "`number` is 1 + the place of the message in the function's `nn.asserts`. Example: `nn.check %c 1 : memref<i8>`";
  let arguments = (ins AnyMemRef:$condition, I32Attr:$number);
  let assemblyFormat = "$condition $number attr-dict `:` type($condition)";
}

def NN_LaunchOp : Op<NN_Dialect, "launch", [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "runs all tasks of an outlined kernel";
  let description = [{
    Calls `kernel(arguments.., task, scratch)` for each task in [0, tasks), in any order and on any thread, and waits for all. Each
    thread has its own `scratch` bytes. `context` is the function's, for the runtime.

    Example: `nn.launch %ctx @kernel_3 tasks 12 scratch 4096 (%a, %y) : !llvm.ptr, memref<64xf32>, memref<64xf32>`
  }];
  let arguments = (ins AnyType:$context, FlatSymbolRefAttr:$kernel, I64Attr:$tasks, I64Attr:$scratch,
                       Variadic<AnyMemRef>:$arguments);
  let assemblyFormat = [{
    $context $kernel `tasks` $tasks `scratch` $scratch `(` $arguments `)` attr-dict `:` type($context) `,` type($arguments)
  }];
}

#endif
