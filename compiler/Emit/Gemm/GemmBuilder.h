/// Index arithmetic, loops and register shuffles of the contraction emitters, folded while they are
/// built.
#ifndef NNC_COMPILER_EMIT_GEMM_GEMMBUILDER_H
#define NNC_COMPILER_EMIT_GEMM_GEMMBUILDER_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

namespace nnc {

/// A stretch of lanes that one vector access covers.
struct LanePiece {
  int64_t offset;
  int64_t lanes;
};

/// Builds scf, arith and vector ops for one element type. Constants fold at once, so that a loop of
/// one turn or an addition of zero leaves no op behind.
class GemmBuilder {
public:
  GemmBuilder(mlir::OpBuilder &builder, mlir::Location loc, mlir::Type element, int64_t width)
      : builder(builder), loc(loc), element(element), width(width) {}

  mlir::OpBuilder &builder;
  mlir::Location loc;
  mlir::Type element;
  /// Lanes of a native vector.
  int64_t width;

  mlir::Value index(int64_t value);
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value add(mlir::Value a, int64_t b);
  mlir::Value subtract(mlir::Value a, mlir::Value b);
  mlir::Value multiply(mlir::Value a, int64_t b);
  mlir::Value divide(mlir::Value a, int64_t b);
  mlir::Value divideUp(mlir::Value a, int64_t b);
  mlir::Value remainder(mlir::Value a, int64_t b);
  mlir::Value minimum(mlir::Value a, mlir::Value b);
  mlir::Value maximum(mlir::Value a, mlir::Value b);
  mlir::Value equal(mlir::Value a, mlir::Value b);
  mlir::Value negate(mlir::Value condition);
  mlir::Value both(mlir::Value a, mlir::Value b);
  /// `value` where the condition holds (a null condition always holds), else 0.
  mlir::Value select(mlir::Value condition, int64_t value);

  using Body = llvm::function_ref<void(mlir::Value)>;
  using CarriedBody =
      llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value, mlir::ValueRange)>;
  /// for i in 0, step, .. below count.
  void loop(mlir::Value count, int64_t step, Body body);
  void loop(int64_t count, int64_t step, Body body) { loop(index(count), step, body); }
  /// The same with carried values.
  llvm::SmallVector<mlir::Value> loop(mlir::Value count, int64_t step, mlir::ValueRange inits,
                                      CarriedBody body);
  /// Runs body where the condition holds; a null condition always holds.
  void when(mlir::Value condition, llvm::function_ref<void()> body);
  /// Values of body where the condition holds, `otherwise` elsewhere; a null condition always
  /// holds.
  llvm::SmallVector<mlir::Value> choose(mlir::Value condition, mlir::ValueRange otherwise,
                                        llvm::function_ref<llvm::SmallVector<mlir::Value>()> body);

  mlir::VectorType vectorType(int64_t lanes) const {
    return mlir::VectorType::get({lanes}, element);
  }
  mlir::Value zero(int64_t lanes);
  /// buffer[at, at + lanes) of a one-dimensional buffer; a scalar if lanes is 1.
  mlir::Value load(mlir::Value buffer, mlir::Value at, int64_t lanes);
  void store(mlir::Value value, mlir::Value buffer, mlir::Value at);
  mlir::Value broadcast(mlir::Value scalar, int64_t lanes);
  mlir::Value addFloats(mlir::Value a, mlir::Value b);
  /// a * b + c, in one rounding where the processor can.
  mlir::Value fma(mlir::Value a, mlir::Value b, mlir::Value c);
  bool hasFma = true;
  /// Lanes [offset, offset + lanes) of a vector; a scalar if lanes is 1.
  mlir::Value extract(mlir::Value vector, LanePiece piece);
  mlir::Value insert(mlir::Value part, mlir::Value vector, LanePiece piece);
  /// A native vector of which `lanes` lanes come from `part`, called with power-of-two pieces, the
  /// others are zero.
  mlir::Value gatherPieces(int64_t lanes, llvm::function_ref<mlir::Value(LanePiece)> part);

  /// Turns `width` vectors, the rows of a square, into its columns.
  llvm::SmallVector<mlir::Value> transpose(llvm::ArrayRef<mlir::Value> rows);

  /// n lanes as pieces of the native width and smaller powers of two, without overlap.
  llvm::SmallVector<LanePiece> pieces(int64_t n) const;
  /// n lanes as the fewest power-of-two pieces, the last one overlapping its neighbour.
  llvm::SmallVector<LanePiece> overlappingPieces(int64_t n) const;

private:
  mlir::Value shuffle(mlir::Value a, mlir::Value b, llvm::ArrayRef<int64_t> mask);
  llvm::SmallVector<mlir::Value> transposeWithinLanes(llvm::ArrayRef<mlir::Value> rows);
  llvm::SmallVector<mlir::Value> transposeLanes(llvm::ArrayRef<mlir::Value> rows);
};

/// The value of a constant index.
std::optional<int64_t> constantIndex(mlir::Value value);

} // namespace nnc

#endif
