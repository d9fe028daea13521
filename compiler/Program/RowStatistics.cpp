/// Cuts an evaluation where rows are summed.
#include "compiler/Program/RowStatistics.h"
#include "compiler/Program/RowFlow.h"
#include "dialects/nn/Autodiff/Reverse.h"
#include "dialects/nn/Build/Emit.h"
#include "dialects/nn/IR/ShapeRules.h"
#include "mlir/IR/IRMapping.h"
#include <limits>

using namespace mlir;

namespace nnc {
namespace {

/// How the totals of two batches become one.
learn::Combiner combinerOf(Operation *op) {
  if (auto reduce = dyn_cast<nn::ReduceOp>(op))
    return *learn::symbolizeCombiner(nn::stringifyReduction(reduce.getKind()));
  return isa<nn::LogSumExpOp>(op) ? learn::Combiner::logsumexp : learn::Combiner::sum;
}

/// What changes no total.
double neutralOf(learn::Combiner combiner, Type element) {
  if (combiner == learn::Combiner::prod || combiner == learn::Combiner::all)
    return 1;
  if (combiner == learn::Combiner::sum || combiner == learn::Combiner::any)
    return 0;
  bool least = combiner != learn::Combiner::min;
  if (isa<FloatType>(element))
    return least ? -std::numeric_limits<double>::infinity()
                 : std::numeric_limits<double>::infinity();
  return least ? std::numeric_limits<int32_t>::min() : std::numeric_limits<int32_t>::max();
}

class Splitter {
public:
  Splitter(func::FuncOp function, const RowFlow *flow, int64_t rows)
      : function(function), flow(flow), rows(rows), end(function.getContext()) {}
  SplitEvaluation run();

private:
  bool isSplit(Value value) const;
  void collect(ValueRange roots);
  void copy(Operation &op);
  Value argument(Type type, DictionaryAttr interface);
  Value scaled(nn::ConstantOp constant, double power);
  Value statistic(learn::Combiner combiner, Value value);
  void mask(Operation &op);
  Value valid();
  void finishBatch();
  void finishAll(ArrayRef<Value> results);

