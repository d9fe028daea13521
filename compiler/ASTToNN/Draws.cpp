/// Draws, scores and the evidence that they add up to.
#include "compiler/ASTToNN/BuiltinAccess.h"
#include "compiler/ASTToNN/Elaborator.h"
#include "dialects/prob/IR/Prob.h"

namespace nnc {

prob::Family BuiltinAccess::family(Family family) {
  switch (family) {
  case Family::Normal:
    return prob::Family::normal;
  case Family::Uniform:
    return prob::Family::uniform;
  case Family::Bernoulli:
    return prob::Family::bernoulli;
  case Family::Categorical:
    return prob::Family::categorical;
  case Family::OneHot:
    return prob::Family::one_hot;
  case Family::DiscreteUniform:
    return prob::Family::discrete_uniform;
  case Family::DiagNormal:
    return prob::Family::diag_normal;
  case Family::MultivariateNormal:
    return prob::Family::mvn;
  case Family::Mixture:
    break;
  }
  llvm_unreachable("a mixture is expanded");
}

const Distribution *Elaborator::toDistribution(const Value &value, SourceRange range) {
  if (auto *distribution = value.distribution())
    return distribution;
  if (!value.isPoison())
    diags.error(Code::NotADistribution, range,
                "a distribution is needed here, this is " + value.describe());
  return nullptr;
}

/// The axes that a parameter has behind those of a draw: outcomes, or a matrix for an event vector.
static Shape paramTail(const Distribution &d, unsigned index) {
  if (d.family == Family::Categorical)
    return {*d.bound};
  if (d.family == Family::MultivariateNormal && index == 1)
    return {d.dims.back()};
  return {};
}

/// A parameter repeated to the shape of a draw. The event and outcome axes come last in both.
std::optional<Tensor> Elaborator::paramAt(const Distribution &d, unsigned index,
                                          llvm::ArrayRef<Dim> dims, SourceRange range) {
  Shape full(dims);
  llvm::append_range(full, paramTail(d, index));
  const Tensor &param = d.params[index];
  // The owned axes are matched from the end, so that only the batch axes have to fit.
  unsigned owned = std::min<size_t>(d.eventRank + paramTail(d, index).size(), param.rank());
  llvm::ArrayRef<Dim> batch = llvm::ArrayRef<Dim>(full).drop_back(owned);
  Shape own = llvm::map_to_vector<4>(llvm::ArrayRef<Dim>(param.dims).drop_back(owned),
                                     [&](const Dim &x) { return tied(x); });
  Shape outer = llvm::map_to_vector<4>(batch, [&](const Dim &x) { return tied(x); });
  Fit fit = fitInto(own, outer);
  bool tails = sameShape(llvm::ArrayRef<Dim>(param.dims).take_back(owned),
                         llvm::ArrayRef<Dim>(full).take_back(owned));
  if (fit.ways != 1 || !tails) {
    reportShapes(fit.ways > 1 ? Code::AmbiguousFit : Code::ShapeMismatch,
                 "the parameters of " + spelling(d.family) + ", " + printShape(param.dims) +
                     ", do not go into " + printShape(full),
                 param.dims, full, {}, {}, range);
    return std::nullopt;
  }
  for (unsigned i = 0; i < owned; ++i)
    fit.axes.push_back(full.size() - owned + i);
  return build.broadcast(param, fit.axes, full);
}

std::string Elaborator::sitePath(llvm::StringRef name) const {
  return frame->path + "/" + indexed(name.str());
}

/// The name of the variable; of a second draw of it in one body, another one, as each has its own
/// numbers.
std::string Elaborator::drawName(const ast::DrawStmt &statement) {
  std::string name = siteName(&statement, "~" + statement.name.text.str());
  bool first = name.size() == statement.name.text.size() + 1;
  return first ? statement.name.text.str() : name;
}

std::optional<Tensor> Elaborator::draw(const Distribution &d, const TensorType &type,
                                       llvm::StringRef site, const ast::Expr *by,
                                       SourceRange range) {
  if (d.family == Family::Mixture)
    return drawMixture(d, type, site, by, range);
  llvm::SmallVector<mlir::Value> params;
  for (unsigned i = 0; i < d.params.size(); ++i) {
    auto param = paramAt(d, i, type.dims, range);
    if (!param)
      return std::nullopt;
    params.push_back(param->value);
  }
  EstimatorChoice estimator = estimatorOf(d, type, by);
  if (estimator.withoutBaseline)
    estimator.operands.push_back(build.constant(0, Element::F32).value);
  bool truth = type.element == Element::Bool && d.family == Family::Bernoulli;
  Element element = truth ? Element::Bool : d.element;
  mlir::IntegerAttr bound;
  if (d.family == Family::DiscreteUniform)
    bound = build.builder->getI64IntegerAttr(d.bound->value());
  auto op = prob::DrawOp::create(*build.builder, build.loc, build.type(element, type.dims),
                                 BuiltinAccess::family(d.family), estimator.kind,
                                 int64_t(hashPath(site)), params, estimator.operands, fn->seed(),
                                 fn->step(), fn->turn(), bound, rowAxis(d, type), estimator.hard);
  Tensor result = build.make(element, type.dims, op);
  result.bound = d.bound;
  result.vocab = d.vocab;
  return result;
}

/// A component is drawn, by the estimator asked for, then a value from it.
std::optional<Tensor> Elaborator::drawMixture(const Distribution &d, const TensorType &type,
                                              llvm::StringRef site, const ast::Expr *by,
                                              SourceRange range) {
  llvm::ArrayRef<Dim> batch = llvm::ArrayRef<Dim>(type.dims).drop_back(d.eventRank);
  Distribution which;
  which.family = Family::Categorical;
  which.element = Element::I32;
  which.params = {d.params[0]};
  which.bound = d.params[0].dims.back();
  which.dims.assign(d.params[0].dims.begin(), d.params[0].dims.end() - 1);
  TensorType indexType;
  indexType.element = Element::I32;
  indexType.dims.assign(batch.begin(), batch.end());
  auto k = draw(which, indexType, (site + "/component").str(), by, range);
  if (!k)
    return std::nullopt;
  // One-hot weights over the mixture axis choose the parameters.
  Distribution chosen = *d.component;
  Tensor weights = BuiltinAccess::oneHot(*this, *k, *which.bound);
  for (unsigned i = 0; i < chosen.params.size(); ++i) {
    Shape full(batch);
    full.push_back(*which.bound);
    llvm::append_range(full, llvm::ArrayRef<Dim>(d.component->dims).take_back(d.eventRank));
    auto param = paramAt(*d.component, i, full, range);
    if (!param)
      return std::nullopt;
    llvm::SmallVector<int64_t> w, p, y;
    for (int64_t axis = 0; axis < param->rank(); ++axis) {
      p.push_back(axis);
      if (axis < weights.rank())
        w.push_back(axis);
      if (axis != int64_t(batch.size()))
        y.push_back(axis);
    }
    Shape dims(param->dims);
    dims.erase(dims.begin() + batch.size());
    auto op = nn::ContractOp::create(*build.builder, build.loc, build.type(Element::F32, dims),
                                     weights.value, param->value, w, p, y);
    chosen.params[i] = build.make(Element::F32, dims, op);
  }
  chosen.dims.assign(type.dims.begin(), type.dims.end());
  return draw(chosen, type, site, nullptr, range);
}

std::optional<Tensor> Elaborator::logProb(const Distribution &d, const Value &value,
                                          SourceRange range) {
  auto x = toTensor(value, range, d.element);
  if (!x)
    return std::nullopt;
  bool truth = d.family == Family::Bernoulli && x->element == Element::Bool;
  if (x->element != d.element && !truth) {
    diags.error(Code::ElementMismatch, range,
                "a value of " + spelling(d.family) + " is " + spelling(d.element) + ", this is " +
                    x->str());
    return std::nullopt;
  }
  *x = build.cast(*x, d.element);
  // The higher rank of value and distribution is the shape of what is scored.
  Shape dims = x->rank() >= int64_t(d.dims.size()) ? x->dims : d.dims;
  auto scored = broadcastTo(*x, dims, range, "the value scored under " + spelling(d.family));
  if (!scored)
    return std::nullopt;
  if (d.bound && !scored->bound && !checkBound(*scored, *d.bound, range))
    return std::nullopt;
  if (d.family == Family::Mixture)
    return mixtureLogProb(d, *scored, range);
  llvm::SmallVector<mlir::Value> params;
  for (unsigned i = 0; i < d.params.size(); ++i) {
    auto param = paramAt(d, i, dims, range);
    if (!param)
      return std::nullopt;
    params.push_back(param->value);
  }
  llvm::ArrayRef<Dim> batch = llvm::ArrayRef<Dim>(dims).drop_back(d.eventRank);
  mlir::IntegerAttr bound;
  if (d.family == Family::DiscreteUniform)
    bound = build.builder->getI64IntegerAttr(d.bound->value());
  auto op = prob::LogProbOp::create(*build.builder, build.loc, build.type(Element::F32, batch),
                                    BuiltinAccess::family(d.family), params, scored->value, bound);
  return build.make(Element::F32, batch, op);
}

/// log sum_k w_k p_k(x).
std::optional<Tensor> Elaborator::mixtureLogProb(const Distribution &d, const Tensor &x,
                                                 SourceRange range) {
  const Dim &size = d.params[0].dims.back();
  int64_t at = x.rank() - d.eventRank;
  Shape dims(x.dims);
  dims.insert(dims.begin() + at, size);
  llvm::SmallVector<int64_t> axes;
  for (int64_t axis = 0; axis < x.rank(); ++axis)
    axes.push_back(axis + (axis >= at));
  auto density = logProb(*d.component, build.broadcast(x, axes, dims), range);
  if (!density)
    return std::nullopt;
  const Tensor &logits = d.params[0];
  Tensor weights =
      build.like(logits, nn::LogSoftmaxOp::create(*build.builder, build.loc, logits.value.getType(),
                                                  logits.value, logits.rank() - 1));
  auto w = broadcastTo(weights, density->dims, range, "the weights of a mixture");
  if (!w)
    return std::nullopt;
  Tensor sum = build.add(*w, *density);
  Shape batch(llvm::ArrayRef<Dim>(density->dims).drop_back());
  return build.make(Element::F32, batch,
                    nn::LogSumExpOp::create(*build.builder, build.loc,
                                            build.type(Element::F32, batch), sum.value, at));
}

//===--- Evidence ---------------------------------------------------------------------===//

void Elaborator::addEvidence(mlir::Value value) {
  Evidence &evidence = *fn->evidence;
  if (evidence.sum)
    value = nn::AddOp::create(*build.builder, build.loc, value.getType(), evidence.sum, value);
  evidence.sum = value;
}

void Elaborator::score(const Tensor &density, const Value &mask, SourceRange range) {
  ++effects;
  if (mask.isPoison())
    return;
  Tensor x = density;
  if (!mask.isAbsent()) {
    auto m = toTensor(mask, range);
    if (!m)
      return;
    auto fitted = broadcastTo(build.cast(*m, Element::F32), x.dims, range, "`where`");
    if (!fitted)
      return;
    x = build.mul(x, *fitted);
  }
  if (!fn->evidence)
    return;
  Evidence &evidence = *fn->evidence;
  if (evidence.readAt.isValid()) {
    diags.error(Code::LateScore, range, "this is scored after `evidence` was read")
        .label(evidence.readAt, "read here");
    return;
  }
  llvm::SmallVector<int64_t> others;
  unsigned batches = 0;
  for (int64_t axis = 0; axis < x.rank(); ++axis) {
    bool isBatch = toRoot(tied(x.dims[axis]), frame) == evidence.batch;
    batches += isBatch;
    if (!isBatch)
      others.push_back(axis);
  }
  if (batches != 1) {
    diags
        .error(Code::NoBatchAxis, range,
               "what is scored has " + llvm::Twine(batches ? "several" : "no") + " axes " +
                   evidence.batch.describe())
        .here(printShape(x.dims))
        .note("`evidence` keeps the batch axis of its objective and sums the others");
    return;
  }
  ++evidence.sites;
  addEvidence(build.reduce(nn::Reduction::sum, x, others).value);
}

void Elaborator::elaborateObserve(const ast::ObserveStmt &statement) {
  Value value = elaborateExpr(statement.value);
  Value distribution = elaborateExpr(statement.distribution);
  Value mask = statement.where ? elaborateExpr(statement.where) : Value(Absent{});
  auto *d = toDistribution(distribution, statement.distribution->range);
  if (!d || value.isPoison())
    return;
  if (auto density = logProb(*d, value, statement.value->range))
    score(*density, mask, statement.range);
}

void Elaborator::elaborateDraw(const ast::DrawStmt &statement) {
  Value distribution = elaborateExpr(statement.distribution);
  Value given = statement.given ? elaborateExpr(statement.given) : Value(Absent{});
  Value mask = statement.where ? elaborateExpr(statement.where) : Value(Absent{});
  auto *d = toDistribution(distribution, statement.distribution->range);
  std::optional<Tensor> result;
  if (d && !given.isPoison()) {
    auto type = drawType(*d, statement);
    if (type && given.isAbsent())
      result = draw(*d, *type, sitePath(drawName(statement)), statement.by,
                    statement.distribution->range);
    else if (type)
      result = scoreGiven(*d, *type, given, mask, statement);
    if (result && type->vocab)
      result->vocab = type->vocab;
    if (result && type->bound)
      result->bound = type->bound;
  }
  bindName(statement.name, result ? Value(*result) : Value());
}

/// The declared type, or the distribution's.
std::optional<TensorType> Elaborator::drawType(const Distribution &d,
                                               const ast::DrawStmt &statement) {
  TensorType type;
  type.element = d.element;
  type.dims = d.dims;
  type.bound = d.bound;
  type.vocab = d.vocab;
  if (!statement.type)
    return type;
  auto declared = resolveType(*statement.type);
  if (!declared)
    return std::nullopt;
  bool truth = d.family == Family::Bernoulli && declared->element == Element::Bool;
  if (declared->element != d.element && !truth) {
    diags.error(Code::ElementMismatch, statement.type->range,
                "a draw from " + spelling(d.family) + " is " + spelling(d.element));
    return std::nullopt;
  }
  if (declared->bound && d.bound && !sameSize(*declared->bound, *d.bound)) {
    diags.error(Code::BoundMismatch, statement.type->range,
                "the draws are below " + d.bound->describe() + ", below " +
                    declared->bound->describe() + " is declared");
    return std::nullopt;
  }
  if (!declared->bound)
    declared->bound = d.bound;
  return declared;
}

std::optional<Tensor> Elaborator::scoreGiven(const Distribution &d, const TensorType &type,
                                             const Value &given, const Value &mask,
                                             const ast::DrawStmt &statement) {
  auto value = statement.type ? convert(given, type, statement.given->range, "`given`")
                              : toTensor(given, statement.given->range, type.element);
  if (!value)
    return std::nullopt;
  auto density = logProb(d, *value, statement.given->range);
  if (!density)
    return std::nullopt;
  score(*density, mask, statement.range);
  if (!value->bound)
    value->bound = type.bound;
  return value;
}

} // namespace nnc
