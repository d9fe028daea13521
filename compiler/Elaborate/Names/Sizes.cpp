/// Sizes as one body and another name them.
#include "compiler/Elaborate/Names/Names.h"

namespace nnc {

Dim toRoot(const Body &body, Dim dim, const Frame *from) {
  for (const Frame *at = from; at && at->caller; at = at->caller)
    dim = body.dims.substitute(body.dims.substitute(dim, at->ties), at->toCaller);
  return dim;
}

Dim tied(const Body &body, const Dim &dim) {
  Dim result = dim;
  for (const Frame *at = body.frame; at; at = at->caller)
    if (!at->ties.empty())
      result = body.dims.substitute(result, at->ties);
  return result;
}

Shape tied(const Body &body, llvm::ArrayRef<Dim> dims) {
  return llvm::map_to_vector<4>(dims, [&](const Dim &dim) { return tied(body, dim); });
}

bool sameSize(const Body &body, const Dim &a, const Dim &b) {
  return tied(body, a).equals(tied(body, b));
}

bool sameShape(const Body &body, llvm::ArrayRef<Dim> a, llvm::ArrayRef<Dim> b) {
  if (a.size() != b.size())
    return false;
  for (auto [x, y] : llvm::zip(a, b))
    if (!sameSize(body, x, y))
      return false;
  return true;
}

bool fits(const Body &body, llvm::ArrayRef<Dim> inner, llvm::ArrayRef<Dim> outer) {
  return fitInto(tied(body, inner), tied(body, outer)).ways > 0;
}

const VocabInfo *vocabOf(const Body &body, const Dim &size) {
  Dim root = toRoot(body, tied(body, size), body.frame);
  const VocabInfo *found = nullptr;
  if (root.isNameless())
    return nullptr;
  for (auto &file : body.program.files)
    for (auto &vocab : file->vocabs) {
      if (!(vocab->size == root))
        continue;
      if (found)
        return nullptr;
      found = vocab.get();
    }
  return found;
}

Dim toCaller(Body &body, const Dim &dim, const Frame &inner) {
  Dim result = inner.ties.empty() ? dim : body.dims.substitute(dim, inner.ties);
  return body.dims.substitute(result, inner.toCaller);
}

Value toCaller(Body &body, const Value &value, const Frame &inner) {
  if (auto *dim = value.as<Dim>())
    return value.is<Word>() ? value : Value(toCaller(body, *dim, inner));
  auto shape = [&](llvm::SmallVectorImpl<Dim> &dims) {
    for (Dim &dim : dims)
      dim = toCaller(body, dim, inner);
  };
  if (auto *tensor = value.tensor()) {
    Tensor result = *tensor;
    shape(result.dims);
    if (result.bound)
      result.bound = toCaller(body, *result.bound, inner);
    result.offset = toCaller(body, result.offset, inner);
    return result;
  }
  if (auto *tuple = value.asTuple()) {
    std::vector<Value> elements;
    for (const Value &element : tuple->elements)
      elements.push_back(toCaller(body, element, inner));
    return Value::tuple(std::move(elements));
  }
  if (auto *distribution = value.distribution()) {
    auto result = std::make_shared<Distribution>(*distribution);
    shape(result->dims);
    for (Tensor &param : result->params)
      param = *toCaller(body, Value(param), inner).tensor();
    if (result->bound)
      result->bound = toCaller(body, *result->bound, inner);
    if (result->component)
      result->component =
          *toCaller(body, Value(result->component), inner).as<std::shared_ptr<Distribution>>();
    return result;
  }
  return value;
}

} // namespace nnc
