// roof THREADS BITS: the processor's f32 multiply-add rate in GFLOP/s, the best of some short
// tries.
#include "test/benchmark/Peak.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

int main(int argc, char **argv) {
  if (argc != 3)
    return 1;
  constexpr double flops = 2e9;
  int threads = std::atoi(argv[1]);
  unsigned bits = std::atoi(argv[2]);
  double best = 0;
  for (int turn = 0; turn < 10; ++turn) {
    auto start = std::chrono::steady_clock::now();
    std::vector<std::thread> pool;
    for (int t = 0; t < threads; ++t)
      pool.emplace_back([=] { nnc::test::multiplyAdd(flops, bits); });
    for (std::thread &thread : pool)
      thread.join();
    std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    best = std::max(best, threads * flops / took.count() / 1e9);
  }
  std::printf("%.1f\n", best);
}
