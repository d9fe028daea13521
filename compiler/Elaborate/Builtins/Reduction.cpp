/// Predeclared functions along axes: reductions, normalisations, order.
#include "compiler/Elaborate/Builtins/BuiltinAccess.h"

namespace nnc {

using Access = BuiltinAccess;
using ast::ReduceOp;

//===--- `axis = ...` ------------------------------------------------------------===//

std::optional<int64_t> Elaborator::axisByName(const ast::Expr *axis, const Tensor &x) {
  auto wrong = [&](const llvm::Twine &message) {
    diags.error(Code::BadAxis, axis->range, message).note("the tensor is " + x.str());
    return std::nullopt;
  };
  auto size = evalWhole(axis);
  if (!size)
    return std::nullopt;
  if (llvm::isa<ast::NumberExpr>(axis)) {
    if (size->value() >= x.rank())
      return wrong("there is no axis " + size->str());
    return size->value();
  }
  if (size->value() < 0)
    return wrong("axes count from 0: the last one is `axis = " + llvm::Twine(x.rank() - 1) + "`");
  llvm::SmallVector<int64_t> exact, equal;
  for (int64_t i = 0; i < x.rank(); ++i) {
    if (!x.dims[i].isNameless() && tied(x.dims[i]) == tied(*size))
      exact.push_back(i);
    if (sameSize(x.dims[i], *size))
      equal.push_back(i);
  }
  llvm::ArrayRef<int64_t> found = exact.empty() ? equal : exact;
  if (found.size() == 1)
    return found[0];
  return wrong(found.empty() ? "no axis has the size " + size->describe()
                             : llvm::Twine(found.size()) + " axes have the size " +
                                   size->describe() + ": give a position");
}

std::optional<llvm::SmallVector<int64_t>> Elaborator::axesOf(const ast::Expr *axis,
                                                             const Tensor &x) {
  llvm::SmallVector<int64_t> result;
  llvm::SmallVector<const ast::Expr *> parts{axis};
  if (auto *tuple = llvm::dyn_cast<ast::TupleExpr>(axis))
    parts.assign(tuple->elements.begin(), tuple->elements.end());
  for (const ast::Expr *part : parts) {
    if (!llvm::isa<ast::EllipsisExpr>(part)) {
      auto one = axisByName(part, x);
      if (!one)
        return std::nullopt;
      result.push_back(*one);
      continue;
    }
    if (!frame->dots) {
      diags.error(Code::BadAxis, part->range, "`..` names no axes here: the signature has no `..`");
      return std::nullopt;
    }
    for (int64_t i = 0; i < x.rank(); ++i)
      if (llvm::is_contained(*frame->dots, x.dims[i]))
        result.push_back(i);
  }
  llvm::sort(result);
  if (std::adjacent_find(result.begin(), result.end()) != result.end()) {
    diags.error(Code::BadAxis, axis->range, "an axis is named twice")
        .note("the tensor is " + x.str());
    return std::nullopt;
  }
  return result;
}

std::optional<int64_t> Elaborator::axisOf(const ast::Expr *axis, const Tensor &x,
                                          int64_t otherwise) {
  if (!axis)
    return otherwise;
  auto axes = axesOf(axis, x);
  if (!axes)
    return std::nullopt;
  if (axes->size() == 1)
    return axes->front();
  diags.error(Code::BadAxis, axis->range, "one axis is needed here");
  return std::nullopt;
}

//===--- Reductions -----------------------------------------------------------------===//

Tensor BuiltinAccess::argmax(Elaborator &e, const Tensor &x, int64_t axis) {
  TensorBuilder &build = e.tensors();
  Shape dims(x.dims);
  Dim size = dims[axis];
  dims.erase(dims.begin() + axis);
  auto op = nn::ArgmaxOp::create(*build.builder, build.loc, build.type(Element::I32, dims), x.value,
                                 axis);
  Tensor result = build.make(Element::I32, dims, op);
  result.bound = size;
  result.vocab = e.vocabOf(size);
  return result;
}

/// What is smallest becomes largest; the least integer has no negative, but -1 - x of each exists.
static Tensor turnedAround(TensorBuilder &build, const Tensor &x) {
  if (x.element != Element::I32)
    return build.unary<nn::NegOp>(x);
  return build.binary<nn::SubOp>(build.constant(-1, Element::I32, x.dims), x);
}

static Value logSumExp(Elaborator &e, Tensor x, llvm::ArrayRef<int64_t> axes) {
  TensorBuilder &build = e.tensors();
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
static bool hasElements(Elaborator &e, ReduceOp op, const Tensor &x, llvm::ArrayRef<int64_t> axes,
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
  e.diagnostics()
      .error(Code::UnknownSize, e.inMainFile(range),
             "`" + ast::spelling(op) + "` of nothing: an axis has the size " + empty->describe())
      .note("the tensor is " + x.str());
  return false;
}

Value BuiltinAccess::reduce(Elaborator &e, ReduceOp op, const Tensor &x,
                            llvm::ArrayRef<int64_t> axes, SourceRange range) {
  TensorBuilder &build = e.tensors();
  bool truth = op == ReduceOp::Any || op == ReduceOp::All;
  auto wrong = [&](llvm::StringRef wanted) {
    e.diagnostics().error(Code::ElementMismatch, range,
                          "`" + ast::spelling(op) + "` takes " + wanted + ", this is " + x.str());
    return Value();
  };
  if (truth && x.element != Element::Bool)
    return wrong("bool");
  Tensor number = x.element == Element::Bool ? build.cast(x, Element::I32) : x;
  if (!hasElements(e, op, x, axes, range))
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
      e.diagnostics().error(Code::BadAxis, range,
                            "`" + ast::spelling(op) + "` works along one axis");
      return {};
    }
    return argmax(e, op == ReduceOp::ArgMin ? turnedAround(build, number) : number, axes[0]);
  case ReduceOp::LogSumExp:
    if (x.element != Element::F32)
      return wrong("f32");
    return logSumExp(e, x, axes);
  default:
    return {};
  }
}

