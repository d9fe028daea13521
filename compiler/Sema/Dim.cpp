#include "compiler/Sema/Dim.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

namespace nnc {

Dim::Dim(int64_t number) {
  if (number)
    terms.push_back({{}, number});
}

Dim::Dim(const Atom *atom) { terms.push_back({{atom}, 1}); }

int64_t Dim::value() const {
  int64_t sum = 0;
  for (const Term &term : terms) {
    int64_t product = term.factor;
    for (const Atom *atom : term.atoms)
      product *= atom->value;
    sum += product;
  }
  return sum;
}

bool Dim::isNameless() const {
  return llvm::all_of(terms, [](const Term &term) { return term.atoms.empty(); });
}

const Atom *Dim::asAtom() const {
  bool single = terms.size() == 1 && terms[0].factor == 1 && terms[0].atoms.size() == 1;
  return single ? terms[0].atoms[0] : nullptr;
}

bool Dim::mentions(const Atom *atom) const {
  return llvm::any_of(terms,
                      [&](const Term &term) { return llvm::is_contained(term.atoms, atom); });
}

bool Dim::equals(const Dim &other) const {
  if (isNameless() || other.isNameless())
    return value() == other.value();
  return *this == other;
}

/// Higher degrees first, then by age of the names, so that `2 * n + 1` prints as written.
static bool before(const Dim::Term &a, const Dim::Term &b) {
  if (a.atoms.size() != b.atoms.size())
    return a.atoms.size() > b.atoms.size();
  return std::lexicographical_compare(a.atoms.begin(), a.atoms.end(), b.atoms.begin(),
                                      b.atoms.end(),
                                      [](const Atom *x, const Atom *y) { return x->id < y->id; });
}

void Dim::add(const Term &term, int64_t sign) {
  auto place = llvm::lower_bound(terms, term, before);
  if (place != terms.end() && place->atoms == term.atoms) {
    place->factor += sign * term.factor;
    if (!place->factor)
      terms.erase(place);
    return;
  }
  if (term.factor)
    terms.insert(place, Term{term.atoms, sign * term.factor});
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

/// (a / b) * b is a again.
static bool cancelQuotient(llvm::SmallVectorImpl<const Atom *> &atoms) {
  for (unsigned i = 0; i < atoms.size(); ++i) {
    if (!atoms[i]->denominator || !atoms[i]->numerator->asAtom())
      continue;
    const Atom *below = atoms[i]->denominator->asAtom();
    auto *other = below ? llvm::find(atoms, below) : atoms.end();
    if (other == atoms.end())
      continue;
    atoms[i] = atoms[i]->numerator->asAtom();
    atoms.erase(other);
    return true;
  }
  return false;
}

Dim operator*(const Dim &a, const Dim &b) {
  Dim product;
  for (const Dim::Term &x : a.terms)
    for (const Dim::Term &y : b.terms) {
      Dim::Term term{x.atoms, x.factor * y.factor};
      llvm::append_range(term.atoms, y.atoms);
      while (cancelQuotient(term.atoms)) {
      }
      llvm::sort(term.atoms, [](const Atom *p, const Atom *q) { return p->id < q->id; });
      product.add(term, 1);
    }
  product.place = a.place;
  return product;
}

static std::string printTerm(const Dim::Term &term, int64_t factor) {
  std::string text;
  if (factor != 1 || term.atoms.empty())
    text = std::to_string(factor);
  for (const Atom *atom : term.atoms) {
    bool quotient = atom->denominator && (term.atoms.size() > 1 || factor != 1);
    text += (text.empty() ? "" : " * ") + (quotient ? "(" + atom->name + ")" : atom->name);
  }
  return text;
}

std::string Dim::str() const {
  if (terms.empty())
    return "0";
  std::string text;
  for (const Term &term : terms) {
    if (text.empty())
      text = printTerm(term, term.factor);
    else
      text += (term.factor < 0 ? " - " : " + ") + printTerm(term, std::abs(term.factor));
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

const Atom *Dims::quotient(const Dim &a, const Dim &b) {
  for (Atom &atom : atoms)
    if (atom.denominator && *atom.numerator == a && *atom.denominator == b)
      return &atom;
  bool global = true;
  for (const Dim *part : {&a, &b})
    for (const Dim::Term &term : part->getTerms())
      for (const Atom *atom : term.atoms)
        global &= atom->global;
  const Dim *numerator = &parts.emplace_back(a), *denominator = &parts.emplace_back(b);
  std::string below =
      b.getTerms().size() > 1 || (b.getTerms().size() == 1 && b.getTerms()[0].atoms.size() > 1)
          ? "(" + b.str() + ")"
          : b.str();
  atoms.push_back({asFactor(a) + " / " + below, a.value() / b.value(), a.origin(),
                   unsigned(atoms.size()), numerator, denominator, global});
  return &atoms.back();
}

/// The polynomial divided by a single product, if every term has it as a factor.
static std::optional<Dim> divideTerms(const Dim &a, const Dim::Term &by) {
  Dim result;
  for (const Dim::Term &term : a.getTerms()) {
    if (term.factor % by.factor)
      return std::nullopt;
    auto atoms = term.atoms;
    for (const Atom *atom : by.atoms) {
      auto *place = llvm::find(atoms, atom);
      if (place == atoms.end())
        return std::nullopt;
      atoms.erase(place);
    }
    Dim product(term.factor / by.factor);
    for (const Atom *atom : atoms)
      product = product * Dim(atom);
    result = result + product;
  }
  return result;
}

std::optional<Dim> Dims::divide(const Dim &a, const Dim &b) {
  if (b.value() == 0 || a.value() % b.value())
    return std::nullopt;
  if (a == b)
    return Dim(1);
  if (b.getTerms().size() == 1)
    if (auto result = divideTerms(a, b.getTerms()[0]))
      return result;
  if (a.isNameless())
    return Dim(a.value() / b.value());
  return Dim(quotient(a, b));
}

Dim Dims::floorDivide(const Dim &a, const Dim &b) {
  if (b.value() == 1)
    return a;
  int64_t quotient = a.value() / b.value(), rest = a.value() % b.value();
  return Dim(rest && (rest < 0) != (b.value() < 0) ? quotient - 1 : quotient);
}

Dim Dims::substitute(const Dim &dim, const DimMap &map) {
  Dim result;
  for (const Dim::Term &term : dim.getTerms()) {
    Dim product(term.factor);
    for (const Atom *atom : term.atoms) {
      auto found = map.find(atom);
      if (found != map.end()) {
        product = product * found->second.at({});
      } else if (atom->denominator) {
        Dim above = substitute(*atom->numerator, map), below = substitute(*atom->denominator, map);
        product = product * divide(above, below).value_or(Dim(atom));
      } else {
        product = product * Dim(atom);
      }
    }
    result = result + product;
  }
  return result;
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
    count *= dim.value();
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

/// Counts the ways (up to 2) from position `at` of outer on, and keeps the first. With `byName`, sizes are equal only as they are
/// written.
static unsigned countWays(llvm::ArrayRef<Dim> inner, llvm::ArrayRef<Dim> outer, unsigned at, bool byName,
                          llvm::SmallVectorImpl<int64_t> &axes, llvm::SmallVectorImpl<int64_t> &found) {
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
