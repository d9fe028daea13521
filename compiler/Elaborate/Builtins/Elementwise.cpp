/// Predeclared functions that work element by element.
#include "compiler/Elaborate/Builtins/Builtins.h"
#include <cmath>

namespace nnc {

static double real_exp(double x) { return std::exp(x); }
static double real_expm1(double x) { return std::expm1(x); }
static double real_log(double x) { return std::log(x); }
static double real_log1p(double x) { return std::log1p(x); }
static double real_sqrt(double x) { return std::sqrt(x); }
static double real_log2(double x) { return std::log2(x); }
static double real_sinh(double x) { return std::sinh(x); }
static double real_cosh(double x) { return std::cosh(x); }
static double real_tanh(double x) { return std::tanh(x); }
static double real_sin(double x) { return std::sin(x); }
static double real_cos(double x) { return std::cos(x); }
static double real_atan(double x) { return std::atan(x); }
static double real_erf(double x) { return std::erf(x); }
static double real_floor(double x) { return std::floor(x); }
static double real_round(double x) { return std::nearbyint(x); } // halves to the even number
static double real_softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}

/// Numbers that become f32 where they meet f32: those that are written, indices, and what is
/// computed from them.
static bool isSoft(const Argument &argument) {
  auto *tensor = argument.value.tensor();
  return tensor ? tensor->index : argument.value.is<Dim>() && !argument.value.is<Word>();
}

/// A number folds, an index becomes f32, an i32 tensor is an error.
template <typename Op, double (*Fold)(double)>
static Value realFunction(Body &body, BuiltinCall &call) {
  const Argument &argument = call.arguments[0];
  if (argument.value.isStaticScalar())
    return Value::real(Fold(*argument.value.number()));
  auto x = toTensor(body, argument.value, argument.range);
  if (!x)
    return {};
  if (x->element == Element::I32 && !x->index) {
    body.diags
        .error(Code::ElementMismatch, argument.range,
               "`" + call.builtin->name + "` takes f32, this is " + x->str())
        .help("write f32(x)");
    return {};
  }
  return body.build.unary<Op>(body.build.cast(*x, Element::F32));
}

template <typename Op> static Value numberFunction(Body &body, BuiltinCall &call) {
  const Argument &argument = call.arguments[0];
  auto x = toTensor(body, argument.value, argument.range);
  if (!x)
    return {};
  Tensor result =
      body.build.unary<Op>(x->element == Element::Bool ? body.build.cast(*x, Element::I32) : *x);
  result.index = x->index;
  return result;
}

static Value absolute(Body &body, BuiltinCall &call) {
  if (auto *dim = call.arguments[0].value.as<Dim>())
    return Value::integer(std::abs(dim->value()));
  if (auto number = call.arguments[0].value.number())
    return Value::real(std::abs(*number));
  return numberFunction<nn::AbsOp>(body, call);
}

/// A size stays what it is, and a number becomes one that can be a size.
template <typename Op, double (*Fold)(double)>
static Value wholeNumber(Body &body, BuiltinCall &call) {
  const Value &value = call.arguments[0].value;
  if (value.is<Dim>())
    return value;
  if (auto number = value.number())
    return Value::integer(int64_t(Fold(*number)));
  return realFunction<Op, Fold>(body, call);
}

/// Several arguments as tensors of one element type and shape; `numbers`: bool counts as 0 or 1.
static std::optional<std::vector<Tensor>>
common(Body &body, BuiltinCall &call, llvm::ArrayRef<Argument> arguments, bool numbers = true) {
  std::optional<Element> element;
  Value first = arguments[0].value;
  for (const Argument &other : arguments.drop_front()) {
    element =
        commonElement(body, first, other.value, call.range, "`" + call.builtin->name.str() + "`");
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
    auto x = toTensor(body, argument.value, argument.range, element);
    if (!x)
      return std::nullopt;
    if (x->element == Element::I32 && *element == Element::F32 && !x->index &&
        !argument.value.isStaticScalar()) {
      body.diags
          .error(Code::ElementMismatch, argument.range,
                 "an i32 tensor does not become f32 by itself")
          .help("write f32(x)");
      return std::nullopt;
    }
    tensors.push_back(body.build.cast(*x, *element));
  }
  if (!alignArguments(body, tensors, call))
    return std::nullopt;
  return tensors;
}

static Value extreme(Body &body, BuiltinCall &call, bool largest) {
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
  auto tensors = common(body, call, call.arguments);
  if (!tensors)
    return {};
  Tensor result = (*tensors)[0];
  for (const Tensor &other : llvm::ArrayRef<Tensor>(*tensors).drop_front()) {
    auto a = result.limits(), b = other.limits();
    result = largest ? body.build.binary<nn::MaxOp>(result, other)
                     : body.build.binary<nn::MinOp>(result, other);
    if (a && b)
      result.range = largest ? Interval{std::max(a->low, b->low), std::max(a->high, b->high)}
                             : Interval{std::min(a->low, b->low), std::min(a->high, b->high)};
  }
  result.index = result.element == Element::I32 && llvm::all_of(call.arguments, isSoft);
  return result;
}

static Value maximum(Body &body, BuiltinCall &call) {
  if (call.arguments.size() == 1)
    return reduceCall(body, ast::ReduceOp::Max, call);
  return extreme(body, call, true);
}

static Value minimum(Body &body, BuiltinCall &call) {
  if (call.arguments.size() == 1)
    return reduceCall(body, ast::ReduceOp::Min, call);
  return extreme(body, call, false);
}

