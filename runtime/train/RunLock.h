/// One training at a time in a run folder; reading it is free.
#ifndef NNC_RUNTIME_TRAIN_RUNLOCK_H
#define NNC_RUNTIME_TRAIN_RUNLOCK_H

#include <string>

namespace nnrt {

class RunLock {
public:
  /// Makes the folder if it is not there; an Error if another process trains in it.
  explicit RunLock(const std::string &folder);
  /// A folder that this made and nothing was written into is removed again.
  ~RunLock();
  RunLock(const RunLock &) = delete;

private:
  bool tryLock();

  std::string folder, path;
  int fd = -1;
  bool made;
};

} // namespace nnrt

#endif
