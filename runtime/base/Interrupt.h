/// Ctrl-C, SIGTERM and a closed terminal (SIGHUP, unless `nohup` has it ignored): one request to
/// stop.
#ifndef NNC_RUNTIME_BASE_INTERRUPT_H
#define NNC_RUNTIME_BASE_INTERRUPT_H

#include <string>

namespace nnrt {

/// From now on a request ends the process at once, with status 130.
void catchInterrupts();
/// From now on a request waits until the training honours it; another one, later, ends the process
/// at once.
void deferInterrupts();
bool interrupted();

/// Thrown where a training should save and stop.
struct Stop {};
/// Between two pieces of work: throws Stop after a deferred request, or if nobody can read what a
/// training prints; other commands end with an Error where standard output fails.
void honourInterrupt();

/// While it lives, a file is removed by a request that ends the process at once.
class Unfinished {
public:
  explicit Unfinished(const std::string &path);
  ~Unfinished();
  Unfinished(const Unfinished &) = delete;
};

} // namespace nnrt

#endif
