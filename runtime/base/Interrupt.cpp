/// Signals, deferred while a training has something to save.
#include "runtime/base/Interrupt.h"
#include "runtime/base/Output.h"

#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <ctime>
#include <unistd.h>

namespace nnrt {

namespace {

std::atomic<bool> asked = false, deferred = false;
std::atomic<int64_t> firstAsked = 0;
std::atomic<bool> removes = false;
char unfinished[PATH_MAX];

/// `timeout` and shells send one request to a process and to its group: it comes twice.
constexpr int64_t sameRequest = 200'000'000;

[[noreturn]] void end() {
  if (removes)
    unlink(unfinished);
  if (!deferred) {
    constexpr char text[] = "interrupted\n";
    // Nothing is left to do where standard error is gone.
    [[maybe_unused]] ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
  }
  _exit(130);
}

void handle(int) {
  int before = errno;
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  int64_t now = int64_t(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
  if (!deferred || (asked && now - firstAsked > sameRequest))
    end();
  if (!asked) {
    firstAsked = now;
    asked = true;
  }
  errno = before;
}

} // namespace

void catchInterrupts() {
  struct sigaction action = {}, old;
  action.sa_handler = handle;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (int signal : {SIGINT, SIGTERM, SIGHUP})
    if (signal != SIGHUP || (sigaction(signal, nullptr, &old) == 0 && old.sa_handler != SIG_IGN))
      sigaction(signal, &action, nullptr);
}

void deferInterrupts() { deferred = true; }
bool interrupted() { return asked; }

void honourInterrupt() {
  if (deferred && (asked || outputFailed()))
    throw Stop();
  if (!deferred && outputFailed())
    finishOutput();
}

Unfinished::Unfinished(const std::string &path) {
  if (path.size() + 1 > sizeof unfinished)
    return;
  std::memcpy(unfinished, path.c_str(), path.size() + 1);
  removes = true;
}

Unfinished::~Unfinished() { removes = false; }

} // namespace nnrt
