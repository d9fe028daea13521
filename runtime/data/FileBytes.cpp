/// A file in memory or on the disk, unpacked where it is gzip.
#include "runtime/data/FileBytes.h"
#include "runtime/base/Error.h"
#include "runtime/base/Memory.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <zlib.h>

namespace nnrt {

namespace {

/// A file descriptor that closes itself, and what it is of.
struct Opened {
  int fd = -1;
  struct stat info = {};
  explicit Opened(const std::string &path) : fd(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (fd < 0 || fstat(fd, &info) != 0) {
      int reason = errno;
      if (fd >= 0)
        close(fd);
      fail(Exit::Data, "{}: cannot open: {}", path, std::strerror(reason));
    }
  }
  Opened(const Opened &) = delete;
  ~Opened() {
    if (fd >= 0)
      close(fd);
  }
  bool regular() const { return S_ISREG(info.st_mode); }
  uint64_t size() const { return uint64_t(info.st_size); }
};

/// Reads up to `n` bytes at an offset; fewer only at the file's end.
size_t readAt(int fd, uint64_t offset, char *out, size_t n, const std::string &path) {
  size_t done = 0;
  while (done < n) {
    ssize_t got = pread(fd, out + done, n - done, off_t(offset + done));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      fail(Exit::Data, "{}: cannot read: {}", path, std::strerror(errno));
    if (got == 0)
      break;
    done += size_t(got);
  }
  return done;
}

/// The size that the end of a gzip file states, modulo 2^32; nothing if it is no gzip file.
std::optional<uint32_t> inflatedSize(const Opened &file, const std::string &path) {
  unsigned char magic[2], end[4];
  if (!file.regular() || file.size() < 18 ||
      readAt(file.fd, 0, reinterpret_cast<char *>(magic), 2, path) != 2 || magic[0] != 0x1f ||
      magic[1] != 0x8b)
    return std::nullopt;
  if (readAt(file.fd, file.size() - 4, reinterpret_cast<char *>(end), 4, path) != 4)
    return std::nullopt;
  return uint32_t(end[0]) | uint32_t(end[1]) << 8 | uint32_t(end[2]) << 16 | uint32_t(end[3]) << 24;
}

struct Gz {
  gzFile file;
  ~Gz() {
    if (file)
      gzclose(file);
  }
};

/// Inflates a gzip file, or reads what is no regular file; `hint` is its size as far as it is
/// known.
std::string inflate(int fd, uint64_t hint, const std::string &path) {
  Gz gz{gzdopen(dup(fd), "rb")};
  if (!gz.file)
    fail(Exit::Data, "{}: cannot open: {}", path, std::strerror(errno));
  gzbuffer(gz.file, 1 << 18);
  std::string content;
  content.reserve(hint + 1);
  size_t chunk = 1 << 16; // It grows with what has been read; a small file takes little.
  while (true) {
    size_t old = content.size();
    // Growing copies what is there.
    if (old + chunk > content.capacity() && old > FileBytes::heldSize)
      checkFits(path, 2 * old + chunk);
    content.resize(old + chunk);
    int n = gzread(gz.file, content.data() + old, unsigned(chunk));
    if (n < 0) {
      int code;
      fail(Exit::Data, "{}: cannot read: {}", path, gzerror(gz.file, &code));
    }
    content.resize(old + size_t(n));
    if (size_t(n) < chunk)
      break;
    chunk = std::min<size_t>(content.size(), 1 << 28);
    if (content.size() < hint)
      chunk = std::min<size_t>(chunk, hint + 1 - content.size());
  }
  // A gzip stream cut short reads as a short file unless the stream's end is checked for.
  if (gzclose_r(std::exchange(gz.file, nullptr)) != Z_OK)
    fail(Exit::Data, "{}: compressed data: expected a complete gzip stream, found a truncated one",
         path);
  if (content.capacity() > content.size() + content.size() / 8)
    content.shrink_to_fit();
  return content;
}

/// Everything that a file holds.
std::string contentOf(const Opened &file, const std::string &path) {
  if (std::optional<uint32_t> inflated = inflatedSize(file, path)) {
    // A byte of a gzip file never stands for more than 1032.
    uint64_t hint = *inflated / 1032 <= file.size() ? *inflated : 0;
    checkFits(path, hint);
    return inflate(file.fd, hint, path);
  }
  if (!file.regular())
    return inflate(file.fd, 0, path);
  checkFits(path, file.size());
  std::string content(size_t(file.size()), '\0');
  content.resize(readAt(file.fd, 0, content.data(), content.size(), path));
  return content;
}

} // namespace

void checkFits(const std::string &path, uint64_t needed) {
  if (needed <= FileBytes::heldSize)
    return;
  uint64_t free = availableMemory();
  if (needed > free)
    fail(Exit::Data,
         "{}: expected a file that fits into memory, found one that needs {} where {} are free; "
         "npy, idx and text that are not compressed are read from the disk",
         path, formatBytes(needed), formatBytes(free));
}

FileBytes::FileBytes(FileBytes &&other) noexcept
    : path(std::move(other.path)), content(std::move(other.content)), length(other.length),
      fd(std::exchange(other.fd, -1)) {}

FileBytes::~FileBytes() {
  if (fd >= 0)
    close(fd);
}

FileBytes FileBytes::open(const std::string &path) {
  Opened file(path);
  if (!file.regular() || file.size() <= heldSize || inflatedSize(file, path))
    return FileBytes(contentOf(file, path), path);
  FileBytes bytes(std::string(), path);
  bytes.length = file.size();
  bytes.fd = std::exchange(file.fd, -1);
  return bytes;
}

std::string_view FileBytes::bytes(uint64_t offset, size_t n, std::string &buffer) const {
  n = size_t(std::min<uint64_t>(n, length - std::min(offset, length)));
  if (held())
    return std::string_view(content).substr(size_t(std::min(offset, length)), n);
  if (n > buffer.capacity())
    checkFits(path, n);
  buffer.resize(n);
  if (size_t got = readAt(fd, offset, buffer.data(), n, path); got < n)
    fail(Exit::Data, "{}: data: expected {} bytes as at the start, found {}: the file was cut",
         path, length, offset + got);
  return buffer;
}

std::string readFile(const std::string &path) { return contentOf(Opened(path), path); }

} // namespace nnrt
