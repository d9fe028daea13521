/// Implementations of the interfaces that many ops share; an op names one in its definition.
#ifndef NNC_DIALECTS_NN_INTERFACES_TRAITS_H
#define NNC_DIALECTS_NN_INTERFACES_TRAITS_H

#include "dialects/nn/Interfaces/Interfaces.h"

namespace nnc::nn {

/// A cost that is the op's own.
template <Cost cost> struct CostIs {
  template <typename Op> struct Impl : mlir::OpTrait::TraitBase<Op, Impl> {
    Cost getCost() { return cost; }
  };
};

/// A slope that is the op's own.
template <Slope slope> struct SlopeIs {
  template <typename Op> struct Impl : mlir::OpTrait::TraitBase<Op, Impl> {
    Slope getSlope() { return slope; }
  };
};

/// The elements of a value.
inline int64_t countElements(mlir::Value value) {
  return mlir::cast<mlir::ShapedType>(value.getType()).getNumElements();
}

template <typename Op> struct NoOperations : mlir::OpTrait::TraitBase<Op, NoOperations> {
  int64_t countOperations() { return 0; }
};
template <typename Op>
struct OperationPerResult : mlir::OpTrait::TraitBase<Op, OperationPerResult> {
  int64_t countOperations() { return countElements(this->getOperation()->getResult(0)); }
};
template <typename Op>
struct OperationPerOperand : mlir::OpTrait::TraitBase<Op, OperationPerOperand> {
  int64_t countOperations() { return countElements(this->getOperation()->getOperand(0)); }
};

template <unsigned count> struct ReadsMatrices {
  template <typename Op> struct Impl : mlir::OpTrait::TraitBase<Op, Impl> {
    unsigned countMatrices() { return count; }
  };
};

/// Each result element depends on the operands' elements at the same index only.
template <typename Op> struct ElementwiseMap : mlir::OpTrait::TraitBase<Op, ElementwiseMap> {
  std::optional<int64_t> followAxis(unsigned, unsigned, int64_t axis) { return axis; }
  llvm::SmallVector<mlir::Value> batch(Batch &batch) {
    return {batch.cloneStacked(this->getOperation())->getResult(0)};
  }
};

/// Elements meet along `axis`, which the results have too.
template <typename Op> struct AlongAxis : mlir::OpTrait::TraitBase<Op, AlongAxis> {
  std::optional<int64_t> followAxis(unsigned, unsigned, int64_t axis) {
    int64_t along = mlir::cast<Op>(this->getOperation()).getAxis();
    return axis == along ? std::nullopt : std::optional(axis);
  }
  llvm::SmallVector<mlir::Value> batch(Batch &batch) {
    auto copy = mlir::cast<Op>(batch.cloneStacked(this->getOperation()));
    copy.setAxis(copy.getAxis() + 1);
    return llvm::to_vector_of<mlir::Value>(copy->getResults());
  }
};

/// Elements meet along `axis`, which disappears.
template <typename Op> struct OverAxis : mlir::OpTrait::TraitBase<Op, OverAxis> {
  std::optional<int64_t> followAxis(unsigned, unsigned, int64_t axis) {
    int64_t along = mlir::cast<Op>(this->getOperation()).getAxis();
    return axis == along ? std::nullopt : std::optional(axis - (axis > along));
  }
  llvm::SmallVector<mlir::Value> batch(Batch &batch) {
    auto copy = mlir::cast<Op>(batch.cloneStacked(this->getOperation()));
    copy.setAxis(copy.getAxis() + 1);
    return llvm::to_vector_of<mlir::Value>(copy->getResults());
  }
};

/// Elements meet along the first operand's last axis.
template <typename Op> struct AlongLastAxis : mlir::OpTrait::TraitBase<Op, AlongLastAxis> {
  std::optional<int64_t> followAxis(unsigned, unsigned, int64_t axis) {
    auto type = mlir::cast<mlir::ShapedType>(this->getOperation()->getOperand(0).getType());
    return axis == type.getRank() - 1 ? std::nullopt : std::optional(axis);
  }
  llvm::SmallVector<mlir::Value> batch(Batch &batch) {
    mlir::Operation *copy = batch.cloneStacked(this->getOperation());
    return llvm::to_vector_of<mlir::Value>(copy->getResults());
  }
};

/// Linear in all operands together.
template <typename Op> struct LinearInAll : mlir::OpTrait::TraitBase<Op, LinearInAll> {
  bool isLinearIn(llvm::ArrayRef<bool>) { return true; }
};
/// Linear in each operand while the others are fixed.
template <typename Op> struct LinearInEach : mlir::OpTrait::TraitBase<Op, LinearInEach> {
  bool isLinearIn(llvm::ArrayRef<bool> varies) { return llvm::count(varies, true) <= 1; }
};
/// Linear in these operands together while the others are fixed.
template <unsigned... operands> struct LinearInOnly {
  template <typename Op> struct Impl : mlir::OpTrait::TraitBase<Op, Impl> {
    bool isLinearIn(llvm::ArrayRef<bool> varies) {
      for (auto [k, isVaried] : llvm::enumerate(varies))
        if (isVaried && ((k != operands) && ...))
          return false;
      return true;
    }
  };
};
template <typename Op> struct NotLinear : mlir::OpTrait::TraitBase<Op, NotLinear> {
  bool isLinearIn(llvm::ArrayRef<bool> varies) { return !llvm::is_contained(varies, true); }
};

} // namespace nnc::nn

#endif
