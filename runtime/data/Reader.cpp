#include "runtime/data/Reader.h"

#include <cerrno>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>
#include <zlib.h>

namespace nnrt {

namespace {

struct Gz {
  gzFile file;
  ~Gz() {
    if (file)
      gzclose(file);
  }
};

constexpr size_t rawSizes[] = {1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 1};

template <typename T> T loadSwapped(const char *p) {
  if constexpr (sizeof(T) == 1) {
    T value;
    std::memcpy(&value, p, 1);
    return value;
  } else {
    using U = std::conditional_t<sizeof(T) == 2, uint16_t,
                                 std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>>;
    U bits;
    std::memcpy(&bits, p, sizeof bits);
    if constexpr (sizeof(T) == 2)
      bits = __builtin_bswap16(bits);
    else if constexpr (sizeof(T) == 4)
      bits = __builtin_bswap32(bits);
    else
      bits = __builtin_bswap64(bits);
    T value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }
}

/// A number in another type: the nearest one where it has no place there, 0 for NaN.
template <typename To, typename From> To narrow(From value) {
  if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    using Limits = std::numeric_limits<To>;
    if (!(value > From(Limits::min())))
      return std::isnan(value) ? To(0) : Limits::min();
    if (value >= From(Limits::max()))
      return Limits::max();
  }
  return static_cast<To>(value);
}

template <typename From, typename To>
void convert(const char *in, bool swapped, int64_t count, To *out) {
  if (swapped) {
    for (int64_t i = 0; i < count; ++i)
      out[i] = narrow<To>(loadSwapped<From>(in + i * sizeof(From)));
  } else if constexpr (std::is_same_v<From, To>) {
    std::memcpy(out, in, size_t(count) * sizeof(From));
  } else {
    for (int64_t i = 0; i < count; ++i) {
      From value;
      std::memcpy(&value, in + i * sizeof(From), sizeof(From));
      out[i] = narrow<To>(value);
    }
  }
}

template <typename To>
void convertFrom(Raw type, const char *in, bool swapped, int64_t count, To *out) {
  switch (type) {
  case Raw::U8:
  case Raw::Bool:
    return convert<uint8_t>(in, swapped, count, out);
  case Raw::I8:
    return convert<int8_t>(in, swapped, count, out);
  case Raw::U16:
    return convert<uint16_t>(in, swapped, count, out);
  case Raw::I16:
    return convert<int16_t>(in, swapped, count, out);
  case Raw::U32:
    return convert<uint32_t>(in, swapped, count, out);
  case Raw::I32:
    return convert<int32_t>(in, swapped, count, out);
  case Raw::U64:
    return convert<uint64_t>(in, swapped, count, out);
  case Raw::I64:
    return convert<int64_t>(in, swapped, count, out);
  case Raw::F32:
    return convert<float>(in, swapped, count, out);
  case Raw::F64:
    return convert<double>(in, swapped, count, out);
  }
}

} // namespace

std::string readFile(const std::string &path) {
  Gz gz{gzopen(path.c_str(), "rb")};
  if (!gz.file)
    fail(Exit::Data, "{}: cannot open: {}", path, std::strerror(errno));
  gzbuffer(gz.file, 1 << 18);
  std::string content;
  size_t chunk = 1 << 16; // It grows with what has been read; a small file takes little.
  while (true) {
    size_t old = content.size();
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
  }
  // A gzip stream cut short reads as a short file unless the stream's end is checked for.
  if (gzclose_r(std::exchange(gz.file, nullptr)) != Z_OK)
    fail(Exit::Data, "{}: compressed data: expected a complete gzip stream, found a truncated one",
         path);
  content.shrink_to_fit();
  return content;
}

std::string_view ByteReader::take(uint64_t n, std::string_view what) {
  if (n > remaining())
    fail(Exit::Data, "{}: {}: expected {} bytes at offset {}, found {}", file, what, n, position,
         remaining());
  std::string_view taken = bytes.substr(position, n);
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

void RawRows::read(uint64_t row, int64_t first, int64_t count, DType to, void *out) const {
  const char *in = bytes.data() + start + row * stride + size_t(first) * sizeOf(type);
  switch (to) {
  case DType::F32:
    return convertFrom(type, in, swapped, count, static_cast<float *>(out));
  case DType::F64:
    return convertFrom(type, in, swapped, count, static_cast<double *>(out));
  case DType::I32:
    return convertFrom(type, in, swapped, count, static_cast<int32_t *>(out));
  case DType::I64:
    return convertFrom(type, in, swapped, count, static_cast<int64_t *>(out));
  case DType::Bool:
    return convertFrom(type, in, swapped, count, static_cast<uint8_t *>(out));
  }
}

} // namespace nnrt
