/// Draws, scores and the evidence that they add up to.
#include "compiler/Elaborate/Chance/Chance.h"
#include "dialects/prob/Families/Family.h"

namespace nnc {

const Distribution *toDistribution(Body &body, const Value &value, SourceRange range) {
  if (auto *distribution = value.distribution())
    return distribution;
  if (!value.isPoison())
    body.diags.error(Code::NotADistribution, range,
                     "a distribution is needed here, this is " + value.describe());
  return nullptr;
}

/// The axes that a parameter has behind those of a draw: outcomes, or a matrix for an event vector.
static Shape paramTail(const Distribution &d, unsigned index) {
  switch (d.traits().parameters[index].domain) {
  case prob::Domain::logits:
  case prob::Domain::weights:
    return d.bound ? Shape{*d.bound} : Shape();
  case prob::Domain::triangle:
    return {d.dims.back()};
  default:
    return {};
  }
}

/// A parameter repeated to the shape of a draw. The event and outcome axes come last in both.
std::optional<Tensor> paramAt(Body &body, const Distribution &d, unsigned index,
                              llvm::ArrayRef<Dim> dims, SourceRange range) {
  Shape full(dims);
  llvm::append_range(full, paramTail(d, index));
  const Tensor &param = d.params[index];
  // The owned axes are matched from the end, so that only the batch axes have to fit.
  unsigned owned = std::min<size_t>(d.eventRank() + paramTail(d, index).size(), param.rank());
  llvm::ArrayRef<Dim> batch = llvm::ArrayRef<Dim>(full).drop_back(owned);
  Shape own = tied(body, llvm::ArrayRef<Dim>(param.dims).drop_back(owned));
  Shape outer = tied(body, batch);
  Fit fit = fitInto(own, outer);
  bool tails = sameShape(body, llvm::ArrayRef<Dim>(param.dims).take_back(owned),
                         llvm::ArrayRef<Dim>(full).take_back(owned));
  if (fit.ways != 1 || !tails) {
    reportShapes(body, fit.ways > 1 ? Code::AmbiguousFit : Code::ShapeMismatch,
                 "the parameters of " + d.name() + ", " + printShape(param.dims) +
                     ", do not go into " + printShape(full),
                 param.dims, full, {}, {}, range);
    return std::nullopt;
  }
  for (unsigned i = 0; i < owned; ++i)
    fit.axes.push_back(full.size() - owned + i);
  return body.build.broadcast(param, fit.axes, full);
}

/// The name of the variable; of a second draw of it in one body, another one, as each has its own
/// numbers.
static std::string drawName(Body &body, const ast::DrawStmt &statement) {
  std::string name = siteName(body, &statement, "~" + statement.name.text.str());
  bool first = name.size() == statement.name.text.size() + 1;
  return first ? statement.name.text.str() : name;
}

/// The distribution of a mixture's component.
static Distribution componentIndex(const Distribution &mixture) {
  Distribution which;
  which.family = prob::Family::categorical;
  which.params = {mixture.params[0]};
  which.bound = mixture.params[0].dims.back();
  which.dims.assign(mixture.params[0].dims.begin(), mixture.params[0].dims.end() - 1);
  return which;
}

/// A component is drawn, by the estimator asked for, then a value from it.
static std::optional<Tensor> drawMixture(Body &body, const Distribution &d, const TensorType &type,
                                         llvm::StringRef site, const ast::Expr *by,
                                         SourceRange range) {
  llvm::ArrayRef<Dim> batch = d.eventSplit(type.dims).first;
  Distribution which = componentIndex(d);
  TensorType indexType;
  indexType.element = Element::I32;
  indexType.dims.assign(batch.begin(), batch.end());
  auto k = emitDraw(body, which, indexType, (site + "/component").str(), by, range);
  if (!k)
    return std::nullopt;
  Distribution chosen = *d.component;
  for (unsigned i = 0; i < chosen.params.size(); ++i) {
    Shape full(batch);
    full.push_back(*which.bound);
    llvm::append_range(full, d.component->eventDims());
    auto param = paramAt(body, *d.component, i, full, range);
    if (!param)
      return std::nullopt;
    auto first = llvm::to_vector(llvm::seq<int64_t>(0, int64_t(batch.size())));
    int64_t axis = batch.size();
    Tensor here = body.build.compare(nn::Comparison::eq, body.build.iota(param->dims, axis),
                                     body.build.broadcast(*k, first, param->dims));
    Tensor own = body.build.select(here, *param, body.build.constant(0, Element::F32, param->dims));
    chosen.params[i] = body.build.sum(own, {axis});
  }
  chosen.dims.assign(type.dims.begin(), type.dims.end());
  return emitDraw(body, chosen, type, site, nullptr, range);
}

std::optional<Tensor> emitDraw(Body &body, const Distribution &d, const TensorType &type,
                               llvm::StringRef site, const ast::Expr *by, SourceRange range) {
  if (d.component)
    return drawMixture(body, d, type, site, by, range);
  llvm::SmallVector<mlir::Value> params;
  for (unsigned i = 0; i < d.params.size(); ++i) {
    auto param = paramAt(body, d, i, type.dims, range);
    if (!param)
      return std::nullopt;
    params.push_back(param->value);
  }
  EstimatorChoice estimator = estimatorOf(body, d, type, by);
  if (estimator.withoutBaseline)
    estimator.operands.push_back(body.build.constant(0, Element::F32).value);
  bool truth = type.element == Element::Bool && d.takesBooleans();
  Element element = truth ? Element::Bool : d.element();
  auto op = prob::DrawOp::create(*body.build.builder, body.build.loc,
                                 body.build.type(element, type.dims), d.family, estimator.kind,
                                 int64_t(hashPath(site)), params, estimator.operands,
                                 body.fn->seed(), body.fn->step(), body.fn->iteration(),
                                 countOf(body, d), rowAxis(body, d, type), estimator.hard);
  Tensor result = body.build.make(element, type.dims, op);
  result.bound = d.bound;
  result.vocab = d.vocab;
  return result;
}

mlir::IntegerAttr countOf(Body &body, const Distribution &d) {
  if (!d.params.empty())
    return {};
  return body.build.builder->getI64IntegerAttr(d.bound->value());
}

/// What a parameter is where nothing is scored: with the value below, a density that is finite and
/// has finite derivatives.
static Tensor restingParam(TensorBuilder &build, const Distribution &d, unsigned index,
                           const Tensor &param) {
  using prob::Domain;
  auto number = [&](double x) { return build.constant(x, Element::F32, param.dims); };
  switch (d.traits().parameters[index].domain) {
  case Domain::real:
  case Domain::logits:
  case Domain::count:
    return number(0);
  case Domain::positive:
  case Domain::scale:
  case Domain::above:
    return number(1);
  case Domain::probability:
  case Domain::weights:
    return number(0.5);
  case Domain::triangle:
    break;
  }
  int64_t row = param.rank() - 2;
  Tensor diagonal = build.compare(nn::Comparison::eq, build.iota(param.dims, row),
                                  build.iota(param.dims, row + 1));
  return build.cast(diagonal, Element::F32);
}

/// A value in the support of every family of such values.
static Tensor restingValue(TensorBuilder &build, const Distribution &d, llvm::ArrayRef<Dim> dims) {
  return build.constant(d.traits().values == prob::Values::positive ? 1 : 0, d.element(), dims);
}

/// x where the mask holds, `otherwise` elsewhere; the axes of the mask are the first ones of x.
static Tensor choose(TensorBuilder &build, const Tensor &mask, const Tensor &x,
                     const Tensor &otherwise) {
  auto axes = llvm::to_vector(llvm::seq<int64_t>(0, mask.rank()));
  Tensor result = build.select(build.broadcast(mask, axes, x.dims), x, otherwise);
  result.vocab = x.vocab;
  return result;
}

/// Of a family with an op: parameters repeated to the shape of the value.
static std::optional<Tensor> familyLogProb(Body &body, const Distribution &d, const Tensor &x,
                                           SourceRange range, const Tensor *mask) {
  llvm::SmallVector<mlir::Value> params;
  for (unsigned i = 0; i < d.params.size(); ++i) {
    auto param = paramAt(body, d, i, x.dims, range);
    if (!param)
      return std::nullopt;
    if (mask)
      param = choose(body.build, *mask, *param, restingParam(body.build, d, i, *param));
    params.push_back(param->value);
  }
  llvm::ArrayRef<Dim> batch = d.eventSplit(x.dims).first;
  auto op = prob::LogProbOp::create(*body.build.builder, body.build.loc,
                                    body.build.type(Element::F32, batch), d.family, params, x.value,
                                    countOf(body, d));
  return body.build.make(Element::F32, batch, op);
}

/// The logits of a mixture's components, repeated to `dims`, whose last axis is that of the
/// components.
static std::optional<Tensor> mixtureLogits(Body &body, const Distribution &d,
                                           llvm::ArrayRef<Dim> dims, SourceRange range) {
  return paramAt(body, componentIndex(d), 0, dims.drop_back(), range);
}

/// log sum_k w_k p_k(x).
static std::optional<Tensor> mixtureLogProb(Body &body, const Distribution &d, const Tensor &x,
                                            SourceRange range, const Tensor *mask) {
  const Dim &size = d.params[0].dims.back();
  int64_t at = x.rank() - d.eventRank();
  Shape dims(x.dims);
  dims.insert(dims.begin() + at, size);
  llvm::SmallVector<int64_t> axes;
  for (int64_t axis = 0; axis < x.rank(); ++axis)
    axes.push_back(axis + (axis >= at));
  Shape each(llvm::ArrayRef<Dim>(dims).take_front(at + 1));
  std::optional<Tensor> inner;
  if (mask)
    inner = body.build.broadcast(*mask, llvm::to_vector(llvm::seq<int64_t>(0, at)), each);
  auto density = logProb(body, *d.component, body.build.broadcast(x, axes, dims), range,
                         inner ? &*inner : nullptr);
  auto logits = density ? mixtureLogits(body, d, each, range) : std::nullopt;
  if (!logits)
    return std::nullopt;
  if (mask)
    logits = choose(body.build, *mask, *logits, body.build.constant(0, Element::F32, each));
  Tensor weights = body.build.like(
      *logits, nn::LogSoftmaxOp::create(*body.build.builder, body.build.loc,
                                        logits->value.getType(), logits->value, at));
  Tensor sum = body.build.add(weights, *density);
  Shape batch(llvm::ArrayRef<Dim>(each).drop_back());
  return body.build.make(Element::F32, batch,
                         nn::LogSumExpOp::create(*body.build.builder, body.build.loc,
                                                 body.build.type(Element::F32, batch), sum.value,
                                                 at));
}

/// With a mask the value and the parameters are replaced where it does not hold, before the density
/// is taken, and the density is 0 there: nothing left out has an influence, nor a gradient.
std::optional<Tensor> logProb(Body &body, const Distribution &d, const Value &value,
                              SourceRange range, const Tensor *mask) {
  auto x = toTensor(body, value, range, d.element());
  if (!x)
    return std::nullopt;
  bool truth = d.takesBooleans() && x->element == Element::Bool;
  if (x->element != d.element() && !truth) {
    body.diags.error(Code::ElementMismatch, range,
                     "a value of " + d.name() + " is " + spelling(d.element()) + ", this is " +
                         x->str());
    return std::nullopt;
  }
  *x = body.build.cast(*x, d.element());
  // The higher rank of value and distribution is the shape of what is scored.
  Shape dims = x->rank() >= int64_t(d.dims.size()) ? x->dims : d.dims;
  auto scored = broadcastTo(body, *x, dims, range, "the value scored under " + d.name());
  if (!scored)
    return std::nullopt;
  llvm::ArrayRef<Dim> batch = d.eventSplit(dims).first;
  std::optional<Tensor> chosen;
  if (mask) {
    if (!(chosen = broadcastTo(body, *mask, batch, range, "`where`")))
      return std::nullopt;
    scored = choose(body.build, *chosen, *scored, restingValue(body.build, d, dims));
    mask = &*chosen;
  }
  if (d.bound && !scored->bound && !checkBound(body, *scored, *d.bound, range))
    return std::nullopt;
  std::optional<Tensor> density = d.component ? mixtureLogProb(body, d, *scored, range, mask)
                                              : familyLogProb(body, d, *scored, range, mask);
  if (density && mask)
    density = choose(body.build, *mask, *density, body.build.constant(0, Element::F32, batch));
  return density;
}

//===--- Evidence ---------------------------------------------------------------------===//

void addEvidence(Body &body, mlir::Value value) {
  Evidence &evidence = *body.fn->evidence;
  if (evidence.sum)
    value = nn::AddOp::create(*body.build.builder, body.build.loc, value.getType(), evidence.sum,
                              value);
  evidence.sum = value;
}

/// The mask of a scored site: booleans. Absent without `where`; nothing after an error.
static std::optional<std::optional<Tensor>> maskOf(Body &body, const ast::Expr *where) {
  if (!where)
    return std::optional<Tensor>();
  Value value = elaborateExpr(body, where);
  if (value.isAbsent()) // of an optional argument that the draw is given, too
    return std::optional<Tensor>();
  auto mask = value.isPoison() ? std::nullopt : toTensor(body, value, where->range);
  if (!mask)
    return std::nullopt;
  if (mask->element == Element::Bool)
    return mask;
  body.diags
      .error(Code::ElementMismatch, where->range, "`where` takes booleans, this is " + mask->str())
      .help("a site is scored or left out: write `m != 0`; weights stand in the objective, as in "
            "`sum(w * log_prob(D, x))`");
  return std::nullopt;
}

static void score(Body &body, const Tensor &density, SourceRange range) {
  ++body.effects;
  const Tensor &x = density;
  if (!body.fn->evidence)
    return;
  Evidence &evidence = *body.fn->evidence;
  if (evidence.readAt.isValid()) {
    body.diags.error(Code::LateScore, range, "this is scored after `evidence` was read")
        .label(evidence.readAt, "read here");
    return;
  }
  llvm::SmallVector<int64_t> others;
  unsigned batches = 0;
  for (int64_t axis = 0; axis < x.rank(); ++axis) {
    bool isBatch = toRoot(body, tied(body, x.dims[axis]), body.frame) == evidence.batch;
    batches += isBatch;
    if (!isBatch)
      others.push_back(axis);
  }
  if (batches != 1) {
    body.diags
        .error(Code::NoBatchAxis, range,
               "what is scored has " + llvm::Twine(batches ? "several" : "no") + " axes " +
                   evidence.batch.describe())
        .here(printShape(x.dims))
        .note("`evidence` keeps the batch axis of its objective and sums the others");
    return;
  }
  ++evidence.sites;
  addEvidence(body, body.build.reduce(nn::Reduction::sum, x, others).value);
}

void elaborateObserve(Body &body, const ast::ObserveStmt &statement) {
  Value value = elaborateExpr(body, statement.value);
  Value distribution = elaborateExpr(body, statement.distribution);
  auto mask = maskOf(body, statement.where);
  auto *d = toDistribution(body, distribution, statement.distribution->range);
  if (!d || value.isPoison() || !mask)
    return;
  if (auto density = logProb(body, *d, value, statement.value->range, *mask ? &**mask : nullptr))
    score(body, *density, statement.range);
}

/// The declared type, or the distribution's.
static std::optional<TensorType> drawType(Body &body, const Distribution &d,
                                          const ast::DrawStmt &statement) {
  TensorType type;
  type.element = d.element();
  type.dims = d.dims;
  type.bound = d.bound;
  type.vocab = d.vocab;
  if (!statement.type)
    return type;
  auto declared = resolveType(body, *statement.type);
  if (!declared)
    return std::nullopt;
  bool truth = d.takesBooleans() && declared->element == Element::Bool;
  if (declared->element != d.element() && !truth) {
    body.diags.error(Code::ElementMismatch, statement.type->range,
                     "a draw from " + d.name() + " is " + spelling(d.element()));
    return std::nullopt;
  }
  if (declared->bound && d.bound && !sameSize(body, *declared->bound, *d.bound)) {
    body.diags.error(Code::BoundMismatch, statement.type->range,
                     "the draws are below " + d.bound->describe() + ", below " +
                         declared->bound->describe() + " is declared");
    return std::nullopt;
  }
  if (!declared->bound)
    declared->bound = d.bound;
  return declared;
}

static std::optional<Tensor> scoreGiven(Body &body, const Distribution &d, const TensorType &type,
                                        const Value &given, const Tensor *mask,
                                        const ast::DrawStmt &statement) {
  auto value = statement.type ? convert(body, given, type, statement.given->range, "`given`")
                              : toTensor(body, given, statement.given->range, type.element);
  if (!value)
    return std::nullopt;
  auto density = logProb(body, d, *value, statement.given->range, mask);
  if (!density)
    return std::nullopt;
  score(body, *density, statement.range);
  // What was left out has not been compared with the bound.
  if (!value->bound && !mask)
    value->bound = type.bound;
  return value;
}

void elaborateDraw(Body &body, const ast::DrawStmt &statement) {
  Value distribution = elaborateExpr(body, statement.distribution);
  Value given = statement.given ? elaborateExpr(body, statement.given) : Value(Absent{});
  auto mask = maskOf(body, statement.where);
  auto *d = toDistribution(body, distribution, statement.distribution->range);
  std::optional<Tensor> result;
  if (d && !given.isPoison() && mask) {
    auto type = drawType(body, *d, statement);
    if (type && given.isAbsent())
      result = emitDraw(body, *d, *type, sitePath(body, drawName(body, statement)), statement.by,
                        statement.distribution->range);
    else if (type)
      result = scoreGiven(body, *d, *type, given, *mask ? &**mask : nullptr, statement);
    if (result && type->vocab)
      result->vocab = type->vocab;
    if (result && given.isAbsent() && type->bound)
      result->bound = type->bound;
  }
  bindName(body, statement.name, result ? Value(*result) : Value());
}

} // namespace nnc
