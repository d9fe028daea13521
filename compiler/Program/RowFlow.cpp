/// Which values of an evaluation depend on its rows, and how.
#include "compiler/Program/RowFlow.h"
#include "dialects/nn/IR/Numbers.h"
#include "dialects/nn/IR/ShapeRules.h"
#include "dialects/prob/IR/Prob.h"
#include "mlir/IR/Matchers.h"
#include <cmath>

using namespace mlir;

namespace nnc {

RowFlow::RowFlow(func::FuncOp function, func::FuncOp twin, int64_t rows) : rows(rows) {
  if (!compare(function.front(), twin.front())) {
    // The two have other ops: whether rows are many is decided when it is compiled.
    for (Operation &op : function.front().without_terminator())
      differing.insert(&op);
  }
  for (BlockArgument argument : function.getArguments())
    if (auto found = axes.find(argument); found != axes.end())
      set(argument, {RowKind::Rows, found->second.axis, found->second.each});
  visit(function.front(), 0);
}

//===--- Comparison ----------------------------------------------------------------===//

bool RowFlow::compare(Block &a, Block &b) {
  if (a.getNumArguments() != b.getNumArguments() ||
      a.getOperations().size() != b.getOperations().size())
    return false;
  for (auto [x, y] : llvm::zip(a.getArguments(), b.getArguments()))
    compareTypes(x, y);
  return llvm::all_of(llvm::zip(a, b),
                      [&](auto pair) { return compare(std::get<0>(pair), std::get<1>(pair)); });
}

bool RowFlow::compare(Operation &a, Operation &b) {
  if (a.getName() != b.getName() || a.getNumOperands() != b.getNumOperands() ||
      a.getNumResults() != b.getNumResults() || a.getNumRegions() != b.getNumRegions())
    return false;
  for (auto [x, y] : llvm::zip(a.getResults(), b.getResults()))
    compareTypes(x, y);
  auto constant = dyn_cast<nn::ConstantOp>(a);
  bool same = constant ? compareConstants(constant, cast<nn::ConstantOp>(b))
                       : a.getAttrDictionary() == b.getAttrDictionary();
  if (!same)
    differing.insert(&a);
  for (auto [x, y] : llvm::zip(a.getRegions(), b.getRegions())) {
    if (x.getBlocks().size() != y.getBlocks().size())
      return false;
    for (auto [p, q] : llvm::zip(x, y))
      if (!compare(p, q))
        return false;
  }
  return true;
}

/// Repeated numbers are equal, or in the ratio of a power of the numbers of rows.
bool RowFlow::compareConstants(nn::ConstantOp a, nn::ConstantOp b) {
  auto x = dyn_cast<DenseElementsAttr>(a.getValue()), y = dyn_cast<DenseElementsAttr>(b.getValue());
  if (x == y)
    return true;
  if (!x || !y || !x.isSplat() || !y.isSplat())
    return false;
  if (x.getSplatValue<Attribute>() == y.getSplatValue<Attribute>())
    return true;
  if (!isa<FloatType>(x.getElementType()))
    return false;
  double p = x.getSplatValue<APFloat>().convertToDouble(),
         q = y.getSplatValue<APFloat>().convertToDouble();
  for (double power : {1.0, -1.0, 0.5, -0.5, 2.0, -2.0})
    if (std::abs(q - p * std::pow(2.0, power)) <= 1e-6 * std::abs(q)) {
      powers[a] = power;
      return true;
    }
  return false;
}

void RowFlow::compareTypes(Value a, Value b) {
  ArrayRef<int64_t> x = nn::shapeOf(a), y = nn::shapeOf(b);
  if (x.size() != y.size()) {
    irregular.insert(a);
    return;
  }
  for (auto [axis, pair] : llvm::enumerate(llvm::zip(x, y))) {
    auto [p, q] = pair;
    if (p == q)
      continue;
    if (axes.contains(a) || p % rows != 0 || q != 2 * p)
      irregular.insert(a);
    else
      axes.insert({a, RowAxis{int64_t(axis), p / rows}});
  }
}

//===--- Flow ----------------------------------------------------------------------===//

bool RowFlow::set(Value value, RowKind kind) {
  auto [place, isNew] = kinds.try_emplace(value, kind);
  if (!isNew && place->second == kind)
    return false;
  place->second = kind;
  return true;
}

/// What a value is that may be either of two.
bool RowFlow::join(Value value, RowKind kind) {
  auto found = kinds.find(value);
  if (found == kinds.end())
    return set(value, kind);
  RowKind known = found->second;
  if (known == kind || known.kind == RowKind::Mixed)
    return false;
  auto is = [&](RowKind::Kind a, RowKind::Kind b) { return known.kind == a && kind.kind == b; };
  if (is(RowKind::Fixed, RowKind::Fixed)) {
    kind.random |= known.random;
  } else if (is(RowKind::Fixed, RowKind::Whole) || is(RowKind::Whole, RowKind::Fixed) ||
             is(RowKind::Whole, RowKind::Whole)) {
    kind = {RowKind::Whole};
    kind.counts = true; // not a plain sum any more
  } else {
    kind = {RowKind::Mixed};
  }
  return set(value, kind);
}

bool RowFlow::visit(Block &block, unsigned depth) {
  bool changed = false;
  for (Operation &op : block)
    changed |= visitOp(op, depth);
  return changed;
}

bool RowFlow::touchesRows(Operation &op) const {
  auto any = [&](ValueRange values) {
    return llvm::any_of(values, [&](Value value) {
      return axes.contains(value) || irregular.contains(value) || of(value).kind == RowKind::Mixed;
    });
  };
  bool found = any(op.getOperands());
  op.walk([&](Operation *inner) {
    found |= any(inner->getResults()) || differing.contains(inner) || powers.contains(inner);
  });
  return found;
}

bool RowFlow::visitOp(Operation &op, unsigned depth) {
  if (op.getNumRegions() && touchesRows(op)) {
    if (auto scan = dyn_cast<nn::ScanOp>(op))
      return visitScan(scan, depth);
    if (auto branch = dyn_cast<nn::IfOp>(op))
      return visitIf(branch, depth);
  }
  bool changed = false;
  for (OpResult result : op.getResults()) {
    RowKind kind = resultOf(op, result, depth);
    if (kind.kind == RowKind::Mixed && !mixed)
      mixed = &op;
    changed |= set(result, kind);
  }
  return changed;
}

/// Of values that are the same for all rows: repeated for each row, numbers of rows, draws.
RowKind RowFlow::created(Operation &op, OpResult result) {
  RowKind kind;
  op.walk([&](Operation *inner) { kind.random |= isa<prob::DrawOp, nn::RandomOp>(inner); });
  for (Value operand : op.getOperands())
    kind.random |= of(operand).random;
  auto found = axes.find(result);
  if (found == axes.end())
    return kind;
  kind = {RowKind::Rows, found->second.axis, found->second.each};
  if (auto iota = dyn_cast<nn::IotaOp>(op); iota && int64_t(iota.getAxis()) == kind.axis) {
    kind.kind = kind.each == 1 ? RowKind::Position : RowKind::Mixed;
    kind.factor = 1;
  }
  return kind;
}

RowKind RowFlow::resultOf(Operation &op, OpResult result, unsigned depth) {
  RowKind mixes{RowKind::Mixed};
  if (differing.contains(&op) || irregular.contains(result))
    return mixes;
  bool counts = powers.contains(&op);
  if (counts && (depth || axes.contains(result)))
    return mixes;
  RowKind whole{RowKind::Whole};
  whole.counts = counts;
  bool anyRows = false, anyWhole = counts, anyPosition = false, random = false;
  for (Value operand : op.getOperands()) {
    RowKind kind = of(operand);
    if (kind.kind == RowKind::Mixed)
      return mixes;
    anyRows |= kind.kind == RowKind::Rows;
    anyWhole |= kind.kind == RowKind::Whole;
    anyPosition |= kind.kind == RowKind::Position;
    random |= kind.random;
    whole.counts |= kind.counts;
  }
  if (auto gradient = dyn_cast<learn::GradientOp>(op)) {
    // Of a sum over rows, in something of each row.
    RowKind in = of(gradient.getOf()[result.getResultNumber()]), loss = of(gradient.getLoss());
    bool byRow = in.kind == RowKind::Rows && loss.additive && !loss.counts;
    return byRow ? in : anyRows || anyWhole ? mixes : created(op, result);
  }
  if (anyPosition)
    return position(op, result);
  if (anyRows)
    return anyWhole ? mixes : fromRows(op, result, depth);
  if (!anyWhole)
    return created(op, result);
  if (random || axes.contains(result))
    return mixes;
  auto linear = dyn_cast<nn::LinearIn>(op);
  whole.additive =
      linear && linear.isLinearIn(SmallVector<bool>(op.getNumOperands(), true)) && !counts &&
      llvm::all_of(op.getOperands(), [&](Value operand) { return of(operand).additive; });
  return whole;
}

/// Where the rows of an operand are in a result, if they stay apart.
std::optional<RowFlow::RowAxis> RowFlow::axisThrough(OpOperand &operand, OpResult result) const {
  RowKind kind = of(operand.get());
  Operation *op = operand.getOwner();
  auto found = axes.find(result);
  if (found == axes.end())
    return std::nullopt;
  RowAxis there = found->second;
  if (auto reshape = dyn_cast<nn::ReshapeOp>(op)) {
    auto before = [](ArrayRef<int64_t> shape, int64_t axis) {
      int64_t count = 1;
      for (int64_t size : shape.take_front(axis))
        count *= size;
      return count;
    };
    // Row-major: a row is one run of positions in both.
    bool apart = before(nn::shapeOf(reshape.getX()), kind.axis) ==
                 before(nn::shapeOf(reshape.getY()), there.axis);
    return apart ? std::optional(there) : std::nullopt;
  }
  std::optional<int64_t> axis = nn::followAxis(operand, result, kind.axis);
  return axis && RowAxis{*axis, kind.each} == there ? std::optional(there) : std::nullopt;
}

/// Whether the axis of the rows is one that the op sums over (or takes another reduction of).
bool RowFlow::takesRowsTogether(Operation &op) const {
  for (OpOperand &operand : op.getOpOperands()) {
    RowKind kind = of(operand.get());
    if (kind.kind != RowKind::Rows)
      continue;
    if (auto reduce = dyn_cast<nn::ReduceOp>(op)) {
      if (!llvm::is_contained(reduce.getAxes(), kind.axis))
        return false;
    } else if (auto log = dyn_cast<nn::LogSumExpOp>(op)) {
      if (int64_t(log.getAxis()) != kind.axis)
        return false;
    } else if (auto contract = dyn_cast<nn::ContractOp>(op)) {
      ArrayRef<int64_t> labels =
          operand.getOperandNumber() == 0 ? contract.getALabels() : contract.getBLabels();
      if (llvm::is_contained(contract.getYLabels(), labels[kind.axis]))
        return false;
    } else {
      return false;
    }
  }
  return true;
}

RowKind RowFlow::fromRows(Operation &op, OpResult result, unsigned depth) {
  RowKind mixes{RowKind::Mixed};
  if (takesRowsTogether(op)) {
    if (depth || axes.contains(result))
      return mixes;
    reductions.insert(&op);
    RowKind whole{RowKind::Whole};
    auto reduce = dyn_cast<nn::ReduceOp>(op);
    whole.additive = reduce ? reduce.getKind() == nn::Reduction::sum : isa<nn::ContractOp>(op);
    return whole;
  }
  std::optional<RowAxis> common;
  for (OpOperand &operand : op.getOpOperands()) {
    if (of(operand.get()).kind != RowKind::Rows)
      continue;
    auto axis = axisThrough(operand, result);
    if (!axis || (common && !(*common == *axis)))
      return mixes;
    common = axis;
  }
  return {RowKind::Rows, common->axis, common->each};
}

/// Arithmetic on the numbers of rows, up to a gather at them: `x[b, u[b]]` reads row b of x.
RowKind RowFlow::position(Operation &op, OpResult result) {
  RowKind mixes{RowKind::Mixed}, kind;
  for (OpOperand &operand : op.getOpOperands()) {
    RowKind each = of(operand.get());
    if (each.kind == RowKind::Fixed)
      continue;
    auto axis = axisThrough(operand, result);
    if (isa<nn::GatherOp>(op) && operand.getOperandNumber() == 0)
      axis = axes.contains(result) ? std::optional(axes.lookup(result)) : std::nullopt;
    if (!axis || axis->each != 1 || (kind.kind != RowKind::Fixed && kind.axis != axis->axis))
      return mixes;
    bool both = kind.kind == RowKind::Position && each.kind == RowKind::Position;
    if (both || each.kind == RowKind::Whole)
      return mixes;
    int64_t factor = kind.factor + each.factor;
    bool numbered = kind.kind == RowKind::Position || each.kind == RowKind::Position;
    kind = {numbered ? RowKind::Position : RowKind::Rows, axis->axis, 1, factor};
  }
  if (auto gather = dyn_cast<nn::GatherOp>(op)) {
    RowKind x = of(gather.getX()), at = of(gather.getIndices());
    bool own = x.kind == RowKind::Rows && at.kind == RowKind::Position &&
               x.axis == int64_t(gather.getAxis()) && x.each == at.factor;
    return own ? RowKind{RowKind::Rows, kind.axis, 1} : mixes;
  }
  if (isa<nn::AddOp, nn::BroadcastOp, nn::TransposeOp>(op))
    return kind;
  if (auto mul = dyn_cast<nn::MulOp>(op)) {
    auto a = nn::repeatedInteger(mul.getA()), b = nn::repeatedInteger(mul.getB());
    if (!a && !b)
      return mixes;
    kind.factor *= a ? *a : *b;
    return kind;
  }
  return mixes;
}

//===--- Regions -------------------------------------------------------------------===//

/// A value of one axis more in front, or less: that of the iterations.
static RowKind shifted(RowKind kind, int64_t by) {
  if (kind.kind != RowKind::Rows && kind.kind != RowKind::Position)
    return kind;
  kind.axis += by;
  if (kind.axis < 0)
    kind.kind = RowKind::Mixed;
  return kind;
}

bool RowFlow::visitScan(nn::ScanOp scan, unsigned depth) {
  Block &body = *scan.getBlock();
  Operation *yield = body.getTerminator();
  size_t carries = scan.getInits().size(), results = scan->getNumResults();
  bool changed = false, again = true;
  auto decides = [&](Value value) { return of(value).kind != RowKind::Fixed; };
  bool uneven = llvm::any_of(scan.getBounds(), decides) || differing.contains(scan);
  auto joinAll = [&](auto arguments, ValueRange from, int64_t by) {
    for (auto [argument, value] : llvm::zip_equal(arguments, from))
      changed |= join(argument, shifted(of(value), by));
  };
  joinAll(scan.getCarries(), scan.getInits(), 0);
  joinAll(scan.getPieces(), scan.getInputs(), -1);
  joinAll(scan.getConstantArguments(), scan.getConstants(), 0);
  while (again) {
    again = visit(body, depth + 1);
    for (size_t k = 0; k < carries; ++k)
      again |= join(body.getArgument(1 + k), of(yield->getOperand(k)));
    changed |= again;
  }
  for (Value condition : yield->getOperands().drop_front(results))
    uneven |= decides(condition);
  for (OpResult result : scan->getResults()) {
    size_t k = result.getResultNumber();
    RowKind kind = k < carries ? of(body.getArgument(1 + k)) : shifted(of(yield->getOperand(k)), 1);
    bool rowsOrFixed = kind.kind == RowKind::Rows || kind.kind == RowKind::Fixed;
    changed |= set(result, uneven || !rowsOrFixed ? RowKind{RowKind::Mixed} : kind);
  }
  return changed;
}

bool RowFlow::visitIf(nn::IfOp branch, unsigned depth) {
  bool changed = false, uneven = of(branch.getCondition()).kind != RowKind::Fixed;
  for (Region *region : {&branch.getThenRegion(), &branch.getElseRegion()}) {
    Block &body = region->front();
    for (auto [argument, capture] : llvm::zip_equal(body.getArguments(), branch.getCaptures()))
      changed |= join(argument, of(capture));
    changed |= visit(body, depth + 1);
    for (auto [result, value] :
         llvm::zip_equal(branch->getResults(), body.getTerminator()->getOperands())) {
      RowKind kind = of(value);
      if (uneven || (kind.kind != RowKind::Rows && kind.kind != RowKind::Fixed))
        kind = {RowKind::Mixed};
      changed |= join(result, kind);
    }
  }
  return changed;
}

} // namespace nnc
