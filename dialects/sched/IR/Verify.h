/// What the verifiers of the schedule's ops share.
#ifndef NNC_DIALECTS_SCHED_IR_VERIFY_H
#define NNC_DIALECTS_SCHED_IR_VERIFY_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"

namespace nnc::sched {

/// Checks that a region's block takes the given arguments and ends with a yield of the given types.
mlir::LogicalResult checkBlock(mlir::Operation *op, mlir::Block &block,
                               llvm::ArrayRef<mlir::Type> arguments,
                               llvm::ArrayRef<mlir::Type> yields);

/// The tensor that a kernel's region sees for a tensor or for its memory.
inline mlir::Type tensorType(mlir::Type type) {
  if (auto memory = mlir::dyn_cast<mlir::MemRefType>(type))
    return mlir::RankedTensorType::get(memory.getShape(), memory.getElementType());
  return type;
}

inline bool isOnMemory(mlir::TypeRange types) {
  return llvm::any_of(types, llvm::IsaPred<mlir::MemRefType>);
}
inline bool isOnTensors(mlir::TypeRange types) {
  return llvm::any_of(types, llvm::IsaPred<mlir::RankedTensorType>);
}

} // namespace nnc::sched

#endif
