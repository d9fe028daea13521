/// Polynomials of sizes: arithmetic, comparison, text.
#include "compiler/Sema/Dim.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <limits>
#include <numeric>

namespace nnc {

//===--- Numbers that do not wrap around -------------------------------------------===//

/// Past 64 bits the nearest number stands for the result: it is no size of an axis either.
static int64_t clampedSum(int64_t a, int64_t b) {
  int64_t sum;
  if (!__builtin_add_overflow(a, b, &sum))
    return sum;
  return a < 0 ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
}
static int64_t clampedProduct(int64_t a, int64_t b) {
  int64_t product;
  if (!__builtin_mul_overflow(a, b, &product))
    return product;
  return (a < 0) != (b < 0) ? std::numeric_limits<int64_t>::min()
                            : std::numeric_limits<int64_t>::max();
}
/// The quotient towards 0; of the least number by -1 too, which the processor refuses.
static int64_t quotientOf(int64_t a, int64_t b) { return b == -1 ? clampedProduct(a, -1) : a / b; }
static int64_t remainderOf(int64_t a, int64_t b) { return b == -1 ? 0 : a % b; }

Dim::Dim(int64_t number) {
  if (number)
    terms.push_back({{}, number});
}

Dim::Dim(const Atom *atom) { terms.push_back({{atom}, 1}); }

/// a / b + c / d, in lowest terms.
static void addFraction(int64_t &a, int64_t &b, int64_t c, int64_t d) {
  a = clampedSum(clampedProduct(a, d), clampedProduct(c, b));
  b = clampedProduct(b, d);
  if (int64_t common = std::gcd(a, b); common > 1) {
    a /= common;
    b /= common;
  }
}

/// Exact divisions are whole together, not term by term: (n + 1) / 2 is n / 2 + 1 / 2.
int64_t Dim::value() const {
  int64_t above = 0, below = 1;
  for (const Term &term : terms) {
    int64_t product = term.factor, divisor = term.divisor;
    for (const Atom *atom : term.atoms)
      product = clampedProduct(product, atom->value);
    for (const Atom *atom : term.below)
      divisor = clampedProduct(divisor, atom->value);
    addFraction(above, below, product, divisor);
  }
  return below ? quotientOf(above, below) : std::numeric_limits<int64_t>::max();
}

bool Dim::isNameless() const {
  return llvm::all_of(terms,
                      [](const Term &term) { return term.atoms.empty() && term.below.empty(); });
}

const Atom *Dim::asAtom() const {
  bool single = terms.size() == 1 && terms[0].factor == 1 && terms[0].divisor == 1 &&
                terms[0].atoms.size() == 1 && terms[0].below.empty();
  return single ? terms[0].atoms[0] : nullptr;
}

bool Dim::mentions(const Atom *atom) const {
  auto inside = [&](const Atom *part) {
    return part == atom || (part->denominator &&
                            (part->numerator->mentions(atom) || part->denominator->mentions(atom)));
  };
  return llvm::any_of(terms, [&](const Term &term) {
    return llvm::any_of(term.atoms, inside) || llvm::any_of(term.below, inside);
  });
}

bool Dim::hasQuotient() const {
  auto isQuotient = [](const Atom *atom) { return atom->denominator != nullptr; };
  return llvm::any_of(terms, [&](const Term &term) {
    return llvm::any_of(term.atoms, isQuotient) || llvm::any_of(term.below, isQuotient);
  });
}

namespace {
/// Polynomials without quotients by sums, one over the other.
struct Fraction {
  Dim above = Dim(1), below = Dim(1);
};
} // namespace

static Fraction fractionOf(const Dim &dim) {
  Fraction sum{Dim(0), Dim(1)};
  for (const Dim::Term &term : dim.getTerms()) {
    Fraction product{Dim(term.factor), Dim(term.divisor)};
    auto multiply = [&](const Atom *atom, bool inverse) {
      Fraction one{Dim(atom), Dim(1)};
      if (atom->denominator) {
        Fraction a = fractionOf(*atom->numerator), b = fractionOf(*atom->denominator);
        one = {a.above * b.below, a.below * b.above};
      }
      product.above = product.above * (inverse ? one.below : one.above);
      product.below = product.below * (inverse ? one.above : one.below);
    };
    for (const Atom *atom : term.atoms)
      multiply(atom, false);
    for (const Atom *atom : term.below)
      multiply(atom, true);
    sum = {sum.above * product.below + product.above * sum.below, sum.below * product.below};
  }
  return sum;
}

bool Dim::operator==(const Dim &other) const {
  if (terms == other.terms)
    return true;
  if (!hasQuotient() && !other.hasQuotient())
    return false;
  Fraction a = fractionOf(*this), b = fractionOf(other);
  return (a.above * b.below).terms == (b.above * a.below).terms;
}

bool Dim::equals(const Dim &other) const {
  if (isNameless() || other.isNameless())
    return value() == other.value();
  return *this == other;
}

static bool earlier(llvm::ArrayRef<const Atom *> a, llvm::ArrayRef<const Atom *> b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](const Atom *x, const Atom *y) { return x->id < y->id; });
}

