/// Fused attention against an unfused one on a BLAS, in turns, in one run.
///
///   attention-benchmark HEADS T D causal|full THREADS REPEATS [CPU]
///
/// The unfused one is given its weights back for the backward pass (T x T memory a head); the fused
/// one computes them again. Times are medians and best fiftieths (those least disturbed by
/// neighbours); results are compared first.
#include "test/Emit/AttentionHarness.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <functional>
#include <sched.h>
#include <string>
#include <sys/mman.h>
#include <thread>
#include <vector>

namespace {

using Gemm = void (*)(int, int, int, int, int, int, float, const float *, int, const float *, int,
                      float, float *, int);
constexpr int kRowMajor = 101, kPlain = 111, kTransposed = 112;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// On large pages, touched.
float *allocate(size_t count) {
  const size_t page = 2 << 20, bytes = (count * 4 + page) / page * page;
  void *memory = std::aligned_alloc(page, bytes);
  madvise(memory, bytes, MADV_HUGEPAGE);
  std::memset(memory, 0, bytes);
  return static_cast<float *>(memory);
}

/// Runs a body for each task on pinned threads that spin between jobs.
class Pool {
public:
  explicit Pool(int count) : count(count) {
    pin(0);
    for (int t = 1; t < count; ++t)
      workers.emplace_back([this, t] { work(t); });
  }
  ~Pool() {
    stop = true;
    job.fetch_add(1);
    for (auto &worker : workers)
      worker.join();
  }
  void run(int64_t tasks, const std::function<void(int64_t, int)> &function) {
    body = &function;
    total = tasks;
    next = 0;
    busy = count - 1;
    job.fetch_add(1);
    drain(0);
    while (busy.load())
      ;
  }

private:
  static void pin(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    sched_setaffinity(0, sizeof set, &set);
  }
  void drain(int thread) {
    for (int64_t t; (t = next.fetch_add(1)) < total;)
      (*body)(t, thread);
  }
  void work(int thread) {
    pin(thread);
    for (int seen = 0;;) {
      while (job.load() == seen)
        ;
      ++seen;
      if (stop)
        return;
      drain(thread);
      busy.fetch_sub(1);
    }
  }
  int count;
  std::vector<std::thread> workers;
  std::atomic<int> job{0}, busy{0};
  std::atomic<int64_t> next{0};
  std::atomic<bool> stop{false};
  int64_t total = 0;
  const std::function<void(int64_t, int)> *body = nullptr;
};

/// The unfused attention of one head.
struct Unfused {
  Gemm gemm;
  int T, D;
  bool causal;

  void forward(const float *q, const float *k, const float *v, float *p, float *y) const {
    gemm(kRowMajor, kPlain, kTransposed, T, T, D, 1, q, D, k, D, 0, p, T);
    const float scale = 1 / std::sqrt(float(D));
    for (int i = 0; i < T; ++i) {
      float *row = p + size_t(i) * T, largest = -1e30f, sum = 0;
      const int seen = causal ? i + 1 : T;
      for (int j = 0; j < seen; ++j)
        largest = std::max(largest, row[j]);
      for (int j = 0; j < seen; ++j)
        sum += row[j] = expf((row[j] - largest) * scale);
      for (int j = 0; j < seen; ++j)
        row[j] *= 1 / sum;
      std::fill(row + seen, row + T, 0.f);
    }
    gemm(kRowMajor, kPlain, kPlain, T, D, T, 1, p, T, v, D, 0, y, D);
  }
  void backward(const float *q, const float *k, const float *v, const float *p, const float *dy,
                float *slope, float *dq, float *dk, float *dv) const {
    gemm(kRowMajor, kTransposed, kPlain, T, D, T, 1, p, T, dy, D, 0, dv, D);
    gemm(kRowMajor, kPlain, kTransposed, T, T, D, 1, dy, D, v, D, 0, slope, T);
    const float scale = 1 / std::sqrt(float(D));
    for (int i = 0; i < T; ++i) {
      float *row = slope + size_t(i) * T, sum = 0;
      const float *weight = p + size_t(i) * T;
      const int seen = causal ? i + 1 : T;
      for (int j = 0; j < seen; ++j)
        sum += row[j] * weight[j];
      for (int j = 0; j < seen; ++j)
        row[j] = (row[j] - sum) * weight[j] * scale;
      std::fill(row + seen, row + T, 0.f);
    }
    gemm(kRowMajor, kPlain, kPlain, T, D, T, 1, slope, T, k, D, 0, dq, D);
    gemm(kRowMajor, kTransposed, kPlain, T, D, T, 1, slope, T, q, D, 0, dk, D);
  }
};

double difference(const float *a, const float *b, size_t count) {
  double worst = 0, largest = 0;
  for (size_t i = 0; i < count; ++i) {
    worst = std::max(worst, std::abs(double(a[i]) - b[i]));
    largest = std::max(largest, std::abs(double(b[i])));
  }
  return worst / largest;
}

double at(std::vector<double> times, double quantile) {
  std::sort(times.begin(), times.end());
  return times[size_t(quantile * double(times.size() - 1))];
}

Gemm loadBlas() {
  const char *name = std::getenv("BLAS");
  void *library = dlopen(name ? name : "libopenblas.so.0", RTLD_NOW);
  if (!library) {
    std::fprintf(stderr, "attention-benchmark: %s (set BLAS to a library)\n", dlerror());
    std::exit(1);
  }
  if (auto threads = reinterpret_cast<void (*)(int)>(dlsym(library, "openblas_set_num_threads")))
    threads(1);
  return reinterpret_cast<Gemm>(dlsym(library, "cblas_sgemm"));
}

struct Benchmark {
  int64_t heads, T, D;
  bool causal;
  int threads, repeats;
  const char *cpu;

