/// The score-function estimator (Williams 1992; Schulman et al. 2015, surrogate loss of a
/// stochastic computation graph). With L a linear function of terms c, of which draws z influence
/// some,
///     dE[L] = E[dL + sum over c of (c - b) sum over z that influence c of d log p(z)].
/// The weights c - b are constants of the derivative. A sum of log densities is carried through
/// each scan, so that a term meets the draws of its own and earlier iterations: summed from the
/// other side, a draw is weighted by what follows it. Rows of a batch stay apart where the program
/// keeps them apart.
#include "dialects/prob/Transforms/LinearPath.h"
#include "dialects/prob/Transforms/Surrogate.h"

#include "dialects/nn/IR/ShapeRules.h"

using namespace mlir;

namespace nnc::prob {

using nn::Emit;
using nn::shapeOf;
using nn::Term;

Value sumToRows(Emit &emit, Value x, std::optional<int64_t> row) {
  SmallVector<int64_t> axes;
  for (int64_t axis = 0; axis < nn::tensorOf(x).getRank(); ++axis)
    if (axis != row)
      axes.push_back(axis);
  return axes.empty() ? x : emit.sum(x, axes);
}

namespace {
Term stop(Term x) { return nn::apply<nn::StopGradientOp>(x); }

/// 0, with the derivative of x.
Term slopeOf(Term x) { return x - stop(x); }

class ScoreSurrogate {
public:
  ScoreSurrogate(func::FuncOp function, ArrayRef<DrawOp> sites, Operation *end)
      : sites(sites.begin(), sites.end()), influence(function, sites),
        editor([this](Value old, Value now) { influence.copy(old, now); }),
        path(influence, editor, end), top(end->getBlock()) {}

  LogicalResult check();
  Value build(Value objective);

private:
  std::optional<int64_t> rowOf(unsigned site) {
    auto row = sites[site].getRow();
    return row ? std::optional<int64_t>(*row) : std::nullopt;
  }
  bool hasBaseline(unsigned site) { return !sites[site].getEstimatorOperands().empty(); }
  Value logProbability(unsigned site);
  Value atRows(unsigned site);
  nn::ScanEditor::Carry accumulated(Value x);
  Value inBlock(Value x, Block *block);
  Value weighted(Value term);
  Value slopes(Trace trace, Value term);
  Value baselineTerm(unsigned site);

