/// The predeclared distributions: records of a family and its parameters; their members.
#include "compiler/ASTToNN/BuiltinAccess.h"
#include "compiler/ASTToNN/Builtins.h"
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

/// Two parameters that go into one shape.
static Value pairFamily(Elaborator &e, BuiltinCall &call, Family family, llvm::StringRef first,
                        llvm::StringRef second, unsigned eventRank) {
  if (!checkNames(e, call, {first, second}))
    return {};
  auto a = takeReal(e, call, first, 0), b = takeReal(e, call, second, 1);
  if (!a || !b)
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

/// Logits as given, or from probabilities: log p for families with an axis of outcomes, log p -
/// log(1 - p) for one.
static std::optional<Tensor> takeLogits(Elaborator &e, BuiltinCall &call, bool binary) {
  TensorBuilder &build = e.tensors();
  if (!checkNames(e, call, {"probs", "logits"}))
    return std::nullopt;
  for (const Argument &argument : call.arguments)
    if (argument.name == "logits")
      return takeReal(e, call, "logits", 0);
  const Argument *given = take(call, "probs", 0);
  if (auto number = given ? given->value.number() : std::nullopt; number && binary)
    return build.constant(std::log(*number) - std::log1p(-*number), Element::F32);
  auto p = takeReal(e, call, "probs", 0);
  if (!p)
    return std::nullopt;
  if (binary) {
    if (auto sigmoid = p->value.getDefiningOp<nn::SigmoidOp>())
      return build.like(*p, sigmoid.getX());
    Tensor odds = build.unary<nn::LogOp>(*p);
    return build.sub(odds, build.unary<nn::Log1pOp>(build.unary<nn::NegOp>(*p)));
  }
  // softmax gives away its logits: nothing is lost by rounding.
  if (auto softmax = p->value.getDefiningOp<nn::SoftmaxOp>();
      softmax && int64_t(softmax.getAxis()) == p->rank() - 1)
    return build.like(*p, softmax.getX());
  return build.unary<nn::LogOp>(*p);
}

static Value bernoulli(Elaborator &e, BuiltinCall &call) {
  auto logits = takeLogits(e, call, true);
  if (!logits)
    return {};
  auto result = std::make_shared<Distribution>();
  result->family = Family::Bernoulli;
  result->params = {*logits};
  result->dims = logits->dims;
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
  auto logits = takeLogits(e, call, false);
  if (!logits)
    return {};
  if (!logits->rank()) {
    e.diagnostics().error(Code::BadDistribution, call.range,
                          "`" + call.builtin->name +
                              "` needs an axis of outcomes, these are scalars");
    return {};
  }
  if (!hasOutcomes(e, call, *logits))
    return {};
  auto result = std::make_shared<Distribution>();
  result->family = family;
  result->params = {*logits};
  result->dims = logits->dims;
  if (family == Family::OneHot) {
    result->eventRank = 1;
  } else {
    result->bound = logits->dims.back();
    result->vocab = e.vocabOf(logits->dims.back());
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

static Value multivariateNormal(Elaborator &e, BuiltinCall &call) {
  if (!checkNames(e, call, {"mean", "scale_tril"}))
    return {};
  auto mean = takeReal(e, call, "mean", 0), scale = takeReal(e, call, "scale_tril", 1);
  if (!mean || !scale)
    return {};
  bool fits = mean->rank() >= 1 && scale->rank() == mean->rank() + 1 &&
              Access::sameShape(e, mean->dims, llvm::ArrayRef<Dim>(scale->dims).drop_back()) &&
              Access::sameShape(e, {mean->dims.back()}, {scale->dims.back()});
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
  result->dims = mean->dims;
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
  bool fits = pointer && (*pointer)->family != Family::Mixture && logits->rank() >= 1 &&
              Access::sameShape(e, logits->dims, (*pointer)->batchDims());
  if (!fits) {
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
  result->dims.assign(logits->dims.begin(), logits->dims.end() - 1);
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
    return build.unary<nn::SigmoidOp>(d.params[0]);
  case Family::OneHot:
    return build.like(d.params[0],
                      nn::SoftmaxOp::create(*build.builder, build.loc, d.params[0].value.getType(),
                                            d.params[0].value, d.params[0].rank() - 1));
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
    const Tensor &logits = d.params[0];
    return build.cast(
        build.compare(nn::Comparison::gt, logits, build.constant(0, Element::F32, logits.dims)),
        Element::F32);
  }
  if (d.family != Family::Categorical && d.family != Family::OneHot)
    return {};
  Tensor best = Access::argmax(e, d.params[0], d.params[0].rank() - 1);
  if (d.family == Family::Categorical)
    return best;
  return Access::oneHot(e, best, d.dims.back());
}

Value Elaborator::distributionMember(const Distribution &d, const ast::MemberExpr &expr) {
  llvm::StringRef name = expr.member.text;
  Value result;
  if (name == "mean")
    result = meanOf(*this, d);
  else if (name == "mode")
    result = modeOf(*this, d);
  else if (name == "logits" && d.family >= Family::Bernoulli && d.family <= Family::OneHot)
    result = d.params[0];
  if (result.isPoison())
    diags
        .error(Code::UnknownMember, expr.member.range,
               "a " + spelling(d.family) + " distribution has no `" + name + "`")
        .help("`mean`, `mode` and `logits` are known where they have a closed form");
  return result;
}

} // namespace nnc