/// Higher degrees first, then by age of the names, so that `2 * n + 1` prints as written.
static bool before(const Dim::Term &a, const Dim::Term &b) {
  if (a.atoms.size() != b.atoms.size())
    return a.atoms.size() > b.atoms.size();
  return a.atoms != b.atoms ? earlier(a.atoms, b.atoms) : earlier(a.below, b.below);
}

void Dim::add(const Term &term, int64_t sign) {
  if (!term.factor)
    return;
  auto place = llvm::lower_bound(terms, term, before);
  if (place == terms.end() || place->atoms != term.atoms || place->below != term.below) {
    place = terms.insert(place, term);
    place->factor = clampedProduct(place->factor, sign);
    return;
  }
  addFraction(place->factor, place->divisor, clampedProduct(sign, term.factor), term.divisor);
  if (!place->factor)
    terms.erase(place);
}

Dim operator+(const Dim &a, const Dim &b) {
  Dim sum = a;
  for (const Dim::Term &term : b.terms)
    sum.add(term, 1);
  return sum;
}

Dim operator-(const Dim &a, const Dim &b) {
  Dim difference = a;
  for (const Dim::Term &term : b.terms)
    difference.add(term, -1);
  return difference;
}

static Dim::Term multiply(const Dim::Term &a, const Dim::Term &b) {
  Dim::Term term{a.atoms, clampedProduct(a.factor, b.factor), a.below,
                 clampedProduct(a.divisor, b.divisor)};
  llvm::append_range(term.atoms, b.atoms);
  llvm::append_range(term.below, b.below);
  for (size_t i = 0; i < term.below.size();) {
    auto *common = llvm::find(term.atoms, term.below[i]);
    if (common == term.atoms.end()) {
      ++i;
      continue;
    }
    term.atoms.erase(common);
    term.below.erase(term.below.begin() + i);
  }
  auto byAge = [](const Atom *p, const Atom *q) { return p->id < q->id; };
  llvm::sort(term.atoms, byAge);
  llvm::sort(term.below, byAge);
  if (int64_t common = std::gcd(term.factor, term.divisor); common > 1) {
    term.factor /= common;
    term.divisor /= common;
  }
  return term;
}

Dim operator*(const Dim &a, const Dim &b) {
  Dim product;
  for (const Dim::Term &x : a.terms)
    for (const Dim::Term &y : b.terms)
      product.add(multiply(x, y), 1);
  product.place = a.place;
  return product;
}

//===--- Printing --------------------------------------------------------------------===//

static std::string printProduct(llvm::ArrayRef<const Atom *> atoms, int64_t factor) {
  std::string text;
  if (factor != 1 || atoms.empty())
    text = std::to_string(factor);
  for (const Atom *atom : atoms) {
    bool quotient = atom->denominator && (atoms.size() > 1 || factor != 1);
    text += (text.empty() ? "" : " * ") + (quotient ? "(" + atom->name + ")" : atom->name);
  }
  return text;
}

/// The sum of terms, their divisors left out.
static std::string printSum(llvm::ArrayRef<Dim::Term> terms) {
  std::string text;
  for (const Dim::Term &term : terms) {
    int64_t factor = text.empty() ? term.factor : std::abs(term.factor);
    text += text.empty() ? "" : term.factor < 0 ? " - " : " + ";
    text += printProduct(term.atoms, factor);
  }
  return text;
}

