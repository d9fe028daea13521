/// The learn dialect.
#ifndef NNC_DIALECTS_LEARN_IR_LEARN_H
#define NNC_DIALECTS_LEARN_IR_LEARN_H

#include "dialects/nn/IR/NN.h"
#include "mlir/IR/SymbolTable.h"

#include "dialects/learn/IR/LearnDialect.h.inc"
#include "dialects/learn/IR/LearnEnums.h.inc"
#define GET_OP_CLASSES
#include "dialects/learn/IR/LearnOps.h.inc"

#endif
