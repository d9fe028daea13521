#include "runtime/Interrupt.h"

#include <csignal>
#include <unistd.h>

namespace nnrt {

namespace {

volatile std::sig_atomic_t signals = 0;

void handle(int) {
  signals = signals + 1;
  if (signals > 1)
    _exit(130);
}

} // namespace

void catchInterrupts() {
  struct sigaction action = {};
  action.sa_handler = handle;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return signals > 0; }

} // namespace nnrt
