/// The thread pool behind nnrt_parallel: low dispatch latency, no OpenMP, no effect on results.
#ifndef NNC_RUNTIME_BASE_THREADS_H
#define NNC_RUNTIME_BASE_THREADS_H

#include "runtime/base/Memory.h"
#include "runtime/contract/nnrt.h"

#include <atomic>
#include <thread>
#include <vector>

/// One job at a time. A job's tasks are claimed one by one from `ticket`, whose high half is the
/// job's number and whose low half counts the tasks not yet claimed; so a late worker can never
/// claim a task of a job that it has not seen.
struct nnrt_pool {
  /// `threads` includes the caller; each gets `scratch` bytes.
  nnrt_pool(int threads, size_t scratch);
  ~nnrt_pool();
  nnrt_pool(const nnrt_pool &) = delete;

  int threads() const { return int(scratch.size()); }
  void run(nnrt_kernel kernel, void *const *args, int64_t tasks);

private:
  void work(int self);
  void drain(int self);
  void sleep(uint64_t seen);

  std::vector<nnrt::Block> scratch;
  std::vector<std::thread> workers;
  alignas(64) std::atomic<uint64_t> ticket{0};
  alignas(64) std::atomic<int64_t> finished{0};
  alignas(64) std::atomic<uint32_t> published{0}; ///< futex word: jobs so far
  std::atomic<int> sleepers{0};
  std::atomic<bool> stopping{false};
  alignas(64) nnrt_kernel kernel = nullptr;
  void *const *args = nullptr;
  int64_t tasks = 0;
  unsigned floatMode = 0; ///< the caller's MXCSR: all tasks round and flush as it does
};

/// Is told of the launches of a call, before and after each.
struct nnrt_watch {
  virtual ~nnrt_watch() = default;
  virtual void before(int64_t launch, void *const *args) = 0;
  virtual void after(int64_t launch, void *const *args) = 0;
};

namespace nnrt {
/// While it lives, f32 and f64 arithmetic of this thread reads subnormal numbers as 0 and gives 0
/// instead of one (flush-to-zero and denormals-are-zero).
class FlushSubnormals {
public:
  FlushSubnormals();
  ~FlushSubnormals();
  FlushSubnormals(const FlushSubnormals &) = delete;

private:
  unsigned before;
};

/// The number of physical cores that this process may use.
int usableCores();
} // namespace nnrt

#endif
