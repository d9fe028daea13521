/// Pages for large blocks, and how much memory is left.
#include "runtime/base/Memory.h"
#include "runtime/base/Error.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

namespace nnrt {

/// From here on it is looked whether there is room.
static constexpr size_t largeBlock = size_t(64) << 20;

Block::Block(size_t bytes, bool pages) : bytes(bytes) {
  // A page is asked for only from twice its size on, so that a small net stays small.
  bool large = bytes >= 2 * hugePage;
  size_t alignment = pages || large ? hugePage : cacheLine;
  size_t rounded = alignUp(bytes ? bytes : 1, cacheLine);
  // The system promises memory that it does not have, and ends who uses it.
  if (uint64_t room; rounded >= largeBlock && (room = availableMemory()) < rounded)
    fail(Exit::IO, "out of memory: {} needed, there are {}", formatBytes(rounded),
         formatBytes(room));
  void *p = nullptr;
  if (posix_memalign(&p, alignment, rounded) != 0)
    fail(Exit::IO, "out of memory: {} needed", formatBytes(rounded));
  if (large)
    madvise(p, rounded / hugePage * hugePage, MADV_HUGEPAGE);
  memory.reset(static_cast<char *>(p));
  if (!pages)
    std::memset(p, 0, rounded);
}

void Block::Free::operator()(char *p) const { std::free(p); }

std::string formatBytes(size_t bytes) {
  if (bytes < 1000)
    return fmt::format("{} B", bytes);
  if (bytes < 1000 * 1000)
    return fmt::format("{:.1f} KB", double(bytes) / 1e3);
  if (bytes < size_t(1e9))
    return fmt::format("{:.1f} MB", double(bytes) / 1e6);
  return fmt::format("{:.2f} GB", double(bytes) / 1e9);
}

namespace {

/// The number after `key` in a file of lines "key number", or the file's only number.
std::optional<uint64_t> numberIn(const std::string &path, const std::string &key = "") {
  std::ifstream file(path);
  std::string word;
  while (!key.empty() && file >> word && word != key)
    ;
  uint64_t number;
  return file >> number ? std::optional(number) : std::nullopt;
}

/// What is left below the limit of a control group.
std::optional<uint64_t> roomIn(const std::string &folder, const char *limitFile,
                               const char *usedFile) {
  std::optional<uint64_t> limit = numberIn(folder + limitFile), used = numberIn(folder + usedFile);
  if (!limit || !used)
    return std::nullopt;
  // Pages of files that nobody has mapped are given up when memory is asked for.
  uint64_t cached = numberIn(folder + "memory.stat", "inactive_file").value_or(0);
  uint64_t taken = *used - std::min(*used, cached);
  return *limit - std::min(*limit, taken);
}

/// What is left below the limits of the process's control group and of those above it.
std::optional<uint64_t> roomInGroups() {
  std::optional<uint64_t> least;
  std::ifstream groups("/proc/self/cgroup");
  // Lines "id:controllers:path"; version 2 names no controllers.
  for (std::string line; std::getline(groups, line);) {
    size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos)
      continue;
    std::string controllers = line.substr(first + 1, second - first - 1);
    bool old = controllers.find("memory") != std::string::npos;
    if (!old && !controllers.empty())
      continue;
    std::string root = old ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup";
    for (std::string path = line.substr(second + 1);; path.resize(path.rfind('/'))) {
      std::string folder = root + (path == "/" ? "" : path) + "/";
      auto room = old ? roomIn(folder, "memory.limit_in_bytes", "memory.usage_in_bytes")
                      : roomIn(folder, "memory.max", "memory.current");
      least = room ? std::min(*room, least.value_or(*room)) : least;
      if (path.size() <= 1 || path.rfind('/') == std::string::npos)
        break;
    }
  }
  return least;
}

} // namespace

uint64_t availableMemory() {
  uint64_t free = UINT64_MAX;
  auto atMost = [&](std::optional<uint64_t> limit) { free = std::min(free, limit.value_or(free)); };
  if (auto kilobytes = numberIn("/proc/meminfo", "MemAvailable:"))
    atMost(*kilobytes * 1024);
  atMost(roomInGroups());
  for (auto resource : {RLIMIT_AS, RLIMIT_DATA}) {
    rlimit limit;
    auto pages = numberIn("/proc/self/statm");
    if (getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && pages) {
      uint64_t taken = *pages * uint64_t(sysconf(_SC_PAGESIZE));
      atMost(limit.rlim_cur - std::min<uint64_t>(limit.rlim_cur, taken));
    }
  }
  return free;
}

} // namespace nnrt
