/// The multivariate normal distribution, by the lower triangle L of its covariance L L^T.
#include "dialects/prob/Families/Formulas.h"
#include "dialects/prob/Families/Triangular.h"

using namespace mlir;

namespace nnc::prob {
namespace {

using nn::Emit;
using nn::shapeOf;
using nn::Term;

/// The axes of vectors [.., D] with one more of size 1.
SmallVector<int64_t> columnShape(Value vectors) {
  SmallVector<int64_t> column(shapeOf(vectors));
  column.push_back(1);
  return column;
}

/// sum log L_ii.
Term logVolume(Emit &emit, Value lower) {
  Value logs = emit.make<nn::LogOp>(emitDiagonal(emit, lower));
  return {&emit, sumOfEvent(emit, logs)};
}

struct MultivariateNormal : Formulas {
  /// With z = L^-1 (x - mean): -|z|^2 / 2 - sum log L_ii - D/2 log 2 pi.
  Value density(const Instance &d, Term x, RankedTensorType) const override {
    Emit &emit = d.emit;
    Value right = emit.reshape(x - d[0], columnShape(x));
    Value solved = emitTriangularSolve(emit, d[1], right);
    Term z{&emit, emit.reshape(solved, shapeOf(x))};
    Term square{&emit, sumOfEvent(emit, z * z)};
    Term volume = logVolume(emit, d[1]);
    return -0.5 * square - volume - halfLogTwoPi * static_cast<double>(shapeOf(x).back());
  }

  /// Sum of log L_ii, and D times what a standard normal number has.
  Value entropy(const Instance &d, RankedTensorType) const override {
    double size = static_cast<double>(shapeOf(d[0]).back());
    return logVolume(d.emit, d[1]) + (halfLogTwoPi + 0.5) * size;
  }

  /// (|L0^-1 L|^2 + |L0^-1 (m - m0)|^2 - D) / 2 + sum log L0_ii - sum log L_ii.
  Value divergence(const Instance &q, const Instance &p) const override {
    Emit &emit = q.emit;
    int64_t axis = lastAxis(q[0]);
    Value right = emit.reshape(q[0] - p[0], columnShape(q[0]));
    Value both = emit.make<nn::ConcatOp>(ValueRange{q[1], right}, axis + 1);
    Term solved{&emit, emitTriangularSolve(emit, p[1], both)};
    Term square{&emit, emit.sum(solved * solved, {axis, axis + 1})};
    Term half = 0.5 * (square - static_cast<double>(shapeOf(q[0]).back()));
    Term outer = half + logVolume(emit, p[1]);
    return outer - logVolume(emit, q[1]);
  }

  /// mean + L e for standard normal e.
  Value draw(const Instance &d, const Noise &noise, RankedTensorType) const override {
    Term e = noise.normal(d.emit, d[0].value.getType());
    int64_t row = lastAxis(d[0]), column = row + 1;
    SmallVector<int64_t> matrix = llvm::to_vector(llvm::seq<int64_t>(0, column + 1));
    SmallVector<int64_t> rows(matrix.begin(), matrix.end() - 1), columns(rows);
    columns.back() = column;
    return d[0] + Term{&d.emit, d.emit.contract(d[1], matrix, e, columns, rows)};
  }

  Value mean(const Instance &d) const override { return d[0]; }
  Value mode(const Instance &d) const override { return d[0]; }
};

} // namespace

const Formulas &formulas::mvn() {
  static const MultivariateNormal object;
  return object;
}

} // namespace nnc::prob
