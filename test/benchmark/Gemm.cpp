/// Matrix products of the nets' shapes against OpenBLAS, oneDNN and BLIS, in turns, in one process.
///
/// gemm-benchmark [--threads N] [--repeats N] [--cpu CPU] [--only MxKxN[op]] [--change
/// key=value,..] Every contender runs on the same OpenMP pool. Results are compared before anything
/// is timed. GFLOP/s are medians; the ratios are medians of our rate over the best library's and
/// over the FMA peak that the same run measured.
#include "test/Emit/GemmHarness.h"
#include "test/benchmark/Peak.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>
#include <cstring>
#include <ctime>
#include <dlfcn.h>
#include <sys/mman.h>

extern "C" void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);
extern "C" int omp_get_thread_num();
extern "C" void omp_set_num_threads(int);

using namespace nnc;
using namespace nnc::test;

namespace {

/// Seconds: of this thread's work if it works alone, so that neighbours do not count; else of the
/// wall clock.
double now(unsigned threads) {
  timespec time;
  clock_gettime(threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &time);
  return time.tv_sec + 1e-9 * time.tv_nsec;
}

template <typename Body> void inParallel(unsigned threads, Body body) {
  if (threads == 1)
    return body(0);
  GOMP_parallel([](void *data) { (*static_cast<Body *>(data))(omp_get_thread_num()); }, &body,
                threads, 0);
}

/// Memory on large pages, as the arena of a compiled program.
float *allocate(int64_t count) {
  constexpr size_t page = 2 << 20;
  const size_t bytes = (count * sizeof(float) + page) / page * page;
  void *memory = std::aligned_alloc(page, bytes);
  madvise(memory, bytes, MADV_HUGEPAGE);
  std::memset(memory, 0, bytes);
  return static_cast<float *>(memory);
}

float *randomMatrix(int64_t count) {
  float *values = allocate(count);
  unsigned state = 1;
  for (int64_t i = 0; i < count; ++i) {
    state = state * 1664525 + 1013904223;
    values[i] = float(state >> 8) / (1 << 24) - 0.5f;
  }
  return values;
}

struct Case {
  int64_t m, k, n;
  bool transposeA, transposeB;
  double flops() const { return 2.0 * m * n * k; }
  std::string name() const {
    return llvm::formatv("{0}x{1}x{2} {3}{4}", m, k, n, transposeA ? "T" : "N",
                         transposeB ? "T" : "N");
  }
};

/// M x K x N of forward, weight gradient (A transposed) and input gradient (B transposed).
std::vector<Case> netShapes() {
  std::vector<Case> cases;
  for (int64_t n : {512, 1024, 2048})
    cases.push_back({n, n, n, false, false});
  const int64_t layers[][3] = {{64, 784, 128},  {64, 128, 10},     {64, 3072, 768},
                               {512, 768, 768}, {512, 768, 3072},  {512, 3072, 768},
                               {768, 128, 512}, {1024, 384, 8192}, {3072, 384, 1152}};
  for (auto [m, k, n] : layers) {
    cases.push_back({m, k, n, false, false});
    cases.push_back({k, m, n, true, false});
    cases.push_back({m, n, k, false, true});
  }
  for (int64_t m : {1, 8, 16, 32})
    cases.push_back({m, 768, 768, false, false});
  cases.push_back({1024, 1024, 768, false, true});
  cases.push_back({1024, 768, 50304, false, false});
  return cases;
}

struct Contender {
  std::string name;
  std::function<void(float *c)> run;
  std::vector<double> seconds = {};
  double median(double quantile = 0.5) {
    std::sort(seconds.begin(), seconds.end());
    return seconds[std::min<size_t>(seconds.size() - 1, seconds.size() * quantile)];
  }
};

struct Options {
  unsigned threads = 1;
  int repeats = 15;
  std::string cpu = "native", only, change;
};

class Benchmark {
public:
  Benchmark(const Case &shape, const Options &options) : shape(shape), options(options) {
    a = randomMatrix(shape.m * shape.k), b = randomMatrix(shape.k * shape.n);
    c = allocate(shape.m * shape.n);
  }
  ~Benchmark() { std::free(a), std::free(b), std::free(c), std::free(scratch); }

