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

mlir::Value FunctionContext::findArgument(llvm::StringRef kind, llvm::StringRef name) const {
  for (const Slot &slot : arguments)
    if (slot.kind == kind && slot.name == name)
      return slot.value;
  return {};
}

mlir::Value FunctionContext::argument(llvm::StringRef kind, llvm::StringRef name,
                                      RankedTensorType type, Variable *variable) {
  if (mlir::Value known = findArgument(kind, name))
    return known;
  mlir::Value value = entry()->addArgument(type, function.getLoc());
  arguments.push_back({kind.str(), name.str(), value, variable});
  return value;
}

mlir::Value FunctionContext::seed() {
  return argument("seed", "", RankedTensorType::get({}, builder.getI64Type()));
}

mlir::Value FunctionContext::step() {
  return argument("step", "", RankedTensorType::get({}, builder.getI64Type()));
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

void FunctionContext::result(llvm::StringRef kind, llvm::StringRef name, mlir::Value value) {
  results.push_back({kind.str(), name.str(), value, nullptr});
}

static DictionaryAttr describe(OpBuilder &builder, const FunctionContext::Slot &slot) {
  return builder.getDictionaryAttr(
      {builder.getNamedAttr("learn.kind", builder.getStringAttr(slot.kind)),
       builder.getNamedAttr("learn.name", builder.getStringAttr(slot.name))});
}

func::FuncOp FunctionContext::finish() {
  builder.setInsertionPointToEnd(entry());
  SmallVector<mlir::Value> values;
  SmallVector<Attribute> argumentAttrs, resultAttrs;
  for (const Slot &slot : results) {
    values.push_back(slot.value);
    resultAttrs.push_back(describe(builder, slot));
  }
  for (const Slot &slot : arguments)
    argumentAttrs.push_back(describe(builder, slot));
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
