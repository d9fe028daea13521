/// Element types, shapes, and the arithmetic on sizes that must not overflow.
#ifndef NNC_RUNTIME_BASE_TYPES_H
#define NNC_RUNTIME_BASE_TYPES_H

#include "runtime/contract/Contract.h"

namespace nnrt {

/// Bytes of one element.
size_t sizeOf(DType type);

/// a * b, or nothing where the product does not fit.
std::optional<uint64_t> checkedMultiply(uint64_t a, uint64_t b);
/// The product of the axes; 1 for rank 0. The axes are those of the program, known to be sound.
int64_t elementsOf(const Shape &shape);
/// "[64, 128]".
std::string toString(const Shape &shape);

/// Bytes of a tensor.
template <typename T> size_t bytesOf(const T &tensor) {
  return size_t(elementsOf(tensor.shape)) * sizeOf(tensor.dtype);
}

/// Reads element `i` of a buffer as a double (exact for all but large i64).
double load(DType type, const void *data, int64_t i);
/// Writes a number, converted, to element `i` of a buffer.
void store(DType type, void *data, int64_t i, double value);

} // namespace nnrt

#endif
