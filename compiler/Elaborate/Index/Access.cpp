/// Subscripted tensors of index notation: slices, turned axes, windows, and gathers for everything
/// that is not affine.
#include "compiler/Elaborate/Index/IndexNotation.h"

namespace nnc {

static Affine combine(const Affine &a, const Affine &b, int64_t sign) {
  Affine result = a;
  result.constant += sign * b.constant;
  for (auto [variable, factor] : b.terms) {
    auto *known =
        llvm::find_if(result.terms, [v = variable](auto &term) { return term.first == v; });
    if (known == result.terms.end())
      result.terms.push_back({variable, sign * factor});
    else
      known->second += sign * factor;
  }
  llvm::erase_if(result.terms, [](auto &term) { return term.second == 0; });
  return result;
}

/// A form whose numbers positions reach; what goes beyond is computed, and checked, as an i32.
static std::optional<Affine> inReach(Affine form) {
  auto far = [](int64_t number) { return number > maxAxis || number < -maxAxis; };
  bool reached = !far(form.constant) &&
                 llvm::none_of(form.terms, [&](auto &term) { return far(term.second); });
  return reached ? std::optional(std::move(form)) : std::nullopt;
}

std::optional<Affine> IndexNotation::affine(const ast::Expr *expr) {
  if (auto *name = llvm::dyn_cast<ast::NameExpr>(expr))
    if (IndexVariable *variable = ranges.visible(name->name))
      return Affine{{{variable, 1}}, 0};
  if (!ranges.usesIndex(expr)) {
    Value value = evalInBrackets(body, expr);
    if (auto *dim = value.as<Dim>())
      return Affine{{}, dim->value()};
    plain[expr] = value;
    return std::nullopt;
  }
  if (auto *unary = llvm::dyn_cast<ast::UnaryExpr>(expr); unary && unary->op == ast::UnaryOp::Neg) {
    auto x = affine(unary->operand);
    return x ? inReach(combine({}, *x, -1)) : std::nullopt;
  }
  auto *binary = llvm::dyn_cast<ast::BinaryExpr>(expr);
  if (!binary || (binary->op != ast::BinaryOp::Add && binary->op != ast::BinaryOp::Sub &&
                  binary->op != ast::BinaryOp::Mul))
    return std::nullopt;
  auto a = affine(binary->lhs), b = affine(binary->rhs);
  if (!a || !b)
    return std::nullopt;
  if (binary->op != ast::BinaryOp::Mul)
    return inReach(combine(*a, *b, binary->op == ast::BinaryOp::Add ? 1 : -1));
  if (!a->terms.empty() && !b->terms.empty())
    return std::nullopt;
  const Affine &scaled = a->terms.empty() ? *b : *a;
  int64_t factor = a->terms.empty() ? a->constant : b->constant;
  Affine result{{}, scaled.constant * factor};
  for (auto [variable, coefficient] : scaled.terms)
    if (factor)
      result.terms.push_back({variable, coefficient * factor});
  return inReach(std::move(result));
}

/// One axis of a subscripted tensor, from the source to its labels.
struct AxisAccess {
  enum Kind { Pick, Along, Window, Position, Gather } kind = Gather;
  const ast::Expr *expr = nullptr;
  std::optional<Affine> form;
  /// Position and Gather.
  Operand operand;
  SourceRange range;
  Dim size;