  void run();

private:
  void report(const char *name, const std::vector<double> &plain, const std::vector<double> &ours,
              double flops) const;
};

void Benchmark::report(const char *name, const std::vector<double> &plain,
                       const std::vector<double> &ours, double flops) const {
  std::vector<double> ratios;
  for (size_t i = 0; i < ours.size(); ++i)
    ratios.push_back(plain[i] / ours[i]);
  std::printf("  %s unfused %.2f/%.2f ms, fused %.2f/%.2f ms (%.0f/%.0f GFLOP/s): %.2fx/%.2fx, "
              "pairs %.2f [%.2f %.2f]\n",
              name, at(plain, 0.5) * 1e3, at(plain, 0.02) * 1e3, at(ours, 0.5) * 1e3,
              at(ours, 0.02) * 1e3, flops / at(ours, 0.5) * 1e-9, flops / at(ours, 0.02) * 1e-9,
              at(plain, 0.5) / at(ours, 0.5), at(plain, 0.02) / at(ours, 0.02), at(ratios, 0.5),
              at(ratios, 0.25), at(ratios, 0.75));
}

void Benchmark::run() {
  nnc::test::AttentionSpec spec;
  spec.heads = heads, spec.queries = spec.keys = T;
  spec.features = spec.valueFeatures = D;
  spec.causal = causal, spec.scale = 1 / std::sqrt(double(D));
  const double start = now();
  nnc::test::CompiledAttention compiled(spec, cpu);
  const double compileTime = now() - start;
  const Unfused unfused = {loadBlas(), int(T), int(D), causal};
  Pool pool(threads);

  const size_t size = size_t(heads * T * D), head = size_t(T * D);
  enum { Q, K, V, DY, Y, Y2, DQ, DK, DV, DQ2, DK2, DV2, Count };
  float *m[Count];
  for (float *&matrix : m)
    matrix = allocate(size);
  unsigned state = 1;
  for (int i : {Q, K, V, DY})
    for (size_t j = 0; j < size; ++j) {
      state = state * 1664525 + 1013904223;
      m[i][j] = (float(state >> 8) / (1 << 24) - 0.5f) * (i == Q || i == K ? 6 : 1);
    }
  float *weights = allocate(size_t(heads * T * T)), *lse = allocate(size_t(heads * T));
  std::vector<float *> scratch, slopes;
  for (int t = 0; t < threads; ++t) {
    slopes.push_back(allocate(size_t(T * T)));
    scratch.push_back(
        allocate(size_t(std::max(compiled.scratchBytes(false), compiled.scratchBytes(true))) / 4));
  }
  const nnc::test::AttentionBuffers buffers = {m[Q], m[K], m[V],  nullptr, nullptr, nullptr,
                                               m[Y], lse,  m[DY], m[DQ],   m[DK],   m[DV]};
  bool keep = true; // the first turn, not timed, leaves the weights for the backward pass
  const std::function<void(int64_t, int)> jobs[] = {
      [&](int64_t h, int thread) {
        size_t o = size_t(h) * head;
        unfused.forward(m[Q] + o, m[K] + o, m[V] + o, keep ? weights + h * T * T : slopes[thread],
                        m[Y2] + o);
      },
      [&](int64_t t, int thread) { compiled.run(false, buffers, t, scratch[thread]); },
      [&](int64_t h, int thread) {
        size_t o = size_t(h) * head;
        unfused.backward(m[Q] + o, m[K] + o, m[V] + o, weights + h * T * T, m[DY] + o,
                         slopes[thread], m[DQ2] + o, m[DK2] + o, m[DV2] + o);
      },
      [&](int64_t t, int thread) { compiled.run(true, buffers, t, scratch[thread]); }};
  const int64_t tasks[] = {heads, compiled.tasks(false), heads, compiled.tasks(true)};
  std::vector<double> times[4];
  for (int r = -1; r < repeats; ++r, keep = false)
    for (int j = 0; j < 4; ++j) {
      const double begin = now();
      pool.run(tasks[j], jobs[j]);
      if (r >= 0)
        times[j].push_back(now() - begin);
    }
  std::printf(
      "%ld heads, T %ld, D %ld, %s, %d threads, %s: y %.0e dq %.0e dk %.0e dv %.0e; compiled in "
      "%.2f s; scratch %ld and %ld KB\n",
      long(heads), long(T), long(D), causal ? "causal" : "full", threads, cpu,
      difference(m[Y], m[Y2], size), difference(m[DQ], m[DQ2], size),
      difference(m[DK], m[DK2], size), difference(m[DV], m[DV2], size), compileTime,
      long(compiled.scratchBytes(false) >> 10), long(compiled.scratchBytes(true) >> 10));
  const double flops =
      double(heads * T * D) * double(T) * (causal ? double(T + 1) / double(2 * T) : 1);
  report("forward ", times[0], times[1], 4 * flops);
  report("backward", times[2], times[3], 10 * flops);
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 7) {
    std::fprintf(stderr,
                 "usage: attention-benchmark HEADS T D causal|full THREADS REPEATS [CPU]\n");
    return 2;
  }
  Benchmark{std::atol(argv[1]),           std::atol(argv[2]),
            std::atol(argv[3]),           std::string(argv[4]) == "causal",
            std::atoi(argv[5]),           std::atoi(argv[6]),
            argc > 7 ? argv[7] : "native"}
      .run();
}
