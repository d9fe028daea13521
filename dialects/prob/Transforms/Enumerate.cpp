/// Expectations over all outcomes of a draw: a scan over the outcomes computes the terms that the
/// draw influences once for each, and adds them weighted by the outcome's probability. All rows of
/// a batch go through their outcomes side by side, so a row's terms must not depend on another
/// row's draw.
#include "dialects/prob/Transforms/LinearPath.h"
#include "dialects/prob/Transforms/Surrogate.h"

#include "dialects/nn/IR/ShapeRules.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace nnc::prob {

using nn::Emit;
using nn::shapeOf;
using nn::Term;

namespace {
class Expectation {
public:
  Expectation(func::FuncOp function, DrawOp draw, learn::GradientOp gradient)
      : draw(draw), gradient(gradient), influence(function, draw),
        editor([this](Value old, Value now) { influence.copy(old, now); }),
        path(influence, editor, gradient) {}
  LogicalResult run();

private:
  LogicalResult check();
  LogicalResult findSlice();
  int64_t outcomes();
  Value outcome(Emit &emit, Value turn);
  Value probability(Emit &emit, Value value, ValueRange parameters);
  Value product(Emit &emit, Value value, Value parameter);
  nn::ScanOp sumOverOutcomes();
  void fillTurn(nn::ScanOp scan, IRMapping &map);

  DrawOp draw;
  learn::GradientOp gradient;
  Influence influence;
  nn::ScanEditor editor;
  LinearPath path;
  llvm::SetVector<Value> terms;
  SmallVector<Operation *> slice;   ///< between the draw and the terms, in program order
  llvm::SetVector<Value> constants; ///< what the slice and the density read from outside
};
} // namespace

static Values valuesOf(DrawOp draw) { return traitsOf(draw.getFamily()).values; }

/// The number of classes of one element.
static int64_t classesOf(DrawOp draw) {
  if (valuesOf(draw) == Values::binary)
    return 2;
  return draw.getBound() ? *draw.getBound() : shapeOf(draw.getParameters()[0]).back();
}

/// The shape of a draw's integers: without the axis of one-hot vectors.
static ArrayRef<int64_t> indexShape(DrawOp draw) {
  ArrayRef<int64_t> shape = shapeOf(draw.getValue());
  return valuesOf(draw) == Values::oneHot ? shape.drop_back() : shape;
}

/// Outcomes of all elements of a row together.
int64_t Expectation::outcomes() {
  int64_t elements = 1, count = 1;
  for (auto [axis, size] : llvm::enumerate(indexShape(draw)))
    if (draw.getRow() != axis)
      elements *= size;
  for (int64_t k = 0; k < elements && count <= maxOutcomes; ++k)
    count *= classesOf(draw);
  return count;
}

LogicalResult Expectation::check() {
  if (int64_t count = outcomes(); count > maxOutcomes)
    return draw.emitError("`enumerate` needs at most ")
           << maxOutcomes << " outcomes per row; the elements of this draw have more together";
  Block *block = draw->getBlock();
  if (auto scan = dyn_cast<nn::ScanOp>(block->getParentOp()))
    for (BlockArgument carry : scan.getCarries())
      if (!influence.of(carry).empty())
        return draw.emitError(
            "`enumerate` needs a draw that no later iteration depends on; `score` works "
            "through iterations");
  for (Value term : terms) {
    if (term.getParentBlock() != block)
      return draw.emitError("`enumerate` needs terms of the loss in the iteration of the draw")
                 .attachNote(term.getLoc())
             << "this depends on the draws of all iterations";
    for (Trace trace : influence.of(term))
      if (trace.axis < 0 && draw.getRow())
        return draw.emitError("`enumerate` needs rows that do not depend on each other's draws")
                   .attachNote(term.getLoc())
               << "rows meet before this";
  }
  return success();
}

