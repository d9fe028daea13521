#include "test/benchmark/Peak.h"

#include <cstdint>
#include <immintrin.h>

namespace nnc::test {
namespace {

// Chains enough to cover latency times units, few enough for 16 registers.
constexpr int kChains = 12;

__attribute__((target("avx2,fma"))) void run256(int64_t turns) {
  __m256 sums[kChains], factor = _mm256_set1_ps(0.999f), term = _mm256_set1_ps(1e-4f);
  for (int i = 0; i < kChains; ++i)
    sums[i] = _mm256_set1_ps(i * 1e-3f);
  for (int64_t turn = 0; turn < turns; ++turn) {
#pragma clang loop unroll(full)
    for (int i = 0; i < kChains; ++i) {
      sums[i] = _mm256_fmadd_ps(sums[i], factor, term);
      asm volatile("" : "+x"(sums[i]));
    }
  }
}

__attribute__((target("avx512f"))) void run512(int64_t turns) {
  __m512 sums[kChains], factor = _mm512_set1_ps(0.999f), term = _mm512_set1_ps(1e-4f);
  for (int i = 0; i < kChains; ++i)
    sums[i] = _mm512_set1_ps(i * 1e-3f);
  for (int64_t turn = 0; turn < turns; ++turn) {
#pragma clang loop unroll(full)
    for (int i = 0; i < kChains; ++i) {
      sums[i] = _mm512_fmadd_ps(sums[i], factor, term);
      asm volatile("" : "+v"(sums[i]));
    }
  }
}

} // namespace

void multiplyAdd(double flops, unsigned vectorBits) {
  if (vectorBits == 512)
    run512(flops / (kChains * 32));
  else
    run256(flops / (kChains * 16));
}

} // namespace nnc::test
