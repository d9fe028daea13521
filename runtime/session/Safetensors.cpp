/// Reads and writes the safetensors format.
#include "runtime/session/Safetensors.h"
#include "runtime/base/Error.h"
#include "runtime/base/Files.h"
#include "runtime/base/Types.h"
#include "runtime/data/FileBytes.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

namespace nnrt {

using nlohmann::json;

namespace {

constexpr uint64_t maxHeader = 100'000'000;

/// Bytes of an element, 0 for an unknown type.
uint64_t elementSize(const std::string &dtype) {
  static const std::map<std::string, uint64_t> sizes = {
      {"F64", 8}, {"I64", 8}, {"U64", 8},     {"F32", 4},     {"I32", 4},
      {"U32", 4}, {"F16", 2}, {"BF16", 2},    {"I16", 2},     {"U16", 2},
      {"I8", 1},  {"U8", 1},  {"F8_E4M3", 1}, {"F8_E5M2", 1}, {"BOOL", 1}};
  auto it = sizes.find(dtype);
  return it == sizes.end() ? 0 : it->second;
}

/// Parses the header's JSON; nlohmann keeps the last of two equal keys, so they are looked for.
json parseHeader(std::string_view text, const std::string &file) {
  std::vector<std::set<std::string>> keys;
  auto callback = [&](int, json::parse_event_t event, json &value) {
    if (event == json::parse_event_t::object_start)
      keys.emplace_back();
    else if (event == json::parse_event_t::object_end)
      keys.pop_back();
    else if (event == json::parse_event_t::key && !keys.back().insert(value).second)
      fail(Exit::Checkpoint, "{}: header: expected unique keys, found '{}' twice", file,
           value.get<std::string>());
    return true;
  };
  json header;
  try {
    header = json::parse(text.begin(), text.end(), callback);
  } catch (const json::exception &error) {
    fail(Exit::Checkpoint, "{}: header: expected JSON in UTF-8, found: {}", file, error.what());
  }
  if (!header.is_object())
    fail(Exit::Checkpoint, "{}: header: expected a JSON object, found {}", file,
         header.type_name());
  return header;
}

void readMetadata(const json &value, const std::string &file, Metadata &metadata) {
  if (!value.is_object())
    fail(Exit::Checkpoint, "{}: __metadata__: expected an object of strings, found {}", file,
         value.type_name());
  for (auto &[key, entry] : value.items()) {
    if (!entry.is_string())
      fail(Exit::Checkpoint, "{}: __metadata__: {}: expected a string, found {}", file, key,
           entry.type_name());
    metadata[key] = entry;
  }
}

struct Placed {
  StoredTensor tensor;
  uint64_t begin, end;
};

uint64_t unsignedAt(const json &value, const std::string &file, const std::string &name,
                    const char *what) {
  if (!value.is_number_unsigned())
    fail(Exit::Checkpoint, "{}: {}: {}: expected unsigned integers, found {}", file, name, what,
         value.dump());
  return value;
}

Placed readEntry(const std::string &name, const json &value, const std::string &file) {
  if (!value.is_object() || !value.contains("dtype") || !value.contains("shape") ||
      !value.contains("data_offsets"))
    fail(Exit::Checkpoint, "{}: {}: expected dtype, shape and data_offsets, found {}", file, name,
         value.dump());
  Placed placed;
  placed.tensor.name = name;
  if (!value["dtype"].is_string() || !elementSize(value["dtype"]))
    fail(Exit::Checkpoint, "{}: {}: dtype: expected a known type, found {}", file, name,
         value["dtype"].dump());
  placed.tensor.dtype = value["dtype"];
  if (!value["shape"].is_array())
    fail(Exit::Checkpoint, "{}: {}: shape: expected a list, found {}", file, name,
         value["shape"].dump());
  std::optional<uint64_t> bytes = elementSize(placed.tensor.dtype);
  for (const json &size : value["shape"]) {
    placed.tensor.shape.push_back(unsignedAt(size, file, name, "shape"));
    bytes = bytes ? checkedMultiply(*bytes, placed.tensor.shape.back()) : bytes;
  }
  if (!bytes)
    fail(Exit::Checkpoint, "{}: {}: shape: expected a size that fits 64 bits, found an overflow",
         file, name);
  const json &offsets = value["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2)
    fail(Exit::Checkpoint, "{}: {}: data_offsets: expected [begin, end], found {}", file, name,
         offsets.dump());
  placed.begin = unsignedAt(offsets[0], file, name, "data_offsets");
  placed.end = unsignedAt(offsets[1], file, name, "data_offsets");
  if (placed.end < placed.begin || placed.end - placed.begin != *bytes)
    fail(Exit::Checkpoint, "{}: {}: data_offsets: expected {} bytes for {} {}, found {}", file,
         name, *bytes, placed.tensor.dtype, value["shape"].dump(), offsets.dump());
  return placed;
}

} // namespace

void parseSafetensors(std::string_view content, const std::string &file,
                      std::map<std::string, StoredTensor> &tensors, Metadata &metadata) {
  if (content.size() < 8)
    fail(Exit::Checkpoint, "{}: header length: expected 8 bytes, found {}", file, content.size());
  uint64_t length;
  std::memcpy(&length, content.data(), 8);
  if (length > maxHeader)
    fail(Exit::Checkpoint, "{}: header length: expected at most {}, found {}", file, maxHeader,
         length);
  if (8 + length > content.size())
    fail(Exit::Checkpoint, "{}: header: expected {} bytes, found {}", file, length,
         content.size() - 8);
  json header = parseHeader(content.substr(8, length), file);
  std::string_view data = content.substr(8 + length);

  std::vector<Placed> placed;
  for (auto &[name, value] : header.items()) {
    if (name == "__metadata__")
      readMetadata(value, file, metadata);
    else
      placed.push_back(readEntry(name, value, file));
  }
  std::sort(placed.begin(), placed.end(), [](const Placed &a, const Placed &b) {
    return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
  });
  uint64_t at = 0;
  for (Placed &entry : placed) {
    if (entry.begin != at)
      fail(Exit::Checkpoint, "{}: {}: data_offsets: expected to begin at {}, found {}", file,
           entry.tensor.name, at, entry.begin);
    if (entry.end > data.size())
      fail(Exit::Checkpoint, "{}: {}: data: expected {} bytes, found {}", file, entry.tensor.name,
           entry.end, data.size());
    entry.tensor.bytes = data.substr(entry.begin, entry.end - entry.begin);
    at = entry.end;
    tensors[entry.tensor.name] = std::move(entry.tensor);
  }
  if (at != data.size())
    fail(Exit::Checkpoint, "{}: data: expected {} bytes, found {} trailing", file, at,
         data.size() - at);
}

// The file is copied, not mapped: one that is cut while it is read is an error and no signal.
SafetensorsFile::SafetensorsFile(const std::string &path) : file(path) {
  try {
    content = readFile(path);
  } catch (const Error &error) {
    throw Error(Exit::Checkpoint, error.what());
  }
  parseSafetensors(content, file, stored, meta);
}

const StoredTensor *SafetensorsFile::find(const std::string &name) const {
  auto it = stored.find(name);
  return it == stored.end() ? nullptr : &it->second;
}

void writeSafetensors(const std::string &path, std::vector<StoredTensor> tensors,
                      const Metadata &metadata) {
  std::sort(tensors.begin(), tensors.end(), [](const auto &a, const auto &b) {
    uint64_t sizeA = elementSize(a.dtype), sizeB = elementSize(b.dtype);
    return sizeA != sizeB ? sizeA > sizeB : a.name < b.name;
  });
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty())
    header["__metadata__"] = metadata;
  uint64_t offset = 0;
  for (const StoredTensor &tensor : tensors) {
    header[tensor.name] = {{"dtype", tensor.dtype},
                           {"shape", tensor.shape},
                           {"data_offsets", {offset, offset + tensor.bytes.size()}}};
    offset += tensor.bytes.size();
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  uint64_t length = text.size();
  std::vector<std::string_view> pieces = {{reinterpret_cast<const char *>(&length), sizeof length},
                                          text};
  for (const StoredTensor &tensor : tensors)
    pieces.push_back(tensor.bytes);
  writeAtomically(path, pieces);
}

} // namespace nnrt