  func::FuncOp function, finish;
  const RowFlow *flow;
  int64_t rows;
  OpBuilder end; ///< of the second part
  IRMapping map; ///< of values of the first part in the second
  llvm::DenseSet<Operation *> wanted;
  SmallVector<Value> statistics;
  SmallVector<Attribute> statisticAttrs;
  SmallVector<Attribute> argumentAttrs;
  Value validRows, allRows;
};

} // namespace

bool Splitter::isSplit(Value value) const {
  if (!flow)
    return false;
  RowKind kind = flow->of(value);
  return kind.kind == RowKind::Whole || (kind.kind == RowKind::Fixed && !kind.random);
}

/// The ops of the second part, and the reductions that it begins with.
void Splitter::collect(ValueRange roots) {
  SmallVector<Value> open(roots);
  while (!open.empty()) {
    Value value = open.pop_back_val();
    Operation *op = value.getDefiningOp();
    if (!op) {
      if (!map.contains(value)) {
        unsigned k = cast<BlockArgument>(value).getArgNumber();
        map.map(value, argument(value.getType(), function.getArgAttrDict(k)));
      }
      continue;
    }
    if (wanted.insert(op).second && !flow->isReduction(op))
      open.append(op->operand_begin(), op->operand_end());
  }
}

Value Splitter::argument(Type type, DictionaryAttr interface) {
  argumentAttrs.push_back(interface);
  return finish.front().addArgument(type, function.getLoc());
}

/// c / rows^p * n^p, where n is the number of all rows.
Value Splitter::scaled(nn::ConstantOp constant, double power) {
  nn::Emit emit(end, constant.getLoc());
  auto type = nn::tensorOf(constant.getY());
  auto scalar = RankedTensorType::get({}, type.getElementType());
  if (!allRows)
    allRows =
        argument(scalar, learn::bindingAttributes(end.getContext(), learn::ArgKind::rows, "rows"));
  double c =
      cast<DenseElementsAttr>(constant.getValue()).getSplatValue<APFloat>().convertToDouble();
  nn::Term all{&emit, allRows}, share = all / all.number(static_cast<double>(rows));
  Value factor = power == 1    ? share.value
                 : power == -1 ? (1.0 / share).value
                               : emit.make<nn::PowOp>(share.value, share.number(power).value);
  return emit.broadcast(c * nn::Term{&emit, factor}, type.getShape(), {});
}

void Splitter::copy(Operation &op) {
  if (flow->isReduction(&op)) {
    mask(op);
    map.map(op.getResult(0), statistic(combinerOf(&op), op.getResult(0)));
  } else if (auto power = flow->powerOf(&op)) {
    map.map(op.getResult(0), scaled(cast<nn::ConstantOp>(op), *power));
  } else {
    end.clone(op, map);
  }
}

/// Adds a result to the first part; its total is an argument of the second.
Value Splitter::statistic(learn::Combiner combiner, Value value) {
  std::string name = (learn::stringifyCombiner(combiner) + "." + Twine(statistics.size())).str();
  DictionaryAttr interface =
      learn::bindingAttributes(end.getContext(), learn::ArgKind::statistic, name, combiner);
  statistics.push_back(value);
  statisticAttrs.push_back(interface);
  return argument(value.getType(), interface);
}

/// How many rows of the batch count; the others fill it up.
Value Splitter::valid() {
  if (validRows)
    return validRows;
  Builder builder(function.getContext());
  unsigned k = function.getNumArguments();
  (void)function.insertArgument(
      k, RankedTensorType::get({}, builder.getI32Type()),
      learn::bindingAttributes(builder.getContext(), learn::ArgKind::valid, "valid"),
      function.getLoc());
  return validRows = function.getArgument(k);
}

/// Rows that do not count are replaced before they are taken together.
void Splitter::mask(Operation &op) {
  OpBuilder builder(&op);
  nn::Emit emit(builder, op.getLoc());
  for (OpOperand &operand : op.getOpOperands()) {
    RowKind kind = flow->of(operand.get());
    if (kind.kind != RowKind::Rows)
      continue;
    Value x = operand.get();
    Value limit = valid();
    if (kind.each != 1)
      limit = emit.mul(limit, emit.constant(limit.getType(), static_cast<double>(kind.each)));
    Value counts = emit.compare(nn::Comparison::lt, emit.iota(nn::shapeOf(x), kind.axis),
                                emit.broadcast(limit, nn::shapeOf(x), {}));
    double neutral = neutralOf(combinerOf(&op), nn::tensorOf(x).getElementType());
    operand.set(emit.select(counts, x, emit.constant(x.getType(), neutral)));
  }
}

void Splitter::finishBatch() {
  Block &block = function.front();
  block.getTerminator()->setOperands(statistics);
  function.setFunctionType(
      end.getFunctionType(block.getArgumentTypes(), ValueRange(statistics).getTypes()));
  function.setResAttrsAttr(end.getArrayAttr(statisticAttrs));
  nn::eraseDeadOps(block);
}

void Splitter::finishAll(ArrayRef<Value> results) {
  func::ReturnOp::create(end, function.getLoc(), results);
  finish.setFunctionType(
      end.getFunctionType(finish.front().getArgumentTypes(), ValueRange(results).getTypes()));
  if (!argumentAttrs.empty())
    finish.setArgAttrsAttr(end.getArrayAttr(argumentAttrs));
  finish.setResAttrsAttr(*function.getResAttrs());
}

SplitEvaluation Splitter::run() {
  SplitEvaluation result;
  OpBuilder builder(function.getContext());
  builder.setInsertionPointAfter(function);
  finish = func::FuncOp::create(builder, function.getLoc(), (function.getName() + ".finish").str(),
                                builder.getFunctionType({}, {}));
  finish->setDiscardableAttrs(function->getDiscardableAttrDictionary());
  end.setInsertionPointToEnd(finish.addEntryBlock());
  SmallVector<Value> outputs(function.front().getTerminator()->getOperands()), results;
  collect(llvm::to_vector(llvm::make_filter_range(outputs, [&](Value v) { return isSplit(v); })));
  for (Operation &op : llvm::make_early_inc_range(function.front()))
    if (wanted.contains(&op))
      copy(op);
  for (auto [k, output] : llvm::enumerate(outputs)) {
    if (isSplit(output)) {
      results.push_back(map.lookup(output));
      continue;
    }
    results.push_back(statistic(learn::Combiner::mean, output));
    result.perBatch.push_back(learn::resultBinding(function, k)->name.str());
  }
  if (!result.perBatch.empty() && flow)
    result.mixed = flow->firstMixed();
  finishAll(results);
  finishBatch();
  return result;
}

SplitEvaluation splitEvaluation(func::FuncOp function, func::FuncOp twin, int64_t rows) {
  std::optional<RowFlow> flow;
  if (twin)
    flow.emplace(function, twin, rows);
  return Splitter(function, flow ? &*flow : nullptr, rows).run();
}

} // namespace nnc