Value BuiltinAccess::reduceCall(Elaborator &e, ReduceOp op, BuiltinCall &call) {
  auto x = e.toTensor(call.arguments[0].value, call.arguments[0].range);
  if (!x)
    return {};
  llvm::SmallVector<int64_t> axes;
  bool last = op == ReduceOp::ArgMax || op == ReduceOp::ArgMin;
  if (call.axis) {
    auto named = Access::axes(e, call, *x);
    if (!named)
      return {};
    axes = *named;
  } else if (last && x->rank()) {
    axes = {x->rank() - 1};
  } else {
    for (int64_t i = 0; i < x->rank(); ++i)
      axes.push_back(i);
  }
  return reduce(e, op, *x, axes, call.range);
}

template <ReduceOp Op> static Value reduction(Elaborator &e, BuiltinCall &call) {
  return Access::reduceCall(e, Op, call);
}

//===--- Along one axis ----------------------------------------------------------------===//

/// The tensor and the axis; the last one if none is named.
static std::optional<std::pair<Tensor, int64_t>> along(Elaborator &e, BuiltinCall &call,
                                                       bool real) {
  auto x = e.toTensor(call.arguments[0].value, call.arguments[0].range, Element::F32);
  if (!x)
    return std::nullopt;
  if (x->element == Element::Bool && !real)
    *x = e.tensors().cast(*x, Element::I32);
  if (!x->rank() || (real && x->element != Element::F32)) {
    e.diagnostics().error(Code::WrongKind, call.range,
                          "`" + call.builtin->name + "` takes a tensor of " +
                              (real ? "f32" : "numbers") + " with an axis, this is " + x->str());
    return std::nullopt;
  }
  auto axis = Access::axis(e, call, *x, x->rank() - 1);
  return axis ? std::optional(std::pair(*x, *axis)) : std::nullopt;
}

template <typename Op> static Value normalise(Elaborator &e, BuiltinCall &call) {
  auto found = along(e, call, true);
  if (!found)
    return {};
  auto &[x, axis] = *found;
  return e.tensors().like(
      x, Op::create(*e.tensors().builder, e.tensors().loc, x.value.getType(), x.value, axis));
}