static Value where(Body &body, BuiltinCall &call) {
  const Argument &condition = call.arguments[0];
  if (auto *boolean = condition.value.as<bool>(); boolean &&
                                                  call.arguments[1].value.isStaticScalar() &&
                                                  call.arguments[2].value.isStaticScalar())
    return call.arguments[*boolean ? 1 : 2].value;
  auto c = toTensor(body, condition.value, condition.range);
  if (!c)
    return {};
  if (c->element != Element::Bool) {
    body.diags.error(Code::ElementMismatch, condition.range,
                     "the condition of `where` is bool, this is " + c->str());
    return {};
  }
  auto values = common(body, call, llvm::ArrayRef<Argument>(call.arguments).drop_front(), false);
  if (!values)
    return {};
  Tensor all[3] = {*c, (*values)[0], (*values)[1]};
  if (!alignArguments(body, all, call))
    return {};
  Tensor result = body.build.select(all[0], all[1], all[2]);
  result.index =
      result.element == Element::I32 && isSoft(call.arguments[1]) && isSoft(call.arguments[2]);
  return result;
}

static Value div(Body &body, BuiltinCall &call) {
  const Value &a = call.arguments[0].value, &b = call.arguments[1].value;
  auto *x = a.as<Dim>(), *y = b.as<Dim>();
  if (y && y->value() == 0) {
    body.diags.error(Code::WrongKind, call.range, "`div` by 0");
    return {};
  }
  if (x && y)
    return body.dims.floorDivide(*x, *y);
  auto tensors = common(body, call, call.arguments);
  if (!tensors)
    return {};
  if ((*tensors)[0].element != Element::I32) {
    body.diags.error(Code::ElementMismatch, call.range,
                     "`div` divides integers; `/` is real division");
    return {};
  }
  Tensor result = body.build.binary<nn::FloorDivOp>((*tensors)[0], (*tensors)[1]);
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

template <Element To> static Value castTo(Body &body, BuiltinCall &call) {
  const Value &value = call.arguments[0].value;
  if (auto number = value.number())
    return To == Element::F32   ? Value::real(*number)
           : To == Element::I32 ? Value::integer(int64_t(*number))
                                : Value::boolean(*number != 0);
  auto x = toTensor(body, value, call.arguments[0].range);
  if (!x)
    return {};
  if (To == Element::Bool && x->element != Element::Bool)
    return body.build.compare(nn::Comparison::ne, *x, body.build.constant(0, x->element, x->dims));
  Tensor result = body.build.cast(*x, To);
  result.index = false;
  result.vocab = nullptr;
  return result;
}

static Value stop(Body &body, BuiltinCall &call) {
  auto x = toTensor(body, call.arguments[0].value, call.arguments[0].range);
  if (!x)
    return {};
  Tensor result = *x;
  result.value =
      nn::StopGradientOp::create(*body.build.builder, body.build.loc, x->value.getType(), x->value);
  return result;
}

llvm::ArrayRef<Builtin> elementwiseBuiltins() {
  static const Builtin table[] = {
      {.name = "exp", .elementwise = true, .build = realFunction<nn::ExpOp, real_exp>},
      {.name = "expm1", .elementwise = true, .build = realFunction<nn::Expm1Op, real_expm1>},
      {.name = "log", .elementwise = true, .build = realFunction<nn::LogOp, real_log>},
      {.name = "log1p", .elementwise = true, .build = realFunction<nn::Log1pOp, real_log1p>},
      {.name = "sqrt", .elementwise = true, .build = realFunction<nn::SqrtOp, real_sqrt>},
      {.name = "log2", .elementwise = true, .build = realFunction<nn::Log2Op, real_log2>},
      {.name = "sinh", .elementwise = true, .build = realFunction<nn::SinhOp, real_sinh>},
      {.name = "cosh", .elementwise = true, .build = realFunction<nn::CoshOp, real_cosh>},
      {.name = "tanh", .elementwise = true, .build = realFunction<nn::TanhOp, real_tanh>},
      {.name = "sin", .elementwise = true, .build = realFunction<nn::SinOp, real_sin>},
      {.name = "cos", .elementwise = true, .build = realFunction<nn::CosOp, real_cos>},
      {.name = "atan", .elementwise = true, .build = realFunction<nn::AtanOp, real_atan>},
      {.name = "erf", .elementwise = true, .build = realFunction<nn::ErfOp, real_erf>},
      {.name = "softplus",
       .elementwise = true,
       .build = realFunction<nn::SoftplusOp, real_softplus>},
      {.name = "sign", .elementwise = true, .build = numberFunction<nn::SignOp>},
      {.name = "abs", .elementwise = true, .build = absolute},
      {.name = "floor", .elementwise = true, .build = wholeNumber<nn::FloorOp, real_floor>},
      {.name = "round", .elementwise = true, .build = wholeNumber<nn::RoundOp, real_round>},
      {.name = "max",
       .maxArguments = anyNumber,
       .takesAxis = true,
       .elementwise = true,
       .build = maximum},
      {.name = "min",
       .maxArguments = anyNumber,
       .takesAxis = true,
       .elementwise = true,
       .build = minimum},
      {.name = "where", .minArguments = 3, .elementwise = true, .build = where},
      {.name = "div", .minArguments = 2, .elementwise = true, .build = div},
      {.name = "f32", .elementwise = true, .build = castTo<Element::F32>},
      {.name = "i32", .elementwise = true, .build = castTo<Element::I32>},
      {.name = "bool", .elementwise = true, .build = castTo<Element::Bool>},
      {.name = "stop", .elementwise = true, .build = stop},
  };
  return table;
}

} // namespace nnc
