// Elementwise ops: operands and result have one shape and, but for compare, select and cast, one element type.
#ifndef NNC_DIALECTS_NN_IR_ELEMENTWISE_TD
#define NNC_DIALECTS_NN_IR_ELEMENTWISE_TD

include "dialects/nn/IR/NNBase.td"

class NN_Unary<string mnemonic, Type type, string formula, Trait cost, NN_Calculus calculus>
    : NN_Op<mnemonic, NN_MapFacts<cost>, calculus, [SameOperandsAndResultType]> {
  let summary = formula;
  let description = "Elementwise: " # formula # ".\n\nExample: `%y = nn." # mnemonic # " %x : tensor<4x3xf32>`";
  let arguments = (ins type:$x);
  let results = (outs type:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}
class NN_FlatUnary<string mnemonic, Type type, string formula, string element = "f32">
    : NN_FlatOp<mnemonic, NN_MapFacts<NN_Arithmetic>, [SameOperandsAndResultType]> {
  let summary = formula;
  let description = "Elementwise: " # formula # ".\n\nExample: `%y = nn." # mnemonic # " %x : tensor<4x" # element # ">`";
  let arguments = (ins type:$x);
  let results = (outs type:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}
class NN_Binary<string mnemonic, Type type, string formula, Trait cost, NN_Calculus calculus, list<Trait> traits = []>
    : NN_Op<mnemonic, NN_MapFacts<cost>, calculus, !listconcat([SameOperandsAndResultType], traits)> {
  let summary = formula;
  let description = "Elementwise: " # formula # ".\n\nExample: `%y = nn." # mnemonic # " %a, %b : tensor<4x3xf32>`";
  let arguments = (ins type:$a, type:$b);
  let results = (outs type:$y);
  let assemblyFormat = "$a `,` $b attr-dict `:` type($a)";
}
class NN_FlatBinary<string mnemonic, Type type, string formula, string element, Trait cost, list<Trait> traits = []>
    : NN_FlatOp<mnemonic, NN_MapFacts<cost>, !listconcat([SameOperandsAndResultType], traits)> {
  let summary = formula;
  let description = "Elementwise: " # formula # ".\n\nExample: `%y = nn." # mnemonic # " %a, %b : tensor<4x" # element # ">`";
  let arguments = (ins type:$a, type:$b);
  let results = (outs type:$y);
  let assemblyFormat = "$a `,` $b attr-dict `:` type($a)";
}

/// A function of one real number, which takes tens of instructions.
class NN_FunctionOp<string mnemonic, string formula, Trait slope>
    : NN_Unary<mnemonic, NN_Float, formula, NN_Function, NN_Calculus<NN_NotLinear, slope>>;

def NN_Additive : NN_Calculus<NN_LinearInAll, NN_ConstantSlope>;
def NN_ChoosesOne : NN_Calculus<NN_NotLinear, NN_ChoiceSlope>;
class NN_Curved<Trait slope> : NN_Calculus<NN_NotLinear, slope>;

def NN_NegOp : NN_Unary<"neg", NN_Number, "-x", NN_Arithmetic, NN_Additive> { let hasFolder = 1; }
def NN_AbsOp : NN_Unary<"abs", NN_Number, "|x|; the derivative at 0 is 0", NN_Arithmetic, NN_Curved<NN_FiniteSlope>>;
def NN_ExpOp : NN_FunctionOp<"exp", "e^x", NN_InfiniteSlope>;
def NN_Expm1Op : NN_FunctionOp<"expm1", "e^x - 1, accurate near 0", NN_InfiniteSlope>;
def NN_LogOp : NN_FunctionOp<"log", "natural logarithm", NN_InfiniteSlope>;
def NN_Log1pOp : NN_FunctionOp<"log1p", "log(1 + x), accurate near 0", NN_InfiniteSlope>;
def NN_SqrtOp : NN_Unary<"sqrt", NN_Float, "square root", NN_Division, NN_Curved<NN_RootSlope>>;
def NN_RsqrtOp : NN_Unary<"rsqrt", NN_Float, "1 / sqrt(x)", NN_Division, NN_Curved<NN_InfiniteSlope>>;
def NN_Log2Op : NN_FunctionOp<"log2", "logarithm to base 2", NN_InfiniteSlope>;
def NN_SinhOp : NN_FunctionOp<"sinh", "hyperbolic sine", NN_InfiniteSlope>;
def NN_CoshOp : NN_FunctionOp<"cosh", "hyperbolic cosine", NN_InfiniteSlope>;
def NN_TanhOp : NN_FunctionOp<"tanh", "hyperbolic tangent", NN_FiniteSlope>;
def NN_SinOp : NN_FunctionOp<"sin", "sine", NN_FiniteSlope>;
def NN_CosOp : NN_FunctionOp<"cos", "cosine", NN_FiniteSlope>;
def NN_AtanOp : NN_FunctionOp<"atan", "inverse tangent, in (-pi/2, pi/2)", NN_FiniteSlope>;
def NN_ErfOp : NN_FunctionOp<"erf", "error function, 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x", NN_FiniteSlope>;
def NN_SigmoidOp : NN_FunctionOp<"sigmoid", "1 / (1 + e^-x), without overflow", NN_FiniteSlope>;
def NN_SoftplusOp : NN_FunctionOp<"softplus", "log(1 + e^x), without overflow", NN_FiniteSlope>;

def NN_SignOp : NN_FlatUnary<"sign", NN_Number, "-1, 0 or 1">;
def NN_FloorOp : NN_FlatUnary<"floor", NN_Float, "the largest whole number not above x">;
def NN_RoundOp : NN_FlatUnary<"round", NN_Float, "the nearest whole number, of two the even one">;

def NN_AddOp : NN_Binary<"add", NN_Number, "a + b", NN_Arithmetic, NN_Additive, [Commutative]> { let hasFolder = 1; }
def NN_SubOp : NN_Binary<"sub", NN_Number, "a - b", NN_Arithmetic, NN_Additive> { let hasFolder = 1; }
def NN_MulOp : NN_Binary<"mul", NN_Number, "a * b", NN_Arithmetic, NN_Calculus<NN_LinearInEach, NN_OwnSlope>,
                         [Commutative]> {
  let hasFolder = 1;
}
def NN_DivOp : NN_Binary<"div", NN_Float, "a / b", NN_Division, NN_Calculus<NN_LinearIn<[0]>, NN_OwnSlope>> {
  let hasFolder = 1;
}
def NN_PowOp : NN_Binary<"pow", NN_Float, "a^b; the derivative in b where a <= 0 is 0", NN_Function, NN_Curved<NN_OwnSlope>>;
def NN_MaxOp : NN_Binary<"max", NN_Number, "the larger; of two equal ones each gets half the cotangent", NN_Arithmetic,
                         NN_ChoosesOne, [Commutative]>;
def NN_MinOp : NN_Binary<"min", NN_Number, "the smaller; of two equal ones each gets half the cotangent", NN_Arithmetic,
                         NN_ChoosesOne, [Commutative]>;

def NN_FloorDivOp : NN_FlatBinary<"floordiv", NN_Int, "a div b, rounded towards minus infinity", "i32", NN_Division>;
def NN_ModOp : NN_FlatBinary<"mod", NN_Int, "a - b * (a div b): the sign of b", "i32", NN_Division>;
def NN_AndOp : NN_FlatBinary<"and", NN_Bool, "logical and", "i1", NN_Arithmetic, [Commutative]> { let hasFolder = 1; }
def NN_OrOp : NN_FlatBinary<"or", NN_Bool, "logical or", "i1", NN_Arithmetic, [Commutative]> { let hasFolder = 1; }
def NN_XorOp : NN_FlatBinary<"xor", NN_Bool, "logical exclusive or", "i1", NN_Arithmetic, [Commutative]>;

def NN_NotOp : NN_FlatUnary<"not", NN_Bool, "logical not", "i1"> { let hasFolder = 1; }

def NN_Comparison : I32EnumAttr<"Comparison", "elementwise comparison", [
    I32EnumAttrCase<"eq", 0>, I32EnumAttrCase<"ne", 1>, I32EnumAttrCase<"lt", 2>,
    I32EnumAttrCase<"le", 3>, I32EnumAttrCase<"gt", 4>, I32EnumAttrCase<"ge", 5>]> {
  let cppNamespace = "::nnc::nn";
}

def NN_CompareOp : NN_FlatOp<"compare", NN_MapFacts<NN_Arithmetic>, [SameTypeOperands, InferTypeOpAdaptor]> {
  let summary = "elementwise comparison to booleans";
  let description = [{
    Ordered comparison: a NaN makes every predicate but `ne` false.

    Example: `%m = nn.compare lt %a, %b : tensor<4xf32>` gives `tensor<4xi1>`.
  }];
  let arguments = (ins NN_Comparison:$predicate, NN_Tensor:$a, NN_Tensor:$b);
  let results = (outs NN_Bool:$y);
  let assemblyFormat = "$predicate $a `,` $b attr-dict `:` type($a)";
}

def NN_SelectOp : NN_Op<"select", NN_MapFacts<NN_Arithmetic>,
                        NN_Calculus<NN_LinearIn<[1, 2]>, NN_ChoiceSlope>,
                        [AllTypesMatch<["a", "b", "y"]>, SameOperandsAndResultShape]> {
  let summary = "a where condition holds, b elsewhere";
  let description = "Example: `%y = nn.select %c, %a, %b : tensor<4xi1>, tensor<4xf32>`";
  let arguments = (ins NN_Bool:$condition, NN_Tensor:$a, NN_Tensor:$b);
  let results = (outs NN_Tensor:$y);
  let assemblyFormat = "$condition `,` $a `,` $b attr-dict `:` type($condition) `,` type($a)";
  let hasFolder = 1;
}

def NN_CastOp : NN_Op<"cast", NN_Facts<NN_Arithmetic, NN_NoOperations, NN_Map, NN_Made>,
                      NN_Calculus<NN_OwnLinear, NN_ConstantSlope>, [SameOperandsAndResultShape]> {
  let summary = "converts the element type";
  let description = [{
    Boolean to number gives 0 or 1; float to integer rounds towards zero; the derivative passes between floats only.

    Example: `%y = nn.cast %x : tensor<4xi1> to tensor<4xf32>`
  }];
  let arguments = (ins NN_Tensor:$x);
  let results = (outs NN_Tensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x) `to` type($y)";
  let hasFolder = 1;
}

def NN_StopGradientOp : NN_FlatOp<"stop_gradient", NN_ViewFacts<NN_Map>,
                                  [SameOperandsAndResultType]> {
  let summary = "the identity, through which no cotangent flows";
  let description = "Example: `%y = nn.stop_gradient %x : tensor<4xf32>`";
  let arguments = (ins NN_Tensor:$x);
  let results = (outs NN_Tensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

#endif
