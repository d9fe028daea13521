/// The predeclared distributions: records of a family and its parameters; their members.
#include "compiler/Elaborate/Builtins/BuiltinAccess.h"
#include "compiler/Elaborate/Builtins/Builtins.h"
#include "dialects/prob/IR/Prob.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

namespace nnc {

using Access = BuiltinAccess;

/// The argument called `name`, or the positional one in its place; those given by name do not
/// count.
static const Argument *take(BuiltinCall &call, llvm::StringRef name, size_t position) {
  size_t named = 0;
  for (const Argument &argument : call.arguments) {
    if (argument.name == name)
      return &argument;
    named += !argument.name.empty();
  }
  size_t at = position - std::min(position, named);
  for (const Argument &argument : call.arguments)
    if (argument.name.empty() && !at--)
      return &argument;
  return nullptr;
}

static std::optional<Tensor> takeReal(Elaborator &e, BuiltinCall &call, llvm::StringRef name,
                                      size_t position) {
  const Argument *argument = take(call, name, position);
  if (!argument) {
    e.diagnostics().error(Code::BadDistribution, call.range,
                          "`" + call.builtin->name + "` needs `" + name + "`");
    return std::nullopt;
  }
  auto x = e.toTensor(argument->value, argument->range, Element::F32);
  if (x && x->element == Element::I32 && !x->index) {
    e.diagnostics()
        .error(Code::ElementMismatch, argument->range,
               "`" + name + "` of a distribution is f32, this is " + x->str())
        .help("write f32(x)");
    return std::nullopt;
  }
  return x ? std::optional(e.tensors().cast(*x, Element::F32)) : std::nullopt;
}

/// Whether the arguments given by name are parameters of the family.
static bool checkNames(Elaborator &e, BuiltinCall &call, llvm::ArrayRef<llvm::StringRef> names) {
  for (const Argument &argument : call.arguments) {
    if (argument.name.empty() || llvm::is_contained(names, argument.name))
      continue;
    e.diagnostics().error(Code::BadDistribution, argument.range,
                          "`" + call.builtin->name + "` has no parameter `" + argument.name +
                              "`; it takes `" + llvm::join(names, "`, `") + "`");
    return false;
  }
  return true;
}

/// Numbers known at compile time make a distribution: no width below 0.
static bool checkNumbers(Elaborator &e, BuiltinCall &call, Family family, const Argument *first,
                         const Argument *second) {
  std::optional<double> a = first->value.number(), b = second->value.number();
  bool between = family == Family::Uniform;
  if (!b || (between ? !a || *a <= *b : *b >= 0))
    return true;
  e.diagnostics().error(Code::BadDistribution, second->range,
                        between ? std::string("`Uniform` needs low <= high")
                                : "the sigma of `" + call.builtin->name.str() + "` is negative");
  return false;
}

/// Two parameters that go into one shape.
static Value pairFamily(Elaborator &e, BuiltinCall &call, Family family, llvm::StringRef first,
                        llvm::StringRef second, unsigned eventRank) {
  if (!checkNames(e, call, {first, second}))
    return {};
  auto a = takeReal(e, call, first, 0), b = takeReal(e, call, second, 1);
  if (!a || !b || !checkNumbers(e, call, family, take(call, first, 0), take(call, second, 1)))
    return {};
  auto result = std::make_shared<Distribution>();
  result->family = family;
  result->eventRank = eventRank;
  // The full shape is found without repeating the parameters yet.
  Tensor both[2] = {*a, *b};
  if (!Access::alignDims(e, both, call))
    return {};
  result->params.assign({*a, *b});
  result->dims = both[0].dims;
  if (result->dims.size() < eventRank) {
    e.diagnostics().error(Code::BadDistribution, call.range,
                          "`" + call.builtin->name +
                              "` owns the last axis of its parameters, these are scalars");
    return {};
  }
  return result;
}

static Value normal(Elaborator &e, BuiltinCall &c) {
  return pairFamily(e, c, Family::Normal, "mean", "sigma", 0);
}
static Value uniform(Elaborator &e, BuiltinCall &c) {
  return pairFamily(e, c, Family::Uniform, "low", "high", 0);
}
static Value diagNormal(Elaborator &e, BuiltinCall &c) {
  return pairFamily(e, c, Family::DiagNormal, "mean", "sigma", 1);
}

/// Logits or probabilities, as given.
struct Outcomes {
  Tensor param;
  bool probs;
};

static std::optional<Outcomes> takeOutcomes(Elaborator &e, BuiltinCall &call, bool binary) {
  if (!checkNames(e, call, {"probs", "logits"}))
    return std::nullopt;
  auto given = [&](llvm::StringRef name, bool probs) -> std::optional<Outcomes> {
    auto x = takeReal(e, call, name, 0);
    return x ? std::optional(Outcomes{*x, probs}) : std::nullopt;
  };
  for (const Argument &argument : call.arguments)
    if (argument.name == "logits")
      return given("logits", false);
  const Argument *probs = take(call, "probs", 0);
  if (auto number = probs ? probs->value.number() : std::nullopt;
      number && binary && !(*number >= 0 && *number <= 1)) {
    e.diagnostics().error(Code::BadDistribution, probs->range,
                          "a probability is a number from 0 to 1, this is " +
                              llvm::Twine(probs->value.describe()));
    return std::nullopt;
  }
  auto result = given("probs", true);
  // softmax gives away its logits: nothing is lost by rounding.
  auto softmax = result ? result->param.value.getDefiningOp<nn::SoftmaxOp>() : nn::SoftmaxOp();
  if (softmax && !binary && int64_t(softmax.getAxis()) == result->param.rank() - 1)
    return Outcomes{e.tensors().like(result->param, softmax.getX()), false};
  return result;
}

static Value bernoulli(Elaborator &e, BuiltinCall &call) {
  auto outcomes = takeOutcomes(e, call, true);
  if (!outcomes)
    return {};
  auto result = std::make_shared<Distribution>();
  result->family = Family::Bernoulli;
  result->params = {outcomes->param};
  result->probs = outcomes->probs;
  result->dims = outcomes->param.dims;
  return result;
}

/// One of no outcomes cannot be drawn.
static bool hasOutcomes(Elaborator &e, BuiltinCall &call, const Tensor &logits) {
  if (logits.dims.back().value())
    return true;
  e.diagnostics().error(Code::BadDistribution, call.range,
                        "`" + call.builtin->name + "` needs an outcome, the axis " +
                            logits.dims.back().describe() + " has none");
  return false;
}

static Value outcomes(Elaborator &e, BuiltinCall &call, Family family) {
  auto outcomes = takeOutcomes(e, call, false);
  if (!outcomes)
    return {};
  if (!outcomes->param.rank()) {
    e.diagnostics().error(Code::BadDistribution, call.range,
                          "`" + call.builtin->name +
                              "` needs an axis of outcomes, these are scalars");
    return {};
  }
  if (!hasOutcomes(e, call, outcomes->param))
    return {};
  auto result = std::make_shared<Distribution>();
  result->family = family;
  result->params = {outcomes->param};
  result->probs = outcomes->probs;
  result->dims = outcomes->param.dims;
  if (family == Family::OneHot) {
    result->eventRank = 1;
  } else {
    result->bound = result->dims.back();
    result->vocab = e.vocabOf(result->dims.back());
    result->element = Element::I32;
    result->dims.pop_back();
  }
  return result;
}

static Value categorical(Elaborator &e, BuiltinCall &call) {
  return outcomes(e, call, Family::Categorical);
}
static Value oneHot(Elaborator &e, BuiltinCall &call) { return outcomes(e, call, Family::OneHot); }

static Value discreteUniform(Elaborator &e, BuiltinCall &call) {
  auto *count = call.arguments[0].value.as<Dim>();
  if (!count || count->value() < 1 || count->value() > maxAxis) {
    e.diagnostics().error(Code::BadDistribution, call.range,
                          "`DiscreteUniform` takes the number of outcomes, known at compile time");
    return {};
  }
  auto result = std::make_shared<Distribution>();
  result->family = Family::DiscreteUniform;
  result->element = Element::I32;
  result->bound = *count;
  result->vocab = e.vocabOf(*count);
  return result;
}

/// The one of two shapes that the other goes into by repetition.
static std::optional<Shape> joined(Elaborator &e, llvm::ArrayRef<Dim> a, llvm::ArrayRef<Dim> b) {
  if (a.size() < b.size())
    std::swap(a, b);
  return Access::fits(e, b, a) ? std::optional(Shape(a)) : std::nullopt;
}

static Value multivariateNormal(Elaborator &e, BuiltinCall &call) {
  if (!checkNames(e, call, {"mean", "scale_tril"}))
    return {};
  auto mean = takeReal(e, call, "mean", 0), scale = takeReal(e, call, "scale_tril", 1);
  if (!mean || !scale)
    return {};
  bool sized = mean->rank() >= 1 && scale->rank() >= 2 &&
               Access::sameShape(e, {mean->dims.back(), mean->dims.back()},
                                 llvm::ArrayRef<Dim>(scale->dims).take_back(2));
  auto batch = sized ? joined(e, llvm::ArrayRef<Dim>(mean->dims).drop_back(),
                              llvm::ArrayRef<Dim>(scale->dims).drop_back(2))
                     : std::nullopt;
  bool fits = batch.has_value();
  if (!fits) {
    e.diagnostics()
        .error(Code::BadDistribution, call.range,
               "`MultivariateNormal` takes a mean [.., D] and a scale_tril [.., D, D]")
        .note("mean " + printShape(mean->dims) + ", scale_tril " + printShape(scale->dims));
    return {};
  }
  auto result = std::make_shared<Distribution>();
  result->family = Family::MultivariateNormal;
  result->params.assign({*mean, *scale});
  result->dims = *batch;
  result->dims.push_back(mean->dims.back());
  result->eventRank = 1;
  return result;
}

static Value mixture(Elaborator &e, BuiltinCall &call) {
  if (!checkNames(e, call, {"logits", "component"}))
    return {};
  auto logits = takeReal(e, call, "logits", 0);
  // Positional arguments are those without a name: after `logits = ...` the component is the first.
  bool named = llvm::any_of(call.arguments, [](const Argument &a) { return a.name == "logits"; });
  const Argument *argument = take(call, "component", named ? 0 : 1);
  auto *pointer = argument ? argument->value.as<std::shared_ptr<Distribution>>() : nullptr;
  if (!logits)
    return {};
  // The axis of the components is the last one of both; the others go into one shape.
  llvm::ArrayRef<Dim> own = logits->dims, theirs;
  if (pointer)
    theirs = (*pointer)->batchDims();
  bool sized = pointer && (*pointer)->family != Family::Mixture && !own.empty() &&
               !theirs.empty() && Access::sameShape(e, {own.back()}, {theirs.back()});
  auto batch = sized ? joined(e, own.drop_back(), theirs.drop_back()) : std::nullopt;
  if (!batch) {
    auto error = e.diagnostics().error(
        Code::BadDistribution, call.range,
        "`Mixture` takes logits [.., K] and a component with the axis K before its event");
    if (pointer)
      error.note("logits " + printShape(logits->dims) + ", component " +
                 printShape((*pointer)->batchDims()));
    return {};
  }
  if (!hasOutcomes(e, call, *logits))
    return {};
  auto result = std::make_shared<Distribution>();
  result->family = Family::Mixture;
  result->params = {*logits};
  result->component = *pointer;
  result->eventRank = (*pointer)->eventRank;
  result->element = (*pointer)->element;
  result->dims = *batch;
  llvm::append_range(result->dims,
                     llvm::ArrayRef<Dim>((*pointer)->dims).take_back(result->eventRank));
  return result;
}

//===--- Functions of distributions -------------------------------------------------===//

static Value logProb(Elaborator &e, BuiltinCall &call) {
  auto *distribution = Access::toDistribution(e, call.arguments[0].value, call.arguments[0].range);
  if (!distribution)
    return {};
  auto density =
      Access::logProb(e, *distribution, call.arguments[1].value, call.arguments[1].range);
  return density ? Value(*density) : Value();
}

llvm::ArrayRef<Builtin> distributionBuiltins() {
  static const Builtin table[] = {
      {"Normal", 2, 2, false, false, false, normal},
      {"Uniform", 2, 2, false, false, false, uniform},
      {"Bernoulli", 1, 1, false, false, false, bernoulli},
      {"Categorical", 1, 1, false, false, false, categorical},
      {"OneHot", 1, 1, false, false, false, oneHot},
      {"DiscreteUniform", 1, 1, false, false, false, discreteUniform},
      {"DiagNormal", 2, 2, false, false, false, diagNormal},
      {"MultivariateNormal", 2, 2, false, false, false, multivariateNormal},
      {"Mixture", 2, 2, false, false, false, mixture},
      {"log_prob", 2, 2, false, false, false, logProb},
      {"kl", 2, 2, false, false, false, buildDivergence},
      {"entropy", 1, 1, false, false, false, buildEntropy},
  };
  return table;
}

//===--- Members --------------------------------------------------------------------===//

static Value meanOf(Elaborator &e, const Distribution &d) {
  TensorBuilder &build = e.tensors();
  switch (d.family) {
  case Family::Normal:
  case Family::DiagNormal:
  case Family::MultivariateNormal:
    return *Access::paramAt(e, d, 0, d.dims, {});
  case Family::Uniform: {
    Tensor sum =
        build.add(*Access::paramAt(e, d, 0, d.dims, {}), *Access::paramAt(e, d, 1, d.dims, {}));
    return build.mul(sum, build.constant(0.5, Element::F32, sum.dims));
  }
  case Family::Bernoulli:
    return d.probs ? d.params[0] : build.unary<nn::SigmoidOp>(d.params[0]);
  case Family::OneHot: {
    const Tensor &x = d.params[0];
    if (!d.probs)
      return build.like(x, nn::SoftmaxOp::create(*build.builder, build.loc, x.value.getType(),
                                                 x.value, x.rank() - 1));
    auto axes = llvm::to_vector(llvm::seq<int64_t>(0, x.rank() - 1));
    return build.div(x, build.broadcast(build.sum(x, {x.rank() - 1}), axes, x.dims));
  }
  default:
    return {};
  }
}

static Value modeOf(Elaborator &e, const Distribution &d) {
  TensorBuilder &build = e.tensors();
  if (d.family == Family::Normal || d.family == Family::DiagNormal ||
      d.family == Family::MultivariateNormal)
    return meanOf(e, d);
  if (d.family == Family::Bernoulli) {
    const Tensor &x = d.params[0];
    Tensor even = build.constant(d.probs ? 0.5 : 0, Element::F32, x.dims);
    return build.cast(build.compare(nn::Comparison::gt, x, even), Element::F32);
  }
  if (d.family != Family::Categorical && d.family != Family::OneHot)
    return {};
  Tensor best = Access::argmax(e, d.params[0], d.params[0].rank() - 1);
  if (d.family == Family::Categorical)
    return best;
  return Access::oneHot(e, best, d.dims.back());
}

/// log p for families with an axis of outcomes, log p - log(1 - p) for one.
static Value logitsOf(Elaborator &e, const Distribution &d) {
  TensorBuilder &build = e.tensors();
  if (!d.probs)
    return d.params[0];
  Tensor log = build.unary<nn::LogOp>(d.params[0]);
  if (d.family != Family::Bernoulli)
    return log;
  return build.sub(log, build.unary<nn::Log1pOp>(build.unary<nn::NegOp>(d.params[0])));
}

Value Elaborator::distributionMember(const Distribution &d, const ast::MemberExpr &expr) {
  llvm::StringRef name = expr.member.text;
  Value result;
  if (name == "mean")
    result = meanOf(*this, d);
  else if (name == "mode")
    result = modeOf(*this, d);
  else if (name == "logits" && d.family >= Family::Bernoulli && d.family <= Family::OneHot)
    result = logitsOf(*this, d);
  if (result.isPoison())
    diags
        .error(Code::UnknownMember, expr.member.range,
               "a " + spelling(d.family) + " distribution has no `" + name + "`")
        .help("`mean`, `mode` and `logits` are known where they have a closed form");
  return result;
}

} // namespace nnc
