// The sched dialect: the order in which a program's kernels run, first on tensors (stage fused), then on memory (buffers, loops).
#ifndef NNC_DIALECTS_SCHED_IR_SCHEDOPS_TD
#define NNC_DIALECTS_SCHED_IR_SCHEDOPS_TD

include "dialects/nn/IR/NNBase.td"
include "mlir/Dialect/LLVMIR/LLVMOpBase.td"
include "mlir/IR/SymbolInterfaces.td"

def Sched_Dialect : Dialect {
  let name = "sched";
  let cppNamespace = "::nnc::sched";
  let description = [{
    A function as the processor runs it: kernels one after the other, loops and branches with such lists inside. In stage fused the
    ops compute tensors; in stage buffers the same ops name the memory that each tensor was given, and return nothing; in stage loops
    kernels are functions and `sched.launch` runs them.
  }];
  let dependentDialects = ["::nnc::nn::NNDialect", "::mlir::LLVM::LLVMDialect"];
}

/// A tensor in stage fused, the memory that it was given in stage buffers.
def Sched_Buffer : StaticShapeMemRefOf<[F32, F64, I32, I64, I1]>;
def Sched_Value : AnyTypeOf<[NN_Tensor, Sched_Buffer]>;
/// Scalars: an iteration or a bound of a loop; what a branch, a check or a loop's end depends on.
def Sched_NumberBuffer : MemRefRankOf<[I32], [0]>;
def Sched_Number : AnyTypeOf<[NN_Position, Sched_NumberBuffer]>;
def Sched_BooleanBuffer : MemRefRankOf<[I1], [0]>;
def Sched_Boolean : AnyTypeOf<[NN_Truth, Sched_BooleanBuffer]>;
/// What an outlined kernel takes: one axis, booleans as bytes.
def Sched_FlatBuffer : ConfinedType<StaticShapeMemRefOf<[F32, F64, I32, I64, I8]>, [HasAnyRankOfPred<[1]>], "memref of one axis">;

def Sched_KernelFamily : I32EnumAttr<"KernelFamily", "which emitter writes a kernel's code", [
    I32EnumAttrCase<"elementwise", 0>, I32EnumAttrCase<"row", 1>, I32EnumAttrCase<"contraction", 2>,
    I32EnumAttrCase<"attention", 3>, I32EnumAttrCase<"attention_grad", 4>, I32EnumAttrCase<"put", 5>,
    I32EnumAttrCase<"scatter", 6>, I32EnumAttrCase<"sort", 7>, I32EnumAttrCase<"cumulative", 8>]> {
  let cppNamespace = "::nnc::sched";
}

class Sched_Op<string mnemonic, list<Trait> traits = []> : Op<Sched_Dialect, mnemonic, traits>;

def Sched_YieldOp : Sched_Op<"yield", [Pure, Terminator, ReturnLike, ParentOneOf<["KernelOp", "LoopOp", "BranchOp"]>]> {
  let summary = "ends a region of the schedule with its values";
  let description = [{
    On memory the region of a loop or a branch yields nothing: its kernels have written already.

    Example: `sched.yield %h : tensor<4xf32>`
  }];
  let arguments = (ins Variadic<NN_Tensor>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
}

def Sched_KernelOp : Sched_Op<"kernel", [IsolatedFromAbove, SingleBlock, AttrSizedOperandSegments]> {
  let summary = "one unit of the schedule: fused, launched, timed and named as a whole";
  let description = [{
    The region computes on tensors, in both stages: its arguments are the values of `inputs`, its yield the values of the results. On
    tensors (stage fused) the op has results and no `outputs`; on memory `inputs` and `outputs` are memrefs, and yielded value k is
    stored to output k. `family` names the emitter that writes the code.

    Example: `%y = sched.kernel "relu" elementwise inputs(%x) : (tensor<4xf32>) -> tensor<4xf32> { ^bb0(%a: tensor<4xf32>):
    %zero = nn.constant dense<0.0> : tensor<4xf32> %r = nn.max %a, %zero : tensor<4xf32> sched.yield %r : tensor<4xf32> }`
  }];
  let arguments = (ins StrAttr:$name, Sched_KernelFamily:$family, Variadic<Sched_Value>:$inputs, Variadic<Sched_Buffer>:$outputs);
  let results = (outs Variadic<NN_Tensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $name $family (`inputs` `(` $inputs^ `)`)? (`outputs` `(` $outputs^ `)`)? attr-dict `:`
    functional-type(operands, results) $body
  }];
  let extraClassDeclaration = [{
    ::mlir::Block *getBlock() { return &getBody().front(); }
    YieldOp getYield();
  }];
  let hasVerifier = 1;
}

