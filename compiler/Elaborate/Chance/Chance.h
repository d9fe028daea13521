/// Distributions, draws from them, and the evidence that scored sites add up to.
#ifndef NNC_COMPILER_ELABORATE_CHANCE_CHANCE_H
#define NNC_COMPILER_ELABORATE_CHANCE_CHANCE_H

#include "compiler/Elaborate/Builtin.h"
#include "compiler/Elaborate/Expr/Expr.h"
#include "dialects/prob/IR/Prob.h"

namespace nnc {

//===--- Statements (Draws.cpp) --------------------------------------------------------===//

void elaborateDraw(Body &body, const ast::DrawStmt &statement);
void elaborateObserve(Body &body, const ast::ObserveStmt &statement);
/// Adds log densities, one per element of the batch, to the evidence of the function.
void addEvidence(Body &body, mlir::Value value);

//===--- Distributions (Draws.cpp) -----------------------------------------------------===//

/// Null after an error: the value is something else.
const Distribution *toDistribution(Body &body, const Value &value, SourceRange range);
/// The number of outcomes, of a family that has no other parameter; null for others.
mlir::IntegerAttr countOf(Body &body, const Distribution &d);
/// A parameter repeated to the shape of a draw. The event and outcome axes come last in both.
std::optional<Tensor> paramAt(Body &body, const Distribution &d, unsigned index,
                              llvm::ArrayRef<Dim> dims, SourceRange range);
std::optional<Tensor> emitDraw(Body &body, const Distribution &d, const TensorType &type,
                               llvm::StringRef site, const ast::Expr *by, SourceRange range);
/// With a mask the value and the parameters are replaced where it does not hold, before the density
/// is taken, and the density is 0 there: nothing left out has an influence, nor a gradient.
std::optional<Tensor> logProb(Body &body, const Distribution &d, const Value &value,
                              SourceRange range, const Tensor *mask = nullptr);
/// `kl(q, p)` and `entropy(q)`.
Value buildDivergence(Body &body, BuiltinCall &call);
Value buildEntropy(Body &body, BuiltinCall &call);

//===--- Estimators (Estimators.cpp) ---------------------------------------------------===//

/// How a gradient passes a draw: as `by` says, or as its family does by default.
EstimatorChoice estimatorOf(Body &body, const Distribution &d, const TensorType &type,
                            const ast::Expr *by);
/// The axis of the objective's batch in a draw, outside of events. Null if there is none, or
/// several.
mlir::IntegerAttr rowAxis(Body &body, const Distribution &d, const TensorType &type);

} // namespace nnc

#endif
