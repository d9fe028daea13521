/// The prob dialect.
#ifndef NNC_DIALECTS_PROB_IR_PROB_H
#define NNC_DIALECTS_PROB_IR_PROB_H

#include "dialects/nn/IR/NN.h"
#include "mlir/IR/SymbolTable.h"

#include "dialects/prob/IR/ProbDialect.h.inc"
#include "dialects/prob/IR/ProbEnums.h.inc"
#define GET_OP_CLASSES
#include "dialects/prob/IR/ProbOps.h.inc"

namespace nnc::prob {
/// The family itself of one that is given by probabilities.
Family baseFamily(Family family);
/// The outcomes of a row that `enumerate` goes through at most.
constexpr int64_t maxOutcomes = 64;
/// Whether the divergence from `q` to `p` has a closed form (if their events have one shape).
bool hasDivergence(Family q, Family p);
} // namespace nnc::prob

#endif
