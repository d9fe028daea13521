/// Elementary functions on f32 and f64, scalars and vectors of any width, as straight-line
/// arithmetic. For f64 each lane calls libm: that form checks gradients and must be accurate first.
#ifndef NNC_COMPILER_EMIT_ELEMENT_VECTORMATH_H
#define NNC_COMPILER_EMIT_ELEMENT_VECTORMATH_H

#include "mlir/IR/Builders.h"

namespace nnc {

/// Writes elementary functions at a builder; x is f32, f64 or a vector of either.
class VectorMath {
public:
  VectorMath(mlir::OpBuilder &builder, mlir::Location loc) : b(builder), loc(loc) {}

  mlir::Value exp(mlir::Value x);   ///< <= 2 ulp; 0 below -103.98, infinity above 88.72
  mlir::Value expm1(mlir::Value x); ///< no cancellation near 0
  mlir::Value log(mlir::Value x);
  mlir::Value log1p(mlir::Value x);
  mlir::Value log2(mlir::Value x); ///< rounded once from f64
  mlir::Value sinh(mlir::Value x);
  mlir::Value cosh(mlir::Value x);
  mlir::Value tanh(mlir::Value x);
  mlir::Value atan(mlir::Value x);
  mlir::Value erf(mlir::Value x);
  mlir::Value sin(mlir::Value x); ///< of any size
  mlir::Value cos(mlir::Value x);
  /// Of an angle in [0, 2 pi]: cheaper, and not accurate where it is almost 0.
  mlir::Value sinOfTurn(mlir::Value x) { return isF64(x) ? sin(x) : sinOfAngle(x, 0); }
  mlir::Value cosOfTurn(mlir::Value x) { return isF64(x) ? cos(x) : sinOfAngle(x, 1); }
  mlir::Value sigmoid(mlir::Value x);
  mlir::Value softplus(mlir::Value x);
  mlir::Value pow(mlir::Value x, mlir::Value y); ///< as C's, also for infinities and NaN
  mlir::Value sqrt(mlir::Value x);
  mlir::Value rsqrt(mlir::Value x) { return div(c(x, 1), sqrt(x)); }
  mlir::Value floor(mlir::Value x);
  mlir::Value roundEven(mlir::Value x); ///< to the nearest whole number, halves to the even one
  mlir::Value abs(mlir::Value x);
  mlir::Value fma(mlir::Value x, mlir::Value y, mlir::Value z);

private:
  mlir::Value c(mlir::Value like, double value);
  mlir::Value ci(mlir::Value like, int64_t value);
  mlir::Value add(mlir::Value x, mlir::Value y);
  mlir::Value sub(mlir::Value x, mlir::Value y);
  mlir::Value mul(mlir::Value x, mlir::Value y);
  mlir::Value div(mlir::Value x, mlir::Value y);
  mlir::Value less(mlir::Value x, mlir::Value y);
  mlir::Value select(mlir::Value condition, mlir::Value x, mlir::Value y);
  mlir::Value copySign(mlir::Value magnitude, mlir::Value sign);
  mlir::Value polynomial(mlir::Value x, llvm::ArrayRef<double> highestFirst);
  mlir::Value round(mlir::Value x);
  mlir::Value toInt(mlir::Value x);
  mlir::Value asInt(mlir::Value x);
  mlir::Value asFloat(mlir::Value x);
  mlir::Value expTimes(mlir::Value x, int64_t powerOfTwo);
  mlir::Value scaleByPowerOfTwo(mlir::Value x, mlir::Value n);
  std::pair<mlir::Value, mlir::Value> splitMantissa(mlir::Value x);
  mlir::Value chooseQuadrant(mlir::Value quadrant, mlir::Value sine, mlir::Value cosine);
  mlir::Value sinOfAngle(mlir::Value x, int64_t quadrants);
  mlir::Value sinOrCos(mlir::Value x, int64_t quadrants);
  mlir::Value whereAny(mlir::Value condition, mlir::Value x, mlir::Value otherwise,
                       llvm::StringRef function);
  mlir::Value wideLog2(mlir::Value size);
  mlir::Value wideExp2(mlir::Value t);
  mlir::Value isEqual(mlir::Value x, double y);
  mlir::Value widened(mlir::Value x);                    ///< in f64
  mlir::Value narrowed(mlir::Value x, mlir::Value like); ///< in the type of `like`
  bool isF64(mlir::Value x);
  mlir::Value callLibm(llvm::StringRef name, mlir::ValueRange arguments);

  mlir::OpBuilder &b;
  mlir::Location loc;
};

} // namespace nnc

#endif
