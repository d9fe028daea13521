/// Triangular systems, for the multivariate normal distribution.
#include "dialects/prob/Families/Triangular.h"

#include "dialects/nn/IR/ShapeRules.h"

using namespace mlir;

namespace nnc::prob {

using nn::Emit;
using nn::shapeOf;
using nn::tensorOf;

/// Moves an axis to the front.
static Value toFront(Emit &emit, Value x, int64_t axis) {
  SmallVector<int64_t> permutation = {axis};
  for (int64_t k = 0; k < tensorOf(x).getRank(); ++k)
    if (k != axis)
      permutation.push_back(k);
  return emit.transpose(x, permutation);
}

/// One row: x_t = (b_t - sum_j L_tj x_j) / L_tt, where x_j = 0 for j >= t so far.
static void emitRow(Emit &emit, Block *body, int64_t groups) {
  Value t = body->getArgument(0), x = body->getArgument(1), row = body->getArgument(2),
        b = body->getArgument(3);
  SmallVector<int64_t> rowLabels = llvm::to_vector(llvm::seq<int64_t>(0, groups + 1)),
                       xLabels(rowLabels);
  xLabels.push_back(groups + 1);
  SmallVector<int64_t> yLabels = llvm::to_vector(llvm::seq<int64_t>(0, groups));
  yLabels.push_back(groups + 1);
  Value known = emit.contract(row, rowLabels, x, xLabels, yLabels);
  Value pivot = emit.restoreAxes(emit.make<nn::AtOp>(row, t, groups), shapeOf(b), groups);
  Value next = emit.make<nn::DivOp>(emit.sub(b, known), pivot);
  nn::YieldOp::create(emit.builder, emit.loc, emit.make<nn::PutOp>(x, t, next, groups));
}

Value emitTriangularSolve(Emit &emit, Value lower, Value b) {
  auto type = tensorOf(b);
  int64_t groups = type.getRank() - 2;
  Value rows = toFront(emit, lower, groups), rights = toFront(emit, b, groups);
  auto scan = nn::ScanOp::create(emit.builder, emit.loc, type, type.getDimSize(groups),
                                 ValueRange(), emit.zeros(type), ValueRange{rows, rights},
                                 ValueRange(), /*reverse=*/false, /*until=*/false);
  OpBuilder::InsertionGuard guard(emit.builder);
  auto pieceOf = [](Value x) { return nn::withShape(tensorOf(x), shapeOf(x).drop_front()); };
  Type turn = RankedTensorType::get({}, emit.builder.getI32Type());
  Block *body =
      emit.builder.createBlock(&scan.getBody(), {}, {turn, type, pieceOf(rows), pieceOf(rights)},
                               SmallVector<Location>(4, emit.loc));
  emitRow(emit, body, groups);
  return scan.getResult(0);
}

Value emitDiagonal(Emit &emit, Value matrix) {
  ArrayRef<int64_t> shape = shapeOf(matrix);
  int64_t row = shape.size() - 2, column = row + 1;
  Value onDiagonal =
      emit.compare(nn::Comparison::eq, emit.iota(shape, row), emit.iota(shape, column));
  return emit.sum(emit.select(onDiagonal, matrix, emit.zeros(matrix.getType())), column);
}

} // namespace nnc::prob
