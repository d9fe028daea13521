/// A vector of independent normal numbers: an event is its last axis.
#include "dialects/prob/Families/Formulas.h"

using namespace mlir;

namespace nnc::prob {
namespace {

using nn::Term;

struct DiagNormal : Formulas {
  Value density(const Instance &d, Term x, RankedTensorType type) const override {
    return sumOfEvent(d.emit, formulas::normal().density(d, x, type));
  }
  Value entropy(const Instance &d, RankedTensorType type) const override {
    return sumOfEvent(d.emit, formulas::normal().entropy(d, type));
  }
  Value divergence(const Instance &q, const Instance &p) const override {
    return sumOfEvent(q.emit, formulas::normal().divergence(q, p));
  }
  Value draw(const Instance &d, const Noise &noise, RankedTensorType type) const override {
    return formulas::normal().draw(d, noise, type);
  }
  Value mean(const Instance &d) const override { return d[0]; }
  Value mode(const Instance &d) const override { return d[0]; }
};

} // namespace

const Formulas &formulas::diag_normal() {
  static const DiagNormal object;
  return object;
}

} // namespace nnc::prob
