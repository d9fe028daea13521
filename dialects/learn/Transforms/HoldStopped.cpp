/// The function that finite differences of a loss with stopped values need. A gradient takes the
/// values of nn.stop_gradient as constants, so a difference must hold them too: `F.frozen` computes
/// everything twice, from the parameters and from a copy that is frozen, and reads stopped
/// values from the copy.
#include "dialects/learn/IR/Learn.h"
#include "dialects/learn/Transforms/Passes.h"
#include "dialects/nn/Autodiff/Reverse.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace nnc::learn {
#define GEN_PASS_DEF_HOLDSTOPPED
#include "dialects/learn/Transforms/Passes.h.inc"

namespace {
/// Copies ops twice: from frozen and from moving values. What does not depend on the moving ones is
/// copied once and stands for both.
class Twins {
public:
  explicit Twins(OpBuilder &builder) : builder(builder) {}
  void map(Value value, Value frozenValue, Value movingValue) {
    frozen.map(value, frozenValue);
    moving.map(value, movingValue);
  }
  void copy(Operation &op);
  Value movingValue(Value value) const { return moving.lookup(value); }

private:
  bool differs(Value value) const { return frozen.lookup(value) != moving.lookup(value); }
  void copyScan(nn::ScanOp op);
  void copyIf(nn::IfOp op);
  void copyBody(Block &from, Block &to);
  void appendBoth(SmallVectorImpl<Value> &values, ValueRange of);

  OpBuilder &builder;
  IRMapping frozen, moving;
};
} // namespace

/// The frozen values, then the moving ones.
void Twins::appendBoth(SmallVectorImpl<Value> &values, ValueRange of) {
  for (Value value : of)
    values.push_back(frozen.lookup(value));
  for (Value value : of)
    values.push_back(moving.lookup(value));
}

void Twins::copy(Operation &op) {
  bool same = llvm::none_of(op.getOperands(), [&](Value v) { return differs(v); });
  if (!same && isa<nn::ScanOp>(op))
    return copyScan(cast<nn::ScanOp>(op));
  if (!same && isa<nn::IfOp>(op))
    return copyIf(cast<nn::IfOp>(op));
  builder.clone(op, frozen);
  bool stopped = isa<nn::StopGradientOp>(op);
  if (!same && !stopped)
    builder.clone(op, moving);
  else
    for (Value result : op.getResults())
      moving.map(result, frozen.lookup(result));
}

/// Copies a region's ops and its terminator; the arguments are mapped already.
void Twins::copyBody(Block &from, Block &to) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(&to);
  for (Operation &op : from.without_terminator())
    copy(op);
}

void Twins::copyScan(nn::ScanOp op) {
  SmallVector<Value> bounds, inits, inputs, constants;
  for (Value bound : op.getBounds())
    bounds.push_back(frozen.lookup(bound));
  appendBoth(inits, op.getInits());
  appendBoth(inputs, op.getInputs());
  appendBoth(constants, op.getConstants());
  size_t carries = op.getInits().size(), outputs = op->getNumResults() - carries;
  SmallVector<Type> types;
  for (ValueRange part : {op.getResults().take_front(carries), op.getResults().drop_front(carries)})
    for (int twice = 0; twice < 2; ++twice)
      llvm::append_range(types, part.getTypes());
  auto both = nn::ScanOp::create(builder, op.getLoc(), types, op.getLength(), bounds, inits, inputs,
                                 constants, op.getReverse(), op.getUntil());
  auto *body = new Block();
  both.getBody().push_back(body);
  Value turn = body->addArgument(op.getTurn().getType(), op.getLoc());
  map(op.getTurn(), turn, turn);
  for (ArrayRef<BlockArgument> part :
       {op.getCarries(), op.getPieces(), op.getConstantArguments()}) {
    for (BlockArgument argument : part)
      frozen.map(argument, body->addArgument(argument.getType(), argument.getLoc()));
    for (BlockArgument argument : part)
      moving.map(argument, body->addArgument(argument.getType(), argument.getLoc()));
  }
  copyBody(*op.getBlock(), *body);
  ValueRange yields = op.getBlock()->getTerminator()->getOperands();
  SmallVector<Value> values;
  appendBoth(values, yields.take_front(carries));
  appendBoth(values, yields.slice(carries, outputs));
  for (Value condition : yields.drop_front(carries + outputs))
    values.push_back(frozen.lookup(condition));
  OpBuilder end = OpBuilder::atBlockEnd(body);
  nn::YieldOp::create(end, op.getLoc(), values);
  for (auto [k, result] : llvm::enumerate(op.getResults())) {
    size_t first = k < carries ? k : 2 * carries + (k - carries);
    map(result, both->getResult(first), both->getResult(first + (k < carries ? carries : outputs)));
  }
}