  /// Our rate over the best library's.
  double run() {
    addOurs();
    addLibraries();
    compare();
    time();
    return report();
  }

private:
  void addOurs() {
    ProductSpec spec{shape.m, shape.n, shape.k};
    spec.transposeA = shape.transposeA, spec.transposeB = shape.transposeB;
    product =
        std::make_unique<CompiledProduct>(spec, options.cpu, [&](GemmPlan &plan) { change(plan); });
    const int64_t perThread = (product->scratchBytes() / 4 + 1024) / 1024 * 1024 + 512;
    scratch = allocate(perThread * options.threads);
    contenders.push_back(
        {"nnc", [=, this](float *out) {
           inParallel(options.threads, [=, this](unsigned thread) {
             for (int64_t task = thread; task < product->tasks(); task += options.threads)
               product->run(a, b, nullptr, out, task, scratch + thread * perThread);
           });
         }});
  }

  void change(GemmPlan &plan) {
    llvm::SmallVector<llvm::StringRef> changes;
    llvm::StringRef(options.change).split(changes, ',', -1, false);
    for (llvm::StringRef entry : changes) {
      auto [key, text] = entry.split('=');
      int64_t value = 0;
      text.getAsInteger(10, value);
      if (key == "mr")
        plan.mr = value;
      if (key == "nv")
        plan.nv = value;
      if (key == "mc")
        plan.mc = value;
      if (key == "nc")
        plan.nc = std::min(value, plan.taskColumns);
      if (key == "kc")
        plan.kc = std::min(value, shape.k);
      if (key == "packA")
        plan.packA = value;
      if (key == "packB")
        plan.packB = value;
      if (key == "ji")
        plan.columnsOuter = value;
      if (key == "pc")
        plan.sumOutermost = value, plan.mc = plan.taskRows;
      if (key == "pf")
        plan.prefetchC = value;
      if (key == "pfa")
        plan.prefetchNextRows = value;
      if (key == "pfn")
        plan.prefetchNextColumns = value;
      if (key == "unroll")
        plan.unroll = value;
      if (key == "tn")
        plan.tasksN = value, plan.taskColumns = shape.n / value;
      if (key == "tm")
        plan.tasksM = value, plan.taskRows = plan.mc = shape.m / value;
    }
  }

  void *symbol(const char *library, const char *name) {
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    return handle ? dlsym(handle, name) : nullptr;
  }

  void addBlas(const char *name, const char *library) {
    using Sgemm = void (*)(int, int, int, int, int, int, float, const float *, int, const float *,
                           int, float, float *, int);
    auto sgemm = reinterpret_cast<Sgemm>(symbol(library, "cblas_sgemm"));
    if (!sgemm)
      return;
    // The build of OpenBLAS on threads of its own does not listen to OpenMP.
    if (auto setThreads =
            reinterpret_cast<void (*)(int)>(symbol(library, "openblas_set_num_threads")))
      setThreads(options.threads);
    const int m = shape.m, n = shape.n, k = shape.k;
    const bool ta = shape.transposeA, tb = shape.transposeB;
    contenders.push_back({name, [=, this](float *out) {
                            sgemm(101, ta ? 112 : 111, tb ? 112 : 111, m, n, k, 1, a, ta ? m : k, b,
                                  tb ? k : n, 0, out, n);
                          }});
  }

  void addLibraries() {
    addBlas("openblas", "libopenblas.so.0");
    addBlas("blis", "libblis.so.4");
    using Sgemm = int (*)(char, char, int64_t, int64_t, int64_t, float, const float *, int64_t,
                          const float *, int64_t, float, float *, int64_t);
    auto sgemm = reinterpret_cast<Sgemm>(symbol("libdnnl.so.2", "dnnl_sgemm"));
    if (!sgemm)
      return;
    const Case s = shape;
    contenders.push_back({"onednn", [=, this](float *out) {
                            sgemm(s.transposeA ? 'T' : 'N', s.transposeB ? 'T' : 'N', s.m, s.n, s.k,
                                  1, a, s.transposeA ? s.m : s.k, b, s.transposeB ? s.k : s.n, 0,
                                  out, s.n);
                          }});
  }

