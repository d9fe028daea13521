/// Registration of the sched dialect.
#include "dialects/sched/IR/Sched.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"

using namespace mlir;

#include "dialects/sched/IR/SchedDialect.cpp.inc"
#include "dialects/sched/IR/SchedEnums.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/sched/IR/SchedOps.cpp.inc"

void nnc::sched::SchedDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/sched/IR/SchedOps.cpp.inc"
      >();
}
