/// The part of a loss that is linear in its terms.
#include "dialects/prob/Transforms/LinearPath.h"

using namespace mlir;

namespace nnc::prob {

/// The value that a scan's body yields for a result.
static Value yielded(OpResult result) {
  auto scan = cast<nn::ScanOp>(result.getOwner());
  return scan.getBlock()->getTerminator()->getOperand(result.getResultNumber());
}

static bool isCarry(OpResult result) {
  return result.getResultNumber() < cast<nn::ScanOp>(result.getOwner()).getInits().size();
}

/// What an iteration adds to a carried sum, if a result is one.
static Value addedByTurn(OpResult result) {
  auto scan = cast<nn::ScanOp>(result.getOwner());
  auto sum = yielded(result).getDefiningOp<nn::AddOp>();
  if (!sum)
    return Value();
  Value carry = scan.getCarries()[result.getResultNumber()];
  return sum.getA() == carry ? sum.getB() : sum.getB() == carry ? sum.getA() : Value();
}

OpBuilder LinearPath::builderIn(Block *block) {
  return OpBuilder(block == end->getBlock() ? end : block->getTerminator());
}

/// True if the op is linear in its operands that draws influence.
bool LinearPath::isLinear(Operation *op) {
  auto linear = dyn_cast<nn::LinearIn>(op);
  return linear && linear.isLinearIn(llvm::map_to_vector(
                       op->getOperands(), [&](Value operand) { return !isFree(operand); }));
}

static bool isReal(Value value) { return isa<FloatType>(nn::tensorOf(value).getElementType()); }

/// True if the op adds its operands or chooses from them: one that draws do not influence is a term
/// too, and no factor.
static bool isSum(Operation *op) {
  return cast<nn::LinearIn>(op).isLinearIn(llvm::map_to_vector(op->getOperands(), isReal));
}

/// True if an operand of a linear op depends on fewer draws, or row by row where the result does
/// not, or is worth a further step itself.
bool LinearPath::separatesLinear(Operation *op, Value value) {
  ArrayRef<Trace> whole = influence.of(value);
  bool adds = isSum(op);
  for (Value operand : op->getOperands()) {
    ArrayRef<Trace> part = influence.of(operand);
    if (part.empty() && !adds)
      continue; // a factor
    if (part.size() < whole.size() && isReal(operand))
      return true;
    for (auto [a, b] : llvm::zip(part, whole))
      if (a.axis >= 0 && b.axis < 0)
        return true;
    if (separates(operand))
      return true;
  }
  return false;
}

bool LinearPath::separates(Value value) {
  if (auto known = separating.find(value); known != separating.end())
    return known->second;
  Step step = decide(value);
  return separating[value] = step != Step::keep && step != Step::term;
}

LinearPath::Step LinearPath::decide(Value value) {
  if (isFree(value))
    return Step::keep;
  auto result = dyn_cast<OpResult>(value);
  if (!result)
    return Step::term;
  if (isa<nn::StopGradientOp>(result.getOwner()))
    return Step::keep; // The program asks for no gradient here.
  if (isa<nn::ScanOp>(result.getOwner())) {
    // Iterations are worth telling apart only if they draw.
    if (llvm::none_of(influence.of(value), [&](Trace trace) {
          return result.getOwner()->isProperAncestor(influence.getSite(trace.site));
        }))
      return Step::term;
    Value piece = isCarry(result) ? addedByTurn(result) : yielded(result);
    if (!piece || isFree(piece))
      return Step::term;
    return isCarry(result) ? Step::accumulated : Step::stacked;
  }
  return isLinear(result.getOwner()) && separatesLinear(result.getOwner(), value) ? Step::linear
                                                                                  : Step::term;
}

void LinearPath::collect(Value value, llvm::SetVector<Value> &terms) {
  switch (decide(value)) {
  case Step::keep:
    return;
  case Step::term:
    terms.insert(value);
    return;
  case Step::linear:
    for (Value operand : value.getDefiningOp()->getOperands())
      collect(operand, terms);
    return;
  case Step::stacked:
    return collect(yielded(cast<OpResult>(value)), terms);
  case Step::accumulated: {
    auto result = cast<OpResult>(value);
    collect(cast<nn::ScanOp>(result.getOwner()).getInits()[result.getResultNumber()], terms);
    return collect(addedByTurn(result), terms);
  }
  }
}

Value LinearPath::rebuildLinear(Operation *op, llvm::function_ref<Value(Value)> term) {
  SmallVector<Value> operands;
  for (unsigned k = 0; k < op->getNumOperands(); ++k) // A scan may move while operands are rebuilt.
    operands.push_back(rebuild(op->getOperand(k), term));
  OpBuilder builder = builderIn(op->getBlock());
  Operation *copy = builder.clone(*op);
  for (auto [k, operand] : llvm::enumerate(operands))
    copy->setOperand(k, editor.current(operand));
  return copy->getResult(0);
}

/// A carried sum of the rebuilt terms beside the sum that the program carries.
Value LinearPath::rebuildCarry(OpResult value, llvm::function_ref<Value(Value)> term) {
  auto scan = cast<nn::ScanOp>(value.getOwner());
  Block *body = scan.getBlock();
  Value added = addedByTurn(value);
  Value start = rebuild(scan.getInits()[value.getResultNumber()], term);
  Value next = rebuild(added, term);
  return editor
      .carry(body, editor.current(start),
             [&](BlockArgument sum) -> Value {
               OpBuilder builder = builderIn(body);
               return nn::AddOp::create(builder, added.getLoc(), sum, editor.current(next));
             })
      .last;
}

Value LinearPath::rebuild(Value value, llvm::function_ref<Value(Value)> term) {
  value = editor.current(value);
  if (auto found = rebuilt.find(value); found != rebuilt.end())
    return editor.current(found->second);
  Value result = value;
  switch (decide(value)) {
  case Step::keep:
    return value;
  case Step::term:
    result = term(value);
    break;
  case Step::linear:
    result = rebuildLinear(value.getDefiningOp(), term);
    break;
  case Step::stacked: {
    Block *body = cast<nn::ScanOp>(value.getDefiningOp()).getBlock();
    result = editor.output(body, rebuild(yielded(cast<OpResult>(value)), term));
    break;
  }
  case Step::accumulated:
    result = rebuildCarry(cast<OpResult>(value), term);
    break;
  }
  rebuilt[editor.current(value)] = result;
  return editor.current(result);
}

} // namespace nnc::prob