/// Terms with one divisor print over it together: `(T - k) / s + 1`.
std::string Dim::str() const {
  if (terms.empty())
    return "0";
  std::string text;
  llvm::SmallVector<Term> left(terms.begin(), terms.end());
  while (!left.empty()) {
    llvm::SmallVector<Term> group;
    auto together = [&](const Term &term) {
      return term.below == left[0].below && term.divisor == left[0].divisor;
    };
    bool whole = left[0].below.empty() && left[0].divisor == 1;
    llvm::copy_if(left, std::back_inserter(group), together);
    if (whole)
      group.resize(1);
    std::string below = printProduct(group[0].below, group[0].divisor);
    bool negative = !text.empty() && group.size() == 1 && group[0].factor < 0;
    if (negative)
      group[0].factor = -group[0].factor;
    std::string above = printSum(group);
    if (group.size() > 1)
      above = "(" + above + ")";
    if (group[0].below.size() + (group[0].divisor != 1) > 1)
      below = "(" + below + ")";
    text += text.empty() ? "" : negative ? " - " : " + ";
    text += whole ? above : above + " / " + below;
    if (whole)
      left.erase(left.begin());
    else
      llvm::erase_if(left, [&](const Term &term) {
        return term.below == group[0].below && term.divisor == group[0].divisor;
      });
  }
  return text;
}

std::string Dim::describe() const {
  return isNameless() ? str() : str() + " = " + std::to_string(value());
}

SourceRange Dim::origin() const {
  if (place.isValid())
    return place;
  for (const Term &term : terms)
    for (const Atom *atom : term.atoms)
      return atom->origin;
  return {};
}

Dim Dim::at(SourceRange range) const {
  Dim result = *this;
  result.place = range;
  return result;
}

Dim Dims::fresh(llvm::StringRef name, int64_t value, SourceRange origin, bool global) {
  atoms.push_back({name.str(), value, origin, unsigned(atoms.size()), nullptr, nullptr, global});
  return Dim(&atoms.back());
}

/// In parentheses where a product or quotient would tear it apart.
static std::string asFactor(const Dim &dim) {
  return dim.getTerms().size() > 1 ? "(" + dim.str() + ")" : dim.str();
}

/// a / b of a sum b that is no factor of a: a new name, the same one for the same two.
Dim Dims::quotient(const Dim &a, const Dim &b) {
  for (Atom &atom : atoms)
    if (atom.denominator && *atom.numerator == a && *atom.denominator == b)
      return Dim(&atom);
  bool global = true;
  for (const Dim *part : {&a, &b})
    for (const Dim::Term &term : part->getTerms()) {
      for (const Atom *atom : term.atoms)
        global &= atom->global;
      for (const Atom *atom : term.below)
        global &= atom->global;
    }
  const Dim *numerator = &parts.emplace_back(a), *denominator = &parts.emplace_back(b);
  atoms.push_back({asFactor(a) + " / " + asFactor(b), quotientOf(a.value(), b.value()), a.origin(),
                   unsigned(atoms.size()), numerator, denominator, global});
  return Dim(&atoms.back());
}

static Dim::Term inverse(const Dim::Term &term) {
  int64_t sign = term.factor < 0 ? -1 : 1;
  Dim::Term result{{}, sign * term.divisor, {}, sign * term.factor};
  result.atoms.assign(term.below.begin(), term.below.end());
  result.below.assign(term.atoms.begin(), term.atoms.end());
  return result;
}

/// Long division by a sum, leading term by leading term; nothing if it leaves a rest.
static std::optional<Dim> divideSum(Dim a, const Dim &b) {
  Dim result;
  for (unsigned turn = 0; turn < 32 && !a.getTerms().empty(); ++turn) {
    Dim one;
    Dim::Term term = multiply(a.getTerms()[0], inverse(b.getTerms()[0]));
    if (!term.below.empty())
      return std::nullopt;
    one = Dim(term.factor);
    for (const Atom *atom : term.atoms)
      one = one * Dim(atom);
    if (term.divisor != 1)
      return std::nullopt;
    result = result + one;
    a = a - one * b;
  }
  return a.getTerms().empty() ? std::optional(result) : std::nullopt;
}

std::optional<Dim> Dims::divide(const Dim &a, const Dim &b) {
  if (b.value() == 0 || remainderOf(a.value(), b.value()))
    return std::nullopt;
  if (a == b)
    return Dim(1);
  if (a.isNameless())
    return Dim(quotientOf(a.value(), b.value()));
  return over(a, b);
}

/// a / b where it is known to be whole.
Dim Dims::over(const Dim &a, const Dim &b) {
  if (b.getTerms().size() == 1)
    return a * Dim(inverse(b.getTerms()[0]));
  if (auto result = divideSum(a, b))
    return *result;
  return quotient(a, b);
}

