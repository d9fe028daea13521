/// The safetensors format: checkpoints and weights from elsewhere.
#ifndef NNC_RUNTIME_SESSION_SAFETENSORS_H
#define NNC_RUNTIME_SESSION_SAFETENSORS_H

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace nnrt {

/// A tensor of a file: `dtype` is the format's own spelling ("F32", "BOOL", …).
struct StoredTensor {
  std::string name, dtype;
  std::vector<uint64_t> shape;
  std::string_view bytes;
};

using Metadata = std::map<std::string, std::string>;

/// A file that has been read; malformed ones are refused with an error that says what is wrong.
class SafetensorsFile {
public:
  explicit SafetensorsFile(const std::string &path);
  SafetensorsFile(const SafetensorsFile &) = delete;

  const StoredTensor *find(const std::string &name) const;
  const std::map<std::string, StoredTensor> &tensors() const { return stored; }
  const Metadata &metadata() const { return meta; }
  const std::string &path() const { return file; }

private:
  std::string file, content;
  std::map<std::string, StoredTensor> stored;
  Metadata meta;
};

/// Checks and splits the content of a file; `file` names it in errors.
void parseSafetensors(std::string_view content, const std::string &file,
                      std::map<std::string, StoredTensor> &tensors, Metadata &metadata);

/// Writes a file atomically.
void writeSafetensors(const std::string &path, std::vector<StoredTensor> tensors,
                      const Metadata &metadata);

} // namespace nnrt

#endif
