// The program that the runtime interprets: its parameters, and what is optimised.
#ifndef NNC_DIALECTS_LEARN_IR_PROGRAM_TD
#define NNC_DIALECTS_LEARN_IR_PROGRAM_TD

include "dialects/learn/IR/LearnBase.td"

def Learn_ProgramOp : Learn_BlockOp<"program", [IsolatedFromAbove, SymbolTable, HasParent<"::mlir::ModuleOp">,
                                                DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "data, parameters, schedule, entries and flags: what libnnrt interprets";
  let description = [{
    One for each module. Its names (of parameters, vocabularies, data sets, objectives and entries) are one space; the functions that it
    names are the module's, and it needs `init.params`, which makes every parameter and state from the seed. `hash` is that of the
    sources, `real` the type that f32 stands for. It survives every stage and ends as JSON in the executable (runtime/README.md), with the sizes
    that later stages add.

    Example: `learn.program "mlp" hash "8c1f" real f32 { learn.param @classifier.w of "classifier" : tensor<4x3xf32> }`
  }];
  let arguments = (ins StrAttr:$title, StrAttr:$hash, TypeAttrOf<AnyTypeOf<[F32, F64]>>:$real);
  let assemblyFormat = "$title `hash` $hash `real` $real attr-dict-with-keyword $body";
}

class Learn_VariableOp<string mnemonic, dag role = (ins), string roleFormat = ""> : Learn_Op<mnemonic, [Symbol, HasParent<"ProgramOp">]> {
  let arguments = !con(role, (ins SymbolNameAttr:$sym_name, OptionalAttr<StrAttr>:$net, OptionalAttr<StrAttr>:$path,
                              OptionalAttr<StrAttr>:$key, OptionalAttr<StrAttr>:$flag, Learn_TensorType:$type));
  let assemblyFormat = roleFormat # [{
    $sym_name (`of` $net^)? (`from` $path^ `at` $key `flag` $flag)? `:` $type attr-dict
  }];
  let hasVerifier = 1;
}

def Learn_ParamOp : Learn_VariableOp<"param"> {
  let summary = "a tensor that a step may move";
  let description = [{
    `net` is the net that it belongs to. With `path` it is loaded from the tensor `key` of that file, or of the file that `flag` names, in
    place of being initialised.

    Example: `learn.param @body.conv.w of "body" from "body.safetensors" at "resnet.conv.w" flag "body" : tensor<8x3x3x3xf32>`
  }];
}

def Learn_StateOp : Learn_VariableOp<"state", (ins UnitAttr:$optimizer), "(`optimizer` $optimizer^)?"> {
  let summary = "a tensor that runs along: a running mean of a layer, or a moment of an optimizer";
  let description = [{
    As `learn.param`, but it has no gradient.

    Example: `learn.state optimizer @optim.0.classifier.w.m : tensor<4x3xf32>`
  }];
}

def Learn_ObjectiveOp : Learn_Op<"objective", [Symbol, HasParent<"ProgramOp">, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "what steps optimise and validations judge";
  let description = [{
    `data` is the data set whose rows it sees. With `maximize` more is better, which decides the best checkpoint. `evaluate` is the function of `rows`
    held-out rows (0 without data): it gives loss and reports, or with `finish` statistics, of whose totals that function makes them. `single` is
    the same for one row, for the rows that fill no batch where a result is one of a batch.

    Example: `learn.objective @nll of @fashion evaluate @eval.nll[64] finish @eval.nll.finish`
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, OptionalAttr<FlatSymbolRefAttr>:$data, UnitAttr:$maximize,
                       OptionalAttr<FlatSymbolRefAttr>:$evaluate, OptionalAttr<Learn_Count>:$rows,
                       OptionalAttr<FlatSymbolRefAttr>:$single, OptionalAttr<FlatSymbolRefAttr>:$finish);
  let assemblyFormat = [{
    $sym_name (`of` $data^)? (`maximize` $maximize^)? (`evaluate` $evaluate^ `[` $rows `]`)? (`single` $single^)?
    (`finish` $finish^)? attr-dict
  }];
  let hasVerifier = 1;
}

#endif
