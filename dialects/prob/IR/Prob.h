/// The prob dialect.
#ifndef NNC_DIALECTS_PROB_IR_PROB_H
#define NNC_DIALECTS_PROB_IR_PROB_H

#include "dialects/nn/IR/NN.h"
#include "dialects/prob/Families/Families.h"
#include "mlir/IR/SymbolTable.h"

namespace nnc::prob {
/// Whether an attribute is the number of a row of families.def.
bool isFamily(mlir::Attribute attribute);

/// Batch axes stand first in all parameters and values: an axis that the result has is one.
template <typename Op> struct BatchAxesFirst : mlir::OpTrait::TraitBase<Op, BatchAxesFirst> {
  std::optional<int64_t> followAxis(unsigned, unsigned result, int64_t axis) {
    mlir::Value value = this->getOperation()->getResult(result);
    return axis < nn::tensorOf(value).getRank() ? std::optional(axis) : std::nullopt;
  }
};
} // namespace nnc::prob

#include "dialects/prob/IR/ProbDialect.h.inc"
#include "dialects/prob/IR/ProbEnums.h.inc"
#define GET_OP_CLASSES
#include "dialects/prob/IR/ProbOps.h.inc"

namespace nnc::prob {
/// The outcomes of a row that `enumerate` goes through at most.
constexpr int64_t maxOutcomes = 64;
} // namespace nnc::prob

#endif
