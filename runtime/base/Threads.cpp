/// The pool: a ticket of tasks, workers that spin and then sleep.
#include "runtime/base/Threads.h"

#include <fstream>
#include <immintrin.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <set>
#include <string>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

/// About 50 µs of spinning covers the gaps between the kernels of one step.
constexpr int spins = 2000;
/// A caller that waits longer than this lets other processes have the core.
constexpr int spinsBeforeYield = 20000;

void futexWait(std::atomic<uint32_t> &word, uint32_t value) {
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
}
void futexWakeAll(std::atomic<uint32_t> &word) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, INT32_MAX, nullptr, nullptr, 0);
}

/// One CPU number for each physical core that the process may use.
std::vector<int> coresAllowed() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
    return {0};
  std::vector<int> cores;
  std::set<std::string> seen;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed))
      continue;
    std::ifstream file("/sys/devices/system/cpu/cpu" + std::to_string(cpu) +
                       "/topology/thread_siblings_list");
    std::string siblings = std::to_string(cpu);
    std::getline(file, siblings);
    if (seen.insert(siblings).second)
      cores.push_back(cpu);
  }
  return cores.empty() ? std::vector<int>{0} : cores;
}

/// How this thread rounds and treats subnormal numbers; without what happened so far.
unsigned floatModeOfThread() { return _mm_getcsr() & ~unsigned(_MM_EXCEPT_MASK); }

void pin(pthread_t thread, int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  pthread_setaffinity_np(thread, sizeof set, &set);
}

} // namespace

nnrt::FlushSubnormals::FlushSubnormals() : before(_mm_getcsr()) {
  _mm_setcsr(before | _MM_FLUSH_ZERO_ON | _MM_DENORMALS_ZERO_ON);
}
nnrt::FlushSubnormals::~FlushSubnormals() { _mm_setcsr(before); }

int nnrt::usableCores() { return int(coresAllowed().size()); }

nnrt_pool::nnrt_pool(int threads, size_t scratchBytes) {
  for (int i = 0; i < threads; ++i)
    scratch.emplace_back(scratchBytes);
  if (threads == 1)
    return;
  std::vector<int> cores = coresAllowed();
  for (int i = 1; i < threads; ++i)
    workers.emplace_back([this, i] { work(i); });
  // Pinning pays when the pool owns every core; with fewer threads than cores two processes would
  // be pinned onto the same ones.
  if (threads != int(cores.size()))
    return;
  pin(pthread_self(), cores[0]);
  for (int i = 1; i < threads; ++i)
    pin(workers[i - 1].native_handle(), cores[i]);
}

nnrt_pool::~nnrt_pool() {
  stopping.store(true);
  published.fetch_add(1);
  futexWakeAll(published);
  for (std::thread &worker : workers)
    worker.join();
}

void nnrt_pool::drain(int self) {
  uint64_t seen = ticket.load(std::memory_order_acquire);
  while (uint32_t left = uint32_t(seen)) {
    if (!ticket.compare_exchange_weak(seen, seen - 1, std::memory_order_acq_rel))
      continue;
    // The claimed task keeps the job alive, so its fields are stable from here on.
    if (floatModeOfThread() != floatMode)
      _mm_setcsr(floatMode);
    kernel(args, tasks - left, scratch[self].data());
    finished.fetch_add(1, std::memory_order_release);
    seen = ticket.load(std::memory_order_acquire);
  }
}

void nnrt_pool::sleep(uint64_t seen) {
  sleepers.fetch_add(1);
  uint32_t before = published.load();
  if (ticket.load() == seen && !stopping.load())
    futexWait(published, before);
  sleepers.fetch_sub(1);
}

void nnrt_pool::work(int self) {
  while (!stopping.load(std::memory_order_relaxed)) {
    drain(self);
    uint64_t seen = ticket.load(std::memory_order_acquire);
    int spin = 0;
    while (uint32_t(seen) == 0 && spin < spins) {
      _mm_pause();
      ++spin;
      seen = ticket.load(std::memory_order_acquire);
    }
    if (uint32_t(seen) == 0)
      sleep(seen);
  }
}

void nnrt_pool::run(nnrt_kernel newKernel, void *const *newArgs, int64_t newTasks) {
  if (newTasks <= 1 || workers.empty()) {
    for (int64_t t = 0; t < newTasks; ++t)
      newKernel(newArgs, t, scratch[0].data());
    return;
  }
  kernel = newKernel;
  args = newArgs;
  tasks = newTasks;
  floatMode = floatModeOfThread();
  finished.store(0, std::memory_order_relaxed);
  uint64_t job = (ticket.load(std::memory_order_relaxed) >> 32) + 1;
  ticket.store(job << 32 | uint64_t(newTasks));
  published.fetch_add(1);
  if (sleepers.load() > 0)
    futexWakeAll(published);
  drain(0);
  for (int spin = 0; finished.load(std::memory_order_acquire) < newTasks; ++spin) {
    if (spin < spinsBeforeYield)
      _mm_pause();
    else
      sched_yield();
  }
}

extern "C" void nnrt_parallel(nnrt_context *context, nnrt_kernel kernel, void *const *args,
                              int64_t tasks, int64_t launch) {
  nnrt_watch *watch = context->watch;
  if (watch) [[unlikely]]
    watch->before(launch, args);
  context->pool->run(kernel, args, tasks);
  if (watch) [[unlikely]]
    watch->after(launch, args);
}
