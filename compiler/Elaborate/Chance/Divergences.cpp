/// `kl(q, p)` and `entropy(q)`: in closed form where one is known, otherwise from one draw.
#include "compiler/Elaborate/Chance/Chance.h"
#include "dialects/prob/Families/Family.h"

namespace nnc {

/// The values that a distribution is over, in words.
static std::string valuesOf(const Distribution &d) {
  if (d.eventRank())
    return (d.isContinuous() ? "vectors of " : "one-hot vectors of ") + d.dims.back().describe();
  if (d.bound)
    return "i32 < " + d.bound->describe();
  return d.isContinuous() ? "numbers" : "0 and 1";
}

static bool sameValues(Body &body, const Distribution &q, const Distribution &p) {
  return q.element() == p.element() && q.isContinuous() == p.isContinuous() &&
         q.bound.has_value() == p.bound.has_value() &&
         (!q.bound || sameSize(body, *q.bound, *p.bound)) &&
         sameShape(body, q.eventDims(), p.eventDims());
}

static Distribution asCategorical(Body &body, const Distribution &d) {
  Distribution result = d;
  result.family = prob::Family::categorical;
  result.params = {body.build.constant(0, Element::F32, {*d.bound})};
  return result;
}

/// A DiagNormal with its standard deviations on the diagonal of scale_tril.
static std::optional<Distribution> asMultivariate(Body &body, const Distribution &d,
                                                  SourceRange range) {
  TensorBuilder &build = body.build;
  auto sigma = paramAt(body, d, 1, d.dims, range);
  if (!sigma)
    return std::nullopt;
  Shape square(d.dims);
  square.push_back(d.dims.back());
  int64_t row = sigma->rank() - 1;
  auto axes = llvm::to_vector(llvm::seq<int64_t>(0, row + 1));
  Tensor diagonal =
      build.compare(nn::Comparison::eq, build.iota(square, row), build.iota(square, row + 1));
  Distribution result = d;
  result.family = prob::Family::mvn;
  result.params[1] = build.select(diagonal, build.broadcast(*sigma, axes, square),
                                  build.constant(0, Element::F32, square));
  return result;
}

/// Writes both in one family if that of one contains that of the other. False after an error.
static bool joinFamilies(Body &body, Distribution &q, Distribution &p, SourceRange range) {
  using prob::Family;
  auto is = [](const Distribution &d, Family family) {
    return !d.component && prob::baseFamily(d.family) == family;
  };
  for (Distribution *d : {&q, &p}) {
    const Distribution &other = d == &q ? p : q;
    bool counts = is(other, Family::categorical) || is(other, Family::discrete_uniform);
    if (is(*d, Family::discrete_uniform) && counts)
      *d = asCategorical(body, *d);
  }
  auto are = [&](Family a, Family b) { return is(q, a) && is(p, b); };
  if (!are(Family::diag_normal, Family::mvn) && !are(Family::mvn, Family::diag_normal))
    return true;
  Distribution &simple = is(q, Family::diag_normal) ? q : p;
  auto joined = asMultivariate(body, simple, range);
  if (joined)
    simple = *joined;
  return joined.has_value();
}

static void remarkOn(Body &body, const BuiltinCall &call, const llvm::Twine &text) {
  mlir::emitRemark(body.location(call.range)) << "`" << call.builtin->name << "` of " << text.str();
}

/// Parameters repeated to the shape of a draw.
static bool appendParams(Body &body, const Distribution &d, llvm::ArrayRef<Dim> dims,
                         SourceRange range, llvm::SmallVectorImpl<mlir::Value> &values) {
  for (unsigned i = 0; i < d.params.size(); ++i) {
    auto param = paramAt(body, d, i, dims, range);
    if (!param)
      return false;
    values.push_back(param->value);
  }
  return true;
}

/// One draw from q for an estimate. In an objective its gradient has to come through the draw.
static std::optional<Tensor> drawForEstimate(Body &body, const Distribution &q,
                                             llvm::ArrayRef<Dim> dims, const BuiltinCall &call) {
  if (body.fn->estimates && (q.component || !q.traits().reparameterised)) {
    body.diags
        .error(Code::BadEstimator, call.range,
               "`" + call.builtin->name + "` has no closed form here, and a draw from " + q.name() +
                   " is not reparameterised, so an estimate would have no gradient")
        .help("draw z ~ q by an estimator of your choice, and use log_prob(q, z)");
    return std::nullopt;
  }
  TensorType type;
  type.element = q.element();
  type.dims.assign(dims.begin(), dims.end());
  type.bound = q.bound;
  std::string site = sitePath(body, siteName(body, call.expr, call.builtin->name)) + "/draw";
  return emitDraw(body, q, type, site, nullptr, call.range);
}

static Value sampledDivergence(Body &body, const Distribution &q, const Distribution &p,
                               llvm::ArrayRef<Dim> dims, BuiltinCall &call) {
  auto z = drawForEstimate(body, q, dims, call);
  if (!z)
    return {};
  remarkOn(body, call,
           q.name() + " and " + p.name() +
               ": no closed form is known; estimated by one draw z ~ q, log q(z) - log p(z)");
  auto own = logProb(body, q, *z, call.range), other = logProb(body, p, *z, call.range);
  if (!own || !other)
    return {};
  return body.build.sub(*own, *other);
}

Value buildDivergence(Body &body, BuiltinCall &call) {
  auto *first = toDistribution(body, call.arguments[0].value, call.arguments[0].range);
  auto *second = toDistribution(body, call.arguments[1].value, call.arguments[1].range);
  if (!first || !second)
    return {};
  Distribution q = *first, p = *second;
  if (!sameValues(body, q, p)) {
    body.diags
        .error(Code::BadDistribution, call.range,
               "`kl` needs two distributions over the same values")
        .note(q.name() + " is over " + valuesOf(q) + ", " + p.name() + " over " + valuesOf(p));
    return {};
  }
  if (!joinFamilies(body, q, p, call.range))
    return {};
  // The parameters of the one with fewer axes are repeated.
  Shape dims = q.dims.size() >= p.dims.size() ? q.dims : p.dims;
  if (q.component || p.component || !prob::hasDivergence(q.family, p.family))
    return sampledDivergence(body, q, p, dims, call);
  llvm::SmallVector<mlir::Value> left, right;
  if (!appendParams(body, q, dims, call.range, left) ||
      !appendParams(body, p, dims, call.range, right))
    return {};
  remarkOn(body, call, first->name() + " and " + second->name() + ": in closed form");
  TensorBuilder &build = body.build;
  auto batch = q.eventSplit(dims).first;
  auto op = prob::KlOp::create(*build.builder, build.loc, build.type(Element::F32, batch), q.family,
                               left, p.family, right);
  return build.make(Element::F32, batch, op);
}

Value buildEntropy(Body &body, BuiltinCall &call) {
  auto *d = toDistribution(body, call.arguments[0].value, call.arguments[0].range);
  if (!d)
    return {};
  TensorBuilder &build = body.build;
  if (d->component) {
    auto z = drawForEstimate(body, *d, d->dims, call);
    auto density = z ? logProb(body, *d, *z, call.range) : std::nullopt;
    if (!density)
      return {};
    remarkOn(body, call, "Mixture: no closed form is known; estimated by one draw z, -log p(z)");
    return build.unary<nn::NegOp>(*density);
  }
  llvm::SmallVector<mlir::Value> params;
  if (!appendParams(body, *d, d->dims, call.range, params))
    return {};
  auto batch = d->batchDims();
  auto op = prob::EntropyOp::create(*build.builder, build.loc, build.type(Element::F32, batch),
                                    d->family, params, countOf(body, *d));
  return build.make(Element::F32, batch, op);
}

} // namespace nnc