/// The ops from the draw to its terms.
LogicalResult Expectation::findSlice() {
  llvm::SetVector<Operation *> wanted;
  for (Value term : terms)
    wanted.insert(term.getDefiningOp());
  for (size_t k = 0; k < wanted.size(); ++k)
    for (Value operand : wanted[k]->getOperands())
      if (Operation *op = operand.getDefiningOp();
          op && op != draw && !influence.of(operand).empty())
        wanted.insert(op);
  for (Operation &op : *draw->getBlock())
    if (wanted.contains(&op))
      slice.push_back(&op);
  llvm::DenseSet<Value> made = {draw.getValue()};
  for (Operation *op : slice) {
    for (Value operand : op->getOperands())
      if (!made.contains(operand))
        constants.insert(operand);
    made.insert(op->result_begin(), op->result_end());
  }
  constants.insert(draw.getParameters().begin(), draw.getParameters().end());
  return success();
}

/// The value of a draw in which each row has the same outcome: element e of a row is digit e of the
/// outcome's number.
Value Expectation::outcome(Emit &emit, Value turn) {
  ArrayRef<int64_t> shape = indexShape(draw);
  auto type = RankedTensorType::get(shape, emit.builder.getI32Type());
  int64_t classes = classesOf(draw), count = type.getNumElements();
  SmallVector<int32_t> places(count, 1);
  SmallVector<int64_t> strides(shape.size(), 0); // of a row's elements
  int64_t elements = 1;
  for (int64_t axis = shape.size() - 1; axis >= 0; --axis)
    if (draw.getRow() != static_cast<uint64_t>(axis)) {
      strides[axis] = elements;
      elements *= shape[axis];
    }
  for (int64_t k = 0; k < count; ++k) {
    int64_t element = 0, rest = k;
    for (int64_t axis = shape.size() - 1; axis >= 0; --axis) {
      element += rest % shape[axis] * strides[axis];
      rest /= shape[axis];
    }
    for (int64_t e = 0; e < element; ++e)
      places[k] *= static_cast<int32_t>(classes);
  }
  Value place = emit.make<nn::ConstantOp>(DenseIntElementsAttr::get(type, ArrayRef(places)));
  Value number = emit.broadcast(turn, shape, {});
  Value digit =
      emit.make<nn::ModOp>(emit.make<nn::FloorDivOp>(number, place), emit.constant(type, classes));
  Type element = nn::tensorOf(draw.getValue()).getElementType();
  if (valuesOf(draw) == Values::oneHot)
    digit = emit.oneHot(digit, shapeOf(draw.getValue()), shape.size());
  if (element.isInteger(1) && valuesOf(draw) == Values::binary)
    return emit.compare(nn::Comparison::eq, digit, emit.constant(type, 1));
  return emit.cast(digit, element);
}

/// Of families by probabilities: the product over a row's elements, which has a derivative where
/// one of them is 0.
Value Expectation::product(Emit &emit, Value value, Value parameter) {
  Term p{&emit, parameter};
  Value each;
  if (valuesOf(draw) == Values::binary) {
    Term zero = p.number(0);
    each = emit.select(
        emit.compare(nn::Comparison::gt, emit.cast(value, nn::tensorOf(p).getElementType()), zero),
        p, 1.0 - p);
  } else {
    int64_t axis = nn::tensorOf(p).getRank() - 1;
    Value label = valuesOf(draw) == Values::oneHot
                      ? emit.compare(nn::Comparison::gt, value, p.number(0))
                      : emit.oneHot(value, shapeOf(p), axis);
    Term picked{&emit, emit.sum(emit.select(label, p, p.number(0)), axis)};
    each = picked / Term{&emit, emit.sum(p, axis)};
  }
  SmallVector<int64_t> axes;
  for (int64_t axis = 0; axis < nn::tensorOf(each).getRank(); ++axis)
    if (draw.getRow() != static_cast<uint64_t>(axis))
      axes.push_back(axis);
  return axes.empty() ? each : emit.reduce(nn::Reduction::prod, each, axes);
}

/// The probability of each row's outcome.
Value Expectation::probability(Emit &emit, Value value, ValueRange parameters) {
  Type real = parameters.empty() ? Type(emit.builder.getF32Type())
                                 : nn::tensorOf(parameters[0]).getElementType();
  if (nn::tensorOf(value).getElementType().isInteger(1))
    value = emit.cast(value, real);
  if (isByProbabilities(draw.getFamily()))
    return product(emit, value, parameters[0]);
  auto type = RankedTensorType::get(indexShape(draw), real);
  Value density = LogProbOp::create(emit.builder, emit.loc, type, draw.getFamily(), parameters,
                                    value, draw.getBoundAttr());
  std::optional<int64_t> row;
  if (draw.getRow())
    row = static_cast<int64_t>(*draw.getRow());
  return emit.make<nn::ExpOp>(sumToRows(emit, density, row));
}

