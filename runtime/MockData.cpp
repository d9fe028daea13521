#include "runtime/MockData.h"
#include "runtime/Error.h"
#include "runtime/Files.h"
#include "runtime/data/DataSet.h"

#include <algorithm>
#include <filesystem>
#include <zlib.h>

namespace nnrt {

namespace {

/// A stream of random numbers.
class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}
  uint64_t below(uint64_t n) { return mix(++state) % n; }

private:
  uint64_t state;
};

/// What the fields ask of one array or column: how many numbers a row, and their bound.
struct Need {
  int64_t elements = 1;
  uint64_t bound = 256;
};

Need needOf(const DataDecl &decl, const std::string &source) {
  Need need;
  for (const Field &field : decl.fields)
    for (const FieldInput &input : field.inputs)
      if (input.source == source) {
        need.elements = std::max(need.elements, input.first + input.elements);
        if (field.bound)
          need.bound = uint64_t(*field.bound);
      }
  return need;
}

std::string bigEndian(uint64_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes += char(value >> shift & 0xff);
  return bytes;
}

std::string words(Random &random, int64_t length) {
  static constexpr const char *list[] = {"the", "a",    "cat", "dog",  "sat", "ran",
                                         "on",  "near", "mat", "tree", "and", "saw"};
  std::string text;
  while (true) {
    std::string word = list[random.below(std::size(list))];
    if (!text.empty() && int64_t(text.size() + 1 + word.size()) > length)
      return text;
    text += (text.empty() ? "" : " ") + word;
    if (int64_t(text.size()) >= length)
      return text.substr(0, size_t(length));
  }
}

std::string mockIdx(const Need &need, int64_t rows, Random &random) {
  bool scalar = need.elements == 1;
  std::string out = {0, 0, 8, char(scalar ? 1 : 2)};
  out += bigEndian(uint64_t(rows));
  if (!scalar)
    out += bigEndian(uint64_t(need.elements));
  for (int64_t i = 0; i < rows * need.elements; ++i)
    out += char(random.below(std::min<uint64_t>(need.bound, 256)));
  return out;
}

std::string mockNpy(const Need &need, int64_t rows, Random &random) {
  std::string header = fmt::format(
      "{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}", rows, need.elements);
  header.resize(128 - 10 - 1, ' ');
  header += '\n';
  std::string out("\x93NUMPY\x01\x00", 8);
  out += char(header.size());
  out += '\0';
  out += header;
  for (int64_t i = 0; i < rows * need.elements; ++i) {
    auto value = float(random.below(need.bound));
    out.append(reinterpret_cast<const char *>(&value), sizeof value);
  }
  return out;
}

std::string mockDelimited(const DataDecl &decl, char delimiter, int64_t rows, Random &random) {
  std::map<int64_t, uint64_t> bounds; ///< by column; 0 for text
  std::map<int64_t, int64_t> lengths;
  std::vector<std::pair<std::string, uint64_t>> named;
  for (const Field &field : decl.fields) {
    if (field.kind == Field::Kind::Text && field.source == "columns") {
      bounds[field.column] = 0;
      lengths[field.column] = std::max<int64_t>(field.elements() / 2, 1);
    }
    for (const FieldInput &input : field.inputs)
      if (input.source != "columns")
        named.emplace_back(input.source, field.bound.value_or(16));
      else
        for (int64_t i = 0; i < input.elements; ++i)
          bounds[input.first + i] = uint64_t(field.bound.value_or(16));
  }
  int64_t columns = bounds.empty() ? 0 : bounds.rbegin()->first + 1;
  std::string out;
  if (!named.empty()) {
    for (int64_t c = 0; c < columns; ++c)
      out += fmt::format("c{}{}", c, delimiter);
    for (size_t i = 0; i < named.size(); ++i)
      out += named[i].first + (i + 1 < named.size() ? delimiter : '\n');
  }
  for (int64_t row = 0; row < rows; ++row) {
    std::string line;
    for (int64_t c = 0; c < columns; ++c) {
      auto it = bounds.find(c);
      uint64_t bound = it == bounds.end() ? 2 : it->second;
      line += (c ? std::string(1, delimiter) : "") +
              (bound ? std::to_string(random.below(bound)) : words(random, lengths[c]));
    }
    for (auto &[name, bound] : named)
      line += (line.empty() ? "" : std::string(1, delimiter)) + std::to_string(random.below(bound));
    out += line + "\n";
  }
  return out;
}

std::string mockText(const DataDecl &decl, const Source &source, int64_t rows, Random &random) {
  int64_t length = 16;
  for (const Field &field : decl.fields)
    if (field.kind == Field::Kind::Text)
      length = std::max<int64_t>(1, std::min(length * 4, field.elements() - 2));
  std::string out;
  int64_t lines = source.kind == "text" ? rows * 4 : rows;
  for (int64_t i = 0; i < lines; ++i)
    out += words(random, length) + (source.kind == "text" ? ".\n" : "\n");
  return out;
}

std::string content(const DataDecl &decl, const Source &source, const SourceItem &item,
                    int64_t rows, Random &random) {
  if (source.kind == "idx")
    return mockIdx(needOf(decl, item.name), rows, random);
  if (source.kind == "npy")
    return mockNpy(needOf(decl, item.name), rows, random);
  if (source.kind == "csv" || source.kind == "tsv")
    return mockDelimited(decl, source.kind == "csv" ? ',' : '\t', rows, random);
  if (source.kind != "cifar10")
    return mockText(decl, source, rows, random);
  std::string out;
  for (int64_t row = 0; row < rows; ++row) {
    out += char(random.below(10));
    for (int i = 0; i < 3072; ++i)
      out += char(random.below(256));
  }
  return out;
}

void writeMock(const std::string &path, const std::string &bytes) {
  if (std::filesystem::exists(path)) {
    fmt::print("{}: exists, left as it is\n", path);
    return;
  }
  if (!path.ends_with(".gz")) {
    writeFile(path, {bytes});
  } else {
    gzFile file = gzopen(path.c_str(), "wb");
    bool written = file && gzwrite(file, bytes.data(), unsigned(bytes.size())) == int(bytes.size());
    if (!file || gzclose(file) != Z_OK || !written)
      fail(Exit::IO, "{}: cannot write", path);
  }
  fmt::print("{}: {}\n", path, formatBytes(bytes.size()));
}

} // namespace

void writeMockData(const Program &program, const std::string &folder, int64_t rows, int64_t seed) {
  Random random(mix(uint64_t(seed), 0x30c4));
  for (const DataDecl &decl : program.data)
    for (const auto *sources : {&decl.sources, &decl.holdoutSources})
      for (const Source &source : *sources)
        for (const SourceItem &item : source.items) {
          std::filesystem::path path = std::filesystem::path(folder) / item.path;
          if (path.has_parent_path())
            makeFolder(path.parent_path().string());
          writeMock(path.string(), content(decl, source, item, rows, random));
        }
  for (const VocabDecl &vocab : program.vocabs)
    for (const VocabSource &source : vocab.sources) {
      std::filesystem::path path = std::filesystem::path(folder) / source.path;
      std::string text;
      for (int64_t i = 0; i < rows; ++i)
        text += words(random, 20) + "\n";
      if (!source.path.empty() && !std::filesystem::exists(path))
        writeMock(path.string(), text);
    }
}

} // namespace nnrt
