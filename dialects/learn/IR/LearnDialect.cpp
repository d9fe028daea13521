/// The learn dialect: registration, what it checks on functions, and gradients.
#include "dialects/learn/IR/Learn.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

#include "dialects/learn/IR/LearnDialect.cpp.inc"
#include "dialects/learn/IR/LearnEnums.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/learn/IR/LearnTypes.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/learn/IR/LearnAttributes.cpp.inc"

namespace nnc::learn {

void LearnDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/learn/IR/LearnTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/learn/IR/LearnAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/learn/IR/LearnOps.cpp.inc"
      >();
}

LogicalResult LearnDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  if (attribute.getName() == "learn.training" && !isa<BoolAttr, UnitAttr>(attribute.getValue()))
    return op->emitOpError("learn.training is a boolean");
  return success();
}

LogicalResult LearnDialect::verifyRegionArgAttribute(Operation *op, unsigned, unsigned,
                                                     NamedAttribute attribute) {
  return checkBinding(op, attribute);
}

LogicalResult LearnDialect::verifyRegionResultAttribute(Operation *op, unsigned, unsigned,
                                                        NamedAttribute attribute) {
  return checkBinding(op, attribute);
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
