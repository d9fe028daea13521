/// Predeclared functions along axes: reductions, normalisations, order.
#include "compiler/Elaborate/Builtins/Builtins.h"

namespace nnc {

using ast::ReduceOp;

//===--- Reductions -----------------------------------------------------------------===//

static Tensor argmax(Body &body, const Tensor &x, int64_t axis) {
  TensorBuilder &build = body.build;
  Shape dims(x.dims);
  Dim size = dims[axis];
  dims.erase(dims.begin() + axis);
  auto op = nn::ArgmaxOp::create(*build.builder, build.loc, build.type(Element::I32, dims), x.value,
                                 axis);
  Tensor result = build.make(Element::I32, dims, op);
  result.bound = size;
  result.vocab = vocabOf(body, size);
  return result;
}

/// What is smallest becomes largest; the least integer has no negative, but -1 - x of each exists.
static Tensor turnedAround(TensorBuilder &build, const Tensor &x) {
  if (x.element != Element::I32)
    return build.unary<nn::NegOp>(x);
  return build.binary<nn::SubOp>(build.constant(-1, Element::I32, x.dims), x);
}

static Value logSumExp(Body &body, Tensor x, llvm::ArrayRef<int64_t> axes) {
  TensorBuilder &build = body.build;
  for (int64_t axis : llvm::reverse(axes)) {
    Shape dims(x.dims);
    dims.erase(dims.begin() + axis);
    auto op = nn::LogSumExpOp::create(*build.builder, build.loc, build.type(Element::F32, dims),
                                      x.value, axis);
    x = build.make(Element::F32, dims, op);
  }
  return x;
}

/// A sum over nothing is 0; a largest element of nothing there is not.
static bool hasElements(Body &body, ReduceOp op, const Tensor &x, llvm::ArrayRef<int64_t> axes,
                        SourceRange range) {
  bool chooses = op == ReduceOp::Max || op == ReduceOp::Min || op == ReduceOp::ArgMax ||
                 op == ReduceOp::ArgMin;
  const Dim *empty = nullptr;
  for (auto [axis, dim] : llvm::enumerate(x.dims))
    if (dim.value() == 0 && !llvm::is_contained(axes, int64_t(axis)))
      return true; // Nothing is asked for.
    else if (dim.value() == 0)
      empty = &dim;
  if (!chooses || !empty)
    return true;
  body.diags
      .error(Code::UnknownSize, body.inMainFile(range),
             "`" + ast::spelling(op) + "` of nothing: an axis has the size " + empty->describe())
      .note("the tensor is " + x.str());
  return false;
}

Value reduce(Body &body, ReduceOp op, const Tensor &x, llvm::ArrayRef<int64_t> axes,
             SourceRange range) {
  TensorBuilder &build = body.build;
  bool boolean = op == ReduceOp::Any || op == ReduceOp::All;
  auto wrong = [&](llvm::StringRef wanted) {
    body.diags.error(Code::ElementMismatch, range,
                     "`" + ast::spelling(op) + "` takes " + wanted + ", this is " + x.str());
    return Value();
  };
  if (boolean && x.element != Element::Bool)
    return wrong("bool");
  Tensor number = x.element == Element::Bool ? build.cast(x, Element::I32) : x;
  if (!hasElements(body, op, x, axes, range))
    return {};
  switch (op) {
  case ReduceOp::Sum:
    return build.sum(x, axes);
  case ReduceOp::Mean:
    return build.mean(x, axes);
  case ReduceOp::Prod:
    return build.reduce(nn::Reduction::prod, number, axes);
  case ReduceOp::Max:
    return build.reduce(nn::Reduction::max, number, axes);
  case ReduceOp::Min:
    return build.reduce(nn::Reduction::min, number, axes);
  case ReduceOp::Any:
    return build.reduce(nn::Reduction::any, x, axes);
  case ReduceOp::All:
    return build.reduce(nn::Reduction::all, x, axes);
  case ReduceOp::ArgMax:
  case ReduceOp::ArgMin:
    if (axes.size() != 1) {
      body.diags.error(Code::BadAxis, range, "`" + ast::spelling(op) + "` works along one axis");
      return {};
    }
    return argmax(body, op == ReduceOp::ArgMin ? turnedAround(build, number) : number, axes[0]);
  case ReduceOp::LogSumExp:
    if (x.element != Element::F32)
      return wrong("f32");
    return logSumExp(body, x, axes);
  default:
    return {};
  }
}

Value reduceCall(Body &body, ReduceOp op, const BuiltinCall &call) {
  auto x = toTensor(body, call.arguments[0].value, call.arguments[0].range);
  if (!x)
    return {};
  llvm::SmallVector<int64_t> axes;
  bool last = op == ReduceOp::ArgMax || op == ReduceOp::ArgMin;
  if (call.axis) {
    auto named = axesOf(body, call.axis, *x);
    if (!named)
      return {};
    axes = *named;
  } else if (last && x->rank()) {
    axes = {x->rank() - 1};
  } else {
    for (int64_t i = 0; i < x->rank(); ++i)
      axes.push_back(i);
  }
  return reduce(body, op, *x, axes, call.range);
}

template <ReduceOp Op> static Value reduction(Body &body, BuiltinCall &call) {
  return reduceCall(body, Op, call);
}

//===--- Along one axis ----------------------------------------------------------------===//

/// The tensor and the axis; the last one if none is named.
static std::optional<std::pair<Tensor, int64_t>> along(Body &body, BuiltinCall &call, bool real) {
  auto x = toTensor(body, call.arguments[0].value, call.arguments[0].range, Element::F32);
  if (!x)
    return std::nullopt;
  if (x->element == Element::Bool && !real)
    *x = body.build.cast(*x, Element::I32);
  if (!x->rank() || (real && x->element != Element::F32)) {
    body.diags.error(Code::WrongKind, call.range,
                     "`" + call.builtin->name + "` takes a tensor of " +
                         (real ? "f32" : "numbers") + " with an axis, this is " + x->str());
    return std::nullopt;
  }
  auto axis = axisOf(body, call.axis, *x, x->rank() - 1);
  return axis ? std::optional(std::pair(*x, *axis)) : std::nullopt;
}

template <typename Op> static Value normalise(Body &body, BuiltinCall &call) {
  auto found = along(body, call, true);
  if (!found)
    return {};
  auto &[x, axis] = *found;
  return body.build.like(
      x, Op::create(*body.build.builder, body.build.loc, x.value.getType(), x.value, axis));
}

template <nn::Reduction Kind> static Value cumulative(Body &body, BuiltinCall &call) {
  auto found = along(body, call, false);
  if (!found)
    return {};
  auto &[x, axis] = *found;
  return body.build.like(x,
                         nn::CumulativeOp::create(*body.build.builder, body.build.loc,
                                                  x.value.getType(), Kind, x.value, axis, false));
}

/// The values and indices of the k largest of the last axis.
static std::pair<Tensor, Tensor> topK(Body &body, const Tensor &x, const Dim &k) {
  TensorBuilder &build = body.build;
  Shape dims(x.dims);
  dims.back() = k;
  auto op = nn::TopKOp::create(*build.builder, build.loc, build.type(x.element, dims),
                               build.type(Element::I32, dims), x.value, k.value());
  Tensor places = build.make(Element::I32, dims, op.getIndices());
  places.bound = x.dims.back();
  places.vocab = vocabOf(body, x.dims.back());
  Tensor values = x;
  values.dims = dims;
  values.value = op.getValues();
  return {values, places};
}

static Value topKCall(Body &body, BuiltinCall &call) {
  auto found = along(body, call, false);
  if (!found)
    return {};
  auto &[x, axis] = *found;
  auto k = call.items.size() == 1 && call.items[0].form == ast::Item::Value
               ? evalWhole(body, call.items[0].value)
               : std::nullopt;
  if (!k || k->value() < 1 || k->value() > x.dims[axis].value()) {
    body.diags
        .error(Code::BadStatics, call.range,
               "`top_k[k](x)`: k is a number from 1 to the size of the axis")
        .note("the tensor is " + x.str());
    return {};
  }
  auto [values, places] = topK(body, body.build.moveAxis(x, axis, x.rank() - 1), *k);
  return Value::tuple({body.build.moveAxis(values, x.rank() - 1, axis),
                       body.build.moveAxis(places, x.rank() - 1, axis)});
}

/// Ascending: the whole axis as its own top k, turned around.
static Value sort(Body &body, BuiltinCall &call) {
  auto found = along(body, call, false);
  if (!found)
    return {};
  auto &[x, axis] = *found;
  if (x.dims[axis].value() == 0)
    return x;
  int64_t last = x.rank() - 1;
  auto [values, places] = topK(body, body.build.moveAxis(x, axis, last), x.dims[axis]);
  return body.build.moveAxis(body.build.reverse(values, last), last, axis);
}

llvm::ArrayRef<Builtin> reductionBuiltins() {
  static const Builtin table[] = {
      {.name = "sum", .takesAxis = true, .build = reduction<ReduceOp::Sum>},
      {.name = "mean", .takesAxis = true, .build = reduction<ReduceOp::Mean>},
      {.name = "prod", .takesAxis = true, .build = reduction<ReduceOp::Prod>},
      {.name = "any", .takesAxis = true, .build = reduction<ReduceOp::Any>},
      {.name = "all", .takesAxis = true, .build = reduction<ReduceOp::All>},
      {.name = "argmax", .takesAxis = true, .build = reduction<ReduceOp::ArgMax>},
      {.name = "argmin", .takesAxis = true, .build = reduction<ReduceOp::ArgMin>},
      {.name = "logsumexp", .takesAxis = true, .build = reduction<ReduceOp::LogSumExp>},
      {.name = "softmax", .takesAxis = true, .build = normalise<nn::SoftmaxOp>},
      {.name = "log_softmax", .takesAxis = true, .build = normalise<nn::LogSoftmaxOp>},
      {.name = "cumsum", .takesAxis = true, .build = cumulative<nn::Reduction::sum>},
      {.name = "cumprod", .takesAxis = true, .build = cumulative<nn::Reduction::prod>},
      {.name = "top_k", .takesBrackets = true, .takesAxis = true, .build = topKCall},
      {.name = "sort", .takesAxis = true, .build = sort},
  };
  return table;
}

} // namespace nnc
