/// Short names for building nn ops, so that a derivative reads like its formula.
#ifndef NNC_DIALECTS_NN_BUILD_EMIT_H
#define NNC_DIALECTS_NN_BUILD_EMIT_H

#include "dialects/nn/IR/NN.h"

#include "mlir/IR/Builders.h"

namespace nnc::nn {

/// Builds nn ops at one place with one location; what folds is folded.
class Emit {
public:
  Emit(mlir::OpBuilder &builder, mlir::Location loc) : builder(builder), loc(loc) {}
  /// For the rule of `op`: locations say what they are the gradient of.
  static Emit gradientOf(mlir::OpBuilder &builder, mlir::Operation *op);

  template <typename Op, typename... Args> mlir::Value make(Args &&...args) {
    return builder.createOrFold<Op>(loc, std::forward<Args>(args)...);
  }
  mlir::Value add(mlir::Value a, mlir::Value b) { return make<AddOp>(a, b); }
  mlir::Value mul(mlir::Value a, mlir::Value b) { return make<MulOp>(a, b); }
  mlir::Value sub(mlir::Value a, mlir::Value b) { return make<SubOp>(a, b); }
  mlir::Value select(mlir::Value condition, mlir::Value a, mlir::Value b) {
    return make<SelectOp>(condition, a, b);
  }
  mlir::Value compare(Comparison predicate, mlir::Value a, mlir::Value b) {
    return make<CompareOp>(predicate, a, b);
  }

  /// A constant of one repeated number.
  mlir::Value constant(mlir::Type type, double number);
  mlir::Value zeros(mlir::Type type) { return constant(type, 0); }
  /// Each element's index along an axis, as i32.
  mlir::Value iota(llvm::ArrayRef<int64_t> shape, int64_t axis);
  mlir::Value cast(mlir::Value x, mlir::Type element);
  mlir::Value reshape(mlir::Value x, llvm::ArrayRef<int64_t> shape);
  mlir::Value transpose(mlir::Value x, llvm::ArrayRef<int64_t> permutation);
  /// Operand axis k becomes axis axes[k] of the shape.
  mlir::Value broadcast(mlir::Value x, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> axes);
  /// Puts axes back that a reduction removed.
  mlir::Value restoreAxes(mlir::Value x, llvm::ArrayRef<int64_t> shape,
                          llvm::ArrayRef<int64_t> removed);
  mlir::Value sum(mlir::Value x, llvm::ArrayRef<int64_t> axes);
  mlir::Value reduce(Reduction kind, mlir::Value x, llvm::ArrayRef<int64_t> axes);
  mlir::Value contract(mlir::Value a, llvm::ArrayRef<int64_t> aLabels, mlir::Value b,
                       llvm::ArrayRef<int64_t> bLabels, llvm::ArrayRef<int64_t> yLabels);
  mlir::Value slice(mlir::Value x, llvm::ArrayRef<int64_t> offsets, llvm::ArrayRef<int64_t> sizes,
                    llvm::ArrayRef<int64_t> strides = {});
  /// True where the index along `axis` of `shape` equals `index`, which lacks that axis.
  mlir::Value oneHot(mlir::Value index, llvm::ArrayRef<int64_t> shape, int64_t axis);

  mlir::OpBuilder &builder;
  mlir::Location loc;
};

/// A value in a formula.
struct Term {
  Emit *emit;
  mlir::Value value;
  operator mlir::Value() const { return value; }
  Term number(double x) const { return {emit, emit->constant(value.getType(), x)}; }
};

inline Term operator+(Term a, Term b) { return {a.emit, a.emit->add(a, b)}; }
inline Term operator-(Term a, Term b) { return {a.emit, a.emit->sub(a, b)}; }
inline Term operator*(Term a, Term b) { return {a.emit, a.emit->mul(a, b)}; }
inline Term operator/(Term a, Term b) { return {a.emit, a.emit->make<DivOp>(a.value, b.value)}; }
inline Term operator+(Term a, double b) { return a + a.number(b); }
inline Term operator-(Term a, double b) { return a - a.number(b); }
inline Term operator*(Term a, double b) { return a * a.number(b); }
inline Term operator+(double a, Term b) { return b.number(a) + b; }
inline Term operator-(double a, Term b) { return b.number(a) - b; }
inline Term operator*(double a, Term b) { return b.number(a) * b; }
inline Term operator/(double a, Term b) { return b.number(a) / b; }
inline Term operator-(Term a) { return {a.emit, a.emit->make<NegOp>(a.value)}; }
/// Applies a unary op: `apply<ExpOp>(x)`.
template <typename Op> Term apply(Term x) { return {x.emit, x.emit->make<Op>(x.value)}; }
/// a where the comparison of x and y holds, 0 elsewhere.
inline Term where(Comparison predicate, Term x, Term y, Term a) {
  return {a.emit,
          a.emit->select(a.emit->compare(predicate, x, y), a, a.emit->zeros(a.value.getType()))};
}

} // namespace nnc::nn

#endif
