/// No bytes may break the loader of IDX files.
#include "runtime/data/Formats.h"
#include "test/fuzz/Fuzz.h"

using namespace nnrt;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char *>(data), size);
  fuzz::load([&] { fuzz::readRows(parseIdx(std::string(bytes), "file")); });
  return 0;
}
