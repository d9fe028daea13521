/// Sizes: polynomials over rigid names. A name has a number and the place that it comes from;
/// equality of sizes is decided by names where both sides have one and by numbers where one side
/// has none.
#ifndef NNC_COMPILER_SEMA_DIM_H
#define NNC_COMPILER_SEMA_DIM_H

#include "compiler/Syntax/SourceRange.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <string>

namespace nnc {

class Dim;

/// A rigid name of a size: `dim d = 64`, a signature variable of one call, or an exact quotient by
/// a sum, which is no polynomial.
struct Atom {
  std::string name;
  int64_t value = 0;
  SourceRange origin;
  /// Order of creation; monomials are sorted by it.
  unsigned id = 0;
  /// Of a quotient only.
  const Dim *numerator = nullptr;
  const Dim *denominator = nullptr;
  /// A name of file level: it means the same in every body.
  bool global = false;
};

/// What a name of a body stands for outside of it.
using DimMap = llvm::DenseMap<const Atom *, Dim>;

/// The largest size of an axis: a position in it is an i32. And the most elements of a tensor, so
/// that counts of bytes stay far from the ends of 64 bits.
constexpr int64_t maxAxis = std::numeric_limits<int32_t>::max();
constexpr int64_t maxElements = int64_t(1) << 44;

class Dim {
public:
  /// factor / divisor times a product of names, over a product of names: both sorted, with
  /// repetition, and without a name or factor in common. An exact division stays in its terms, so
  /// that 2 * (d / 2) is d.
  struct Term {
    llvm::SmallVector<const Atom *, 2> atoms;
    int64_t factor = 0;
    llvm::SmallVector<const Atom *, 1> below;
    int64_t divisor = 1;
    bool operator==(const Term &) const = default;
  };

  Dim() = default;
  Dim(int64_t number);
  Dim(int number) : Dim(int64_t(number)) {}
  Dim(const Atom *atom);

  /// Clamped to the ends of 64 bits.
  int64_t value() const;
  /// No names: a number or a floor.
  bool isNameless() const;
  /// The name, if the size is just one.
  const Atom *asAtom() const;
  llvm::ArrayRef<Term> getTerms() const { return terms; }
  bool mentions(const Atom *atom) const;

  /// The same polynomial; of quotients by sums, the same fraction of polynomials.
  bool operator==(const Dim &other) const;
  /// Equal by the rule of the language.
  bool equals(const Dim &other) const;

  friend Dim operator+(const Dim &a, const Dim &b);
  friend Dim operator-(const Dim &a, const Dim &b);
  friend Dim operator*(const Dim &a, const Dim &b);

  /// As the source would write it: `d / heads`, `2 * n + 1`, `784`.
  std::string str() const;
  /// With its number: `T = 256`, `784`.
  std::string describe() const;

  /// Where the size was written: the place given to at(), else the place of its name.
  SourceRange origin() const;
  Dim at(SourceRange range) const;

private:
  friend class Dims;
  Dim(const Term &term) { add(term, 1); }
  void add(const Term &term, int64_t sign);
  bool hasQuotient() const;
  llvm::SmallVector<Term, 1> terms;
  SourceRange place;
};

/// Makes names, and does the arithmetic that may need new ones.
class Dims {
public:
  /// A new name, different from every other.
  Dim fresh(llvm::StringRef name, int64_t value, SourceRange origin, bool global = false);
  /// a / b where it divides exactly, else nothing.
  std::optional<Dim> divide(const Dim &a, const Dim &b);
  /// floor(a / b): nameless, but floor(a / 1) is a.
  Dim floorDivide(const Dim &a, const Dim &b);
  /// Replaces names that the map has, once, all at the same time.
  Dim substitute(const Dim &dim, const DimMap &map);

private:
  Dim quotient(const Dim &a, const Dim &b);
  Dim over(const Dim &a, const Dim &b);
  Dim substitute(const Atom *atom, const DimMap &map);
  std::deque<Atom> atoms;
  std::deque<Dim> parts;
};

using Shape = llvm::SmallVector<Dim, 4>;

/// `[B, T, d]`.
std::string printShape(llvm::ArrayRef<Dim> dims);
/// Clamped as Dim::value.
int64_t elementCount(llvm::ArrayRef<Dim> dims);
llvm::SmallVector<int64_t> numbersOf(llvm::ArrayRef<Dim> dims);
bool equalShapes(llvm::ArrayRef<Dim> a, llvm::ArrayRef<Dim> b);

/// How a shape goes into another: `axes[k]` is the axis of `outer` that axis k of `inner` becomes.
struct Fit {
  llvm::SmallVector<int64_t> axes;
  /// In how many ways (counted up to 2); 1 is success.
  unsigned ways = 0;
  /// The first axis that differs, of shapes of equal rank.
  std::optional<unsigned> mismatch;
};
/// The rule of broadcasting: equal ranks axis by axis, a lower rank as a subsequence in exactly one
/// way.
Fit fitInto(llvm::ArrayRef<Dim> inner, llvm::ArrayRef<Dim> outer);

} // namespace nnc

#endif
