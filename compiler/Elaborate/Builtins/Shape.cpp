/// Predeclared functions that move elements, and the compile-time questions.
#include "compiler/Elaborate/Builtins/Builtins.h"
#include "dialects/learn/IR/Learn.h"

namespace nnc {

static std::optional<Tensor> first(Body &body, BuiltinCall &call) {
  return toTensor(body, call.arguments[0].value, call.arguments[0].range, Element::F32);
}

/// All arguments as tensors of one element type.
static std::optional<std::vector<Tensor>> all(Body &body, BuiltinCall &call) {
  std::vector<Tensor> tensors;
  std::optional<Element> element;
  for (const Argument &argument : call.arguments)
    if (auto *tensor = argument.value.tensor(); tensor && !element)
      element = tensor->element;
    else if (argument.value.is<Word>() && !element)
      element = Element::I32;
  for (const Argument &argument : call.arguments) {
    auto x = toTensor(body, argument.value, argument.range, element.value_or(Element::F32));
    if (!x)
      return std::nullopt;
    if (x->element != element.value_or(x->element)) {
      body.diags.error(Code::ElementMismatch, argument.range,
                       "`" + call.builtin->name + "` joins tensors of one element type, this is " +
                           x->str());
      return std::nullopt;
    }
    tensors.push_back(*x);
  }
  return tensors;
}

/// The sizes in brackets; `..` is the run of the signature.
static std::optional<Shape> sizes(Body &body, BuiltinCall &call) {
  Shape dims;
  for (const ast::Item &item : call.items) {
    if (item.form == ast::Item::Ellipsis && body.frame->dots) {
      llvm::append_range(dims, *body.frame->dots);
      continue;
    }
    auto size = item.form == ast::Item::Value ? evalSize(body, item.value) : std::nullopt;
    if (!size) {
      if (item.form != ast::Item::Value)
        body.diags.error(Code::BadStatics, item.range, "a size is needed here");
      return std::nullopt;
    }
    dims.push_back(*size);
  }
  return dims;
}

static std::optional<Dim> oneSize(Body &body, BuiltinCall &call) {
  if (call.items.size() == 1 && call.items[0].form == ast::Item::Value)
    return evalSize(body, call.items[0].value);
  body.diags.error(Code::BadStatics, call.range,
                   "`" + call.builtin->name + "[n](x)` takes one number in brackets");
  return std::nullopt;
}

static Value reshape(Body &body, BuiltinCall &call) {
  auto x = first(body, call);
  auto dims = sizes(body, call);
  if (!x || !dims)
    return {};
  if (elementCount(x->dims) != elementCount(*dims)) {
    body.diags
        .error(Code::ElementCount, call.range,
               "reshape of " + llvm::Twine(elementCount(x->dims)) + " elements to " +
                   llvm::Twine(elementCount(*dims)))
        .note("from " + printShape(x->dims) + "\nto   " + printShape(*dims));
    return {};
  }
  return body.build.reshape(*x, *dims);
}

static Value broadcast(Body &body, BuiltinCall &call) {
  auto dims = sizes(body, call);
  auto x = toTensor(body, call.arguments[0].value, call.arguments[0].range);
  if (!x || !dims)
    return {};
  auto result = broadcastTo(body, *x, *dims, call.range, "`broadcast`");
  return result ? Value(*result) : Value();
}

static Value rank(Body &body, BuiltinCall &call) {
  auto *x = call.arguments[0].value.tensor();
  return Value::integer(x ? x->rank() : 0);
}

static Value flatten(Body &body, BuiltinCall &call) {
  auto x = first(body, call);
  if (!x)
    return {};
  if (!x->rank()) {
    body.diags.error(Code::RankMismatch, call.range,
                     "`flatten` keeps the first axis, this is a scalar");
    return {};
  }
  Dim rest(1);
  for (const Dim &dim : llvm::ArrayRef<Dim>(x->dims).drop_front())
    rest = rest * dim;
  return body.build.reshape(*x, {x->dims[0], rest});
}

static Value squeeze(Body &body, BuiltinCall &call) {
  auto x = first(body, call);
  auto axis = x ? axisOf(body, call.axis, *x, x->rank() - 1) : std::nullopt;
  if (!axis)
    return {};
  if (*axis < 0 || x->dims[*axis].value() != 1) {
    body.diags.error(Code::ShapeMismatch, call.range, "`squeeze` removes an axis of size 1")
        .note("the tensor is " + x->str());
    return {};
  }
  Shape dims(x->dims);
  dims.erase(dims.begin() + *axis);
  return body.build.reshape(*x, dims);
}

static Value transpose(Body &body, BuiltinCall &call) {
  auto x = first(body, call);
  if (!x)
    return {};
  if (x->rank() < 2) {
    body.diags.error(Code::RankMismatch, call.range, "`transpose` exchanges the last two axes")
        .note("the tensor is " + x->str());
    return {};
  }
  return body.build.moveAxis(*x, x->rank() - 1, x->rank() - 2);
}

static Value concat(Body &body, BuiltinCall &call) {
  auto parts = all(body, call);
  if (!parts)
    return {};
  const Tensor &head = parts->front();
  auto axis = axisOf(body, call.axis, head, head.rank() - 1);
  if (!axis)
    return {};
  Dim size;
  for (auto [part, argument] : llvm::zip(*parts, call.arguments)) {
    Shape a(head.dims), b(part.dims);
    bool fits = part.rank() == head.rank() && head.rank() > 0;
    if (fits) {
      size = size + b[*axis];
      a[*axis] = b[*axis];
      fits = sameShape(body, a, b);
    }
    if (!fits) {
      body.diags
          .error(Code::ShapeMismatch, call.range,
                 "`concat`: only the axis that is joined may differ")
          .label(call.arguments[0].range, printShape(head.dims))
          .label(argument.range, printShape(part.dims));
      return {};
    }
  }
  return body.build.concat(*parts, *axis, size);
}

static Value stack(Body &body, BuiltinCall &call) {
  auto parts = all(body, call);
  if (!parts || !alignArguments(body, *parts, call))
    return {};
  Dim one(1), count{int64_t(parts->size())};
  // A new axis: its index is one of rank + 1.
  int64_t axis = 0;
  if (call.axis) {
    auto place = evalWhole(body, call.axis);
    if (!place)
      return {};
    axis = place->value();
  }
  if (axis < 0 || axis > parts->front().rank()) {
    body.diags.error(Code::BadAxis, call.range,
                     "there is no position " + llvm::Twine(axis) + " for a new axis");
    return {};
  }
  for (Tensor &part : *parts) {
    Shape dims(part.dims);
    dims.insert(dims.begin() + axis, one);
    part = body.build.reshape(part, dims);
  }
  return body.build.concat(*parts, axis, count);
}

static Value split(Body &body, BuiltinCall &call) {
  bool unstack = call.builtin->name == "unstack";
  auto x = first(body, call);
  auto count = x ? oneSize(body, call) : std::nullopt;
  auto axis = count ? axisOf(body, call.axis, *x, x->rank() - 1) : std::nullopt;
  if (!axis)
    return {};
  auto part =
      *axis >= 0 && count->value() > 0 ? body.dims.divide(x->dims[*axis], *count) : std::nullopt;
  if (!part || (unstack && part->value() != 1)) {
    body.diags
        .error(Code::InexactDivision, call.range,
               "`" + call.builtin->name + "`: the axis does not have " +
                   (unstack ? "" : "a multiple of ") + llvm::Twine(count->value()) + " elements")
        .note("the tensor is " + x->str());
    return {};
  }
  std::vector<Value> parts;
  for (int64_t i = 0; i < count->value(); ++i)
    parts.push_back(unstack ? body.build.pick(*x, *axis, i)
                            : body.build.slice(*x, *axis, i * part->value(), *part));
  return Value::tuple(std::move(parts));
}

/// `pad[H = 1, W = 1](x)`: zeros on both sides of the named axes.
static Value pad(Body &body, BuiltinCall &call) {
  auto x = first(body, call);
  if (!x)
    return {};
  llvm::SmallVector<int64_t> low(x->rank(), 0), none(x->rank(), 0);
  Shape dims(x->dims);
  for (const ast::Item &item : call.items) {
    if (item.form != ast::Item::Named) {
      body.diags.error(Code::BadStatics, item.range, "`pad[H = 1, W = 1](x)` names the axes");
      return {};
    }
    ast::NameExpr name;
    name.name = item.name.text;
    name.range = item.name.range;
    auto axis = axisOf(body, &name, *x, 0);
    auto count = evalWhole(body, item.value);
    if (!axis || !count)
      return {};
    if (count->value() < 0) {
      body.diags.error(Code::BadStatics, item.range, "a padding is not negative");
      return {};
    }
    low[*axis] = count->value();
    dims[*axis] = dims[*axis] + Dim(2) * *count;
    if (!checkSize(body, dims[*axis], item.range))
      return {};
  }
  TensorBuilder &build = body.build;
  if (llvm::all_of(low, [](int64_t n) { return n == 0; }))
    return build.make(x->element, dims, x->value);
  auto op = nn::PadOp::create(*build.builder, build.loc, build.type(x->element, dims), x->value,
                              low, low, none, llvm::APFloat(0.0));
  Tensor result = build.make(x->element, dims, op);
  Tensor zero = build.make(x->element, {}, {});
  zero.range = Interval{0, 0};
  TensorBuilder::keepCommon(result, {*x, zero});
  return result;
}

static Tensor oneHot(TensorBuilder &build, const Tensor &x, const Dim &size) {
  Shape dims(x.dims);
  dims.push_back(size);
  llvm::SmallVector<int64_t> axes;
  for (int64_t i = 0; i < x.rank(); ++i)
    axes.push_back(i);
  Tensor spread = build.broadcast(x, axes, dims), places = build.iota(dims, x.rank());
  return build.cast(build.compare(nn::Comparison::eq, spread, places), Element::F32);
}

static Value oneHotCall(Body &body, BuiltinCall &call) {
  auto size = oneSize(body, call);
  auto x = toTensor(body, call.arguments[0].value, call.arguments[0].range);
  if (!x || !size)
    return {};
  if (x->element != Element::I32) {
    body.diags.error(Code::ElementMismatch, call.range,
                     "`one_hot` takes integers, this is " + x->str());
    return {};
  }
  return oneHot(body.build, *x, *size);
}

//===--- Compile-time questions, gradients -------------------------------------------===//

static Value present(Body &, BuiltinCall &call) {
  return Value::boolean(!call.arguments[0].value.isAbsent());
}

static Value grad(Body &body, BuiltinCall &call) {
  auto *loss = call.arguments[0].value.tensor(), *x = call.arguments[1].value.tensor();
  bool named = call.source.size() == 2 && llvm::isa<ast::NameExpr>(call.source[1].value);
  if (!loss || !x || !named || loss->rank() || loss->element != Element::F32 ||
      x->element != Element::F32) {
    body.diags
        .error(Code::BadGradient, call.range,
               "`grad(e, x)` takes a scalar f32 and the name of an f32 value")
        .label(call.arguments[0].range, call.arguments[0].value.describe())
        .label(call.arguments[1].range, call.arguments[1].value.describe());
    return {};
  }
  TensorBuilder &build = body.build;
  auto op =
      learn::GradientOp::create(*build.builder, build.loc, loss->value, mlir::ValueRange{x->value});
  return build.like(*x, op.getResult(0));
}

llvm::ArrayRef<Builtin> shapeBuiltins() {
  static const Builtin table[] = {
      {.name = "reshape", .takesBrackets = true, .build = reshape},
      {.name = "broadcast", .takesBrackets = true, .build = broadcast},
      {.name = "flatten", .build = flatten},
      {.name = "squeeze", .takesAxis = true, .build = squeeze},
      {.name = "transpose", .build = transpose},
      {.name = "concat", .maxArguments = anyNumber, .takesAxis = true, .build = concat},
      {.name = "stack", .maxArguments = anyNumber, .takesAxis = true, .build = stack},
      {.name = "split", .takesBrackets = true, .takesAxis = true, .build = split},
      {.name = "unstack", .takesBrackets = true, .takesAxis = true, .build = split},
      {.name = "pad", .takesBrackets = true, .build = pad},
      {.name = "one_hot", .takesBrackets = true, .build = oneHotCall},
      {.name = "present", .build = present},
      {.name = "rank", .build = rank},
      {.name = "grad", .minArguments = 2, .build = grad},
  };
  return table;
}

} // namespace nnc
