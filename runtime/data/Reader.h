/// The one checked way from a file's bytes to values: every loader reads through it. A value is
/// looked at in the file's own type, and refused where the wanted type has no place for it.
#ifndef NNC_RUNTIME_DATA_READER_H
#define NNC_RUNTIME_DATA_READER_H

#include "runtime/base/Error.h"
#include "runtime/base/Types.h"
#include "runtime/data/FileBytes.h"

#include <cstring>
#include <span>

namespace nnrt {

/// A cursor over a file that never leaves it. `file` names the data in errors.
class ByteReader {
public:
  ByteReader(const FileBytes &content, const std::string &file) : content(content), file(file) {}

  uint64_t offset() const { return position; }
  uint64_t remaining() const { return content.size() - position; }

  /// The next `n` bytes, which stay until the next call; `what` names them if they are missing.
  std::string_view take(uint64_t n, std::string_view what);
  uint64_t bigEndian(int size, std::string_view what);
  uint64_t littleEndian(int size, std::string_view what);

private:
  const FileBytes &content;
  const std::string &file;
  std::string buffer;
  uint64_t position = 0;
};

/// The product of sizes read from a file, as an error where it does not fit.
uint64_t checkedProduct(std::span<const uint64_t> sizes, const std::string &file,
                        std::string_view what);

/// The element types that data files use.
enum class Raw { U8, I8, U16, I16, U32, I32, U64, I64, F16, F32, F64, Bool };
size_t sizeOf(Raw type);
Raw rawOf(DType type);

/// What values are read as, and what is asked of them.
struct Target {
  Target(DType type) : type(type) {} // NOLINT: a type is a target.
  Target(DType type, std::optional<int64_t> bound, std::string what)
      : type(type), bound(bound), what(std::move(what)) {}

  DType type;
  std::optional<int64_t> bound; ///< indices must lie in [0, bound)
  std::string what;             ///< the field or flag, for errors
  /// Whole numbers stay the same numbers in a type of real ones too: an index is made of them.
  bool exact = false;

  /// "an index in [0, 5)".
  std::string expected() const;
};

/// Converts `count` values; the position and the text of the first that the target has no place
/// for.
struct Misfit {
  int64_t position;
  std::string found;
};
std::optional<Misfit> convert(Raw type, const void *in, bool swapped, int64_t count,
                              const Target &to, void *out);

/// Rows of numbers as a file holds them: kept in the file's own type and byte order.
struct RawRows {
  std::shared_ptr<const FileBytes> content;
  std::string file; ///< for errors
  Raw type = Raw::U8;
  bool swapped = false; ///< stored big-endian
  uint64_t start = 0;   ///< of row 0 in the file
  uint64_t stride = 0;  ///< bytes from row to row
  uint64_t rows = 0;
  int64_t elements = 1; ///< numbers in a row
  Shape shape;          ///< of a row

  /// Converts numbers [first, first + count) of a row; one without a place in the type is an error
  /// that names file and row.
  void read(uint64_t row, int64_t first, int64_t count, const Target &to, void *out) const;
};

/// The rows of an array that fills the rest of a file in C order: the first of its sizes counts
/// them. `format` and `what` name the file's format and its sizes in errors.
RawRows arrayRows(FileBytes content, uint64_t start, Raw type, const std::vector<uint64_t> &sizes,
                  const std::string &file, std::string_view format, std::string_view what);

} // namespace nnrt

#endif
