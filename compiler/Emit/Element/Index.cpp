/// Arithmetic of linear forms, and the bounds that follow from their ranges.
#include "compiler/Emit/Element/Index.h"

namespace nnc {

int64_t Index::min(unsigned width) const {
  int64_t result = offset + std::min<int64_t>(0, lane * (int64_t(width) - 1));
  for (const Term &term : terms)
    result += std::min(term.factor * term.min, term.factor * term.max);
  return result;
}

int64_t Index::max(unsigned width) const {
  int64_t result = offset + std::max<int64_t>(0, lane * (int64_t(width) - 1));
  for (const Term &term : terms)
    result += std::max(term.factor * term.min, term.factor * term.max);
  return result;
}

Index operator+(const Index &a, const Index &b) {
  assert(!a.vector && !b.vector && "a position without a linear form");
  Index result = a;
  result.offset += b.offset;
  result.lane += b.lane;
  for (const Index::Term &term : b.terms) {
    auto same = llvm::find_if(result.terms, [&](auto &t) { return t.value == term.value; });
    if (same == result.terms.end())
      result.terms.push_back(term);
    else if ((same->factor += term.factor) == 0)
      result.terms.erase(same);
  }
  return result;
}

Index operator*(const Index &a, int64_t factor) {
  assert(!a.vector && "a position without a linear form");
  if (factor == 0)
    return Index();
  Index result = a;
  result.offset *= factor;
  result.lane *= factor;
  for (Index::Term &term : result.terms)
    term.factor *= factor;
  return result;
}

} // namespace nnc
