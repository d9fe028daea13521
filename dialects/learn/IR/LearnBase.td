// The learn dialect, its words (those of runtime/contract/program.def), and what its ops share.
#ifndef NNC_DIALECTS_LEARN_IR_LEARNBASE_TD
#define NNC_DIALECTS_LEARN_IR_LEARNBASE_TD

include "dialects/nn/IR/NNBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/OpAsmInterface.td"
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
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
}

class Learn_Op<string mnemonic, list<Trait> traits = []> : Op<Learn_Dialect, mnemonic, traits>;

/// An op that holds other ops of the program.
class Learn_BlockOp<string mnemonic, list<Trait> traits = []>
    : Learn_Op<mnemonic, !listconcat([SingleBlock, NoTerminator, NoRegionArguments], traits)> {
  let regions = (region SizedRegion<1>:$body);
  let hasVerifier = 1;
}

/// The flag of a command, as what may count on it sees it.
def Learn_FlagType : TypeDef<Learn_Dialect, "Flag"> {
  let mnemonic = "flag";
  let summary = "a value that the command line gives";
}

class Learn_Enum<string name, string summary, list<I32EnumAttrCase> cases> : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::nnc::learn";
}

def Learn_SourceKind : Learn_Enum<"SourceKind", "format of a data file", [
    I32EnumAttrCase<"csv", 0>, I32EnumAttrCase<"tsv", 1>, I32EnumAttrCase<"npy", 2>, I32EnumAttrCase<"idx", 3>,
    I32EnumAttrCase<"text", 4>, I32EnumAttrCase<"lines", 5>, I32EnumAttrCase<"cifar10", 6>]>;

def Learn_InputKind : Learn_Enum<"InputKind", "where a field finds its part of a row", [
    I32EnumAttrCase<"columns", 0>, I32EnumAttrCase<"header", 1>, I32EnumAttrCase<"item", 2>, I32EnumAttrCase<"line", 3>]>;

def Learn_VocabKind : Learn_Enum<"VocabKind", "what the entries of a vocabulary are", [
    I32EnumAttrCase<"words", 0>, I32EnumAttrCase<"characters", 1>, I32EnumAttrCase<"labels", 2>,
    I32EnumAttrCase<"bytes", 3>, I32EnumAttrCase<"bpe", 4>]>;

def Learn_Transform : Learn_Enum<"Transform", "how tokens of a text become a row", [
    I32EnumAttrCase<"plain", 0>, I32EnumAttrCase<"ended", 1>, I32EnumAttrCase<"framed", 2>, I32EnumAttrCase<"window", 3>]>;

def Learn_ShowKind : Learn_Enum<"ShowKind", "how a shown value is written", [
    I32EnumAttrCase<"print", 0>, I32EnumAttrCase<"image", 1>, I32EnumAttrCase<"svg", 2>,
    I32EnumAttrCase<"csv", 3, "csv">, I32EnumAttrCase<"npy", 4, "npy">]>;

def Learn_CountUnit : Learn_Enum<"CountUnit", "what a loop counts", [
    I32EnumAttrCase<"steps", 0>, I32EnumAttrCase<"epochs", 1>]>;

def Learn_EstimatorKind : Learn_Enum<"EstimatorKind", "estimator of a gradient", [
    I32EnumAttrCase<"reparam", 0>, I32EnumAttrCase<"score", 1>, I32EnumAttrCase<"score_alone", 2>,
    I32EnumAttrCase<"enumerate", 3>]>;

def Learn_Combiner : Learn_Enum<"Combiner", "how the statistics of two batches become one", [
    I32EnumAttrCase<"mean", 0>, I32EnumAttrCase<"sum", 1>, I32EnumAttrCase<"prod", 2>, I32EnumAttrCase<"max", 3>,
    I32EnumAttrCase<"min", 4>, I32EnumAttrCase<"any", 5>, I32EnumAttrCase<"all", 6>, I32EnumAttrCase<"logsumexp", 7>]> {
  let genSpecializedAttr = 0;
}
/// `learn.combiner = #learn.combiner<sum>`
def Learn_CombinerAttr : EnumAttr<Learn_Dialect, Learn_Combiner, "combiner"> {
  let assemblyFormat = "`<` $value `>`";
}

def Learn_ArgKind : Learn_Enum<"ArgKind", "what the runtime binds to an argument or result of a compiled function", [
    I32EnumAttrCase<"param", 0>, I32EnumAttrCase<"state", 1>, I32EnumAttrCase<"state_out", 2>,
    I32EnumAttrCase<"gradient", 3>, I32EnumAttrCase<"input", 4>, I32EnumAttrCase<"seed", 5>, I32EnumAttrCase<"step", 6>,
    I32EnumAttrCase<"iteration", 7>, I32EnumAttrCase<"progress", 8>, I32EnumAttrCase<"flag", 9>,
    I32EnumAttrCase<"vocab_frequency", 10, "vocab.frequency">, I32EnumAttrCase<"loss", 11>, I32EnumAttrCase<"report", 12>,
    I32EnumAttrCase<"grad_norm", 13>, I32EnumAttrCase<"lr", 14>, I32EnumAttrCase<"show", 15>, I32EnumAttrCase<"field", 16>,
    I32EnumAttrCase<"frozen", 17>, I32EnumAttrCase<"rows", 18>, I32EnumAttrCase<"valid", 19>,
    I32EnumAttrCase<"statistic", 20>]> {
  let genSpecializedAttr = 0;
}
/// `learn.kind = #learn.kind<param>`
def Learn_ArgKindAttr : EnumAttr<Learn_Dialect, Learn_ArgKind, "kind"> {
  let assemblyFormat = "`<` $value `>`";
}

/// Text, a boolean, an i64 or an f64: what a user could type.
def Learn_Scalar : Attr<CPred<"::nnc::learn::isScalar($_self)">, "text, a boolean, an i64 or a finite f64"> {
  let storageType = "::mlir::Attribute";
  let returnType = "::mlir::Attribute";
  let convertFromStorage = "$_self";
}

def Learn_Count : ConfinedAttr<I64Attr, [IntNonNegative]>;
def Learn_Rows : ConfinedAttr<I64Attr, [IntPositive]>;
def Learn_TensorType : TypeAttrOf<NN_Tensor>;

#endif
