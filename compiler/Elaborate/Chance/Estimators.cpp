/// How a gradient passes a draw: `by ...`, and the default of each family.
#include "compiler/Elaborate/Chance/Chance.h"

namespace nnc {

/// Whether there is a gradient to estimate.
static bool hasParameters(const Distribution &d) { return prob::operandCount(d.family) > 0; }

static prob::Estimator defaultEstimator(const Distribution &d) {
  if (d.traits().reparameterised)
    return prob::Estimator::reparam;
  return hasParameters(d) ? prob::Estimator::score : prob::Estimator::none;
}

/// The axis of the objective's batch in a draw, outside of events. Null if there is none, or
/// several.
mlir::IntegerAttr rowAxis(Body &body, const Distribution &d, const TensorType &type) {
  mlir::IntegerAttr found;
  if (!body.fn->estimates || !body.fn->evidence)
    return found;
  for (auto [axis, dim] : llvm::enumerate(d.eventSplit(type.dims).first)) {
    if (!(toRoot(body, tied(body, dim), body.frame) == body.fn->evidence->batch))
      continue;
    if (found)
      return {};
    found = body.build.builder->getI64IntegerAttr(axis);
  }
  return found;
}

/// Whether all elements of a row together have few enough outcomes.
static bool isEnumerable(const Distribution &d, const TensorType &type, mlir::IntegerAttr row) {
  prob::Values values = d.traits().values;
  int64_t classes = d.bound                          ? d.bound->value()
                    : values == prob::Values::binary ? 2
                    : values == prob::Values::oneHot ? d.dims.back().value()
                                                     : prob::maxOutcomes + 1;
  int64_t elements = 1, count = 1;
  for (auto [axis, dim] : llvm::enumerate(d.eventSplit(type.dims).first))
    if (!row || row.getInt() != int64_t(axis))
      elements *= dim.value();
  for (int64_t k = 0; k < elements && count <= prob::maxOutcomes; ++k)
    count *= classes;
  return count <= prob::maxOutcomes;
}

/// Whether the estimator that the whole function is built with fits a draw.
static bool replaceEstimator(FunctionContext &fn, const Distribution &d, const TensorType &type,
                             mlir::IntegerAttr row) {
  prob::Estimator kind = fn.estimator->kind;
  bool fits = kind == prob::Estimator::score ||
              (kind == prob::Estimator::reparam && d.traits().reparameterised) ||
              // A later iteration may depend on a draw in a scan.
              (kind == prob::Estimator::enumerate && !d.isContinuous() && fn.openBlocks.empty() &&
               isEnumerable(d, type, row));
  fn.replaced |= fits && hasParameters(d);
  return fits && hasParameters(d);
}

/// A baseline is one number, or has the shape of the log densities.
static std::optional<mlir::Value> readBaseline(Body &body, const ast::Arg &arg,
                                               const Distribution &d, const TensorType &type) {
  auto x = toTensor(body, elaborateExpr(body, arg.value), arg.range, Element::F32);
  if (!x)
    return std::nullopt;
  Tensor real = body.build.cast(*x, Element::F32);
  if (real.rank() == 0)
    return real.value;
  auto fitted = broadcastTo(body, real, d.eventSplit(type.dims).first, arg.range, "a baseline");
  return fitted ? std::optional(fitted->value) : std::nullopt;
}

/// The arguments of `score(...)` and `gumbel(...)`. False after an error.
static bool readArguments(Body &body, const ast::CallExpr &call, const Distribution &d,
                          const TensorType &type, EstimatorChoice &choice) {
  bool gumbel = choice.kind == prob::Estimator::gumbel;
  for (const ast::Arg &arg : call.args) {
    llvm::StringRef key = arg.name ? arg.name.text : gumbel ? "tau" : "baseline";
    auto *bare = llvm::dyn_cast<ast::NameExpr>(arg.value);
    if (key == "baseline" && !gumbel) {
      if (bare && bare->name == "mean")
        continue; // the leave-one-out mean: no operand
      if (auto baseline = readBaseline(body, arg, d, type))
        choice.operands.push_back(*baseline);
    } else if (key == "tau" && gumbel) {
      if (auto tau = toScalar(body, elaborateExpr(body, arg.value), arg.range, "`tau`"))
        choice.operands.push_back(body.build.cast(*tau, Element::F32).value);
    } else if (Value value = key == "hard" && gumbel ? elaborateExpr(body, arg.value) : Value();
               value.is<bool>()) {
      choice.hard = *value.as<bool>();
    } else {
      body.diags.error(Code::BadEstimator, arg.range,
                       llvm::Twine(gumbel ? "`gumbel`" : "`score`") + " has no argument `" + key +
                           "`" + (gumbel ? "; it has tau and hard" : "; it has baseline"));
      return false;
    }
  }
  return true;
}

EstimatorChoice estimatorOf(Body &body, const Distribution &d, const TensorType &type,
                            const ast::Expr *by) {
  EstimatorChoice result;
  if (!body.fn->estimates && !by)
    return result;
  if (body.fn->estimates && body.fn->estimator &&
      replaceEstimator(*body.fn, d, type, rowAxis(body, d, type)))
    return *body.fn->estimator;
  result.kind = defaultEstimator(d);
  if (!by)
    return result;
  const ast::NameExpr *name = ast::headName(by);
  llvm::StringRef word = name ? name->name : "";
  auto wrong = [&](const llvm::Twine &why) {
    body.diags.error(Code::BadEstimator, by->range, why);
    return result;
  };
  std::optional<prob::Estimator> kind = prob::symbolizeEstimator(word);
  if (!kind || *kind == prob::Estimator::none)
    return wrong(
        "the estimators are reparam, score(baseline = mean), enumerate and gumbel(tau, hard)");
  if (*kind == prob::Estimator::reparam && !d.traits().reparameterised)
    return wrong("`reparam` needs a " +
                 llvm::StringRef(d.isContinuous() ? "family with differentiable draws"
                                                  : "continuous family") +
                 ", not " + d.name());
  if (*kind == prob::Estimator::gumbel && d.traits().values != prob::Values::oneHot)
    return wrong("`gumbel` needs OneHot, not " + d.name());
  if (*kind == prob::Estimator::enumerate && d.isContinuous())
    return wrong("`enumerate` needs a discrete family, not " + d.name());
  if (*kind == prob::Estimator::enumerate && body.fn->estimates &&
      !isEnumerable(d, type, rowAxis(body, d, type)))
    return wrong("`enumerate` needs at most " + llvm::Twine(prob::maxOutcomes) +
                 " outcomes per row of the batch, all elements of the draw together");
  result.kind = *kind;
  auto *call = llvm::dyn_cast<ast::CallExpr>(by);
  if (call && (*kind == prob::Estimator::gumbel || *kind == prob::Estimator::score) &&
      !readArguments(body, *call, d, type, result))
    return result;
  if (*kind == prob::Estimator::gumbel && result.operands.empty())
    return wrong("`gumbel` needs a temperature: `gumbel(tau = 0.5)`");
  return body.fn->estimates ? result
                            : EstimatorChoice(); // elsewhere it is read for its errors only
}

} // namespace nnc
