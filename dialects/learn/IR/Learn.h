/// The learn dialect.
#ifndef NNC_DIALECTS_LEARN_IR_LEARN_H
#define NNC_DIALECTS_LEARN_IR_LEARN_H

#include "dialects/learn/IR/Interface.h"
#include "dialects/nn/IR/NN.h"
#include "mlir/IR/SymbolTable.h"

namespace nnc::learn {
/// Text, a boolean, an i64 or a finite f64: what a user could type.
bool isScalar(mlir::Attribute attribute);
/// Whether the command line would take the scalar for a flag of that type: of indices with their
/// bound, of words as text.
bool fitsFlag(mlir::Attribute scalar, mlir::RankedTensorType type, std::optional<int64_t> bound,
              bool isText);
} // namespace nnc::learn

#include "dialects/learn/IR/LearnDialect.h.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/learn/IR/LearnTypes.h.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/learn/IR/LearnAttributes.h.inc"
#define GET_OP_CLASSES
#include "dialects/learn/IR/LearnOps.h.inc"

namespace nnc::learn {
/// The argument of a field's function that reads a part of the row.
llvm::StringRef argumentOf(InputAttr input);
} // namespace nnc::learn

#endif