def Sched_LoopOp : Sched_Op<"loop", [AttrSizedOperandSegments, SingleBlock]> {
  let summary = "a loop of the schedule";
  let description = [{
    What nn.scan becomes in stage fused: stacked inputs are read with nn.at, stacked outputs are carried and written with nn.put.
    The region sees the values around it. Iterations run from 0 to length - 1, with `bounds` from bounds[0] to bounds[1] - 1 (at most
    `length` of them), backwards with `reverse`. On tensors the region's arguments are the iteration and the carried values, which it
    yields, with `until` followed by a boolean after which, if it holds, no iteration follows. On memory nothing is carried: the
    number of each iteration is stored to `iteration`, and `stop` is read after it.

    Example: `%h = sched.loop 8 carry(%h0) : (tensor<4xf32>) -> tensor<4xf32> { ^bb0(%t: tensor<i32>, %c: tensor<4xf32>):
    sched.yield %c : tensor<4xf32> }`
  }];
  let arguments = (ins I64Attr:$length, Variadic<Sched_Number>:$bounds, Variadic<NN_Tensor>:$inits,
                       Optional<Sched_NumberBuffer>:$iteration, Optional<Sched_BooleanBuffer>:$stop, UnitAttr:$reverse,
                       UnitAttr:$until);
  let results = (outs Variadic<NN_Tensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $length (`bounds` `(` $bounds^ `)`)? (`carry` `(` $inits^ `)`)? (`iteration` `(` $iteration^ `)`)? (`stop` `(` $stop^ `)`)?
    (`reverse` $reverse^)? (`until` $until^)? attr-dict `:` functional-type(operands, results) $body
  }];
  let extraClassDeclaration = [{
    ::mlir::Block *getBlock() { return &getBody().front(); }
  }];
  let hasVerifier = 1;
}

def Sched_BranchOp : Sched_Op<"branch", [SingleBlock]> {
  let summary = "one of two pieces of the schedule";
  let description = [{
    What nn.if becomes in stage fused. The regions see the values around them, take no arguments and yield the results; on memory
    the condition is a memref and nothing is yielded.

    Example: `%y = sched.branch %c : (tensor<i1>) -> tensor<4xf32> { sched.yield %a : tensor<4xf32> }
    else { sched.yield %b : tensor<4xf32> }`
  }];
  let arguments = (ins Sched_Boolean:$condition);
  let results = (outs Variadic<NN_Tensor>:$results);
  let regions = (region SizedRegion<1>:$then_region, SizedRegion<1>:$else_region);
  let assemblyFormat = "$condition attr-dict `:` functional-type(operands, results) $then_region `else` $else_region";
  let hasVerifier = 1;
}

def Sched_CheckOp : Sched_Op<"check"> {
  let summary = "nn.assert on memory: returns from the function unless a boolean holds";
  let description = [{
    `number` is 1 + the index of the message in the function's `nn.asserts`.

    Example: `sched.check %c 1 : memref<i1>`
  }];
  let arguments = (ins Sched_BooleanBuffer:$condition, ConfinedAttr<I32Attr, [IntPositive]>:$number);
  let assemblyFormat = "$condition $number attr-dict `:` type($condition)";
}

def Sched_LaunchOp : Sched_Op<"launch", [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "runs all tasks of an outlined kernel";
  let description = [{
    Calls `kernel(arguments.., task, scratch)` for each task in [0, tasks), in any order and on any thread, and waits for all. Each
    thread has its own `scratch` bytes. `context` is the function's, for the runtime. `kernel` is a function with the attribute
    `nn.kernel`.

    Example: `sched.launch %ctx @kernel_3 tasks 12 scratch 4096 (%a, %y) : !llvm.ptr, memref<64xf32>, memref<64xf32>`
  }];
  let arguments = (ins LLVM_AnyPointer:$context, FlatSymbolRefAttr:$kernel, ConfinedAttr<I64Attr, [IntNonNegative]>:$tasks,
                       ConfinedAttr<I64Attr, [IntNonNegative]>:$scratch, Variadic<Sched_FlatBuffer>:$arguments);
  let assemblyFormat = [{
    $context $kernel `tasks` $tasks `scratch` $scratch `(` $arguments `)` attr-dict `:` qualified(type($context)) `,` type($arguments)
  }];
}

#endif
