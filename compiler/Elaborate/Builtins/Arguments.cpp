/// The arguments of predeclared functions: their common shape, and `axis = ...`.
#include "compiler/Elaborate/Builtins/Builtins.h"

namespace nnc {

bool alignArguments(Body &body, llvm::MutableArrayRef<Tensor> tensors, const BuiltinCall &call) {
  llvm::SmallVector<SourceRange> ranges;
  for (const Argument &argument : call.arguments)
    ranges.push_back(argument.range);
  ranges.resize(std::max(ranges.size(), tensors.size()), call.range);
  return alignShapes(body, tensors, ranges, call.range, "`" + call.builtin->name.str() + "`");
}

static std::optional<int64_t> axisByName(Body &body, const ast::Expr *axis, const Tensor &x) {
  auto wrong = [&](const llvm::Twine &message) {
    body.diags.error(Code::BadAxis, axis->range, message).note("the tensor is " + x.str());
    return std::nullopt;
  };
  auto size = evalWhole(body, axis);
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
    if (!x.dims[i].isNameless() && tied(body, x.dims[i]) == tied(body, *size))
      exact.push_back(i);
    if (sameSize(body, x.dims[i], *size))
      equal.push_back(i);
  }
  llvm::ArrayRef<int64_t> found = exact.empty() ? equal : exact;
  if (found.size() == 1)
    return found[0];
  return wrong(found.empty() ? "no axis has the size " + size->describe()
                             : llvm::Twine(found.size()) + " axes have the size " +
                                   size->describe() + ": give a position");
}

std::optional<llvm::SmallVector<int64_t>> axesOf(Body &body, const ast::Expr *axis,
                                                 const Tensor &x) {
  llvm::SmallVector<int64_t> result;
  llvm::SmallVector<const ast::Expr *> parts{axis};
  if (auto *tuple = llvm::dyn_cast<ast::TupleExpr>(axis))
    parts.assign(tuple->elements.begin(), tuple->elements.end());
  for (const ast::Expr *part : parts) {
    if (!llvm::isa<ast::EllipsisExpr>(part)) {
      auto one = axisByName(body, part, x);
      if (!one)
        return std::nullopt;
      result.push_back(*one);
      continue;
    }
    if (!body.frame->dots) {
      body.diags.error(Code::BadAxis, part->range,
                       "`..` names no axes here: the signature has no `..`");
      return std::nullopt;
    }
    for (int64_t i = 0; i < x.rank(); ++i)
      if (llvm::is_contained(*body.frame->dots, x.dims[i]))
        result.push_back(i);
  }
  llvm::sort(result);
  if (std::adjacent_find(result.begin(), result.end()) != result.end()) {
    body.diags.error(Code::BadAxis, axis->range, "an axis is named twice")
        .note("the tensor is " + x.str());
    return std::nullopt;
  }
  return result;
}

std::optional<int64_t> axisOf(Body &body, const ast::Expr *axis, const Tensor &x,
                              int64_t otherwise) {
  if (!axis)
    return otherwise;
  auto axes = axesOf(body, axis, x);
  if (!axes)
    return std::nullopt;
  if (axes->size() == 1)
    return axes->front();
  body.diags.error(Code::BadAxis, axis->range, "one axis is needed here");
  return std::nullopt;
}

} // namespace nnc
