/// nn.attention and nn.attention_grad by their definition.
#include "dialects/nn/IR/NN.h"
#include "test/Emit/Reference.h"
#include <cmath>

using namespace mlir;

namespace nnc::reference {
namespace {

using Get = llvm::function_ref<const Tensor &(Value)>;

/// One op's operands; scores are numbered row-major over [G.., I, J].
template <typename Op> struct Attention {
  mutable Op op; // its accessors are not const
  Get get;
  const Tensor &q, &k, &v;
  int64_t heads, I, J, M, N;

  Attention(Op op, Get get)
      : op(op), get(get), q(get(op.getQ())), k(get(op.getK())), v(get(op.getV())) {
    I = q.shape.end()[-2], M = q.shape.back(), J = k.shape.end()[-2], N = v.shape.back();
    heads = q.count() / (I * M);
  }
  /// The element of an operand whose axis a is axis axes[a] of the scores, or of size 1.
  double at(Value tensor, std::optional<ArrayRef<int64_t>> axes, int64_t score) const {
    const Tensor &t = get(tensor);
    if (!axes)
      return t.data[score];
    SmallVector<int64_t> shape(q.shape.begin(), q.shape.end()), position(shape.size());
    shape.back() = J;
    for (size_t axis = shape.size(); axis-- > 0; score /= shape[axis])
      position[axis] = score % shape[axis];
    int64_t place = 0;
    for (auto [size, axis] : llvm::zip(t.shape, *axes))
      place = place * size + (size == 1 ? 0 : position[axis]);
    return t.data[place];
  }
  double dot(const Tensor &a, int64_t i, const Tensor &b, int64_t j, int64_t size) const {
    double sum = 0;
    for (int64_t c = 0; c < size; ++c)
      sum += a.data[i * size + c] * b.data[j * size + c];
    return sum;
  }
  double kept(int64_t score) const {
    if (!op.getKeep())
      return 1;
    return get(op.getKeep()).data[score] != 0 ? op.getKeepScale().convertToDouble() : 0;
  }
  /// The scores of a row, minus infinity where a key is not seen.
  std::vector<double> scores(int64_t head, int64_t i) const {
    std::vector<double> result(J, -INFINITY);
    for (int64_t j = 0; j < J; ++j) {
      const int64_t score = (head * I + i) * J + j;
      if (op.getCausal() && j > i)
        continue;
      if (op.getMask() && at(op.getMask(), op.getMaskAxes(), score) == 0)
        continue;
      result[j] = dot(q, head * I + i, k, head * J + j, M) * op.getScale().convertToDouble();
      if (op.getBias())
        result[j] += at(op.getBias(), op.getBiasAxes(), score);
    }
    return result;
  }
};

void addRow(Tensor &to, int64_t i, double factor, const Tensor &from, int64_t j, int64_t size) {
  for (int64_t c = 0; c < size; ++c)
    to.data[i * size + c] += factor * from.data[j * size + c];
}

} // namespace

void evaluateAttention(nn::AttentionOp op, Get get, std::vector<Tensor> &results) {
  Attention<nn::AttentionOp> a(op, get);
  for (int64_t row = 0; row < a.heads * a.I; ++row) {
    const int64_t head = row / a.I;
    std::vector<double> scores = a.scores(head, row % a.I);
    const double largest = *std::max_element(scores.begin(), scores.end());
    double sum = 0;
    for (double s : scores)
      sum += largest == -INFINITY ? 0 : std::exp(s - largest);
    const double lse = sum == 0 ? -INFINITY : largest + std::log(sum);
    results[1].data[row] = lse;
    for (int64_t j = 0; j < a.J && sum != 0; ++j)
      addRow(results[0], row, std::exp(scores[j] - lse) * a.kept(row * a.J + j), a.v,
             head * a.J + j, a.N);
  }
}

void evaluateAttention(nn::AttentionGradOp op, Get get, std::vector<Tensor> &results) {
  Attention<nn::AttentionGradOp> a(op, get);
  const Tensor &y = get(op.getY()), &dy = get(op.getDy());
  for (int64_t row = 0; row < a.heads * a.I; ++row) {
    const int64_t head = row / a.I;
    const double lse = get(op.getLse()).data[row];
    if (lse == -INFINITY)
      continue;
    std::vector<double> scores = a.scores(head, row % a.I);
    const double inner = a.dot(y, row, dy, row, a.N);
    for (int64_t j = 0; j < a.J; ++j) {
      const int64_t key = head * a.J + j;
      const double weight = std::exp(scores[j] - lse), kept = a.kept(row * a.J + j);
      const double slope =
          weight * (kept * a.dot(dy, row, a.v, key, a.N) - inner) * op.getScale().convertToDouble();
      addRow(results[0], row, slope, a.k, key, a.M);
      addRow(results[1], key, slope, a.q, row, a.M);
      addRow(results[2], key, weight * kept, dy, row, a.N);
    }
  }
}

} // namespace nnc::reference