template <nn::Reduction Kind> static Value cumulative(Elaborator &e, BuiltinCall &call) {
  auto found = along(e, call, false);
  if (!found)
    return {};
  auto &[x, axis] = *found;
  return e.tensors().like(x,
                          nn::CumulativeOp::create(*e.tensors().builder, e.tensors().loc,
                                                   x.value.getType(), Kind, x.value, axis, false));
}

/// The values and places of the k largest of the last axis.
static std::pair<Tensor, Tensor> topK(Elaborator &e, const Tensor &x, const Dim &k) {
  TensorBuilder &build = e.tensors();
  Shape dims(x.dims);
  dims.back() = k;
  auto op = nn::TopKOp::create(*build.builder, build.loc, build.type(x.element, dims),
                               build.type(Element::I32, dims), x.value, k.value());
  Tensor places = build.make(Element::I32, dims, op.getIndices());
  places.bound = x.dims.back();
  places.vocab = e.vocabOf(x.dims.back());
  Tensor values = x;
  values.dims = dims;
  values.value = op.getValues();
  return {values, places};
}

static Value topKCall(Elaborator &e, BuiltinCall &call) {
  auto found = along(e, call, false);
  if (!found)
    return {};
  auto &[x, axis] = *found;
  auto k = call.items.size() == 1 && call.items[0].form == ast::Item::Value
               ? e.evalWhole(call.items[0].value)
               : std::nullopt;
  if (!k || k->value() < 1 || k->value() > x.dims[axis].value()) {
    e.diagnostics()
        .error(Code::BadStatics, call.range,
               "`top_k[k](x)`: k is a number from 1 to the size of the axis")
        .note("the tensor is " + x.str());
    return {};
  }
  auto [values, places] = topK(e, e.tensors().moveAxis(x, axis, x.rank() - 1), *k);
  return Value::tuple({e.tensors().moveAxis(values, x.rank() - 1, axis),
                       e.tensors().moveAxis(places, x.rank() - 1, axis)});
}

/// Ascending: the whole axis as its own top k, turned around.
static Value sort(Elaborator &e, BuiltinCall &call) {
  auto found = along(e, call, false);
  if (!found)
    return {};
  auto &[x, axis] = *found;
  if (x.dims[axis].value() == 0)
    return x;
  int64_t last = x.rank() - 1;
  auto [values, places] = topK(e, e.tensors().moveAxis(x, axis, last), x.dims[axis]);
  return e.tensors().moveAxis(e.tensors().reverse(values, last), last, axis);
}

llvm::ArrayRef<Builtin> reductionBuiltins() {
  static const Builtin table[] = {
      {"sum", 1, 1, false, true, false, reduction<ReduceOp::Sum>},
      {"mean", 1, 1, false, true, false, reduction<ReduceOp::Mean>},
      {"prod", 1, 1, false, true, false, reduction<ReduceOp::Prod>},
      {"any", 1, 1, false, true, false, reduction<ReduceOp::Any>},
      {"all", 1, 1, false, true, false, reduction<ReduceOp::All>},
      {"argmax", 1, 1, false, true, false, reduction<ReduceOp::ArgMax>},
      {"argmin", 1, 1, false, true, false, reduction<ReduceOp::ArgMin>},
      {"logsumexp", 1, 1, false, true, false, reduction<ReduceOp::LogSumExp>},
      {"softmax", 1, 1, false, true, false, normalise<nn::SoftmaxOp>},
      {"log_softmax", 1, 1, false, true, false, normalise<nn::LogSoftmaxOp>},
      {"cumsum", 1, 1, false, true, false, cumulative<nn::Reduction::sum>},
      {"cumprod", 1, 1, false, true, false, cumulative<nn::Reduction::prod>},
      {"top_k", 1, 1, true, true, false, topKCall},
      {"sort", 1, 1, false, true, false, sort},
  };
  return table;
}

} // namespace nnc
