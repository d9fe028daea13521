/// Values that meet: their common element type and shape.
#include "compiler/Elaborate/Expr/Expr.h"

namespace nnc {

/// The element type of a value, as far as it has one of its own.
static std::optional<Element> ownElement(const Value &value) {
  if (auto *tensor = value.tensor())
    return tensor->element;
  if (value.is<double>() || value.asList())
    return Element::F32;
  return std::nullopt;
}

static bool isSoft(const Value &value) {
  auto *tensor = value.tensor();
  return value.is<Dim>() || (tensor && tensor->element == Element::I32 && tensor->index);
}

std::optional<Element> commonElement(Body &body, const Value &lhs, const Value &rhs,
                                     SourceRange range, llvm::StringRef what) {
  auto a = ownElement(lhs), b = ownElement(rhs);
  if (!a && !b)
    return lhs.is<bool>() && rhs.is<bool>() ? Element::Bool : Element::I32;
  if (!a || !b) {
    Element own = a ? *a : *b;
    bool boolean = (a ? rhs : lhs).is<bool>();
    return own == Element::Bool && !boolean ? Element::I32 : own;
  }
  if (*a == *b)
    return *a;
  if (*a == Element::Bool || *b == Element::Bool)
    return *a == Element::Bool ? *b : *a;
  if (isSoft(*a == Element::I32 ? lhs : rhs))
    return Element::F32;
  body.diags
      .error(Code::ElementMismatch, range, what + ": an i32 tensor does not become f32 by itself")
      .note(lhs.describe() + " and " + rhs.describe())
      .help("write f32(x)");
  return std::nullopt;
}

bool alignShapes(Body &body, llvm::MutableArrayRef<Tensor> tensors,
                 llvm::ArrayRef<SourceRange> ranges, SourceRange range, llvm::StringRef what) {
  size_t widest = 0;
  for (size_t i = 1; i < tensors.size(); ++i)
    if (tensors[i].rank() > tensors[widest].rank())
      widest = i;
  Shape outer = tied(body, tensors[widest].dims);
  llvm::SmallVector<Fit> fits;
  for (size_t i = 0; i < tensors.size(); ++i) {
    Shape inner = tied(body, tensors[i].dims);
    fits.push_back(fitInto(inner, outer));
    if (fits.back().ways == 1) {
      // A named size says more than a number.
      for (auto [axis, dim] : llvm::zip(fits.back().axes, inner))
        if (outer[axis].isNameless() && !dim.isNameless())
          outer[axis] = dim;
      continue;
    }
    bool ambiguous = fits.back().ways > 1;
    size_t first = std::min(i, widest), second = std::max(i, widest);
    std::string shapes =
        printShape(tensors[first].dims) + " and " + printShape(tensors[second].dims);
    std::string message = ambiguous ? ": " + printShape(tensors[i].dims) + " goes into " +
                                          printShape(tensors[widest].dims) +
                                          " in two ways: write index notation"
                                    : ": the shapes " + shapes + " do not fit";
    reportShapes(body, ambiguous ? Code::AmbiguousFit : Code::ShapeMismatch, what + message,
                 tensors[first].dims, tensors[second].dims, ranges[first], ranges[second], range);
    return false;
  }
  for (size_t i = 0; i < tensors.size(); ++i)
    tensors[i] = body.build.broadcast(tensors[i], fits[i].axes, outer);
  return true;
}

std::optional<std::pair<Tensor, Tensor>> align(Body &body, const Value &lhs, const Value &rhs,
                                               SourceRange lhsRange, SourceRange rhsRange,
                                               SourceRange range, llvm::StringRef what,
                                               bool promote) {
  auto element = commonElement(body, lhs, rhs, range, what);
  if (!element)
    return std::nullopt;
  if (promote && *element == Element::Bool)
    element = Element::I32;
  // A literal takes the other's shape at once.
  auto literal = [&](const Value &value, const Tensor &other) {
    return body.build.constant(*value.number(), *element, other.dims);
  };
  auto *a = lhs.tensor(), *b = rhs.tensor();
  if (a && rhs.isStaticScalar())
    return std::pair(body.build.cast(*a, *element), literal(rhs, *a));
  if (b && lhs.isStaticScalar())
    return std::pair(literal(lhs, *b), body.build.cast(*b, *element));
  auto x = toTensor(body, lhs, lhsRange, element), y = toTensor(body, rhs, rhsRange, element);
  if (!x || !y)
    return std::nullopt;
  Tensor both[2] = {body.build.cast(*x, *element), body.build.cast(*y, *element)};
  if (!alignShapes(body, both, {lhsRange, rhsRange}, range, what))
    return std::nullopt;
  return std::pair(both[0], both[1]);
}

} // namespace nnc
