/// The object of each family, and parts of their formulas.
#include "dialects/prob/Families/Formulas.h"
#include "dialects/prob/Families/Family.h"

using namespace mlir;

namespace nnc::prob {

using nn::Emit;
using nn::Term;

const Formulas &formulasOf(Family family) {
  switch (family) {
#define NNC_FAMILY(id, ...)                                                                        \
  case Family::id:                                                                                 \
    return formulas::id();
#include "dialects/prob/Families/families.def"
  }
  llvm_unreachable("no row of families.def");
}

Term Noise::make(Emit &emit, nn::RandomKind kind, Type type, uint64_t stream) const {
  // Sites are hashes: a multiple of the golden ratio's bits away lies no other one.
  uint64_t own = site + stream * 0x9E3779B97F4A7C15;
  return {&emit, nn::RandomOp::create(emit.builder, emit.loc, type, kind, own, seed, step, turn)};
}

Term whereBetween(Term low, Term y, Term high, Term x, Term otherwise) {
  Emit &emit = *x.emit;
  Value inside = emit.make<nn::AndOp>(emit.compare(nn::Comparison::ge, y, low),
                                      emit.compare(nn::Comparison::le, y, high));
  return {&emit, emit.select(inside, x, otherwise)};
}

Term excess(Term r) {
  Emit &emit = *r.emit;
  Term t = r - 1.0;
  Value isNear = emit.compare(nn::Comparison::lt, nn::apply<nn::AbsOp>(t), t.number(0.5));
  Term near{&emit, emit.select(isNear, t, t.number(0))};
  Term log{&emit, emit.select(isNear, nn::apply<nn::Log1pOp>(near), nn::apply<nn::LogOp>(r))};
  return t - log;
}

} // namespace nnc::prob
