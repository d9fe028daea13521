/// Emits nn ops on tensors with named sizes. Operands have been checked: nothing here reports
/// errors.
#ifndef NNC_COMPILER_ELABORATE_TENSORBUILDER_H
#define NNC_COMPILER_ELABORATE_TENSORBUILDER_H

#include "compiler/Sema/Value.h"
#include "dialects/nn/IR/NN.h"
#include "mlir/IR/Builders.h"
#include <utility>

namespace nnc {

class TensorBuilder {
public:
  TensorBuilder(mlir::MLIRContext *context, bool real64);

  /// Where ops go; set while a function is built.
  mlir::OpBuilder *builder = nullptr;
  /// The source place of the ops.
  mlir::Location loc;

  mlir::Type elementType(Element element) const;
  mlir::RankedTensorType type(Element element, llvm::ArrayRef<Dim> dims) const;
  mlir::RankedTensorType type(const TensorType &type) const {
    return this->type(type.element, type.dims);
  }

  Tensor constant(double value, Element element, llvm::ArrayRef<Dim> dims = {});
  Tensor integer(int64_t value) { return constant(value, Element::I32); }
  /// A tensor constant in row-major order.
  Tensor constants(llvm::ArrayRef<double> values, Element element, llvm::ArrayRef<Dim> dims);
  Tensor iota(llvm::ArrayRef<Dim> dims, int64_t axis);

  Tensor cast(const Tensor &x, Element element);
  /// Axis k of x becomes axis axes[k]; also transposes where axes do not ascend.
  Tensor broadcast(const Tensor &x, llvm::ArrayRef<int64_t> axes, llvm::ArrayRef<Dim> dims);
  Tensor transpose(const Tensor &x, llvm::ArrayRef<int64_t> permutation);
  /// Axis `from` moves to place `to`.
  Tensor moveAxis(const Tensor &x, int64_t from, int64_t to);
  Tensor reshape(const Tensor &x, llvm::ArrayRef<Dim> dims);
  /// [offset, offset + stride * length) of an axis.
  Tensor slice(const Tensor &x, int64_t axis, int64_t offset, const Dim &length,
               int64_t stride = 1);
  Tensor reverse(const Tensor &x, int64_t axis);
  /// The piece at a compile-time place; the axis disappears.
  Tensor pick(const Tensor &x, int64_t axis, int64_t place);
  Tensor at(const Tensor &x, const Tensor &index, int64_t axis);
  Tensor gather(const Tensor &x, const Tensor &indices, int64_t axis);
  Tensor concat(llvm::ArrayRef<Tensor> parts, int64_t axis, const Dim &size);

  Tensor reduce(nn::Reduction kind, const Tensor &x, llvm::ArrayRef<int64_t> axes);
  /// sum of f32 (or, of bool and i32, i32) elements; mean is always f32.
  Tensor sum(const Tensor &x, llvm::ArrayRef<int64_t> axes);
  Tensor mean(const Tensor &x, llvm::ArrayRef<int64_t> axes);
  Tensor compare(nn::Comparison predicate, const Tensor &a, const Tensor &b);
  Tensor select(const Tensor &condition, const Tensor &a, const Tensor &b);
  /// Notes what is known of elements each of which is one of some part's: limits, a bound, words.
  static void keepCommon(Tensor &result, llvm::ArrayRef<Tensor> parts);

  template <typename Op> Tensor unary(const Tensor &x) {
    return like(x, Op::create(*builder, loc, x.value.getType(), x.value));
  }
  template <typename Op> Tensor binary(const Tensor &a, const Tensor &b) {
    return like(a, Op::create(*builder, loc, a.value.getType(), a.value, b.value));
  }
  Tensor add(const Tensor &a, const Tensor &b) { return binary<nn::AddOp>(a, b); }
  Tensor sub(const Tensor &a, const Tensor &b) { return binary<nn::SubOp>(a, b); }
  Tensor mul(const Tensor &a, const Tensor &b) { return binary<nn::MulOp>(a, b); }
  Tensor div(const Tensor &a, const Tensor &b) { return binary<nn::DivOp>(a, b); }

  /// Same type as x, nothing known about its elements.
  Tensor like(const Tensor &x, mlir::Value value) const;
  /// With another element type and sizes.
  Tensor make(Element element, llvm::ArrayRef<Dim> dims, mlir::Value value) const;

  /// Why a type could not be made since this was last asked: more elements than memory has. The
  /// type made instead is empty, and the caller reports an error.
  std::optional<std::string> takeRefusal() { return std::exchange(refusal, std::nullopt); }

  const bool real64;
  mlir::MLIRContext *const context;

private:
  mutable std::optional<std::string> refusal;
};

} // namespace nnc

#endif