/// One outcome: its value, its probability, the terms, and the sums with them.
void Expectation::fillTurn(nn::ScanOp scan, IRMapping &map) {
  Block *body = scan.getBlock();
  OpBuilder builder = OpBuilder::atBlockEnd(body);
  Emit emit(builder, draw.getLoc());
  Value value = outcome(emit, body->getArgument(0));
  SmallVector<Value> parameters;
  for (Value parameter : draw.getParameters())
    parameters.push_back(map.lookup(parameter));
  Value weight = probability(emit, value, parameters);
  map.map(draw.getValue(), value);
  for (Operation *op : slice)
    builder.clone(*op, map);
  SmallVector<Value> sums;
  for (auto [k, term] : llvm::enumerate(terms)) {
    SmallVector<int64_t> axes;
    if (nn::tensorOf(weight).getRank())
      axes.push_back(influence.of(term)[0].axis);
    Term each{&emit, map.lookup(term)};
    Term factor{&emit, emit.broadcast(weight, shapeOf(term), axes)};
    sums.push_back(emit.add(body->getArgument(1 + k), factor * each));
  }
  nn::YieldOp::create(builder, emit.loc, sums);
}

/// The scan over the outcomes: its results are the expectations of the terms.
nn::ScanOp Expectation::sumOverOutcomes() {
  Value last = terms[0];
  for (Value term : terms)
    if (last.getDefiningOp()->isBeforeInBlock(term.getDefiningOp()))
      last = term;
  OpBuilder builder(draw->getContext());
  builder.setInsertionPointAfterValue(last);
  Emit emit(builder, draw.getLoc());
  SmallVector<Value> starts;
  for (Value term : terms)
    starts.push_back(emit.zeros(term.getType()));
  SmallVector<Type> types(ValueRange(starts).getTypes());
  auto scan = nn::ScanOp::create(builder, emit.loc, types, outcomes(), ValueRange(), starts,
                                 ValueRange(), constants.getArrayRef(), /*reverse=*/false,
                                 /*until=*/false);
  auto *body = new Block();
  scan.getBody().push_back(body);
  body->addArgument(RankedTensorType::get({}, builder.getI32Type()), emit.loc);
  for (Type type : types)
    body->addArgument(type, emit.loc);
  IRMapping map;
  for (Value constant : constants)
    map.map(constant, body->addArgument(constant.getType(), constant.getLoc()));
  fillTurn(scan, map);
  return scan;
}

LogicalResult Expectation::run() {
  path.collect(gradient.getLoss(), terms);
  if (terms.empty())
    return success();
  if (failed(check()) || failed(findSlice()))
    return failure();
  nn::ScanOp sums = sumOverOutcomes();
  IRMapping expectations;
  for (auto [term, sum] : llvm::zip_equal(terms, sums->getResults()))
    expectations.map(term, sum);
  Value old = gradient.getLoss();
  Value loss = path.rebuild(old, [&](Value term) { return expectations.lookup(term); });
  // The objective's value is the expectation too, wherever it goes.
  old.replaceUsesWithIf(loss, [&](OpOperand &use) {
    return use.getOwner() == gradient || isa<func::ReturnOp>(use.getOwner());
  });
  return success();
}

LogicalResult estimateByEnumeration(func::FuncOp function, learn::GradientOp gradient) {
  SmallVector<DrawOp> draws;
  function.walk([&](DrawOp draw) {
    if (draw.getEstimator() == Estimator::enumerate)
      draws.push_back(draw);
  });
  // A draw that depends on an earlier one is summed out first.
  for (DrawOp draw : llvm::reverse(draws)) {
    if (failed(Expectation(function, draw, gradient).run()))
      return failure();
    draw.setEstimator(Estimator::none);
  }
  return success();
}

} // namespace nnc::prob
