/// Both kernels of an attention against the definition computed in f64.
#include "test/Emit/AttentionHarness.h"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>
#include <random>

using nnc::test::AttentionBuffers;
using nnc::test::AttentionSpec;
using nnc::test::CompiledAttention;

namespace {

using Numbers = std::vector<double>;

/// Inputs and expected results in f64, in the order [B, H, T, M].
struct Reference {
  explicit Reference(const AttentionSpec &spec);
  const AttentionSpec &spec;
  Numbers q, k, v, dy, bias, y, lse, dq, dk, dv;
  std::vector<uint8_t> mask, keep;

private:
  void computeHead(int64_t b, int64_t h);
  double score(int64_t b, int64_t h, int64_t i, int64_t j) const;
};

Reference::Reference(const AttentionSpec &spec) : spec(spec) {
  const auto &s = spec;
  std::mt19937 generator(7);
  std::normal_distribution<double> normal;
  auto fill = [&](Numbers &to, int64_t count, double size) {
    to.resize(count);
    for (double &x : to)
      x = float(size * normal(generator));
  };
  fill(q, s.groups() * s.queries * s.features, 1);
  fill(k, s.groups() * s.keys * s.features, 1);
  fill(v, s.groups() * s.keys * s.valueFeatures, 1);
  fill(dy, s.groups() * s.queries * s.valueFeatures, 1);
  fill(bias, s.heads * s.queries * s.keys, 1);
  mask.resize(s.batch * s.keys);
  for (auto &m : mask)
    m = generator() % 4 != 0;
  // The last batch sees nothing: its rows are zero.
  if (s.batch > 1)
    std::fill(mask.end() - s.keys, mask.end(), 0);
  keep.resize(s.groups() * s.queries * s.keys);
  for (auto &m : keep)
    m = generator() % 10 != 0;
  y.assign(dy.size(), 0);
  lse.assign(s.groups() * s.queries, -std::numeric_limits<double>::infinity());
  dq.assign(q.size(), 0);
  dk.assign(k.size(), 0);
  dv.assign(v.size(), 0);
  for (int64_t b = 0; b < s.batch; ++b)
    for (int64_t h = 0; h < s.heads; ++h)
      computeHead(b, h);
}

double Reference::score(int64_t b, int64_t h, int64_t i, int64_t j) const {
  const auto &s = spec;
  if ((s.causal && j > i) || (s.mask && !mask[b * s.keys + j]))
    return -std::numeric_limits<double>::infinity();
  const double *qi = &q[((b * s.heads + h) * s.queries + i) * s.features];
  const double *kj = &k[((b * s.heads + h) * s.keys + j) * s.features];
  double sum = 0;
  for (int64_t c = 0; c < s.features; ++c)
    sum += qi[c] * kj[c];
  return sum * s.scale + (s.bias ? bias[(h * s.queries + i) * s.keys + j] : 0);
}

void Reference::computeHead(int64_t b, int64_t h) {
  const auto &s = spec;
  const int64_t head = b * s.heads + h, M = s.features, N = s.valueFeatures;
  Numbers weight(s.keys), slope(s.keys);
  for (int64_t i = 0; i < s.queries; ++i) {
    double highest = -std::numeric_limits<double>::infinity(), sum = 0, inner = 0;
    for (int64_t j = 0; j < s.keys; ++j)
      highest = std::max(highest, weight[j] = score(b, h, i, j));
    if (std::isinf(highest))
      continue;
    for (double &w : weight)
      sum += w = std::exp(w - highest);
    const int64_t row = head * s.queries + i;
    lse[row] = highest + std::log(sum);
    for (int64_t j = 0; j < s.keys; ++j) {
      const double kept = !s.keep ? 1 : keep[row * s.keys + j] ? s.keepScale : 0;
      weight[j] /= sum;
      slope[j] = 0;
      for (int64_t n = 0; n < N; ++n) {
        const double g = dy[row * N + n];
        y[row * N + n] += weight[j] * kept * v[(head * s.keys + j) * N + n];
        dv[(head * s.keys + j) * N + n] += weight[j] * kept * g;
        slope[j] += kept * g * v[(head * s.keys + j) * N + n];
      }
      inner += weight[j] * slope[j];
    }
    for (int64_t j = 0; j < s.keys; ++j)
      for (int64_t m = 0; m < M; ++m) {
        const double ds = s.scale * weight[j] * (slope[j] - inner);
        dq[row * M + m] += ds * k[(head * s.keys + j) * M + m];
        dk[(head * s.keys + j) * M + m] += ds * q[row * M + m];
      }
  }
}

/// A buffer in the element type and layout of the spec.
class Buffer {
public:
  Buffer(const AttentionSpec &spec, int64_t rows, int64_t features, bool transposed)
      : spec(spec), rows(rows), features(features), transposed(transposed),
        bytes((spec.groups() * rows * features + 16) * size(), 0xff) {}

