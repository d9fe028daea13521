/// Reductions, order statistics and normalisations of the reference evaluator.
#include "test/nn/Interpreter.h"

#include "llvm/ADT/TypeSwitch.h"

#include <cmath>
#include <numeric>

using namespace mlir;

namespace nnc::test {

static double combine(nn::Reduction kind, double a, double b) {
  switch (kind) {
  case nn::Reduction::sum:
    return a + b;
  case nn::Reduction::prod:
    return a * b;
  case nn::Reduction::max:
    return std::isnan(a) || a > b ? a : b;
  case nn::Reduction::min:
    return std::isnan(a) || a < b ? a : b;
  case nn::Reduction::any:
    return a != 0 || b != 0;
  case nn::Reduction::all:
    return a != 0 && b != 0;
  }
  return 0;
}

static double neutral(nn::Reduction kind) {
  switch (kind) {
  case nn::Reduction::prod:
  case nn::Reduction::all:
    return 1;
  case nn::Reduction::max:
    return -std::numeric_limits<double>::infinity();
  case nn::Reduction::min:
    return std::numeric_limits<double>::infinity();
  default:
    return 0;
  }
}

/// Calls `visit` with each row of x along `axis` and the index without that axis.
static void forEachRow(const Tensor &x, int64_t axis,
                       function_ref<void(ArrayRef<int64_t>, std::vector<double> &)> visit) {
  std::vector<int64_t> outer = x.shape;
  outer.erase(outer.begin() + axis);
  forEachIndex(outer, [&](ArrayRef<int64_t> index) {
    SmallVector<int64_t> at(index);
    at.insert(at.begin() + axis, 0);
    std::vector<double> row;
    for (; at[axis] < x.shape[axis]; ++at[axis])
      row.push_back(x[at]);
    visit(index, row);
  });
}

/// Writes a row of y along `axis`.
static void writeRow(Tensor &y, int64_t axis, ArrayRef<int64_t> index, ArrayRef<double> row) {
  SmallVector<int64_t> at(index);
  at.insert(at.begin() + axis, 0);
  for (double value : row) {
    y[at] = value;
    ++at[axis];
  }
}

/// True if a comes before b in an ascending order, where NaN is above all numbers.
static bool isBelow(double a, double b) { return a < b || (std::isnan(b) && !std::isnan(a)); }

static double logSumExp(const std::vector<double> &row) {
  double largest = *std::max_element(row.begin(), row.end(), isBelow), sum = 0;
  if (std::isinf(largest))
    return largest;
  for (double x : row)
    sum += std::exp(x - largest);
  return largest + std::log(sum);
}

/// A normalised row: softmax, or its logarithm.
static void normalise(std::vector<double> &row, bool logarithm) {
  double total = logSumExp(row);
  for (double &x : row) {
    // Beside an infinite element nothing is defined; of nothing but minus infinity each part is 0.
    double difference = std::isinf(total) && total > 0 ? NAN : x - total;
    x = logarithm ? difference : std::isinf(total) && total < 0 ? 0 : std::exp(difference);
  }
}

static LogicalResult cumulative(nn::CumulativeOp op, const Tensor &x, Tensor &y) {
  forEachRow(x, op.getAxis(), [&](ArrayRef<int64_t> index, std::vector<double> &row) {
    if (op.getReverse())
      std::reverse(row.begin(), row.end());
    for (size_t k = 1; k < row.size(); ++k)
      row[k] = combine(op.getKind(), row[k - 1], row[k]);
    if (op.getReverse())
      std::reverse(row.begin(), row.end());
    writeRow(y, op.getAxis(), index, row);
  });
  return success();
}

static LogicalResult topK(nn::TopKOp op, const Tensor &x, std::vector<Tensor> &out) {
  int64_t axis = x.shape.size() - 1;
  forEachRow(x, axis, [&](ArrayRef<int64_t> index, std::vector<double> &row) {
    std::vector<double> order(row.size()), values;
    std::iota(order.begin(), order.end(), 0);
    llvm::stable_sort(order, [&](double a, double b) { return isBelow(row[b], row[a]); });
    order.resize(op.getK());
    for (double k : order)
      values.push_back(row[k]);
    writeRow(out[0], axis, index, values);
    writeRow(out[1], axis, index, order);
  });
  return success();
}

static LogicalResult evaluateRows(Operation *op, ArrayRef<Tensor> in, std::vector<Tensor> &out) {
  auto rows = [&](int64_t axis, auto visit) {
    forEachRow(in[0], axis, visit);
    return success();
  };
  Tensor &y = out[0];
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](nn::ArgmaxOp each) {
        return rows(each.getAxis(), [&](ArrayRef<int64_t> index, std::vector<double> &row) {
          y[index] = std::max_element(row.begin(), row.end(), isBelow) - row.begin();
        });
      })
      .Case([&](nn::SoftmaxOp each) {
        return rows(each.getAxis(), [&](ArrayRef<int64_t> index, std::vector<double> &row) {
          normalise(row, false);
          writeRow(y, each.getAxis(), index, row);
        });
      })
      .Case([&](nn::LogSoftmaxOp each) {
        return rows(each.getAxis(), [&](ArrayRef<int64_t> index, std::vector<double> &row) {
          normalise(row, true);
          writeRow(y, each.getAxis(), index, row);
        });
      })
      .Case([&](nn::LogSumExpOp each) {
        return rows(each.getAxis(), [&](ArrayRef<int64_t> index, std::vector<double> &row) {
          y[index] = logSumExp(row);
        });
      })
      .Case([&](nn::CrossEntropyOp) {
        return rows(in[0].shape.size() - 1, [&](ArrayRef<int64_t> index, std::vector<double> &row) {
          y[index] = logSumExp(row) - row[in[1][index]];
        });
      })
      .Default([](Operation *) { return failure(); });
}

LogicalResult evaluateReduction(Operation *op, ArrayRef<Tensor> in, std::vector<Tensor> &out) {
  if (auto reduce = dyn_cast<nn::ReduceOp>(op)) {
    std::fill(out[0].data.begin(), out[0].data.end(), neutral(reduce.getKind()));
    forEachIndex(in[0].shape, [&](ArrayRef<int64_t> index) {
      SmallVector<int64_t> kept;
      for (auto [axis, i] : llvm::enumerate(index))
        if (!llvm::is_contained(reduce.getAxes(), static_cast<int64_t>(axis)))
          kept.push_back(i);
      out[0][kept] = combine(reduce.getKind(), out[0][kept], in[0][index]);
    });
    return success();
  }
  if (auto each = dyn_cast<nn::CumulativeOp>(op))
    return cumulative(each, in[0], out[0]);
  if (auto each = dyn_cast<nn::TopKOp>(op))
    return topK(each, in[0], out);
  return out.empty() ? failure() : evaluateRows(op, in, out);
}

} // namespace nnc::test
