/// The one checked way from a file's bytes to values: every loader reads through it.
#pragma once

#include "runtime/Error.h"
#include "runtime/Types.h"

#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace nnrt {

/// The whole content of a file; a gzip file is inflated, whatever its name.
std::string readFile(const std::string &path);

/// A cursor over bytes that never leaves them. `file` names the data in errors.
class ByteReader {
public:
  ByteReader(std::string_view bytes, const std::string &file) : bytes(bytes), file(file) {}

  size_t offset() const { return position; }
  size_t remaining() const { return bytes.size() - position; }

  /// The next `n` bytes; `what` names them if they are missing.
  std::string_view take(uint64_t n, std::string_view what);
  uint64_t bigEndian(int size, std::string_view what);
  uint64_t littleEndian(int size, std::string_view what);

private:
  std::string_view bytes;
  const std::string &file;
  size_t position = 0;
};

/// The product of sizes read from a file, as an error where it does not fit.
uint64_t checkedProduct(std::span<const uint64_t> sizes, const std::string &file,
                        std::string_view what);

/// The element types that data files use.
enum class Raw { U8, I8, U16, I16, U32, I32, U64, I64, F32, F64, Bool };
size_t sizeOf(Raw type);

/// Rows of numbers as a file holds them: kept in the file's own type and byte order.
struct RawRows {
  std::string bytes;
  Raw type = Raw::U8;
  bool swapped = false; ///< stored big-endian
  size_t start = 0;     ///< of row 0 in `bytes`
  size_t stride = 0;    ///< bytes from row to row
  uint64_t rows = 0;
  int64_t elements = 1; ///< numbers in a row
  Shape shape;          ///< of a row, for messages

  /// Converts numbers [first, first + count) of a row.
  void read(uint64_t row, int64_t first, int64_t count, DType to, void *out) const;
};

} // namespace nnrt
