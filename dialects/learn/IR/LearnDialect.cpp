/// The learn dialect: registration and checks.
#include "dialects/learn/IR/Learn.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;

#include "dialects/learn/IR/LearnDialect.cpp.inc"
#include "dialects/learn/IR/LearnEnums.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/learn/IR/LearnOps.cpp.inc"

namespace nnc::learn {

void LearnDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/learn/IR/LearnOps.cpp.inc"
      >();
}

LogicalResult LearnDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  if (attribute.getName() == "learn.training" && !isa<BoolAttr, UnitAttr>(attribute.getValue()))
    return op->emitOpError("learn.training is a truth value");
  return success();
}

/// Checks the type of `learn.kind` and `learn.name` on an argument or result.
static LogicalResult checkInterfaceAttribute(Operation *op, NamedAttribute attribute) {
  StringRef name = attribute.getName();
  if ((name == "learn.kind" || name == "learn.name") && !isa<StringAttr>(attribute.getValue()))
    return op->emitOpError() << name << " is a text";
  return success();
}

LogicalResult LearnDialect::verifyRegionArgAttribute(Operation *op, unsigned, unsigned,
                                                     NamedAttribute attribute) {
  return checkInterfaceAttribute(op, attribute);
}

LogicalResult LearnDialect::verifyRegionResultAttribute(Operation *op, unsigned, unsigned,
                                                        NamedAttribute attribute) {
  return checkInterfaceAttribute(op, attribute);
}

LogicalResult GradientOp::verify() {
  if (nn::tensorOf(getLoss()).getRank() != 0)
    return emitOpError("differentiates a scalar, but the operand is ") << getLoss().getType();
  if (!llvm::equal(getOf().getTypes(), getResultTypes()))
    return emitOpError("each gradient has the type of the value that it belongs to");
  for (Value value : getOf())
    if (value.getParentBlock() != getOperation()->getBlock())
      return emitOpError("the value must be defined in the block of the gradient");
  return success();
}

} // namespace nnc::learn
