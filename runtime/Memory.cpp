#include "runtime/Memory.h"
#include "runtime/Error.h"

#include <cstdlib>
#include <cstring>
#include <sys/mman.h>

namespace nnrt {

Block::Block(size_t bytes, bool pages) : bytes(bytes) {
  // A page is asked for only from twice its size on, so that a small net stays small.
  bool large = bytes >= 2 * hugePage;
  size_t alignment = pages || large ? hugePage : cacheLine;
  size_t rounded = alignUp(bytes ? bytes : 1, cacheLine);
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

} // namespace nnrt
