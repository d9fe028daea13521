/// The interface of ops that reverse-mode differentiation can pass through.
#ifndef NNC_DIALECTS_NN_INTERFACES_DIFFERENTIABLE_H
#define NNC_DIALECTS_NN_INTERFACES_DIFFERENTIABLE_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpDefinition.h"

#include "dialects/nn/Interfaces/Differentiable.h.inc"

#endif
