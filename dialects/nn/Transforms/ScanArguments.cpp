/// Adds and removes inputs, carried values and results of a scan.
#include "dialects/nn/Transforms/ScanArguments.h"
#include "dialects/nn/IR/ShapeRules.h"

using namespace mlir;

namespace nnc::nn {

BlockArgument addInput(ScanOp scan, Value stacked) {
  unsigned position = 1 + scan.getInits().size() + scan.getInputs().size();
  auto type = tensorOf(stacked);
  scan.getInputsMutable().append(stacked);
  return scan.getBlock()->insertArgument(position, withShape(type, type.getShape().drop_front()),
                                         stacked.getLoc());
}

BlockArgument addConstant(ScanOp scan, Value value) {
  scan.getConstantsMutable().append(value);
  return scan.getBlock()->addArgument(value.getType(), value.getLoc());
}

void eraseUnread(ScanOp scan) {
  unsigned first = 1 + scan.getInits().size();
  for (unsigned k = scan.getBlock()->getNumArguments(); k-- > first;) {
    if (!scan.getBlock()->getArgument(k).use_empty())
      continue;
    unsigned input = k - first, inputs = scan.getInputs().size();
    if (input < inputs)
      scan.getInputsMutable().erase(input);
    else
      scan.getConstantsMutable().erase(input - inputs);
    scan.getBlock()->eraseArgument(k);
  }
}

} // namespace nnc::nn
