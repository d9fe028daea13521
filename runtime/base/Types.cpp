/// Sizes and names of element types; numbers of any type as doubles.
#include "runtime/base/Types.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace nnrt {

size_t sizeOf(DType type) {
  switch (type) {
  case DType::F32:
  case DType::I32:
    return 4;
  case DType::F64:
  case DType::I64:
    return 8;
  case DType::Bool:
    return 1;
  }
  __builtin_unreachable();
}

std::optional<uint64_t> checkedMultiply(uint64_t a, uint64_t b) {
  uint64_t product;
  if (__builtin_mul_overflow(a, b, &product))
    return std::nullopt;
  return product;
}

int64_t elementsOf(const Shape &shape) {
  int64_t n = 1;
  for (int64_t size : shape)
    n *= size;
  return n;
}

std::string toString(const Shape &shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

double load(DType type, const void *data, int64_t i) {
  switch (type) {
  case DType::F32:
    return static_cast<const float *>(data)[i];
  case DType::F64:
    return static_cast<const double *>(data)[i];
  case DType::I32:
    return static_cast<const int32_t *>(data)[i];
  case DType::I64:
    return double(static_cast<const int64_t *>(data)[i]);
  case DType::Bool:
    return static_cast<const uint8_t *>(data)[i];
  }
  __builtin_unreachable();
}

void store(DType type, void *data, int64_t i, double value) {
  switch (type) {
  case DType::F32:
    static_cast<float *>(data)[i] = float(value);
    return;
  case DType::F64:
    static_cast<double *>(data)[i] = value;
    return;
  case DType::I32:
    static_cast<int32_t *>(data)[i] = int32_t(value);
    return;
  case DType::I64:
    static_cast<int64_t *>(data)[i] = int64_t(value);
    return;
  case DType::Bool:
    static_cast<uint8_t *>(data)[i] = value != 0;
    return;
  }
}

} // namespace nnrt
