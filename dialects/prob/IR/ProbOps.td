// The prob dialect: draws, log densities, entropies and divergences, until stage estimated gives each a meaning in nn.
#ifndef NNC_DIALECTS_PROB_IR_PROBOPS_TD
#define NNC_DIALECTS_PROB_IR_PROBOPS_TD

include "dialects/nn/IR/NNBase.td"

def Prob_Dialect : Dialect {
  let name = "prob";
  let cppNamespace = "::nnc::prob";
  let description = [{
    Distributions are not values of the IR: an op names a family and takes its operands, all of one shape but where an operand has an axis
    of outcomes or a matrix per event: categorical(logits [.., K] -> i32 [..]), one_hot(logits [.., K] -> [.., K]),
    mvn(mean [.., D], scale_tril [.., D, D]). The families and their parameters are the table `Families/families.def`. bernoulli_probs,
    categorical_probs and one_hot_probs are the same three families by probabilities (one_hot and categorical: in proportion), because an
    odds ratio has no derivative where one of them is 0 or 1.
  }];
}

/// A row of families.def, by its enumerator.
def Prob_Family : TypedAttrBase<I32, "IntegerAttr", CPred<"::nnc::prob::isFamily($_self)">, "family of distributions"> {
  let returnType = "::nnc::prob::Family";
  let convertFromStorage = "static_cast<::nnc::prob::Family>($_self.getInt())";
  let constBuilderCall = "$_builder.getI32IntegerAttr(static_cast<int32_t>($0))";
}
def Prob_Estimator : I32EnumAttr<"Estimator", "gradient estimator of a draw", [
    I32EnumAttrCase<"none", 0>, I32EnumAttrCase<"reparam", 1>, I32EnumAttrCase<"score", 2>,
    I32EnumAttrCase<"enumerate", 3>, I32EnumAttrCase<"gumbel", 4>]> {
  let cppNamespace = "::nnc::prob";
}

def Prob_BatchAxesFirst : NativeOpTrait<"BatchAxesFirst"> { let cppNamespace = "::nnc::prob"; }
class Prob_Op<string mnemonic, list<Trait> traits = []>
    : Op<Prob_Dialect, mnemonic, !listconcat([Pure, AxisMap, Prob_BatchAxesFirst], traits)>;

def Prob_DrawOp : Prob_Op<"draw", [AttrSizedOperandSegments]> {
  let summary = "a draw from a distribution, with the estimator of its gradient";
  let description = [{
    `site` is the hash of the call path; seed, step and turn as in nn.random. `estimator_operands` are tau (gumbel) or the baseline
    (score; one number, or one an event; without, the mean of the other rows). `bound` is the count of discrete_uniform, `row` the axis of
    the value whose rows are independent examples: estimators keep them apart.

    Example: `%z = prob.draw normal reparam site 7 (%mean, %scale) at (%seed, %step, %turn) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>`
  }];
  let arguments = (ins Prob_Family:$family, Prob_Estimator:$estimator, I64Attr:$site, Variadic<NN_Tensor>:$parameters,
                       Variadic<NN_Float>:$estimator_operands, NN_Counter:$seed, NN_Counter:$step, NN_Position:$turn,
                       OptionalAttr<I64Attr>:$bound, OptionalAttr<I64Attr>:$row, UnitAttr:$hard);
  let results = (outs NN_Tensor:$value);
  let assemblyFormat = [{
    custom<Family>($family) $estimator `site` $site `(` $parameters `)` (`with` `(` $estimator_operands^ `:` type($estimator_operands) `)`)?
    `at` `(` $seed `,` $step `,` $turn `)` (`bound` $bound^)? (`row` $row^)? (`hard` $hard^)? attr-dict `:`
    functional-type($parameters, $value)
  }];
  let hasVerifier = 1;
}

def Prob_LogProbOp : Prob_Op<"log_prob"> {
  let summary = "log density of a value, one number an event";
  let description = "Example: `%l = prob.log_prob categorical (%logits) of %label : (tensor<4x10xf32>), tensor<4xi32> -> tensor<4xf32>`";
  let arguments = (ins Prob_Family:$family, Variadic<NN_Tensor>:$parameters, NN_Tensor:$value, OptionalAttr<I64Attr>:$bound);
  let results = (outs NN_Float:$y);
  let assemblyFormat = [{
    custom<Family>($family) `(` $parameters `)` `of` $value (`bound` $bound^)? attr-dict `:` `(` type($parameters) `)` `,` type($value) `->` type($y)
  }];
  let hasVerifier = 1;
}

def Prob_EntropyOp : Prob_Op<"entropy"> {
  let summary = "entropy of a distribution in closed form, one number an event";
  let description = [{
    Of continuous families the differential entropy. The result of discrete_uniform may have any shape.

    Example: `%h = prob.entropy bernoulli (%logits) : (tensor<4xf32>) -> tensor<4xf32>`
  }];
  let arguments = (ins Prob_Family:$family, Variadic<NN_Tensor>:$parameters, OptionalAttr<I64Attr>:$bound);
  let results = (outs NN_Float:$y);
  let assemblyFormat = [{
    custom<Family>($family) `(` $parameters `)` (`bound` $bound^)? attr-dict `:` functional-type($parameters, $y)
  }];
  let hasVerifier = 1;
}

def Prob_KlOp : Prob_Op<"kl", [AttrSizedOperandSegments]> {
  let summary = "Kullback-Leibler divergence KL(q || p) in closed form, one number an event";
  let description = [{
    Of the pairs that the table names: most families to themselves, uniform to normal.

    Example: `%d = prob.kl normal (%m, %s) to normal (%m0, %s0) : (tensor<4xf32>, tensor<4xf32>), (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>`
  }];
  let arguments = (ins Prob_Family:$q_family, Variadic<NN_Tensor>:$q, Prob_Family:$p_family, Variadic<NN_Tensor>:$p);
  let results = (outs NN_Float:$y);
  let assemblyFormat = [{
    custom<Family>($q_family) `(` $q `)` `to` custom<Family>($p_family) `(` $p `)` attr-dict `:` `(` type($q) `)` `,` `(` type($p) `)` `->` type($y)
  }];
  let hasVerifier = 1;
}

#endif
