/// Products of every layout, size and width against sums in double precision.
#include "test/Emit/GemmHarness.h"
#include "gtest/gtest.h"

#include <cmath>
#include <cstring>
#include <random>

using nnc::test::CompiledProduct;
using nnc::test::ProductSpec;

namespace {

std::vector<double> numbers(int64_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<double> result(count);
  for (double &x : result)
    x = static_cast<float>(uniform(generator));
  return result;
}

template <typename Real> struct Buffer {
  explicit Buffer(const std::vector<double> &values) : values(values.begin(), values.end()) {}
  explicit Buffer(int64_t count) : values(count, std::nan("")) {}
  std::vector<Real> values;
};

double sumAt(const ProductSpec &s, const std::vector<double> &a, const std::vector<double> &b,
             int64_t m, int64_t n) {
  double sum = 0;
  for (int64_t k = 0; k < s.k; ++k)
    sum +=
        a[s.transposeA ? k * s.m + m : m * s.k + k] * b[s.transposeB ? n * s.k + k : k * s.n + n];
  return sum;
}

/// Runs the tasks in descending order: they must not depend on each other.
template <typename Real>
void check(const ProductSpec &s, llvm::StringRef cpu,
           llvm::function_ref<void(nnc::GemmPlan &)> change) {
  CompiledProduct product(s, cpu, change);
  auto a = numbers(s.m * s.k, 1), b = numbers(s.k * s.n, 2), bias = numbers(s.n, 3);
  Buffer<Real> bufferA(a), bufferB(b), bufferBias(bias), c(s.m * s.n);
  constexpr int64_t guard = 64;
  std::vector<char> scratch(product.scratchBytes() + 64 + guard, 0x7f);
  void *aligned = scratch.data() + (64 - reinterpret_cast<uintptr_t>(scratch.data()) % 64);
  for (int64_t task = product.tasks(); task-- > 0;)
    product.run(bufferA.values.data(), bufferB.values.data(), bufferBias.values.data(),
                c.values.data(), task, aligned);
  const char *end = static_cast<char *>(aligned) + product.scratchBytes();
  EXPECT_EQ(*end, 0x7f) << "scratch overrun";
  const double tolerance = (s.f64 ? 1e-14 : 1e-6) * std::sqrt(s.k) * 4;
  int64_t wrong = 0;
  for (int64_t m = 0; m < s.m; ++m)
    for (int64_t n = 0; n < s.n; ++n) {
      double expected = sumAt(s, a, b, m, n);
      if (s.biasAndRelu)
        expected = std::max(expected + bias[n], 0.0);
      const double found = c.values[s.transposeC ? n * s.m + m : m * s.n + n];
      wrong += !(std::abs(found - expected) <= tolerance);
    }
  EXPECT_EQ(wrong, 0) << s.m << "x" << s.n << "x" << s.k << " A" << s.transposeA << " B"
                      << s.transposeB << " C" << s.transposeC << " f64 " << s.f64 << " relu "
                      << s.biasAndRelu << " pack " << s.packOnly << " " << cpu.str() << ": "
                      << nnc::test::describe(product.plan());
}

void checkBoth(
    ProductSpec s, llvm::StringRef cpu,
    llvm::function_ref<void(nnc::GemmPlan &)> change = [](nnc::GemmPlan &) {}) {
  s.f64 = false;
  check<float>(s, cpu, change);
  s.f64 = true;
  check<double>(s, cpu, change);
}

class Products : public testing::TestWithParam<std::string> {
protected:
  void SetUp() override {
    if (GetParam() == "x86-64-v4" && !__builtin_cpu_supports("avx512f"))
      GTEST_SKIP() << "this processor has no AVX-512";
    if (GetParam() == "x86-64-v3" && !__builtin_cpu_supports("avx2"))
      GTEST_SKIP() << "this processor has no AVX2";
  }
};

TEST_P(Products, oddSizesInEveryLayout) {
  const int64_t sizes[] = {1, 3, 7, 10, 17, 50, 127};
  std::mt19937 generator(7);
  auto any = [&] { return sizes[generator() % std::size(sizes)]; };
  for (int layout = 0; layout < 16; ++layout) {
    ProductSpec s{any(), any(), any()};
    s.transposeA = layout & 1, s.transposeB = layout & 2;
    s.biasAndRelu = layout & 4, s.packOnly = layout & 8;
    checkBoth(s, GetParam());
  }
}

TEST_P(Products, blocksAndTasks) {
  for (int layout = 0; layout < 4; ++layout) {
    ProductSpec s{150, 203, 117};
    s.transposeA = layout & 1, s.transposeB = layout & 2, s.biasAndRelu = true;
    for (int form = 0; form < 8; ++form) {
      s.f64 = (form + layout) % 3 == 0;
      auto change = [&](nnc::GemmPlan &plan) {
        plan.kc = 40, plan.mc = 3 * plan.mr, plan.nc = 2 * plan.nr();
        plan.packA = plan.packA || (form & 1), plan.packB = plan.packB || (form & 1);
        plan.columnsOuter = form & 2, plan.sumOutermost = form & 4;
        if (plan.sumOutermost)
          plan.mc = plan.taskRows;
      };
      s.f64 ? check<double>(s, GetParam(), change) : check<float>(s, GetParam(), change);
    }
  }
}

TEST_P(Products, transposedResult) {
  for (int layout = 0; layout < 4; ++layout) {
    ProductSpec s{37, 53, 29};
    s.transposeA = layout & 1, s.transposeB = layout & 2, s.transposeC = true;
    checkBoth(s, GetParam());
    checkBoth(s, GetParam(), [](nnc::GemmPlan &plan) { plan.kc = 16; });
  }
}

TEST_P(Products, sameBitsHoweverCut) {
  ProductSpec s{96, 300, 200};
  std::vector<float> results[2];
  auto a = numbers(s.m * s.k, 1), b = numbers(s.k * s.n, 2);
  Buffer<float> bufferA(a), bufferB(b);
  for (int cut = 0; cut < 2; ++cut) {
    CompiledProduct product(s, GetParam(), [&](nnc::GemmPlan &plan) {
      plan.tasksM = cut ? 3 : 1, plan.taskRows = s.m / plan.tasksM;
      plan.tasksN = 1, plan.taskColumns = s.n;
      plan.mc = plan.taskRows, plan.nc = plan.nr(), plan.kc = 104;
    });
    Buffer<float> c(s.m * s.n);
    std::vector<char> scratch(product.scratchBytes() + 64);
    for (int64_t task = 0; task < product.tasks(); ++task)
      product.run(bufferA.values.data(), bufferB.values.data(), nullptr, c.values.data(), task,
                  scratch.data());
    results[cut] = c.values;
  }
  EXPECT_EQ(std::memcmp(results[0].data(), results[1].data(), results[0].size() * 4), 0);
}

INSTANTIATE_TEST_SUITE_P(Widths, Products, testing::Values("x86-64-v2", "x86-64-v3", "x86-64-v4"),
                         [](const auto &info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

} // namespace