  int64_t size() const { return spec.f64 ? 8 : 4; }
  int64_t count() const { return spec.groups() * rows * features; }
  void *data() { return bytes.data(); }
  /// Where element `i` of [B, H, T, M] lies.
  int64_t place(int64_t i) const {
    const int64_t m = i % features, t = i / features % rows, g = i / features / rows;
    if (transposed)
      return (g * features + m) * rows + t;
    if (!spec.headsInside)
      return i;
    const int64_t h = g % spec.heads, b = g / spec.heads;
    return ((b * rows + t) * spec.heads + h) * features + m;
  }
  void set(const Numbers &from) {
    for (int64_t i = 0; i < count(); ++i)
      put(place(i), from[i]);
  }
  double get(int64_t i) const {
    const uint8_t *at = &bytes[place(i) * size()];
    if (spec.f64)
      return *reinterpret_cast<const double *>(at);
    return *reinterpret_cast<const float *>(at);
  }
  void put(int64_t place, double x) {
    if (spec.f64)
      reinterpret_cast<double *>(data())[place] = x;
    else
      reinterpret_cast<float *>(data())[place] = float(x);
  }
  bool operator==(const Buffer &other) const { return bytes == other.bytes; }
  void check(const char *name, const Numbers &expected, double tolerance) const {
    double largest = 1e-3;
    for (double x : expected)
      if (std::isfinite(x))
        largest = std::max(largest, std::abs(x));
    for (int64_t i = 0; i < count(); ++i)
      if (std::isinf(expected[i]))
        ASSERT_EQ(get(i), expected[i]) << name << "[" << i << "]";
      else
        ASSERT_NEAR(get(i), expected[i], tolerance * largest) << name << "[" << i << "]";
    // Nothing behind the end is touched.
    for (size_t i = count() * size(); i < bytes.size(); ++i)
      ASSERT_EQ(bytes[i], 0xff) << name;
  }

private:
  const AttentionSpec &spec;
  int64_t rows, features;
  bool transposed;
  std::vector<uint8_t> bytes;
};

/// Runs the tasks of a kernel in the given order, each with scratch full of NaN.
void runTasks(const CompiledAttention &compiled, bool gradient, const AttentionBuffers &buffers,
              bool backwards) {
  const int64_t tasks = compiled.tasks(gradient), bytes = compiled.scratchBytes(gradient);
  std::vector<uint8_t> memory(bytes + 128);
  void *scratch = memory.data() + (-reinterpret_cast<uintptr_t>(memory.data()) & 63);
  for (int64_t t = 0; t < tasks; ++t) {
    std::fill(memory.begin(), memory.end(), 0xff);
    compiled.run(gradient, buffers, backwards ? tasks - 1 - t : t, scratch);
    const uint8_t *end = static_cast<uint8_t *>(scratch) + bytes;
    for (const uint8_t *p = end; p < memory.data() + memory.size(); ++p)
      ASSERT_EQ(*p, 0xff) << "scratch overrun";
  }
}

void check(const AttentionSpec &spec, const char *cpu) {
  const Reference expected(spec);
  const CompiledAttention compiled(spec, cpu);
  const int64_t I = spec.queries, J = spec.keys, M = spec.features, N = spec.valueFeatures;
  Buffer q(spec, I, M, false), k(spec, J, M, spec.transposedKeys),
      v(spec, J, N, spec.transposedKeys);
  Buffer dy(spec, I, N, false), y(spec, I, N, false), dq(spec, I, M, false);
  Buffer dk(spec, J, M, false), dv(spec, J, N, false);
  AttentionSpec rowSpec = spec, biasSpec = spec;
  rowSpec.headsInside = biasSpec.headsInside = false;
  biasSpec.batch = 1;
  Buffer lse(rowSpec, I, 1, false), bias(biasSpec, I, J, false);
  q.set(expected.q), k.set(expected.k), v.set(expected.v), dy.set(expected.dy);
  bias.set(expected.bias);
  auto mask = expected.mask, keep = expected.keep;
  AttentionBuffers buffers = {q.data(),    k.data(),    v.data(),  mask.data(),
                              bias.data(), keep.data(), y.data(),  lse.data(),
                              dy.data(),   dq.data(),   dk.data(), dv.data()};
  const double tolerance = spec.f64 ? 1e-13 : 3e-6;
  runTasks(compiled, false, buffers, false);
  y.check("y", expected.y, tolerance);
  lse.check("lse", expected.lse, tolerance);
  runTasks(compiled, true, buffers, false);
  dq.check("dq", expected.dq, tolerance);
  dk.check("dk", expected.dk, tolerance);
  dv.check("dv", expected.dv, tolerance);
  // The same bits whatever the order of the tasks and the earlier contents of the results.
  const Buffer before[] = {y, lse, dq, dk, dv};
  runTasks(compiled, false, buffers, true);
  runTasks(compiled, true, buffers, true);
  EXPECT_TRUE(before[0] == y && before[1] == lse && before[2] == dq && before[3] == dk &&
              before[4] == dv);
}

struct Case {
  const char *name;
  AttentionSpec spec;
};

AttentionSpec make(int64_t batch, int64_t heads, int64_t I, int64_t J, int64_t M, int64_t N,
                   const char *flags = "") {
  AttentionSpec s{batch, heads, I, J, M, N};
  s.scale = 1 / std::sqrt(double(M));
  s.keepScale = 1 / 0.9;
  for (const char *f = flags; *f; ++f) {
    s.causal |= *f == 'c';
    s.mask |= *f == 'm';
    s.bias |= *f == 'b';
    s.keep |= *f == 'd';
    s.headsInside |= *f == 'i';
    s.transposedKeys |= *f == 't';
    s.throughReader |= *f == 'r';
    s.f64 |= *f == '8';
  }
  return s;
}

const Case kCases[] = {
    {"one", make(1, 1, 1, 1, 1, 1)},
    {"one_query", make(1, 2, 1, 300, 64, 64)},
    {"seven", make(2, 3, 7, 7, 5, 3, "i")},
    {"seven_causal", make(2, 3, 7, 7, 5, 3, "ci")},
    {"block", make(2, 2, 64, 64, 32, 32)},
    {"block_causal", make(2, 2, 64, 64, 32, 32, "ci")},
    {"hundred", make(1, 9, 100, 100, 32, 32, "i")},
    {"hundred_causal", make(1, 9, 100, 100, 32, 32, "c")},
    {"hundred_all", make(3, 2, 100, 100, 24, 40, "cmbd")},
    {"long", make(1, 8, 256, 256, 64, 64)},
    {"long_causal", make(1, 1, 256, 256, 64, 64, "ci")},
    {"blocks", make(1, 2, 300, 600, 33, 17, "i")},
    {"blocks_causal", make(1, 9, 600, 600, 64, 64, "c")},
    {"blocks_causal_odd", make(1, 2, 601, 601, 20, 64, "ci")},
    {"more_keys_causal", make(1, 2, 100, 700, 16, 16, "c")},
    {"more_queries_causal", make(1, 2, 700, 100, 16, 16, "c")},
    {"masked", make(3, 2, 70, 90, 32, 48, "m")},
    {"masked_even", make(3, 2, 70, 96, 32, 48, "m")},
    {"masked_blocks", make(2, 2, 70, 513, 32, 48, "mi")},
    {"masked_causal", make(2, 2, 320, 320, 32, 32, "mc")},
    {"biased", make(2, 3, 65, 77, 30, 31, "b")},
    {"biased_causal", make(2, 3, 530, 530, 16, 16, "bci")},
    {"dropout", make(2, 3, 65, 77, 32, 32, "d")},
    {"dropout_causal", make(1, 8, 333, 333, 32, 32, "dc")},
    {"all", make(2, 2, 290, 290, 48, 80, "cmbdi")},
    {"transposed", make(2, 2, 66, 270, 18, 35, "t")},
    {"read", make(2, 2, 66, 270, 18, 35, "ri")},
    {"wide", make(1, 1, 33, 65, 130, 200, "c")},
    {"f64_all", make(2, 2, 290, 290, 48, 80, "cmbdi8")},
    {"f64_odd", make(1, 9, 67, 131, 13, 7, "8")},
};

class Attention : public testing::TestWithParam<std::tuple<Case, const char *>> {};

TEST_P(Attention, MatchesDefinition) {
  const auto &[c, cpu] = GetParam();
  if (!__builtin_cpu_supports("avx512f") && std::strcmp(cpu, "x86-64-v4") == 0)
    GTEST_SKIP() << "no AVX-512 here";
  check(c.spec, cpu);
}

INSTANTIATE_TEST_SUITE_P(All, Attention,
                         testing::Combine(testing::ValuesIn(kCases),
                                          testing::Values("x86-64-v4", "x86-64-v3", "x86-64")),
                         [](const auto &info) {
                           std::string cpu = std::get<1>(info.param);
                           std::replace(cpu.begin(), cpu.end(), '-', '_');
                           return std::string(std::get<0>(info.param).name) + "_" + cpu;
                         });

} // namespace
