/// Aligned memory: large blocks on 2 MB pages, small ones on cache lines.
#ifndef NNC_RUNTIME_BASE_MEMORY_H
#define NNC_RUNTIME_BASE_MEMORY_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace nnrt {

constexpr size_t hugePage = size_t(2) << 20;
constexpr size_t cacheLine = 64;

constexpr size_t alignUp(size_t n, size_t alignment) {
  return (n + alignment - 1) / alignment * alignment;
}

/// An owned block, aligned to 64 bytes, or to 2 MB where `pages` asks for it or it is that large.
class Block {
public:
  Block() = default;
  explicit Block(size_t bytes, bool pages = false);

  char *data() const { return memory.get(); }
  size_t size() const { return bytes; }

private:
  struct Free {
    void operator()(char *p) const;
  };
  std::unique_ptr<char, Free> memory;
  size_t bytes = 0;
};

/// "12.3 MB".
std::string formatBytes(size_t bytes);

/// Bytes that this process can still take, as far as the system says: what is free, and what the
/// limits of the process and of its control group leave.
uint64_t availableMemory();

} // namespace nnrt

#endif