  int64_t low() const {
    int64_t result = form->constant;
    for (auto [variable, factor] : form->terms)
      result += factor * (factor > 0 ? variable->low : variable->low + variable->size->value() - 1);
    return result;
  }
  int64_t high() const {
    int64_t result = form->constant;
    for (auto [variable, factor] : form->terms)
      result += factor * (factor < 0 ? variable->low : variable->low + variable->size->value() - 1);
    return result;
  }
};

static bool isWindow(const Affine &form) {
  return form.terms.size() == 2 && form.terms[0].second > 0 && form.terms[1].second > 0 &&
         (form.terms[0].second == 1 || form.terms[1].second == 1);
}

/// How each axis is read; false after an error.
bool IndexNotation::classify(const ast::BracketExpr &expr, const Tensor &x,
                             std::vector<AxisAccess> &axes) {
  auto subs = ranges.subscripts(expr, x);
  if (!subs)
    return false;
  llvm::DenseMap<IndexVariable *, unsigned> uses;
  for (auto [i, sub] : llvm::enumerate(*subs)) {
    AxisAccess axis;
    axis.expr = sub.expr;
    axis.size = x.dims[i];
    axis.range = sub.expr ? sub.expr->range : expr.range;
    axis.form = sub.dot ? std::optional(Affine{{{sub.dot, 1}}, 0}) : affine(sub.expr);
    if (axis.form) {
      if (axis.low() < 0 || axis.high() >= axis.size.value()) {
        body.diags.error(Code::OutOfBounds, axis.range,
                         "the positions " + llvm::Twine(axis.low()) + " to " +
                             llvm::Twine(axis.high()) + " are not all inside an axis of size " +
                             axis.size.describe());
        return false;
      }
      for (auto &term : axis.form->terms)
        ++uses[term.first];
    } else {
      axis.operand = evalPosition(sub.expr);
      auto *tensor = axis.operand.value.tensor();
      if (!tensor || tensor->element != Element::I32) {
        if (!axis.operand.failed())
          body.diags.error(Code::WrongKind, axis.range,
                           "a subscript is an integer, not " + axis.operand.value.describe());
        return false;
      }
      if (!checkBound(body, *tensor, axis.size, axis.range))
        return false;
      for (IndexVariable *label : axis.operand.labels)
        uses[label] += 2;
    }
    axes.push_back(std::move(axis));
  }
  for (AxisAccess &axis : axes) {
    bool alone = axis.form &&
                 llvm::all_of(axis.form->terms, [&](auto &term) { return uses[term.first] == 1; });
    if (!axis.form)
      axis.kind = axis.operand.labels.empty() ? AxisAccess::Position : AxisAccess::Gather;
    else if (axis.form->terms.empty())
      axis.kind = AxisAccess::Pick;
    else if (alone && axis.form->terms.size() == 1)
      axis.kind = AxisAccess::Along;
    else if (alone && isWindow(*axis.form))
      axis.kind = AxisAccess::Window;
  }
  return true;
}

/// The value of a subscript that is not affine, evaluated once.
Operand IndexNotation::evalPosition(const ast::Expr *expr) {
  auto known = plain.find(expr);
  if (known != plain.end())
    return {known->second, {}};
  llvm::SaveAndRestore brackets(body.compileTime, true);
  return eval(expr);
}

/// start + step * i along an axis: a slice, turned around if the step is negative.
static Tensor readAlong(TensorBuilder &build, const Tensor &x, int64_t at, const AxisAccess &axis) {
  auto [variable, factor] = axis.form->terms[0];
  int64_t step = std::abs(factor);
  Tensor piece = build.slice(x, at, axis.low(), *variable->size, step);
  return factor < 0 ? build.reverse(piece, at) : piece;
}

Operand IndexNotation::evalAccess(const ast::BracketExpr &expr) {
  Value base = ranges.baseOf(expr);
  if (base.isAbsent())
    return {base, {}};
  auto *tensor = base.tensor();
  std::vector<AxisAccess> axes;
  if (!tensor || !classify(expr, *tensor, axes))
    return {};
  Tensor x = *tensor;
  llvm::SmallVector<IndexVariable *, 4> labels;
  // From the last axis on, so that indices stay valid while axes disappear.
  for (int64_t at = axes.size() - 1; at >= 0; --at) {
    AxisAccess &axis = axes[at];
    if (axis.kind == AxisAccess::Along) {
      x = readAlong(build, x, at, axis);
      continue;
    }
    if (axis.kind != AxisAccess::Pick && axis.kind != AxisAccess::Position)
      continue;
    x = axis.kind == AxisAccess::Pick ? build.pick(x, at, axis.form->constant)
                                      : build.at(x, *axis.operand.value.tensor(), at);
    axes.erase(axes.begin() + at);
  }
  for (const AxisAccess &axis : axes)
    labels.push_back(axis.kind == AxisAccess::Along ? axis.form->terms[0].first : nullptr);
  readWindows(x, axes, labels);
  if (!readGather(expr, x, axes, labels))
    return {};
  return {x, labels};
}

void IndexNotation::readWindows(Tensor &x, std::vector<AxisAccess> &axes,
                                llvm::SmallVectorImpl<IndexVariable *> &labels) {
  llvm::SmallVector<int64_t> places, sizes, strides;
  llvm::SmallVector<IndexVariable *> inner;
  bool isEmpty = false;
  for (auto [at, axis] : llvm::enumerate(axes)) {
    if (axis.kind != AxisAccess::Window)
      continue;
    auto [outer, stride] = axis.form->terms[0];
    auto [within, one] = axis.form->terms[1];
    // The index with the stride, else the one bound first, moves the window.
    if (one != 1 || (stride == 1 && within->id < outer->id)) {
      std::swap(outer, within);
      std::swap(stride, one);
    }
    int64_t extent = stride * (outer->size->value() - 1) + within->size->value();
    isEmpty |= !outer->size->value() || !within->size->value();
    if (!isEmpty)
      x = build.slice(x, at, axis.low(), Dim(extent));
    places.push_back(at);
    sizes.push_back(within->size->value());
    strides.push_back(stride);
    labels[at] = outer;
    inner.push_back(within);
  }
  if (places.empty())
    return;
  Shape dims(x.dims);
  for (int64_t at : places)
    dims[at] = *labels[at]->size;
  for (IndexVariable *variable : inner)
    dims.push_back(*variable->size);
  labels.append(inner.begin(), inner.end());
  if (isEmpty) { // No window, or windows of nothing.
    x = build.constant(0, x.element, dims);
    return;
  }
  mlir::Value value = nn::WindowOp::create(*build.builder, build.loc, build.type(x.element, dims),
                                           x.value, places, sizes, strides);
  x.dims = dims;
  x.value = value;
}

/// All remaining axes at once: one gather with the row-major position in them.
bool IndexNotation::readGather(const ast::Expr &expr, Tensor &x, std::vector<AxisAccess> &axes,
                               llvm::SmallVectorImpl<IndexVariable *> &labels) {
  llvm::SmallVector<int64_t> gathered, order;
  for (auto [at, axis] : llvm::enumerate(axes))
    if (axis.kind == AxisAccess::Gather)
      gathered.push_back(at);
  if (gathered.empty())
    return true;
  Operand place;
  int64_t stride = 1;
  for (int64_t at : llvm::reverse(gathered)) {
    Operand operand = axes[at].operand;
    if (operand.failed())
      operand = axes[at].expr ? eval(axes[at].expr) : evalIndex(*axes[at].form->terms[0].first);
    if (operand.failed())
      return false;
    if (stride != 1)
      operand = elementwise(ast::BinaryOp::Mul, operand, {Value::integer(stride), {}}, expr);
    place = place.failed() ? operand : elementwise(ast::BinaryOp::Add, place, operand, expr);
    stride *= axes[at].size.value();
    if (stride > maxAxis) {
      body.diags.error(Code::UnknownSize, expr.range,
                       "these subscripts together choose among " + std::to_string(stride) +
                           " positions, more than an i32 counts");
      return false;
    }
  }
  bool adjacent = gathered.back() - gathered.front() + 1 == int64_t(gathered.size());
  int64_t at = adjacent ? gathered.front() : 0;
  llvm::SmallVector<IndexVariable *> rest;
  for (int64_t axis = 0; axis < x.rank(); ++axis)
    if (!llvm::is_contained(gathered, axis))
      rest.push_back(labels[axis]);
  if (!adjacent) {
    order = gathered;
    for (int64_t axis = 0; axis < x.rank(); ++axis)
      if (!llvm::is_contained(gathered, axis))
        order.push_back(axis);
    x = build.transpose(x, order);
  }
  Shape flat(llvm::ArrayRef<Dim>(x.dims).take_front(at));
  flat.push_back(Dim(stride));
  llvm::append_range(flat, llvm::ArrayRef<Dim>(x.dims).drop_front(at + gathered.size()));
  x = build.gather(build.reshape(x, flat), *place.value.tensor(), at);
  labels.assign(rest.begin(), rest.begin() + at);
  labels.append(place.labels.begin(), place.labels.end());
  labels.append(rest.begin() + at, rest.end());
  return true;
}

} // namespace nnc
