/// No text may break the loader of CSV and TSV files.
#include "runtime/data/Formats.h"
#include "test/fuzz/Fuzz.h"

using namespace nnrt;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char *>(data), size);
  for (char delimiter : {',', '\t'})
    fuzz::load([&] {
      parseDelimited(bytes, delimiter, "file", [](uint64_t line, const auto &cells) {
        if (line == 0 || cells.empty())
          std::abort();
        for (std::string_view cell : cells)
          parseNumber(cell);
      });
    });
  return 0;
}
