/// No bytes may break the loader of checkpoints.
#include "runtime/session/Safetensors.h"
#include "test/fuzz/Fuzz.h"

using namespace nnrt;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char *>(data), size);
  std::map<std::string, StoredTensor> tensors;
  Metadata metadata;
  fuzz::load([&] {
    parseSafetensors(bytes, "file", tensors, metadata);
    for (const auto &[name, tensor] : tensors)
      if (tensor.bytes.data() < bytes.data() ||
          tensor.bytes.data() + tensor.bytes.size() > bytes.data() + bytes.size())
        std::abort();
  });
  return 0;
}