Dim Dims::floorDivide(const Dim &a, const Dim &b) {
  if (b.value() == 1)
    return a;
  int64_t quotient = quotientOf(a.value(), b.value()), rest = remainderOf(a.value(), b.value());
  return Dim(rest && (rest < 0) != (b.value() < 0) ? quotient - 1 : quotient);
}

Dim Dims::substitute(const Atom *atom, const DimMap &map) {
  auto found = map.find(atom);
  if (found != map.end())
    return found->second.at({});
  if (!atom->denominator)
    return Dim(atom);
  Dim above = substitute(*atom->numerator, map), below = substitute(*atom->denominator, map);
  return divide(above, below).value_or(Dim(atom));
}

Dim Dims::substitute(const Dim &dim, const DimMap &map) {
  // Divisors that become sums are collected: only the whole is known to divide exactly.
  Dim result, above, below(1);
  for (const Dim::Term &term : dim.getTerms()) {
    Dim product(term.factor), divisor(term.divisor);
    for (const Atom *atom : term.atoms)
      product = product * substitute(atom, map);
    for (const Atom *atom : term.below)
      divisor = divisor * substitute(atom, map);
    if (divisor.getTerms().size() == 1) {
      result = result + product * Dim(inverse(divisor.getTerms()[0]));
    } else if (divisor == below) {
      above = above + product;
    } else {
      above = above * divisor + product * below;
      below = below * divisor;
    }
  }
  if (above.getTerms().empty())
    return result;
  return over(above + result * below, below);
}

std::string printShape(llvm::ArrayRef<Dim> dims) {
  std::string text = "[";
  for (const Dim &dim : dims)
    text += (text.size() > 1 ? ", " : "") + dim.str();
  return text + "]";
}

int64_t elementCount(llvm::ArrayRef<Dim> dims) {
  int64_t count = 1;
  for (const Dim &dim : dims)
    count = clampedProduct(count, dim.value());
  return count;
}

llvm::SmallVector<int64_t> numbersOf(llvm::ArrayRef<Dim> dims) {
  return llvm::map_to_vector(dims, [](const Dim &dim) { return dim.value(); });
}

bool equalShapes(llvm::ArrayRef<Dim> a, llvm::ArrayRef<Dim> b) {
  return a.size() == b.size() && llvm::all_of(llvm::zip(a, b), [](auto pair) {
           return std::get<0>(pair).equals(std::get<1>(pair));
         });
}

/// Counts the ways (up to 2) from position `at` of outer on, and keeps the first. With `byName`,
/// sizes are equal only as they are written.
static unsigned countWays(llvm::ArrayRef<Dim> inner, llvm::ArrayRef<Dim> outer, unsigned at,
                          bool byName, llvm::SmallVectorImpl<int64_t> &axes,
                          llvm::SmallVectorImpl<int64_t> &found) {
  if (axes.size() == inner.size()) {
    if (found.empty())
      found.assign(axes.begin(), axes.end());
    return 1;
  }
  unsigned ways = 0;
  for (unsigned i = at; i + (inner.size() - axes.size()) <= outer.size() && ways < 2; ++i) {
    const Dim &one = inner[axes.size()];
    if (byName ? !(one == outer[i]) : !one.equals(outer[i]))
      continue;
    axes.push_back(i);
    ways += countWays(inner, outer, i + 1, byName, axes, found);
    axes.pop_back();
  }
  return ways;
}

Fit fitInto(llvm::ArrayRef<Dim> inner, llvm::ArrayRef<Dim> outer) {
  Fit fit;
  if (inner.size() == outer.size()) {
    for (unsigned i = 0; i < inner.size(); ++i) {
      if (!inner[i].equals(outer[i])) {
        fit.mismatch = i;
        return fit;
      }
      fit.axes.push_back(i);
    }
    fit.ways = 1;
    return fit;
  }
  if (inner.size() > outer.size())
    return fit;
  // [B] goes into [B, 1, H, W] in one way, also where B happens to be 1.
  for (bool byName : {true, false}) {
    llvm::SmallVector<int64_t> axes;
    fit.axes.clear();
    fit.ways = countWays(inner, outer, 0, byName, axes, fit.axes);
    if (fit.ways == 1)
      break;
  }
  fit.ways = std::min(fit.ways, 2u);
  return fit;
}

} // namespace nnc
