/// The bytes of a data file: small and compressed files are held in memory, large ones are read
/// where they are wanted, so that memory does not grow with the file.
#ifndef NNC_RUNTIME_DATA_FILEBYTES_H
#define NNC_RUNTIME_DATA_FILEBYTES_H

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace nnrt {

class FileBytes {
public:
  /// Files of up to this size are held in memory.
  static constexpr uint64_t heldSize = uint64_t(16) << 20;

  /// Bytes that are in memory already; `name` is for errors.
  FileBytes(std::string content, std::string name = "") // NOLINT: a text is such a file.
      : path(std::move(name)), content(std::move(content)), length(this->content.size()) {}
  FileBytes(FileBytes &&other) noexcept;
  FileBytes(const FileBytes &) = delete;
  ~FileBytes();

  /// Opens a file; a gzip file is inflated, whatever its name. What has to be held and does not fit
  /// is refused before it is read.
  static FileBytes open(const std::string &path);

  uint64_t size() const { return length; }
  bool held() const { return fd < 0; }
  size_t memory() const { return held() ? content.capacity() : 0; }
  /// Bytes [offset, offset + n), cut at the file's end; `buffer` is used where they are not held.
  std::string_view bytes(uint64_t offset, size_t n, std::string &buffer) const;

private:
  std::string path, content;
  uint64_t length = 0;
  int fd = -1;
};

/// The whole content of a file; a gzip file is inflated, whatever its name.
std::string readFile(const std::string &path);

/// Refuses a file whose contents need more memory than there is.
void checkFits(const std::string &path, uint64_t needed);

} // namespace nnrt

#endif
