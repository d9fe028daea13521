/// Integers from 0 to n - 1, all alike.
#include "dialects/prob/Families/Formulas.h"

using namespace mlir;

namespace nnc::prob {
namespace {

using nn::Emit;
using nn::Term;

double countOf(const Instance &d) { return static_cast<double>(*d.count); }

struct DiscreteUniform : Formulas {
  /// -log n inside 0 .. n - 1, minus infinity elsewhere.
  Value density(const Instance &d, Term x, RankedTensorType type) const override {
    Emit &emit = d.emit;
    Value inside = emit.make<nn::AndOp>(emit.compare(nn::Comparison::ge, x, x.number(0)),
                                        emit.compare(nn::Comparison::lt, x, x.number(countOf(d))));
    return emit.select(inside, emit.constant(type, -std::log(countOf(d))),
                       emit.constant(type, -std::numeric_limits<double>::infinity()));
  }

  Value entropy(const Instance &d, RankedTensorType type) const override {
    return d.emit.constant(type, std::log(countOf(d)));
  }

  Value divergence(const Instance &, const Instance &) const override {
    llvm_unreachable("the translation writes it as categorical");
  }

  /// floor(u n) for a u of 69 bits in three words, each of a stream of its own, multiplied as by
  /// hand. No outcome is likelier than another by 2^-37 of it.
  Value draw(const Instance &d, const Noise &noise, RankedTensorType type) const override {
    constexpr int64_t wordBits = 23, words = 3;
    constexpr auto base = static_cast<double>(1 << wordBits);
    Emit &emit = d.emit;
    auto real = type.clone(emit.builder.getF32Type()), wide = type.clone(emit.builder.getI64Type());
    Value count = emit.constant(wide, countOf(d)), radix = emit.constant(wide, base), carry;
    for (int64_t k = 0; k < words; ++k) {
      Term u = noise.uniform(emit, real, k);
      Value word = emit.cast(u * base, wide.getElementType()); // u = (word + 1/2) / base
      Value product = emit.mul(word, count);
      if (carry)
        product = emit.add(product, carry);
      carry = emit.make<nn::FloorDivOp>(product, radix);
    }
    return carry;
  }

  Value mean(const Instance &) const override { return {}; }
  Value mode(const Instance &) const override { return {}; }
};

} // namespace

const Formulas &formulas::discrete_uniform() {
  static const DiscreteUniform object;
  return object;
}

} // namespace nnc::prob
