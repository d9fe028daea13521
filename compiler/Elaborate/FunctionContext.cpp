/// One func.func while it is built.
#include "compiler/Elaborate/FunctionContext.h"
#include "dialects/nn/IR/NN.h"

using namespace mlir;

namespace nnc {

FunctionContext::FunctionContext(ModuleOp module, llvm::StringRef name, Location loc)
    : builder(module.getContext()) {
  builder.setInsertionPointToEnd(module.getBody());
  function = func::FuncOp::create(builder, loc, name, builder.getFunctionType({}, {}));
  Block *block = function.addEntryBlock();
  builder.setInsertionPointToStart(block);
}

Block *FunctionContext::entry() { return &function.getBody().front(); }

mlir::Value FunctionContext::findArgument(learn::ArgKind kind, llvm::StringRef name) const {
  for (const Slot &slot : arguments)
    if (slot.kind == kind && slot.name == name)
      return slot.value;
  return {};
}

mlir::Value FunctionContext::argument(learn::ArgKind kind, llvm::StringRef name,
                                      RankedTensorType type, Variable *variable) {
  if (mlir::Value known = findArgument(kind, name))
    return known;
  mlir::Value value = entry()->addArgument(type, function.getLoc());
  arguments.push_back({kind, name.str(), value, variable});
  return value;
}

mlir::Value FunctionContext::seed() {
  return argument(learn::ArgKind::seed, "", RankedTensorType::get({}, builder.getI64Type()));
}

mlir::Value FunctionContext::step() {
  return argument(learn::ArgKind::step, "", RankedTensorType::get({}, builder.getI64Type()));
}

mlir::Value FunctionContext::prologue(llvm::function_ref<mlir::Value()> build) {
  OpBuilder::InsertionGuard guard(builder);
  if (lastOfPrologue)
    builder.setInsertionPointAfter(lastOfPrologue);
  else
    builder.setInsertionPointToStart(entry());
  mlir::Value value = build();
  // Whatever stands before the insertion point now belongs to the prologue.
  Block::iterator point = builder.getInsertionPoint();
  if (builder.getInsertionBlock() == entry() && point != entry()->begin())
    lastOfPrologue = &*std::prev(point);
  return value;
}

mlir::Value FunctionContext::iteration() {
  if (currentIteration)
    return currentIteration;
  return prologue([&] {
    auto type = RankedTensorType::get({}, builder.getI32Type());
    return mlir::Value(nn::ConstantOp::create(
        builder, function.getLoc(), DenseElementsAttr::get(type, builder.getI32IntegerAttr(0))));
  });
}

void FunctionContext::result(learn::ArgKind kind, llvm::StringRef name, mlir::Value value) {
  results.push_back({kind, name.str(), value, nullptr});
}

func::FuncOp FunctionContext::finish() {
  builder.setInsertionPointToEnd(entry());
  SmallVector<mlir::Value> values;
  SmallVector<Attribute> argumentAttrs, resultAttrs;
  for (const Slot &slot : results) {
    values.push_back(slot.value);
    resultAttrs.push_back(learn::bindingAttributes(builder.getContext(), slot.kind, slot.name));
  }
  for (const Slot &slot : arguments)
    argumentAttrs.push_back(learn::bindingAttributes(builder.getContext(), slot.kind, slot.name));
  func::ReturnOp::create(builder, function.getLoc(), values);
  function.setFunctionType(
      builder.getFunctionType(entry()->getArgumentTypes(), ValueRange(values).getTypes()));
  if (!argumentAttrs.empty())
    function.setArgAttrsAttr(builder.getArrayAttr(argumentAttrs));
  if (!resultAttrs.empty())
    function.setResAttrsAttr(builder.getArrayAttr(resultAttrs));
  return function;
}

void FunctionContext::discard() {
  function.erase();
  function = {};
}

} // namespace nnc
