/// What the attention emitters build with: vector arithmetic, packing, register tiles.
#ifndef NNC_COMPILER_EMIT_ATTENTION_ATTENTIONBUILDER_H
#define NNC_COMPILER_EMIT_ATTENTION_ATTENTIONBUILDER_H

#include "compiler/Emit/Attention/Attention.h"
#include "compiler/Emit/Gemm/GemmBuilder.h"

namespace nnc {

/// log2(e): scores are kept in units of log 2, so that a weight is one exp2.
inline constexpr double kLog2e = 1.4426950408889634;
/// Where the running maximum of a row starts: finite, so that a row that sees no key gives
/// exp2(-inf - kLowest) = 0 and not a NaN.
inline constexpr double kLowest = -1e30;

/// GemmBuilder and the arithmetic of a softmax.
class AttentionBuilder : public GemmBuilder {
public:
  AttentionBuilder(const AttentionSite &site, mlir::FloatType element);

  const Target &target;
  std::function<mlir::Value(int64_t)> scratch;

  mlir::Value maximum(mlir::Value a, mlir::Value b); ///< of two indices
  mlir::Value roundUp(mlir::Value a, int64_t multiple) {
    return multiply(divideUp(a, multiple), multiple);
  }
  mlir::Value roundDown(mlir::Value a, int64_t multiple) {
    return multiply(divide(a, multiple), multiple);
  }
  using GemmBuilder::loop;
  /// for i in first, first + step, .. below last.
  void range(mlir::Value first, mlir::Value last, int64_t step, Body body);
  llvm::SmallVector<mlir::Value> range(mlir::Value first, mlir::Value last, int64_t step,
                                       mlir::ValueRange inits, CarriedBody body);

  /// The constant in every lane; a scalar if lanes is 1. So are all that follow.
  mlir::Value splat(double value, int64_t lanes);
  mlir::Value add2(mlir::Value a, mlir::Value b) { return addFloats(a, b); }
  mlir::Value sub(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, mlir::Value b);
  /// a > b ? a : b, one instruction; b where either is NaN.
  mlir::Value larger(mlir::Value a, mlir::Value b);
  mlir::Value select(mlir::Value truth, mlir::Value a, mlir::Value b);
  mlir::Value fused(mlir::Value a, mlir::Value b, mlir::Value c); ///< a * b + c
  /// 2^x for x <= 0 (a little above is fine): 0 below the normal numbers, NaN for NaN.
  mlir::Value exp2(mlir::Value x);
  /// Largest or sum of the lanes.
  mlir::Value reduceMax(mlir::Value vector);
  mlir::Value reduceSum(mlir::Value vector);
  /// Truth in the lanes below `count` (an index, may exceed the width).
  mlir::Value lanesBelow(mlir::Value count);
};

/// Rows of an operand for one head. Loads and stores whole vectors of features, exact at the end.
class AttentionRows {
public:
  AttentionRows(AttentionBuilder &builder, const AttentionOperand &operand,
                llvm::ArrayRef<mlir::Value> group, int64_t features);

  int64_t features;
  int64_t vectors() const { return (features + c.width - 1) / c.width; }
  /// False of a result that nobody asks for.
  bool exists() const { return memref || read; }
  /// Features [f, f + lanes) of a row, lanes <= width: a whole vector, zero behind them.
  mlir::Value load(mlir::Value row, mlir::Value f, int64_t lanes);
  /// Vector v of a row.
  mlir::Value loadVector(mlir::Value row, int64_t v);
  void storeVector(mlir::Value row, int64_t v, mlir::Value vector);
  /// Of an operand [G.., rows].
  mlir::Value loadScalar(mlir::Value row);
  void storeScalar(mlir::Value row, mlir::Value value);
  /// Neighbouring rows lie next to each other, and features do not.
  bool isTransposed() const { return !read && rowStride == 1 && featureStride != 1; }
  /// Rows [row, row + lanes) of one feature, of a transposed operand.
  mlir::Value loadColumn(mlir::Value row, mlir::Value f, int64_t lanes);

private:
  mlir::Value address(mlir::Value row, mlir::Value f);

