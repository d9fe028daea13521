// The learn dialect: gradients, and the program around the compiled functions.
#ifndef NNC_DIALECTS_LEARN_IR_LEARNOPS_TD
#define NNC_DIALECTS_LEARN_IR_LEARNOPS_TD

include "dialects/nn/IR/NNBase.td"
include "mlir/IR/SymbolInterfaces.td"

def Learn_Dialect : Dialect {
  let name = "learn";
  let cppNamespace = "::nnc::learn";
  let description = [{
    What is learned, from what, by which schedule. A compiled function is a `func.func` whose arguments and results carry the
    attributes `learn.kind` and `learn.name` (the table in runtime/README.md); a result with the kind and name of an argument
    replaces it in place. `learn.program` holds everything that the runtime interprets.
  }];
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
}

class Learn_Op<string mnemonic, list<Trait> traits = []> : Op<Learn_Dialect, mnemonic, traits>;

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

def Learn_ProgramOp : Learn_Op<"program", [Symbol]> {
  let summary = "data, parameters, schedule, entries and flags: what libnnrt interprets";
  let description = [{
    `value` is the program constant of runtime/README.md as an attribute, without the sizes that later stages add (arena, scratch,
    functions). It survives every stage and ends as JSON in the executable.

    Example: `learn.program @program {version = 1 : i64, name = "mlp", params = [...]}`
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, DictionaryAttr:$value);
  let assemblyFormat = "$sym_name $value attr-dict";
}

#endif
