/// Formulas of the families of distributions, in nn ops.
#ifndef NNC_DIALECTS_PROB_TRANSFORMS_FAMILIES_H
#define NNC_DIALECTS_PROB_TRANSFORMS_FAMILIES_H

#include "dialects/nn/Build/Emit.h"
#include "dialects/prob/IR/Prob.h"

#include <limits>

namespace nnc::prob {

/// The value of a draw, differentiable in its parameters where its estimator says so.
mlir::Value emitDraw(nn::Emit &emit, DrawOp op);

/// The log density, one number an event.
mlir::Value emitLogDensity(nn::Emit &emit, LogProbOp op);

/// The divergence of two distributions in closed form, one number an event.
mlir::Value emitDivergence(nn::Emit &emit, KlOp op);

/// The entropy in closed form, one number an event.
mlir::Value emitEntropy(nn::Emit &emit, EntropyOp op);

/// -|x|, with the derivative of x at 0, so that even and smooth functions of it have theirs.
inline nn::Term negativeMagnitude(nn::Term x) {
  nn::Emit &emit = *x.emit;
  return {&emit, emit.select(emit.compare(nn::Comparison::gt, x, x.number(0)), -x, x)};
}

/// weight * x, and 0 where the weight is 0 and x is not finite: 0 log 0 = 0.
inline nn::Term weighted(nn::Term weight, nn::Term x) {
  nn::Emit &emit = *x.emit;
  mlir::Value finite = emit.compare(nn::Comparison::lt, nn::apply<nn::AbsOp>(x),
                                    x.number(std::numeric_limits<double>::infinity()));
  mlir::Value counts =
      emit.make<nn::OrOp>(finite, emit.compare(nn::Comparison::ne, weight, weight.number(0)));
  return weight * nn::Term{&emit, emit.select(counts, x, x.number(0))};
}

/// log x, and minus infinity without a derivative where x is 0: what 0 log 0 = 0 needs.
inline nn::Term guardedLog(nn::Term x) {
  nn::Emit &emit = *x.emit;
  mlir::Value none = emit.compare(nn::Comparison::eq, x, x.number(0));
  nn::Term log = nn::apply<nn::LogOp>({&emit, emit.select(none, x.number(1), x)});
  return {&emit, emit.select(none, x.number(-std::numeric_limits<double>::infinity()), log)};
}

/// The probabilities of an axis of outcomes (or of one outcome), and their logarithms.
struct Outcomes {
  nn::Term probabilities, logs;
};
/// Of categorical and one_hot, along the last axis of the parameter.
Outcomes emitOutcomes(nn::Emit &emit, Family family, mlir::Value parameter);
/// Of bernoulli: of 1, and of 0.
std::pair<Outcomes, Outcomes> emitBothOutcomes(nn::Emit &emit, Family family,
                                               mlir::Value parameter);

/// x with L x = b for lower triangular L [.., D, D] and b [.., D, N], by a scan over the rows.
mlir::Value emitTriangularSolve(nn::Emit &emit, mlir::Value lower, mlir::Value b);

/// The diagonals [.., D] of matrices [.., D, D].
mlir::Value emitDiagonal(nn::Emit &emit, mlir::Value matrix);

} // namespace nnc::prob

#endif
