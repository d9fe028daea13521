/// Predeclared functions that work element by element.
#include "compiler/Elaborate/Builtins/BuiltinAccess.h"
#include <cmath>

namespace nnc {

using Access = BuiltinAccess;

static double real_exp(double x) { return std::exp(x); }
static double real_expm1(double x) { return std::expm1(x); }
static double real_log(double x) { return std::log(x); }
static double real_log1p(double x) { return std::log1p(x); }
static double real_sqrt(double x) { return std::sqrt(x); }
static double real_tanh(double x) { return std::tanh(x); }
static double real_sin(double x) { return std::sin(x); }
static double real_cos(double x) { return std::cos(x); }
static double real_erf(double x) { return std::erf(x); }
static double real_floor(double x) { return std::floor(x); }
static double real_softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}

bool BuiltinAccess::alignDims(Elaborator &e, llvm::MutableArrayRef<Tensor> tensors,
                              BuiltinCall &call) {
  return align(e, tensors, call);
}

/// Numbers that become f32 where they meet f32: those that are written, indices, and what is
/// computed from them.
static bool isSoft(const Argument &argument) {
  auto *tensor = argument.value.tensor();
  return tensor ? tensor->index : argument.value.is<Dim>() && !argument.value.is<Word>();
}

/// A number folds, an index becomes f32, an i32 tensor is an error.
template <typename Op, double (*Fold)(double)>
static Value realFunction(Elaborator &e, BuiltinCall &call) {
  const Argument &argument = call.arguments[0];
  if (argument.value.isStaticScalar())
    return Value::real(Fold(*argument.value.number()));
  auto x = e.toTensor(argument.value, argument.range);
  if (!x)
    return {};
  if (x->element == Element::I32 && !x->index) {
    e.diagnostics()
        .error(Code::ElementMismatch, argument.range,
               "`" + call.builtin->name + "` takes f32, this is " + x->str())
        .help("write f32(x)");
    return {};
  }
  return e.tensors().unary<Op>(e.tensors().cast(*x, Element::F32));
}

template <typename Op> static Value numberFunction(Elaborator &e, BuiltinCall &call) {
  const Argument &argument = call.arguments[0];
  auto x = e.toTensor(argument.value, argument.range);
  if (!x)
    return {};
  Tensor result =
      e.tensors().unary<Op>(x->element == Element::Bool ? e.tensors().cast(*x, Element::I32) : *x);
  result.index = x->index;
  return result;
}

static Value absolute(Elaborator &e, BuiltinCall &call) {
  if (auto *dim = call.arguments[0].value.as<Dim>())
    return Value::integer(std::abs(dim->value()));
  if (auto number = call.arguments[0].value.number())
    return Value::real(std::abs(*number));
  return numberFunction<nn::AbsOp>(e, call);
}

static Value floorOf(Elaborator &e, BuiltinCall &call) {
  const Value &value = call.arguments[0].value;
  if (value.is<Dim>())
    return value;
  if (auto number = value.number())
    return Value::integer(int64_t(std::floor(*number)));
  return realFunction<nn::FloorOp, real_floor>(e, call);
}

/// Several arguments as tensors of one element type and shape; `numbers`: bool counts as 0 or 1.
static std::optional<std::vector<Tensor>>
common(Elaborator &e, BuiltinCall &call, llvm::ArrayRef<Argument> arguments, bool numbers = true) {
  std::optional<Element> element;
  Value first = arguments[0].value;
  for (const Argument &other : arguments.drop_front()) {
    element = Access::common(e, first, other.value, call);
    if (!element)
      return std::nullopt;
    // The stronger of the two stands for both.
    if (auto *tensor = other.value.tensor(); tensor && tensor->element == *element)
      first = other.value;
    else if (other.value.is<double>() && !first.tensor())
      first = other.value;
  }
  if (numbers && element == Element::Bool)
    element = Element::I32;
  std::vector<Tensor> tensors;
  for (const Argument &argument : arguments) {
    auto x = e.toTensor(argument.value, argument.range, element);
    if (!x)
      return std::nullopt;
    if (x->element == Element::I32 && *element == Element::F32 && !x->index &&
        !argument.value.isStaticScalar()) {
      e.diagnostics()
          .error(Code::ElementMismatch, argument.range,
                 "an i32 tensor does not become f32 by itself")
          .help("write f32(x)");
      return std::nullopt;
    }
    tensors.push_back(e.tensors().cast(*x, *element));
  }
  if (!Access::align(e, tensors, call))
    return std::nullopt;
  return tensors;
}

static Value extreme(Elaborator &e, BuiltinCall &call, bool largest) {
  bool fixed =
      llvm::all_of(call.arguments, [](const Argument &a) { return a.value.isStaticScalar(); });
  const Argument *best = &call.arguments[0];
  if (fixed) {
    for (const Argument &other : call.arguments)
      if (largest ? *other.value.number() > *best->value.number()
                  : *other.value.number() < *best->value.number())
        best = &other;
    return best->value;
  }
  auto tensors = common(e, call, call.arguments);
  if (!tensors)
    return {};
  Tensor result = (*tensors)[0];
  for (const Tensor &other : llvm::ArrayRef<Tensor>(*tensors).drop_front()) {
    auto a = result.limits(), b = other.limits();
    result = largest ? e.tensors().binary<nn::MaxOp>(result, other)
                     : e.tensors().binary<nn::MinOp>(result, other);
    if (a && b)
      result.range = largest ? Interval{std::max(a->low, b->low), std::max(a->high, b->high)}
                             : Interval{std::min(a->low, b->low), std::min(a->high, b->high)};
  }
  result.index = result.element == Element::I32 && llvm::all_of(call.arguments, isSoft);
  return result;
}

