/// The lock file of a run folder.
#include "runtime/train/RunLock.h"
#include "runtime/base/Error.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace nnrt {

namespace {

/// A record lock: it is gone with the process however that ends, and holds on network disks too.
struct flock whole(short type) {
  struct flock lock = {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

/// Who holds the lock: the system's answer, or what the holder wrote (a process of another machine
/// or container has no number here).
std::string holderOf(int fd) {
  struct flock lock = whole(F_WRLCK);
  if (fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK && lock.l_pid > 0)
    return std::to_string(lock.l_pid);
  char text[64] = {};
  ssize_t n = pread(fd, text, sizeof text - 1, 0);
  std::string written(text, n > 0 ? size_t(n) : 0);
  return written.substr(0, written.find('\n'));
}

} // namespace

RunLock::RunLock(const std::string &folder)
    : folder(folder), path((std::filesystem::path(folder) / "lock").string()) {
  std::error_code ignored;
  made = !std::filesystem::exists(folder, ignored);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    fail(Exit::IO, "{}: cannot make the run folder: {}: give another one with --run", folder,
         error.message());
  while (!tryLock())
    continue;
}

/// False if the file was removed by the training before between opening and locking it.
bool RunLock::tryLock() {
  fd = open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (fd < 0)
    fail(Exit::IO, "{}: cannot write in the run folder: {}: give another one with --run", path,
         std::strerror(errno));
  struct flock lock = whole(F_WRLCK);
  bool locked = fcntl(fd, F_SETLK, &lock) == 0;
  if (!locked && (errno == EACCES || errno == EAGAIN)) {
    std::string holder = holderOf(fd);
    close(fd);
    fail(Exit::IO, "{}: in use by another training (pid {}): wait for it, or give another --run",
         folder, holder.empty() ? "unknown" : holder);
  }
  // A disk that knows no locks cannot keep a second training out.
  if (!locked)
    return true;
  struct stat mine = {}, named = {};
  if (fstat(fd, &mine) != 0 || stat(path.c_str(), &named) != 0 || mine.st_ino != named.st_ino) {
    close(fd);
    return false;
  }
  std::string text = std::to_string(getpid()) + "\n";
  // Only a message reads it.
  [[maybe_unused]] bool written = ftruncate(fd, 0) == 0 && pwrite(fd, text.data(), text.size(), 0);
  return true;
}

RunLock::~RunLock() {
  // Removed before it is let go: the next training sees that its name is gone.
  unlink(path.c_str());
  close(fd);
  if (made)
    rmdir(folder.c_str());
}

} // namespace nnrt