  SmallVector<DrawOp> sites;
  Influence influence;
  nn::ScanEditor editor;
  LinearPath path;
  Block *top;
  DenseMap<unsigned, Value> densities, rows;
  DenseMap<Value, nn::ScanEditor::Carry> sums;
};
} // namespace

LogicalResult ScoreSurrogate::check() {
  for (DrawOp site : sites)
    if (site->getParentOfType<nn::IfOp>())
      return site.emitError("a draw in a run-time `if` has no score estimator; draw before it and "
                            "choose with `where`");
  return success();
}

/// log p of each event of a draw, in the block of the draw.
Value ScoreSurrogate::logProbability(unsigned site) {
  Value &density = densities[site];
  if (density)
    return density;
  DrawOp draw = sites[site];
  OpBuilder builder(draw->getContext());
  builder.setInsertionPointAfter(draw);
  Emit emit(builder, draw.getLoc());
  Value value = draw.getValue(); // without a derivative, by its estimator
  auto events = shapeOf(value).drop_back(traitsOf(draw.getFamily()).eventRank);
  Type element = nn::tensorOf(draw.getParameters()[0]).getElementType();
  if (nn::tensorOf(value).getElementType().isInteger(1))
    value = emit.cast(value, element);
  density = LogProbOp::create(builder, draw.getLoc(), RankedTensorType::get(events, element),
                              draw.getFamily(), draw.getParameters(), value, draw.getBoundAttr());
  return density;
}

/// log p of a draw, one number per row.
Value ScoreSurrogate::atRows(unsigned site) {
  Value &sum = rows[site];
  if (sum)
    return sum;
  Value density = logProbability(site);
  OpBuilder builder(density.getContext());
  builder.setInsertionPointAfterValue(density);
  Emit emit(builder, density.getLoc());
  return sum = sumToRows(emit, density, rowOf(site));
}

/// A value of a scan's body summed over the iterations: before this one, and in all.
nn::ScanEditor::Carry ScoreSurrogate::accumulated(Value x) {
  if (auto found = sums.find(x); found != sums.end())
    return found->second;
  Block *body = x.getParentBlock();
  OpBuilder outside(body->getParentOp());
  Value zeros = Emit(outside, x.getLoc()).zeros(x.getType());
  auto carry = editor.carry(body, zeros, [&](BlockArgument sum) -> Value {
    OpBuilder builder = path.builderIn(body);
    return nn::AddOp::create(builder, x.getLoc(), sum, x);
  });
  return sums[x] = carry;
}

/// A value of a block as one of an enclosing block: the sum over all iterations between.
Value ScoreSurrogate::inBlock(Value x, Block *block) {
  while (x.getParentBlock() != block)
    x = editor.current(accumulated(x).last);
  return x;
}

/// The log densities that a term depends on, without their value, in the term's shape.
Value ScoreSurrogate::slopes(Trace trace, Value term) {
  Block *block = term.getParentBlock(), *common = block;
  DrawOp draw = sites[trace.site];
  while (!common->findAncestorOpInBlock(*draw))
    common = common->getParentOp()->getBlock();
  SmallVector<nn::ScanOp> scans = scansAround(block->getTerminator());
  if (trace.crossed)
    common = scans[trace.crossed - 1].getBlock();
  Value sum = inBlock(atRows(trace.site), common);
  if (trace.crossed)
    sum = accumulated(sum).argument;
  OpBuilder builder = path.builderIn(block);
  Emit emit(builder, term.getLoc());
  sum = editor.inside(sum, block);
  if (trace.axis < 0 && nn::tensorOf(sum).getRank())
    sum = emit.sum(sum, {0});
  SmallVector<int64_t> axes;
  if (nn::tensorOf(sum).getRank())
    axes.push_back(trace.axis);
  return emit.broadcast(slopeOf({&emit, sum}), shapeOf(term), axes);
}

/// A term of the loss with its score-function terms. Its value stays the same.
Value ScoreSurrogate::weighted(Value value) {
  SmallVector<Trace> traces(influence.of(value));
  OpBuilder builder = path.builderIn(value.getParentBlock());
  Emit emit(builder, value.getLoc());
  Term term{&emit, value};
  // Draws that are compared with the same baseline share a weight.
  llvm::MapVector<int64_t, Value> groups;
  for (Trace trace : traces) {
    Value sum = slopes(trace, value);
    Value &group = groups[hasBaseline(trace.site) ? -1 : trace.axis];
    group = group ? emit.add(group, sum) : sum;
  }
  Term result = term;
  for (auto [axis, sum] : groups) {
    Term weight = term;
    if (int64_t n = axis < 0 ? 1 : shapeOf(value)[axis]; n > 1) {
      // c_b less the mean of the others is n / (n - 1) times c_b less the mean of all.
      Value mean = emit.restoreAxes(emit.sum(value, {axis}), shapeOf(value), {axis});
      weight = (term - Term{&emit, mean} * (1.0 / n)) * (static_cast<double>(n) / (n - 1));
    }
    result = result + stop(weight) * Term{&emit, sum};
  }
  return result;
}

/// The mean over rows of baseline times log density, in the block of the loss.
Value ScoreSurrogate::baselineTerm(unsigned site) {
  DrawOp draw = sites[site];
  Value density = logProbability(site);
  OpBuilder builder(draw->getContext());
  builder.setInsertionPointAfterValue(density);
  Emit emit(builder, draw.getLoc());
  Value baseline = draw.getEstimatorOperands()[0];
  if (nn::tensorOf(baseline).getRank() == 0)
    baseline = emit.broadcast(baseline, shapeOf(density), {});
  Term product = stop({&emit, baseline}) * slopeOf({&emit, density});
  Value sum = inBlock(sumToRows(emit, product, rowOf(site)), top);
  OpBuilder after = path.builderIn(top);
  Emit outer(after, draw.getLoc());
  if (nn::tensorOf(sum).getRank() == 0)
    return sum;
  double n = shapeOf(sum)[0];
  return Term{&outer, outer.sum(sum, {0})} * (1 / n);
}

Value ScoreSurrogate::build(Value objective) {
  Value result = path.rebuild(objective, [this](Value term) { return weighted(term); });
  for (unsigned site = 0; site < sites.size(); ++site) {
    if (!hasBaseline(site))
      continue;
    Value term = baselineTerm(site);
    OpBuilder builder = path.builderIn(top);
    result = nn::SubOp::create(builder, sites[site].getLoc(), editor.current(result), term);
  }
  return editor.current(result);
}

LogicalResult estimateByScore(func::FuncOp function, learn::GradientOp gradient) {
  SmallVector<DrawOp> sites;
  function.walk([&](DrawOp draw) {
    if (draw.getEstimator() == Estimator::score)
      sites.push_back(draw);
  });
  if (sites.empty())
    return success();
  ScoreSurrogate surrogate(function, sites, gradient);
  if (failed(surrogate.check()))
    return failure();
  gradient.getLossMutable().assign(surrogate.build(gradient.getLoss()));
  return success();
}

} // namespace nnc::prob