void Twins::copyIf(nn::IfOp op) {
  SmallVector<Value> captures, values;
  appendBoth(captures, op.getCaptures());
  SmallVector<Type> types(op->getResultTypes());
  llvm::append_range(types, op->getResultTypes());
  auto both =
      nn::IfOp::create(builder, op.getLoc(), types, frozen.lookup(op.getCondition()), captures);
  for (auto [from, to] : {std::pair(&op.getThenRegion(), &both.getThenRegion()),
                          std::pair(&op.getElseRegion(), &both.getElseRegion())}) {
    auto *body = new Block();
    to->push_back(body);
    for (BlockArgument argument : from->getArguments())
      frozen.map(argument, body->addArgument(argument.getType(), argument.getLoc()));
    for (BlockArgument argument : from->getArguments())
      moving.map(argument, body->addArgument(argument.getType(), argument.getLoc()));
    copyBody(from->front(), *body);
    values.clear();
    appendBoth(values, from->front().getTerminator()->getOperands());
    OpBuilder end = OpBuilder::atBlockEnd(body);
    nn::YieldOp::create(end, op.getLoc(), values);
  }
  for (auto [k, result] : llvm::enumerate(op.getResults()))
    map(result, both->getResult(k), both->getResult(k + op->getNumResults()));
}

namespace {
/// Whether a function gives gradients to a step: entries and evaluations may take some too, of
/// which nobody takes differences.
bool givesGradients(func::FuncOp function) {
  return llvm::any_of(bindingsOf(function),
                      [](const Binding &one) { return one.kind == ArgKind::gradient; });
}

/// The gradient of a function's objective if stopped values are on the way to its loss.
GradientOp gradientWithStops(func::FuncOp function) {
  GradientOp last;
  for (auto gradient : function.front().getOps<GradientOp>())
    last = gradient;
  bool stops = false;
  function.walk([&](nn::StopGradientOp) { stops = true; });
  return stops ? last : GradientOp();
}

/// Builds `F.frozen`.
void addHeld(func::FuncOp function, GradientOp gradient) {
  OpBuilder builder(function->getContext());
  builder.setInsertionPointAfter(function);
  SmallVector<Type> inputs(function.getArgumentTypes());
  SmallVector<DictionaryAttr> attributes;
  for (unsigned k = 0; k < inputs.size(); ++k)
    attributes.push_back(function.getArgAttrDict(k));
  for (Value moved : gradient.getOf()) {
    unsigned k = cast<BlockArgument>(moved).getArgNumber();
    inputs.push_back(moved.getType());
    std::optional<Binding> param = argumentBinding(function, k);
    attributes.push_back(bindingAttributes(builder.getContext(), ArgKind::frozen,
                                           param ? param->name : StringRef()));
  }
  Type loss = gradient.getLoss().getType();
  auto twin = func::FuncOp::create(
      builder, function.getLoc(), (function.getName() + ".frozen").str(),
      builder.getFunctionType(inputs, loss), ArrayRef<NamedAttribute>(), attributes);
  twin->setDiscardableAttrs(function->getDiscardableAttrDictionary());
  Block *body = twin.addEntryBlock();
  builder.setInsertionPointToEnd(body);
  Twins twins(builder);
  unsigned count = function.getNumArguments();
  for (BlockArgument argument : function.getArguments())
    twins.map(argument, body->getArgument(argument.getArgNumber()),
              body->getArgument(argument.getArgNumber()));
  for (auto [k, moved] : llvm::enumerate(gradient.getOf()))
    twins.map(moved, body->getArgument(count + k),
              body->getArgument(cast<BlockArgument>(moved).getArgNumber()));
  for (Operation &op : llvm::make_range(function.front().begin(), gradient->getIterator()))
    twins.copy(op);
  func::ReturnOp::create(builder, gradient.getLoc(), twins.movingValue(gradient.getLoss()));
  nn::eraseDeadOps(*body);
  // The loss of the function has the name that the program knows it by.
  for (unsigned k = 0; k < function.getNumResults(); ++k)
    if (auto binding = resultBinding(function, k); binding && binding->kind == ArgKind::loss)
      twin.setResultAttrs(0, function.getResultAttrDict(k));
}

struct HoldStoppedPass : impl::HoldStoppedBase<HoldStoppedPass> {
  void runOnOperation() override {
    SmallVector<func::FuncOp> functions(getOperation().getOps<func::FuncOp>());
    for (func::FuncOp function : functions) {
      if (function.isExternal() || !givesGradients(function))
        continue;
      GradientOp gradient = gradientWithStops(function);
      bool moves =
          gradient && llvm::all_of(gradient.getOf(), [](Value v) { return isa<BlockArgument>(v); });
      if (moves)
        addHeld(function, gradient);
    }
  }
};
} // namespace

} // namespace nnc::learn
