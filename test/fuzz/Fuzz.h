/// What the fuzzers of the loaders share: malformed input may only be refused with an Error.
#pragma once

#include "runtime/base/Error.h"
#include "runtime/data/Reader.h"

#include <algorithm>

namespace nnrt::fuzz {

template <typename Load> void load(Load load) {
  try {
    load();
  } catch (const Error &error) {
    // Every refusal names the file.
    if (std::string_view(error.what()).find("file") == std::string_view::npos)
      std::abort();
  }
}

/// Reads what a loader has let through: the first and the last rows, in every type.
inline void readRows(const RawRows &rows) {
  constexpr int64_t most = 1 << 16;
  if (rows.elements <= 0)
    return;
  int64_t count = std::min(rows.elements, most);
  std::vector<char> out(size_t(count) * sizeof(double));
  for (uint64_t row = 0; row < rows.rows; ++row) {
    if (row > 3 && row + 3 < rows.rows)
      continue;
    for (DType type : {DType::F32, DType::F64, DType::I32, DType::I64, DType::Bool}) {
      rows.read(row, 0, count, type, out.data());
      rows.read(row, rows.elements - count, count, type, out.data());
    }
  }
}

} // namespace nnrt::fuzz