  /// Every result against ours, and ours at some places against a sum in double precision.
  void compare() {
    const int64_t count = shape.m * shape.n;
    std::vector<float> ours(count);
    for (Contender &contender : contenders) {
      std::memset(c, 0xff, count * sizeof(float));
      contender.run(c);
      if (&contender == &contenders[0]) {
        ours.assign(c, c + count);
        continue;
      }
      double error = 0;
      for (int64_t i = 0; i < count; ++i)
        error = std::max(error, std::isnan(c[i]) ? INFINITY : std::abs(double(c[i]) - ours[i]));
      if (!(error <= 1e-5 * std::sqrt(shape.k)))
        llvm::errs() << shape.name() << ": " << contender.name << " differs from ours by " << error
                     << "\n";
    }
    for (int64_t i = 0; i < count; i += 1 + count / 97) {
      double sum = 0;
      const int64_t m = i / shape.n, n = i % shape.n;
      for (int64_t k = 0; k < shape.k; ++k)
        sum += double(a[shape.transposeA ? k * shape.m + m : m * shape.k + k]) *
               b[shape.transposeB ? n * shape.k + k : k * shape.n + n];
      if (!(std::abs(sum - ours[i]) <= 1e-5 * std::sqrt(shape.k))) {
        llvm::errs() << shape.name() << ": wrong at " << m << ", " << n << "\n";
        std::exit(1);
      }
    }
  }

  void time() {
    const unsigned threads = options.threads;
    const int64_t turns = 1 + int64_t(0.6e9 * threads / shape.flops());
    contenders.push_back({"peak", [=, this](float *) {
                            inParallel(threads, [=, this](unsigned) {
                              multiplyAdd(shape.flops() / threads, product->plan().lanes * 32);
                            });
                          }});
    for (int repeat = 0; repeat < options.repeats; ++repeat)
      for (Contender &contender : contenders) {
        if (shape.flops() < 1e10)
          contender.run(c);
        const double start = now(threads);
        for (int64_t turn = 0; turn < turns; ++turn)
          contender.run(c);
        contender.seconds.push_back((now(threads) - start) / turns);
      }
  }

  double report() {
    auto rate = [&](Contender &contender, double quantile) {
      return shape.flops() / contender.median(quantile) * 1e-9;
    };
    double best = 0;
    llvm::StringRef winner = "none";
    for (Contender &contender : llvm::MutableArrayRef(contenders).drop_front().drop_back())
      if (double r = rate(contender, 0.5); r > best)
        best = r, winner = contender.name;
    std::string line = llvm::formatv("{0,-20}", shape.name());
    for (Contender &contender : contenders)
      line += llvm::formatv(" {0} {1:F1}", contender.name, rate(contender, 0.5));
    Contender &ours = contenders.front(), &peak = contenders.back();
    const double ratio = best > 0 ? rate(ours, 0.5) / best : 0;
    llvm::outs() << line
                 << llvm::formatv(
                        " | {0:F2} of {1}, {2:F0}% of peak, quartiles {3:F0}-{4:F0} | {5}\n", ratio,
                        winner, 100 * rate(ours, 0.5) / rate(peak, 0.5), rate(ours, 0.75),
                        rate(ours, 0.25), describe(product->plan()));
    llvm::outs().flush();
    return ratio;
  }

  Case shape;
  const Options &options;
  float *a, *b, *c, *scratch = nullptr;
  std::unique_ptr<CompiledProduct> product;
  std::vector<Contender> contenders;
};

Options parse(int count, char **arguments) {
  Options options;
  for (int i = 1; i + 1 < count; i += 2) {
    std::string flag = arguments[i], value = arguments[i + 1];
    if (flag == "--threads")
      options.threads = std::stoi(value);
    if (flag == "--repeats")
      options.repeats = std::stoi(value);
    if (flag == "--cpu")
      options.cpu = value;
    if (flag == "--only")
      options.only = value;
    if (flag == "--change")
      options.change = value;
  }
  return options;
}

} // namespace

int main(int count, char **arguments) {
  Options options = parse(count, arguments);
  omp_set_num_threads(options.threads);
  llvm::outs() << "threads " << options.threads << ", " << options.cpu << ", GFLOP/s\n";
  std::vector<double> ratios;
  for (const Case &shape : netShapes())
    if (options.only.empty() || llvm::StringRef(shape.name()).contains(options.only))
      ratios.push_back(Benchmark(shape, options).run());
  std::sort(ratios.begin(), ratios.end());
  if (!ratios.empty())
    llvm::outs() << llvm::formatv("ours / best library: median {0:F2}, least {1:F2}, {2} shapes\n",
                                  ratios[ratios.size() / 2], ratios.front(), ratios.size());
}