static Value maximum(Elaborator &e, BuiltinCall &call) {
  if (call.arguments.size() == 1)
    return Access::reduceCall(e, ast::ReduceOp::Max, call);
  return extreme(e, call, true);
}

static Value minimum(Elaborator &e, BuiltinCall &call) {
  if (call.arguments.size() == 1)
    return Access::reduceCall(e, ast::ReduceOp::Min, call);
  return extreme(e, call, false);
}

static Value where(Elaborator &e, BuiltinCall &call) {
  const Argument &condition = call.arguments[0];
  if (auto *truth = condition.value.as<bool>();
      truth && call.arguments[1].value.isStaticScalar() && call.arguments[2].value.isStaticScalar())
    return call.arguments[*truth ? 1 : 2].value;
  auto c = e.toTensor(condition.value, condition.range);
  if (!c)
    return {};
  if (c->element != Element::Bool) {
    e.diagnostics().error(Code::ElementMismatch, condition.range,
                          "the condition of `where` is bool, this is " + c->str());
    return {};
  }
  auto values = common(e, call, llvm::ArrayRef<Argument>(call.arguments).drop_front(), false);
  if (!values)
    return {};
  Tensor all[3] = {*c, (*values)[0], (*values)[1]};
  if (!Access::align(e, all, call))
    return {};
  Tensor result = e.tensors().select(all[0], all[1], all[2]);
  result.index =
      result.element == Element::I32 && isSoft(call.arguments[1]) && isSoft(call.arguments[2]);
  return result;
}

static Value div(Elaborator &e, BuiltinCall &call) {
  const Value &a = call.arguments[0].value, &b = call.arguments[1].value;
  auto *x = a.as<Dim>(), *y = b.as<Dim>();
  if (y && y->value() == 0) {
    e.diagnostics().error(Code::WrongKind, call.range, "`div` by 0");
    return {};
  }
  if (x && y)
    return e.dims().floorDivide(*x, *y);
  auto tensors = common(e, call, call.arguments);
  if (!tensors)
    return {};
  if ((*tensors)[0].element != Element::I32) {
    e.diagnostics().error(Code::ElementMismatch, call.range,
                          "`div` divides whole numbers; `/` is real division");
    return {};
  }
  Tensor result = e.tensors().binary<nn::FloorDivOp>((*tensors)[0], (*tensors)[1]);
  auto limits = (*tensors)[0].limits();
  if (limits && y && y->value() > 0) {
    auto down = [&](int64_t v) {
      return v >= 0 ? v / y->value() : -((-v + y->value() - 1) / y->value());
    };
    result.range = Interval{down(limits->low), down(limits->high)};
  }
  result.index = llvm::all_of(call.arguments, isSoft);
  return result;
}

template <Element To> static Value castTo(Elaborator &e, BuiltinCall &call) {
  const Value &value = call.arguments[0].value;
  if (auto number = value.number())
    return To == Element::F32   ? Value::real(*number)
           : To == Element::I32 ? Value::integer(int64_t(*number))
                                : Value::boolean(*number != 0);
  auto x = e.toTensor(value, call.arguments[0].range);
  if (!x)
    return {};
  if (To == Element::Bool && x->element != Element::Bool)
    return e.tensors().compare(nn::Comparison::ne, *x,
                               e.tensors().constant(0, x->element, x->dims));
  Tensor result = e.tensors().cast(*x, To);
  result.index = false;
  result.vocab = nullptr;
  return result;
}

static Value stop(Elaborator &e, BuiltinCall &call) {
  auto x = e.toTensor(call.arguments[0].value, call.arguments[0].range);
  if (!x)
    return {};
  Tensor result = *x;
  result.value = nn::StopGradientOp::create(*e.tensors().builder, e.tensors().loc,
                                            x->value.getType(), x->value);
  return result;
}

llvm::ArrayRef<Builtin> elementwiseBuiltins() {
  static const Builtin table[] = {
      {"exp", 1, 1, false, false, true, realFunction<nn::ExpOp, real_exp>},
      {"expm1", 1, 1, false, false, true, realFunction<nn::Expm1Op, real_expm1>},
      {"log", 1, 1, false, false, true, realFunction<nn::LogOp, real_log>},
      {"log1p", 1, 1, false, false, true, realFunction<nn::Log1pOp, real_log1p>},
      {"sqrt", 1, 1, false, false, true, realFunction<nn::SqrtOp, real_sqrt>},
      {"tanh", 1, 1, false, false, true, realFunction<nn::TanhOp, real_tanh>},
      {"sin", 1, 1, false, false, true, realFunction<nn::SinOp, real_sin>},
      {"cos", 1, 1, false, false, true, realFunction<nn::CosOp, real_cos>},
      {"erf", 1, 1, false, false, true, realFunction<nn::ErfOp, real_erf>},
      {"softplus", 1, 1, false, false, true, realFunction<nn::SoftplusOp, real_softplus>},
      {"sign", 1, 1, false, false, true, numberFunction<nn::SignOp>},
      {"abs", 1, 1, false, false, true, absolute},
      {"floor", 1, 1, false, false, true, floorOf},
      {"max", 1, 1000, false, true, true, maximum},
      {"min", 1, 1000, false, true, true, minimum},
      {"where", 3, 3, false, false, true, where},
      {"div", 2, 2, false, false, true, div},
      {"f32", 1, 1, false, false, true, castTo<Element::F32>},
      {"i32", 1, 1, false, false, true, castTo<Element::I32>},
      {"bool", 1, 1, false, false, true, castTo<Element::Bool>},
      {"stop", 1, 1, false, false, true, stop},
  };
  return table;
}

} // namespace nnc
