/// The npy format of NumPy.
#include "runtime/data/Formats.h"

#include <charconv>

namespace nnrt {

namespace {

/// More than any dictionary of three keys takes.
constexpr uint64_t maxHeader = 1 << 20;

/// The text after `'key':` in the header's dict literal.
std::string_view valueOf(std::string_view header, std::string_view key, const std::string &file) {
  size_t at = header.find(fmt::format("'{}'", key));
  size_t colon = at == std::string_view::npos ? at : header.find(':', at);
  if (colon == std::string_view::npos)
    fail(Exit::Data, "{}: NPY header: expected a key '{}', found none", file, key);
  size_t start = header.find_first_not_of(' ', colon + 1);
  return start == std::string_view::npos ? std::string_view() : header.substr(start);
}

/// The type, and whether it is stored big-endian.
std::pair<Raw, bool> parseDescr(std::string_view value, const std::string &file) {
  size_t end = value.starts_with('\'') ? value.find('\'', 1) : std::string_view::npos;
  std::string_view descr = end == std::string_view::npos ? "" : value.substr(1, end - 1);
  if (descr.size() < 3)
    fail(Exit::Data, "{}: NPY descr: expected a plain type such as '<f4', found {}", file,
         value.substr(0, 24));
  static constexpr std::pair<std::string_view, Raw> types[] = {
      {"u1", Raw::U8},  {"i1", Raw::I8},  {"u2", Raw::U16}, {"i2", Raw::I16},
      {"u4", Raw::U32}, {"i4", Raw::I32}, {"u8", Raw::U64}, {"i8", Raw::I64},
      {"f2", Raw::F16}, {"f4", Raw::F32}, {"f8", Raw::F64}, {"b1", Raw::Bool}};
  for (auto [name, type] : types)
    if (std::string_view("<>=|").find(descr[0]) != std::string_view::npos &&
        descr.substr(1) == name)
      return {type, descr[0] == '>'};
  fail(Exit::Data, "{}: NPY descr: expected integers, f2, f4, f8 or b1, found '{}'", file, descr);
}

std::vector<uint64_t> parseShape(std::string_view value, const std::string &file) {
  size_t end = value.find(')');
  if (!value.starts_with('(') || end == std::string_view::npos)
    fail(Exit::Data, "{}: NPY shape: expected a tuple, found {}", file, value.substr(0, 24));
  std::vector<uint64_t> shape;
  std::string_view rest = value.substr(1, end - 1);
  while (true) {
    rest.remove_prefix(std::min(rest.find_first_not_of(" ,"), rest.size()));
    if (rest.empty())
      return shape;
    uint64_t size = 0;
    auto [next, error] = std::from_chars(rest.data(), rest.data() + rest.size(), size);
    if (error != std::errc())
      fail(Exit::Data, "{}: NPY shape: expected numbers, found {}", file, rest.substr(0, 24));
    shape.push_back(size);
    rest.remove_prefix(size_t(next - rest.data()));
  }
}

} // namespace

RawRows parseNpy(FileBytes content, const std::string &file) {
  ByteReader reader(content, file);
  if (reader.take(6, "NPY magic") != std::string_view("\x93NUMPY"))
    fail(Exit::Data, "{}: NPY magic: expected \\x93NUMPY, found another file", file);
  uint64_t version = reader.littleEndian(1, "NPY version");
  reader.take(1, "NPY version");
  if (version < 1 || version > 3)
    fail(Exit::Data, "{}: NPY version: expected 1, 2 or 3, found {}", file, version);
  uint64_t length = reader.littleEndian(version == 1 ? 2 : 4, "NPY header length");
  if (length > maxHeader)
    fail(Exit::Data, "{}: NPY header length: expected at most {}, found {}", file, maxHeader,
         length);
  std::string header(reader.take(length, "NPY header"));

  auto [type, swapped] = parseDescr(valueOf(header, "descr", file), file);
  std::vector<uint64_t> shape = parseShape(valueOf(header, "shape", file), file);
  if (valueOf(header, "fortran_order", file).starts_with("True") && shape.size() > 1)
    fail(Exit::Data, "{}: NPY order: expected C order, found Fortran order", file);
  if (shape.empty())
    shape.push_back(1);
  RawRows rows =
      arrayRows(std::move(content), reader.offset(), type, shape, file, "NPY", "NPY shape");
  rows.swapped = swapped;
  return rows;
}

} // namespace nnrt
