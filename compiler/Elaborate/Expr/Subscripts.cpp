/// `x[:, t]`, `x[a:b]`, `table[word]`: positional subscripts, with their bounds proved or checked
/// at run time.
#include "compiler/Elaborate/Expr/Expr.h"

namespace nnc {

void emitAssert(Body &body, const Tensor &condition, const llvm::Twine &message,
                SourceRange range) {
  llvm::SmallVector<int64_t> axes;
  for (int64_t axis = 0; axis < condition.rank(); ++axis)
    axes.push_back(axis);
  Tensor all = body.build.reduce(nn::Reduction::all, condition, axes);
  nn::AssertOp::create(*body.build.builder, body.location(range), all.value,
                       body.build.builder->getStringAttr(message));
}

bool checkBound(Body &body, const Tensor &index, const Dim &size, SourceRange range) {
  int64_t count = size.value();
  auto limits = index.limits();
  // A scan of no iterations has no position, and neither has a tensor of no positions.
  if ((limits && limits->low > limits->high) || elementCount(index.dims) == 0)
    return true;
  if (count == 0) {
    body.diags.error(Code::OutOfBounds, range,
                     "the axis " + size.describe() + " is empty: it has no position");
    return false;
  }
  if (index.bound && tied(body, *index.bound).equals(tied(body, size)))
    return true;
  if (limits && limits->low >= 0 && limits->high < count)
    return true;
  if (limits && (limits->high < 0 || limits->low >= count)) {
    body.diags
        .error(Code::OutOfBounds, range, "position outside of an axis of size " + size.describe())
        .here("from " + llvm::Twine(limits->low) + " to " + llvm::Twine(limits->high));
    return false;
  }
  Tensor x = body.build.cast(index, Element::I32);
  Tensor inside =
      body.build.compare(nn::Comparison::lt, x, body.build.constant(count, Element::I32, x.dims));
  if (!limits || limits->low < 0)
    inside = body.build.binary<nn::AndOp>(
        inside,
        body.build.compare(nn::Comparison::ge, x, body.build.constant(0, Element::I32, x.dims)));
  emitAssert(body, inside, "position outside of an axis of size " + llvm::Twine(count), range);
  return true;
}

static std::optional<Tensor> subscriptAxis(Body &body, const Tensor &x, int64_t axis,
                                           const Value &index, SourceRange range) {
  const Dim &size = x.dims[axis];
  if (auto *place = index.as<Dim>()) {
    if (place->value() < 0 || place->value() >= size.value()) {
      auto error = body.diags.error(Code::OutOfBounds, range,
                                    "position " + place->describe() +
                                        " is outside of an axis of size " + size.describe());
      error.note("the value is " + x.str());
      if (place->value() < 0 && size.value() > 0)
        error.help("positions count from 0: the last one is `" + (size - Dim(int64_t(1))).str() +
                   "`");
      return std::nullopt;
    }
    return body.build.pick(x, axis, place->value());
  }
  auto *tensor = index.tensor();
  if (!tensor || tensor->element != Element::I32) {
    body.diags.error(Code::WrongKind, range, "a subscript is an integer, not " + index.describe());
    return std::nullopt;
  }
  if (!checkBound(body, *tensor, size, range))
    return std::nullopt;
  return tensor->rank() ? body.build.gather(x, *tensor, axis) : body.build.at(x, *tensor, axis);
}

/// A position that was meant from the end, written from the start.
static std::string fromEnd(const Dim &place, const Dim &size) {
  if (place.value() == 0)
    return "";
  return place.value() < 0 ? (size + place).str() : place.str();
}

static std::optional<Tensor> sliceAxis(Body &body, const Tensor &x, int64_t axis,
                                       const ast::Item &item) {
  const Dim &size = x.dims[axis];
  Value begin = item.begin ? evalInBrackets(body, item.begin) : Value::integer(0);
  Value end = item.end ? evalInBrackets(body, item.end) : Value(size);
  if (begin.isPoison() || end.isPoison())
    return std::nullopt;
  auto *a = begin.as<Dim>(), *b = end.as<Dim>();
  if (a && b) {
    if (a->value() < 0 || a->value() > b->value() || b->value() > size.value()) {
      auto error = body.diags.error(Code::OutOfBounds, item.range,
                                    "the range " + a->str() + ":" + b->str() +
                                        " is not inside an axis of size " + size.describe());
      error.note("from " + llvm::Twine(a->value()) + " to " + llvm::Twine(b->value()) + " of " +
                 x.str());
      if (b->value() < 0 || a->value() < 0)
        error.help("positions count from 0: write `" + fromEnd(*a, size) + ":" + fromEnd(*b, size) +
                   "`");
      return std::nullopt;
    }
    return body.build.slice(x, axis, a->value(), *b - *a);
  }
  auto *from = begin.tensor(), *to = end.tensor();
  mlir::Value base = from ? (from->base ? from->base : from->value) : mlir::Value();
  mlir::Value other = to ? (to->base ? to->base : to->value) : mlir::Value();
  if (!base || base != other || from->rank()) {
    body.diags
        .error(Code::NotStatic, item.range, "the length of this range is not known at compile time")
        .help("both ends may be run-time positions with a fixed distance: x[t:t + 3]");
    return std::nullopt;
  }
  Dim length =
      (to->base ? to->offset : Dim(int64_t(0))) - (from->base ? from->offset : Dim(int64_t(0)));
  Tensor steps = body.build.iota({length}, 0);
  auto start = broadcastTo(body, *from, {length}, item.range, "range");
  if (!start)
    return std::nullopt;
  Tensor places = body.build.add(*start, steps);
  if (auto limits = from->limits())
    places.range = Interval{limits->low, limits->high + length.value() - 1};
  if (!checkBound(body, places, size, item.range))
    return std::nullopt;
  return body.build.gather(x, places, axis);
}

Value subscript(Body &body, const Value &base, llvm::ArrayRef<ast::Item> items, SourceRange range) {
  if (base.isPoison() || base.isAbsent())
    return base;
  if (auto *list = base.asList(); list && items.size() == 1 && items[0].form == ast::Item::Value) {
    Value place = evalInBrackets(body, items[0].value);
    if (auto *dim = place.as<Dim>();
        dim && dim->value() >= 0 && dim->value() < int64_t(list->elements.size()))
      return list->elements[dim->value()];
  }
  auto x = toTensor(body, base, range);
  if (!x)
    return {};
  bool dotted =
      llvm::any_of(items, [](const ast::Item &item) { return item.form == ast::Item::Ellipsis; });
  int64_t written = items.size() - dotted;
  if (written > x->rank()) {
    body.diags.error(Code::RankMismatch, range,
                     llvm::Twine(written) + " subscripts for " + x->str());
    return {};
  }
  int64_t axis = 0, skipped = x->rank() - written;
  for (const ast::Item &item : items) {
    if (item.form == ast::Item::Ellipsis) {
      axis += skipped;
      continue;
    }
    if (item.form == ast::Item::Slice) {
      x = sliceAxis(body, *x, axis++, item);
    } else if (item.form == ast::Item::Value) {
      Value index = evalInBrackets(body, item.value);
      if (index.isPoison() || index.isAbsent())
        return index;
      int64_t rank = index.tensor() ? index.tensor()->rank() : 0;
      x = subscriptAxis(body, *x, axis, index, item.range);
      axis += rank;
    } else {
      body.diags.error(Code::WrongKind, item.range, "a subscript is a position or a range a:b");
      return {};
    }
    if (!x)
      return {};
  }
  return *x;
}

} // namespace nnc
