// Counter-based random numbers.
#ifndef NNC_DIALECTS_NN_IR_RANDOM_TD
#define NNC_DIALECTS_NN_IR_RANDOM_TD

include "dialects/nn/IR/NNBase.td"

def NN_RandomKind : I32EnumAttr<"RandomKind", "distribution of raw random numbers",
                                [I32EnumAttrCase<"uniform", 0>, I32EnumAttrCase<"normal", 1>]> {
  let cppNamespace = "::nnc::nn";
}

def NN_RandomOp : NN_FlatOp<"random", NN_Facts<NN_Drawn, NN_NoOperations, NN_MixedAxes, NN_Made>> {
  let summary = "uniform numbers in (0, 1) or standard normal numbers";
  let description = [{
    Philox4x32-10 (Salmon et al. 2011): key = seed mixed with the hash `site` of the draw's call path, counter = (step, turn of
    the enclosing scans, logical element index / 4), so a number depends on nothing else, and the backward pass can compute it
    again. Element e takes word e mod 4 of its counter: uniform = (word + 0.5) / 2^32 rounded to 24 bits in f32; normal by Box-Muller on words
    (0, 1) and (2, 3).

    Example: `%u = nn.random uniform site 42 (%seed, %step, %turn) : tensor<4x3xf32>`
  }];
  let arguments = (ins NN_RandomKind:$kind, I64Attr:$site, NN_Counter:$seed, NN_Counter:$step,
                       NN_Position:$turn);
  let results = (outs NN_Float:$y);
  let assemblyFormat = "$kind `site` $site `(` $seed `,` $step `,` $turn `)` attr-dict `:` type($y)";
}

#endif