  AttentionBuilder &c;
  mlir::Value memref, base;
  int64_t rowStride = 0, featureStride = 0;
  llvm::SmallVector<mlir::Value> group;
  AttentionReader read;
};

/// A matrix cut into column panels of some vectors each, [panel][rows][vectors of the panel]: what
/// a register tile reads as its right operand.
struct ColumnPanels {
  mlir::Value memref;
  llvm::SmallVector<int64_t> vectors; ///< of each panel
  int64_t rows;                       ///< capacity
};

/// Copies rows [first, first + count) of the source to rows 0.. of the panels, times a factor.
void packRows(AttentionBuilder &c, AttentionRows &source, mlir::Value first, mlir::Value count,
              const ColumnPanels &to, double factor = 1);

/// Keys turned into columns: [panel][features][keys of the panel], the last panel narrower.
struct KeyPanels {
  mlir::Value memref;
  int64_t keys, features;
  int64_t vectors; ///< of a whole panel
  int64_t lanes;
  int64_t width() const { return vectors * lanes; }
  int64_t whole() const { return (keys + lanes - 1) / lanes / vectors; }
  int64_t lastVectors() const { return (keys + lanes - 1) / lanes % vectors; }
};

/// Packs keys [first, last) so that `first`, a multiple of the panel's width, comes first; beyond
/// the last of all keys there are zeros.
void packKeys(AttentionBuilder &c, AttentionRows &source, mlir::Value first, mlir::Value last,
              const KeyPanels &to);

/// Rows and vectors of accumulators that stay in registers.
struct RegisterTile {
  int64_t rows, vectors;
};

/// The tile of least cost for `rows` rows (0: any number) and a panel of `vectors` vectors; rows
/// divide `divisor` unless that is 0.
RegisterTile chooseRows(const Target &target, int64_t rows, int64_t vectors, int64_t divisor = 0);
/// The panels of least cost of `vectors` vectors in all, none wider than `widest`.
llvm::SmallVector<int64_t> choosePanels(const Target &target, int64_t rows, int64_t vectors,
                                        int64_t divisor = 0);
/// Vectors of a score panel: they divide `blockVectors` unless one block is everything. Narrow
/// under a causal mask, where panels behind the diagonal are left out.
int64_t choosePanelVectors(const Target &target, int64_t rows, int64_t vectors,
                           int64_t blockVectors, bool causal);

using LeftElement = llvm::function_ref<mlir::Value(int64_t row, mlir::Value k)>;
using RightVector = llvm::function_ref<mlir::Value(mlir::Value k, int64_t vector)>;
/// accumulators[row][vector] += left(row, k) * right(k, vector) for k in [first, last).
llvm::SmallVector<mlir::Value> multiplyTile(AttentionBuilder &c, RegisterTile tile,
                                            mlir::Value first, mlir::Value last, LeftElement left,
                                            RightVector right,
                                            llvm::SmallVector<mlir::Value> accumulators);
/// body(first row, rows of the tile) over a number of rows known now; tiles before `first` (null:
/// none) are left out.
void tileRows(AttentionBuilder &c, int64_t rows, int64_t tileRows, mlir::Value first,
              llvm::function_ref<void(mlir::Value, int64_t)> body);

/// A square piece of scores in scratch.
struct ScoreTile {
  mlir::Value memref;
  int64_t stride;
};
/// A dense block of rows in scratch, `stride` elements apart.
struct RowBlock {
  mlir::Value memref;
  int64_t stride;
};
/// A block of scores: `rows` queries from `query` on, `count` keys from `key` on.
struct ScoreBlock {
  mlir::Value query;
  int64_t rows;
  mlir::Value key, count;
  bool causal;

  /// The keys that queries before `row` of the block may see, at most `count`.
  mlir::Value keysBefore(AttentionBuilder &c, mlir::Value row) const;
  /// The first query of the block that sees key `column` of the block; null: all do.
  mlir::Value firstQuery(AttentionBuilder &c, mlir::Value column) const;
};
/// to[i][j] = sum_d from[i][d] panels[d][j] for the scores of the block that some query sees;
/// `panels` begins at key `origin`. Others up to the next whole panel may be written too.
void multiplyScores(AttentionBuilder &c, const RowBlock &from, const ScoreBlock &block,
                    const KeyPanels &panels, mlir::Value origin, const ScoreTile &to);

/// How the columns of a row of scores are folded.
enum class ColumnFold { none, max, sum };
/// Which columns of a row are seen.
struct SeenColumns {
  mlir::Value count; ///< columns [0, count) are seen
  mlir::Value end;   ///< columns [0, end) exist in the tensors that are read
  bool ragged;       ///< count may end within a vector although end does not
  bool reads;        ///< columns from end on must not be touched
  int64_t keys;      ///< of the whole problem
};
/// Calls body(column, lanes, live) for all seen columns: whole vectors, then what is left of them,
/// where lanes not in `live` (null: all) are not seen. Where the body reads tensors, elements
/// behind the last whole vector come one by one. Returns the fold of the body's values.
mlir::Value foldColumns(AttentionBuilder &c, const SeenColumns &seen, ColumnFold fold,
                        llvm::function_ref<mlir::Value(mlir::Value, int64_t, mlir::Value)> body);
/// A score after bias and masks, at an index of the scores: minus infinity where the key is not
/// seen, or a lane is not in `live` (null: all are).
mlir::Value maskedScore(AttentionBuilder &c, const AttentionProblem &problem,
                        llvm::ArrayRef<mlir::Value> at, mlir::Value score, int64_t lanes,
                        mlir::Value live);
/// Sets columns [seen, count) to zero, and those up to the next whole vector.
void clearUnseen(AttentionBuilder &c, const SeenColumns &seen, mlir::Value count,
                 mlir::Value memref, mlir::Value row);

/// The positions along the group axes of a head.
llvm::SmallVector<mlir::Value> groupOf(AttentionBuilder &c, const AttentionProblem &problem,
                                       mlir::Value head);

} // namespace nnc

#endif
