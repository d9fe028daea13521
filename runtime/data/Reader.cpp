/// Checked conversion of raw numbers to typed values.
#include "runtime/data/Reader.h"

#include <array>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

namespace nnrt {

namespace {

constexpr size_t rawSizes[] = {1, 1, 2, 2, 4, 4, 8, 8, 2, 4, 8, 1};

/// Stands for a boolean, of which a byte has room for more.
enum class Truth : uint8_t {};

/// A number of 16 bits (IEEE binary16).
struct Half {
  uint16_t bits;
  operator float() const {
    int exponent = bits >> 10 & 31, fraction = bits & 1023;
    float size = exponent == 31 ? (fraction ? NAN : INFINITY)
                 : exponent     ? std::ldexp(float(fraction + 1024), exponent - 25)
                                : std::ldexp(float(fraction), -24);
    return bits >> 15 ? -size : size;
  }
};

template <typename T> T loadOne(const char *p, bool swapped) {
  T value;
  std::memcpy(&value, p, sizeof value);
  if (swapped && sizeof(T) > 1) {
    char bytes[sizeof(T)];
    for (size_t i = 0; i < sizeof(T); ++i)
      bytes[i] = p[sizeof(T) - 1 - i];
    std::memcpy(&value, bytes, sizeof value);
  }
  return value;
}

/// Whether a value has a place in a type. Only a real number that overflows has none in a real
/// type; one between two numbers becomes the nearer one.
template <typename To, typename From> bool fits(From value) {
  if constexpr (std::is_same_v<To, Truth>) {
    return value == From(0) || value == From(1);
  } else if constexpr (std::is_integral_v<To> && std::is_floating_point_v<From>) {
    constexpr From limit = -From(std::numeric_limits<To>::min()); // A power of two: exact.
    return value >= -limit && value < limit && value == std::trunc(value);
  } else if constexpr (std::is_integral_v<To>) {
    return std::in_range<To>(value);
  } else if constexpr (std::is_floating_point_v<From> && sizeof(From) > sizeof(To)) {
    return !std::isfinite(value) || std::isfinite(static_cast<To>(value));
  } else {
    return true;
  }
}

/// Whether a value that is an integer is the same number in a type of real ones.
template <typename To, typename From> bool same(From value) {
  if constexpr (std::is_floating_point_v<To> && std::is_floating_point_v<From>)
    return value != std::trunc(value) || From(static_cast<To>(value)) == value;
  else if constexpr (std::is_floating_point_v<To>)
    return static_cast<long double>(static_cast<To>(value)) == static_cast<long double>(value);
  else
    return true;
}

template <typename To, typename From> bool fitsTarget(From value, const Target &to) {
  if (!fits<To>(value) || (to.exact && !same<To>(value)))
    return false;
  if constexpr (std::is_integral_v<To>)
    return !to.bound || (static_cast<To>(value) >= 0 && static_cast<To>(value) < *to.bound);
  return true;
}

/// Whether the target has a place for every value of the file's type: then none is looked at.
template <typename To, typename From> bool alwaysFits(const Target &to) {
  if constexpr (std::is_floating_point_v<To>)
    return (std::is_integral_v<From> || sizeof(From) <= sizeof(To)) && !to.exact;
  else if constexpr (std::is_integral_v<To> && std::is_integral_v<From>)
    return std::in_range<To>(std::numeric_limits<From>::min()) &&
           std::in_range<To>(std::numeric_limits<From>::max()) && !to.bound;
  else
    return false;
}

template <typename From> std::string spell(From value) {
  if constexpr (std::is_floating_point_v<From>)
    return fmt::format("{}", value);
  else
    return std::to_string(value);
}

template <typename To, typename From>
std::optional<Misfit> convertTo(const char *in, bool swapped, int64_t count, const Target &to,
                                To *out) {
  using Value = std::conditional_t<std::is_same_v<From, Half>, float, From>;
  if constexpr (std::is_same_v<From, To> && std::is_floating_point_v<To>)
    if (!swapped) {
      std::memcpy(out, in, size_t(count) * sizeof(From));
      return std::nullopt;
    }
  if (alwaysFits<To, Value>(to) && !swapped) {
    for (int64_t i = 0; i < count; ++i)
      out[i] = static_cast<To>(Value(loadOne<From>(in + size_t(i) * sizeof(From), false)));
    return std::nullopt;
  }
  for (int64_t i = 0; i < count; ++i) {
    Value value = loadOne<From>(in + size_t(i) * sizeof(From), swapped);
    if (!fitsTarget<To>(value, to))
      return Misfit{i, spell(value)};
    out[i] = static_cast<To>(value);
  }
  return std::nullopt;
}

template <typename From>
std::optional<Misfit> convertFrom(const char *in, bool swapped, int64_t count, const Target &to,
                                  void *out) {
  switch (to.type) {
  case DType::F32:
    return convertTo<float, From>(in, swapped, count, to, static_cast<float *>(out));
  case DType::F64:
    return convertTo<double, From>(in, swapped, count, to, static_cast<double *>(out));
  case DType::I32:
    return convertTo<int32_t, From>(in, swapped, count, to, static_cast<int32_t *>(out));
  case DType::I64:
    return convertTo<int64_t, From>(in, swapped, count, to, static_cast<int64_t *>(out));
  case DType::Bool:
    return convertTo<Truth, From>(in, swapped, count, to, static_cast<Truth *>(out));
  }
  __builtin_unreachable();
}

} // namespace

std::optional<Misfit> convert(Raw type, const void *data, bool swapped, int64_t count,
                              const Target &to, void *out) {
  const char *in = static_cast<const char *>(data);
  switch (type) {
  case Raw::U8:
  case Raw::Bool:
    return convertFrom<uint8_t>(in, swapped, count, to, out);
  case Raw::I8:
    return convertFrom<int8_t>(in, swapped, count, to, out);
  case Raw::U16:
    return convertFrom<uint16_t>(in, swapped, count, to, out);
  case Raw::I16:
    return convertFrom<int16_t>(in, swapped, count, to, out);
  case Raw::U32:
    return convertFrom<uint32_t>(in, swapped, count, to, out);
  case Raw::I32:
    return convertFrom<int32_t>(in, swapped, count, to, out);
  case Raw::U64:
    return convertFrom<uint64_t>(in, swapped, count, to, out);
  case Raw::I64:
    return convertFrom<int64_t>(in, swapped, count, to, out);
  case Raw::F16:
    return convertFrom<Half>(in, swapped, count, to, out);
  case Raw::F32:
    return convertFrom<float>(in, swapped, count, to, out);
  case Raw::F64:
    return convertFrom<double>(in, swapped, count, to, out);
  }
  __builtin_unreachable();
}

std::string Target::expected() const {
  if (bound)
    return fmt::format("an index in [0, {})", *bound);
  switch (type) {
  case DType::I32:
    return "an integer from -2147483648 to 2147483647";
  case DType::I64:
    return "an integer of 64 bits";
  case DType::Bool:
    return "0 or 1";
  case DType::F32:
  case DType::F64:
    return exact ? fmt::format("an integer that {} holds exactly", wordOf(type))
                 : fmt::format("a number in the range of {}", wordOf(type));
  }
  __builtin_unreachable();
}

std::string_view ByteReader::take(uint64_t n, std::string_view what) {
  if (n > remaining())
    fail(Exit::Data, "{}: {}: expected {} bytes at offset {}, found {}", file, what, n, position,
         remaining());
  std::string_view taken = content.bytes(position, n, buffer);
  position += n;
  return taken;
}

uint64_t ByteReader::bigEndian(int size, std::string_view what) {
  uint64_t value = 0;
  for (unsigned char c : take(uint64_t(size), what))
    value = value << 8 | c;
  return value;
}

uint64_t ByteReader::littleEndian(int size, std::string_view what) {
  uint64_t value = 0;
  std::string_view taken = take(uint64_t(size), what);
  for (int i = size - 1; i >= 0; --i)
    value = value << 8 | static_cast<unsigned char>(taken[size_t(i)]);
  return value;
}

uint64_t checkedProduct(std::span<const uint64_t> sizes, const std::string &file,
                        std::string_view what) {
  uint64_t product = 1;
  for (uint64_t size : sizes) {
    auto next = checkedMultiply(product, size);
    if (!next)
      fail(Exit::Data, "{}: {}: expected sizes whose product fits 64 bits, found an overflow", file,
           what);
    product = *next;
  }
  return product;
}

size_t sizeOf(Raw type) { return rawSizes[int(type)]; }

Raw rawOf(DType type) {
  switch (type) {
  case DType::F32:
    return Raw::F32;
  case DType::F64:
    return Raw::F64;
  case DType::I32:
    return Raw::I32;
  case DType::I64:
    return Raw::I64;
  case DType::Bool:
    return Raw::Bool;
  }
  __builtin_unreachable();
}

RawRows arrayRows(FileBytes content, uint64_t start, Raw type, const std::vector<uint64_t> &sizes,
                  const std::string &file, std::string_view format, std::string_view what) {
  std::span row = std::span(sizes).subspan(1);
  uint64_t elements = checkedProduct(row, file, what);
  uint64_t total = checkedProduct(std::array{sizes[0], elements, sizeOf(type)}, file, what);
  if (content.size() - start != total)
    fail(Exit::Data, "{}: {} data: expected {} bytes after the header, found {}", file, format,
         total, content.size() - start);
  RawRows rows;
  rows.file = file;
  rows.type = type;
  rows.start = start;
  rows.stride = elements * sizeOf(type);
  rows.rows = sizes[0];
  rows.elements = int64_t(elements);
  rows.shape.assign(row.begin(), row.end());
  rows.content = std::make_shared<FileBytes>(std::move(content));
  return rows;
}

void RawRows::read(uint64_t row, int64_t first, int64_t count, const Target &to, void *out) const {
  // One buffer for all files; it is as large as the largest row.
  static thread_local std::string buffer;
  size_t n = size_t(count) * sizeOf(type);
  std::string_view in =
      content->bytes(start + row * stride + uint64_t(first) * sizeOf(type), n, buffer);
  if (auto misfit = convert(type, in.data(), swapped, count, to, out))
    fail(Exit::Data, "{}: {}{}row {}: expected {}, found {}", file, to.what,
         to.what.empty() ? "" : ": ", row, to.expected(), misfit->found);
}

} // namespace nnrt
