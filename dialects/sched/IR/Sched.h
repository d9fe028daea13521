/// The sched dialect: kernels, the control between them, launches.
#ifndef NNC_DIALECTS_SCHED_IR_SCHED_H
#define NNC_DIALECTS_SCHED_IR_SCHED_H

#include "dialects/nn/IR/NN.h"
#include "mlir/Dialect/LLVMIR/LLVMTypes.h"
#include "mlir/IR/SymbolTable.h"

#include "dialects/sched/IR/SchedDialect.h.inc"
#include "dialects/sched/IR/SchedEnums.h.inc"
#define GET_OP_CLASSES
#include "dialects/sched/IR/SchedOps.h.inc"

#endif
