/// Element types, shapes, and the arithmetic on sizes that must not overflow.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nnrt {

enum class DType { F32, F64, I32, I64, Bool };

/// Bytes of one element.
size_t sizeOf(DType type);
/// The program's spelling: "f32", "bool", …
std::string_view nameOf(DType type);
/// The type of that spelling, if there is one.
std::optional<DType> dtypeOf(std::string_view name);

using Shape = std::vector<int64_t>;

/// a * b, or nothing where the product does not fit.
std::optional<uint64_t> checkedMultiply(uint64_t a, uint64_t b);
/// The product of the axes; 1 for rank 0. The axes are those of the program, known to be sound.
int64_t elementsOf(const Shape &shape);
/// "[64, 128]".
std::string toString(const Shape &shape);

/// A named tensor as the program declares it.
struct Tensor {
  std::string name;
  DType dtype = DType::F32;
  Shape shape;

  int64_t elements() const { return elementsOf(shape); }
  size_t bytes() const { return size_t(elements()) * sizeOf(dtype); }
};

/// Reads element `i` of a buffer as a double (exact for all but large i64).
double load(DType type, const void *data, int64_t i);
/// Writes a number, converted, to element `i` of a buffer.
void store(DType type, void *data, int64_t i, double value);

} // namespace nnrt
