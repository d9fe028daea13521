/// Scans that get more operands and results after they were built.
#include "dialects/nn/IR/ScanEdit.h"

#include "dialects/nn/IR/ShapeRules.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace nnc::nn {

ScanEditor::~ScanEditor() {
  for (ScanOp scan : retired)
    scan->erase();
}

BlockArgument ScanEditor::constant(Block *body, Value value) {
  auto scan = cast<ScanOp>(body->getParentOp());
  for (auto [argument, known] : llvm::zip_equal(scan.getConstantArguments(), scan.getConstants()))
    if (known == value)
      return argument;
  scan.getConstantsMutable().append(value);
  return body->addArgument(value.getType(), value.getLoc());
}

Value ScanEditor::inside(Value value, Block *block) {
  if (value.getParentBlock() == block)
    return value;
  return constant(block, inside(value, block->getParentOp()->getBlock()));
}

/// The same scan with one result more, of the given type at the given index.
ScanOp ScanEditor::rebuild(ScanOp scan, unsigned at, Type type) {
  SmallVector<Type> types(scan.getResultTypes());
  types.insert(types.begin() + at, type);
  OpBuilder builder(scan);
  auto next = ScanOp::create(builder, scan.getLoc(), types, scan.getLength(), scan.getBounds(),
                             scan.getInits(), scan.getInputs(), scan.getConstants(),
                             scan.getReverse(), scan.getUntil());
  next->setDiscardableAttrs(scan->getDiscardableAttrDictionary());
  next.getBody().takeBody(scan.getBody());
  for (auto [k, old] : llvm::enumerate(scan->getResults())) {
    Value now = next->getResult(k + (k >= at));
    old.replaceAllUsesWith(now);
    moved[old] = now;
    onMove(old, now);
  }
  retired.push_back(scan);
  return next;
}

ScanEditor::Carry ScanEditor::carry(Block *body, Value start,
                                    llvm::function_ref<Value(BlockArgument)> next) {
  auto scan = cast<ScanOp>(body->getParentOp());
  unsigned place = scan.getInits().size();
  BlockArgument argument = body->insertArgument(1 + place, start.getType(), start.getLoc());
  scan.getInitsMutable().append(start);
  body->getTerminator()->insertOperands(place, ValueRange(argument));
  scan = rebuild(scan, place, start.getType());
  Carry result{argument, scan->getResult(place)};
  Value value = next(argument);
  body->getTerminator()->setOperand(place, value);
  return result;
}

Value ScanEditor::output(Block *body, Value piece) {
  auto scan = cast<ScanOp>(body->getParentOp());
  unsigned place = scan->getNumResults();
  auto type = tensorOf(piece);
  SmallVector<int64_t> shape = {static_cast<int64_t>(scan.getLength())};
  llvm::append_range(shape, type.getShape());
  body->getTerminator()->insertOperands(place, piece);
  return rebuild(scan, place, withShape(type, shape))->getResult(place);
}

Value ScanEditor::current(Value value) const {
  for (auto found = moved.find(value); found != moved.end(); found = moved.find(value))
    value = found->second;
  return value;
}

} // namespace nnc::nn
