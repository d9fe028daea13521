/// Writes files of every format with random rows.
#include "runtime/commands/MockData.h"
#include "runtime/base/Error.h"
#include "runtime/base/Files.h"
#include "runtime/base/Interrupt.h"
#include "runtime/base/Output.h"
#include "runtime/data/DataSet.h"

#include <algorithm>
#include <filesystem>
#include <functional>
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

/// What the fields ask of one array or column: how many numbers per row, and their bound.
struct Need {
  int64_t elements = 1;
  uint64_t bound = 256;
};

uint64_t boundOf(const Field &field, uint64_t otherwise) {
  return field.bound ? uint64_t(*field.bound) : field.dtype == DType::Bool ? 2 : otherwise;
}

Need needOf(const DataDecl &decl, const std::string &item) {
  Need need;
  for (const Field &field : decl.fields)
    for (const FieldInput &input : field.inputs)
      if (input.kind == InputKind::Item && input.name == item) {
        need.elements = std::max(need.elements, input.first + input.elements);
        need.bound = boundOf(field, need.bound);
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

/// A file in two parts: what stands before the rows, and rows, any number at a time.
struct MockFile {
  std::string header;
  std::function<std::string(int64_t rows)> rows;
};

MockFile mockIdx(const Need &need, int64_t rows, Random &random) {
  bool scalar = need.elements == 1;
  std::string header = {0, 0, 8, char(scalar ? 1 : 2)};
  header += bigEndian(uint64_t(rows));
  if (!scalar)
    header += bigEndian(uint64_t(need.elements));
  return {header, [&random, need](int64_t n) {
            std::string out;
            for (int64_t i = 0; i < n * need.elements; ++i)
              out += char(random.below(std::min<uint64_t>(need.bound, 256)));
            return out;
          }};
}

MockFile mockNpy(const Need &need, int64_t rows, Random &random) {
  std::string dict = fmt::format("{{'descr': '<i4', 'fortran_order': False, 'shape': ({}, {}), }}",
                                 rows, need.elements);
  dict.resize(128 - 10 - 1, ' ');
  dict += '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  header += char(dict.size());
  header += '\0';
  return {header + dict, [&random, need](int64_t n) {
            std::string out;
            for (int64_t i = 0; i < n * need.elements; ++i) {
              auto value = int32_t(random.below(need.bound));
              out.append(reinterpret_cast<const char *>(&value), sizeof value);
            }
            return out;
          }};
}

/// A column of a table: numbers below a bound, or text of a length.
struct MockColumn {
  std::string name;
  uint64_t bound = 2; ///< 0 for text
  int64_t length = 0;
};

std::vector<MockColumn> mockColumns(const DataDecl &decl) {
  std::map<int64_t, MockColumn> placed;
  std::vector<MockColumn> columns, named;
  for (const Field &field : decl.fields) {
    MockColumn column{"", boundOf(field, 16), 0};
    if (field.kind == FieldKind::Text)
      column = {"", 0, std::max<int64_t>(elementsOf(field.shape) / 2, 1)};
    for (const FieldInput &input : field.inputs) {
      if (input.kind == InputKind::Columns)
        for (int64_t i = 0; i < input.elements; ++i)
          placed[input.first + i] = column;
      if (input.kind == InputKind::Header) {
        named.push_back(column);
        named.back().name = input.name;
      }
    }
  }
  for (auto &[position, column] : placed) {
    columns.resize(size_t(position) + 1);
    columns[size_t(position)] = column;
  }
  for (MockColumn &column : named) {
    auto same = [&](const MockColumn &other) { return other.name == column.name; };
    if (std::none_of(columns.begin(), columns.end(), same))
      columns.push_back(column);
  }
  return columns;
}

std::string delimitedRows(const std::vector<MockColumn> &columns, char delimiter, int64_t rows,
                          Random &random) {
  std::string out;
  for (int64_t row = 0; row < rows; ++row)
    for (size_t i = 0; i < columns.size(); ++i) {
      out += columns[i].bound ? std::to_string(random.below(columns[i].bound))
                              : words(random, columns[i].length);
      out += i + 1 < columns.size() ? delimiter : '\n';
    }
  return out;
}

MockFile mockDelimited(const std::vector<MockColumn> &columns, char delimiter, Random &random) {
  std::string header;
  bool named = std::any_of(columns.begin(), columns.end(),
                           [](const MockColumn &column) { return !column.name.empty(); });
  for (size_t i = 0; named && i < columns.size(); ++i)
    header += (i ? std::string(1, delimiter) : "") +
              (columns[i].name.empty() ? fmt::format("c{}", i) : columns[i].name);
  auto rows = [&random, columns, delimiter](int64_t n) {
    return delimitedRows(columns, delimiter, n, random);
  };
  return {header + (named ? "\n" : ""), rows};
}

MockFile mockText(int64_t length, const std::string &end, int64_t lines, Random &random) {
  return {"", [&random, length, end, lines](int64_t n) {
            std::string out;
            for (int64_t i = 0; i < n * lines; ++i)
              out += words(random, length) + end;
            return out;
          }};
}

int64_t textLength(const DataDecl &decl) {
  int64_t length = 16;
  for (const Field &field : decl.fields)
    if (field.kind == FieldKind::Text)
      length = std::max<int64_t>(1, std::min(length * 4, elementsOf(field.shape) - 2));
  return length;
}

MockFile mockCifar10(Random &random) {
  return {"", [&random](int64_t n) {
            std::string out;
            for (int64_t row = 0; row < n; ++row) {
              out += char(random.below(10));
              for (int i = 0; i < 3072; ++i)
                out += char(random.below(256));
            }
            return out;
          }};
}

MockFile mockFile(const DataDecl &decl, const Source &source, const SourceItem &item, int64_t rows,
                  Random &random) {
  switch (source.kind) {
  case SourceKind::Csv:
  case SourceKind::Tsv:
    return mockDelimited(mockColumns(decl), *delimiterOf(source.kind), random);
  case SourceKind::Npy:
    return mockNpy(needOf(decl, item.name), rows, random);
  case SourceKind::Idx:
    return mockIdx(needOf(decl, item.name), rows, random);
  case SourceKind::Text:
    return mockText(textLength(decl), ".\n", 4, random);
  case SourceKind::Lines:
    return mockText(textLength(decl), "\n", 1, random);
  case SourceKind::Cifar10:
    return mockCifar10(random);
  }
  __builtin_unreachable();
}

MockFile mockVocabulary(const VocabSource &source, Random &random) {
  std::optional<char> delimiter = delimiterOf(source.kind);
  if (!delimiter)
    return mockText(20, "\n", 1, random);
  std::vector<MockColumn> columns(size_t(source.column), MockColumn{});
  columns.push_back({source.header, 0, 20});
  return mockDelimited(columns, *delimiter, random);
}

/// Refuses what the disk has no room for, before it is full.
void checkRoom(const std::string &path, double needed) {
  std::error_code error;
  auto parent = std::filesystem::absolute(path, error).parent_path();
  auto space = std::filesystem::space(parent, error);
  if (!error && needed > double(space.available))
    fail(Exit::IO, "{}: expected room for {}, found {}", path,
         formatBytes(size_t(std::min(needed, 1e18))), formatBytes(size_t(space.available)));
}

void writeMock(const std::string &path, const MockFile &mock, int64_t rows) {
  if (std::filesystem::exists(path))
    return say("{}: exists, left as it is\n", path);
  constexpr int64_t most = 64; // rows in memory
  std::string block = mock.rows(std::min(rows, most));
  double total = double(mock.header.size()) +
                 double(block.size()) * (double(rows) / double(std::min(rows, most)));
  bool packed = path.ends_with(".gz");
  checkRoom(path, packed ? total / 1032 : total);
  // A file that is there is whole.
  std::string part = path + ".part";
  Unfinished unfinished(part);
  gzFile file = gzopen(part.c_str(), packed ? "wb" : "wbT");
  uint64_t size = 0;
  bool good = file != nullptr;
  auto write = [&](const std::string &bytes) {
    good = good && (bytes.empty() ||
                    gzwrite(file, bytes.data(), unsigned(bytes.size())) == int(bytes.size()));
    size += bytes.size();
  };
  write(mock.header);
  for (int64_t done = 0; good && done < rows;) {
    write(block);
    done += std::min(rows - done, most);
    if (done < rows)
      block = mock.rows(std::min(rows - done, most));
  }
  std::error_code error;
  if (!file || gzclose(file) != Z_OK || !good) {
    std::filesystem::remove(part, error);
    fail(Exit::IO, "{}: cannot write", path);
  }
  std::filesystem::rename(part, path, error);
  if (error)
    fail(Exit::IO, "{}: cannot write: {}", path, error.message());
  say("{}: {}\n", path, formatBytes(size));
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
          writeMock(path.string(), mockFile(decl, source, item, rows, random), rows);
        }
  for (const VocabDecl &vocab : program.vocabs)
    for (const VocabSource &source : vocab.sources) {
      std::filesystem::path path = std::filesystem::path(folder) / source.path;
      if (!source.path.empty() && !std::filesystem::exists(path))
        writeMock(path.string(), mockVocabulary(source, random), rows);
    }
}

} // namespace nnrt
