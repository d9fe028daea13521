/// Attention of the reference evaluator, written from its definition: all scores, then rows.
#include "test/nn/Interpreter.h"

#include <cmath>

using namespace mlir;

namespace nnc::test {

namespace {
/// The operands of an attention or of its gradient; absent ones are null.
struct Operands {
  const Tensor *q, *k, *v, *dy = nullptr, *mask = nullptr, *bias = nullptr, *keep = nullptr;
  ArrayRef<int64_t> maskAxes, biasAxes;
  double scale, keepScale;
  bool causal;

  template <typename Op> Operands(Op op, ArrayRef<Tensor> in) : q(&in[0]), k(&in[1]), v(&in[2]) {
    size_t next = 3;
    if constexpr (std::is_same_v<Op, nn::AttentionGradOp>) {
      dy = &in[5];
      next = 6;
    }
    if (op.getMask()) {
      mask = &in[next++];
      maskAxes = *op.getMaskAxes();
    }
    if (op.getBias()) {
      bias = &in[next++];
      biasAxes = *op.getBiasAxes();
    }
    if (op.getKeep())
      keep = &in[next++];
    scale = op.getScale().convertToDouble();
    keepScale = op.getKeepScale().convertToDouble();
    causal = op.getCausal();
  }
  size_t groups() const { return q->shape.size() - 2; }
  int64_t queries() const { return q->shape[groups()]; }
  int64_t keys() const { return k->shape[groups()]; }
  int64_t features() const { return q->shape.back(); }
  int64_t outputs() const { return v->shape.back(); }
  ArrayRef<int64_t> group() const { return ArrayRef<int64_t>(q->shape).take_front(groups()); }
};

SmallVector<int64_t> join(ArrayRef<int64_t> group, std::initializer_list<int64_t> rest) {
  SmallVector<int64_t> result(group);
  llvm::append_range(result, rest);
  return result;
}

/// The element of a mask or bias that belongs to a score.
double onScore(const Tensor &x, ArrayRef<int64_t> axes, ArrayRef<int64_t> score) {
  SmallVector<int64_t> index;
  for (auto [extent, axis] : llvm::zip_equal(x.shape, axes))
    index.push_back(extent == 1 ? 0 : score[axis]);
  return x[index];
}

/// The masked scores of one query.
std::vector<double> scoresOf(const Operands &o, ArrayRef<int64_t> g, int64_t i) {
  std::vector<double> scores;
  for (int64_t j = 0; j < o.keys(); ++j) {
    double s = 0;
    for (int64_t m = 0; m < o.features(); ++m)
      s += (*o.q)[join(g, {i, m})] * (*o.k)[join(g, {j, m})];
    s *= o.scale;
    if (o.bias)
      s += onScore(*o.bias, o.biasAxes, join(g, {i, j}));
    bool isSeen =
        !(o.causal && j > i) && !(o.mask && onScore(*o.mask, o.maskAxes, join(g, {i, j})) == 0);
    scores.push_back(isSeen ? s : -std::numeric_limits<double>::infinity());
  }
  return scores;
}

/// Softmax of a row in place, 0 for a row that sees nothing; gives its log-sum-exp.
double normalise(std::vector<double> &row) {
  double largest = *std::max_element(row.begin(), row.end()), sum = 0;
  for (double &x : row) {
    x = std::isinf(largest) ? 0 : std::exp(x - largest);
    sum += x;
  }
  for (double &x : row)
    x = sum > 0 ? x / sum : 0;
  return largest + (sum > 0 ? std::log(sum) : 0);
}

double keepFactor(const Operands &o, ArrayRef<int64_t> score) {
  return !o.keep ? 1 : (*o.keep)[score] != 0 ? o.keepScale : 0;
}

void forward(const Operands &o, std::vector<Tensor> &out) {
  forEachIndex(o.group(), [&](ArrayRef<int64_t> g) {
    for (int64_t i = 0; i < o.queries(); ++i) {
      std::vector<double> weights = scoresOf(o, g, i);
      out[1][join(g, {i})] = normalise(weights);
      for (int64_t j = 0; j < o.keys(); ++j)
        for (int64_t n = 0; n < o.outputs(); ++n)
          out[0][join(g, {i, n})] +=
              weights[j] * keepFactor(o, join(g, {i, j})) * (*o.v)[join(g, {j, n})];
    }
  });
}

/// dv = p' dy; dp = dy v'; ds = p (dp - sum p dp); dq = scale ds k; dk = scale ds' q.
void backwardRow(const Operands &o, ArrayRef<int64_t> g, int64_t i, std::vector<Tensor> &out) {
  std::vector<double> p = scoresOf(o, g, i), dp(p.size());
  normalise(p);
  double mean = 0;
  for (int64_t j = 0; j < o.keys(); ++j) {
    double factor = keepFactor(o, join(g, {i, j}));
    for (int64_t n = 0; n < o.outputs(); ++n) {
      double dy = (*o.dy)[join(g, {i, n})];
      dp[j] += factor * dy * (*o.v)[join(g, {j, n})];
      out[2][join(g, {j, n})] += p[j] * factor * dy;
    }
    mean += p[j] * dp[j];
  }
  for (int64_t j = 0; j < o.keys(); ++j)
    for (int64_t m = 0; m < o.features(); ++m) {
      double ds = o.scale * p[j] * (dp[j] - mean);
      out[0][join(g, {i, m})] += ds * (*o.k)[join(g, {j, m})];
      out[1][join(g, {j, m})] += ds * (*o.q)[join(g, {i, m})];
    }
}
} // namespace

LogicalResult evaluateAttention(Operation *op, ArrayRef<Tensor> in, std::vector<Tensor> &out) {
  if (auto attention = dyn_cast<nn::AttentionOp>(op)) {
    forward(Operands(attention, in), out);
    return success();
  }
  auto gradient = dyn_cast<nn::AttentionGradOp>(op);
  if (!gradient)
    return failure();
  Operands o(gradient, in);
  forEachIndex(o.group(), [&](ArrayRef<int64_t> g) {
    for (int64_t i = 0; i < o.queries(); ++i)
      backwardRow(o, g, i, out);
  });
  return success();
}

} // namespace nnc::test
