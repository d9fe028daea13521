#include "runtime/Flags.h"
#include "runtime/Error.h"
#include "runtime/Png.h"

#include <cmath>
#include <cstring>
#include <utility>

namespace nnrt {

namespace {

/// The numbers of a CSV file, row-major; a header is skipped.
RawRows readTable(const std::string &content, const std::string &file) {
  RawRows table;
  table.type = Raw::F64;
  bool first = true;
  parseDelimited(content, ',', file, [&](uint64_t line, const auto &cells) {
    std::vector<double> row;
    for (std::string_view cell : cells) {
      auto number = parseNumber(cell);
      if (!number && first)
        break;
      if (!number)
        fail(Exit::Data, "{}: line {}, column {}: expected a number, found '{}'", file, line,
             row.size(), cell);
      row.push_back(*number);
    }
    bool header = std::exchange(first, false) && row.size() != cells.size();
    if (header)
      return;
    if (table.rows > 0 && int64_t(row.size()) != table.elements)
      fail(Exit::Data, "{}: line {}: expected {} columns, found {}", file, line, table.elements,
           row.size());
    table.elements = int64_t(row.size());
    table.bytes.append(reinterpret_cast<const char *>(row.data()), row.size() * sizeof(double));
    ++table.rows;
  });
  table.stride = size_t(table.elements) * sizeof(double);
  table.shape = {table.elements};
  return table;
}

RawRows readTensor(const Flag &flag, const std::string &path) {
  if (path.ends_with(".png"))
    return readPng(path, flag.elements());
  std::string content = readFile(path);
  if (content.starts_with("\x93NUMPY"))
    return parseNpy(std::move(content), path);
  return readTable(content, path);
}

} // namespace

FlagValues::FlagValues(Session &session, const std::vector<Flag> &flags,
                       const std::map<std::string, std::string> &texts, const std::string &repeat)
    : session(session), repeat(repeat) {
  for (const Flag &flag : flags) {
    Value &value = values.emplace_back(Value{&flag, session.model.allocate(flag.bytes()), {}});
    auto it = texts.find(flag.name);
    if (it == texts.end() && !flag.defaultText)
      fail(Exit::Usage, "--{}: expected a value, found none", flag.name);
    const std::string &text = it == texts.end() ? *flag.defaultText : it->second;
    given.emplace_back(flag.name, text);
    parse(value, text);
  }
  for (Value &value : values)
    if (int64_t n = int64_t(value.rows.size() / std::max<size_t>(value.flag->bytes(), 1)))
      rowCount = std::max(rowCount, n);
  for (Value &value : values)
    if (!value.rows.empty() && value.rows.size() != size_t(rowCount) * value.flag->bytes())
      fail(Exit::Usage, "--{}: expected {} rows as in the other file, found {}", value.flag->name,
           rowCount, value.rows.size() / value.flag->bytes());
  select(0);
}

void FlagValues::parse(Value &value, const std::string &text) {
  if (!value.flag->vocab.empty())
    return parseTokens(value, text);
  if (value.flag->shape.empty())
    return parseScalar(value, text);
  parseFile(value, text);
}

void FlagValues::parseTokens(Value &value, const std::string &text) {
  const Flag &flag = *value.flag;
  const Vocabulary *vocabulary = session.vocabulary(flag.vocab);
  std::vector<int32_t> ids;
  vocabulary->check(text, "--" + flag.name);
  vocabulary->encode(text, ids, /*escapes=*/true);
  size_t room = size_t(flag.elements());
  if (ids.size() > room)
    fail(Exit::Usage, "--{}: expected at most {} tokens, found {}", flag.name, room, ids.size());
  if (flag.shape.empty() && ids.size() != 1)
    fail(Exit::Usage, "--{}: expected one token, found {}", flag.name, ids.size());
  ids.resize(room, Vocabulary::pad);
  std::memcpy(value.data, ids.data(), flag.bytes());
}

void FlagValues::parseScalar(Value &value, const std::string &text) {
  const Flag &flag = *value.flag;
  std::optional<double> number = parseNumber(text);
  if (flag.dtype == DType::Bool && (text == "true" || text == "false"))
    number = text == "true";
  bool integer = flag.dtype == DType::I32 || flag.dtype == DType::I64;
  bool fits =
      number && (!integer || (*number == std::floor(*number) &&
                              std::abs(*number) <=
                                  (flag.dtype == DType::I32 ? 2147483647.0 : 9007199254740992.0)));
  if (!fits || (flag.dtype == DType::Bool && *number != 0 && *number != 1))
    fail(Exit::Usage, "--{}: expected {}, found '{}'", flag.name,
         flag.dtype == DType::Bool ? "true or false"
         : integer                 ? "an integer"
                                   : "a number",
         text);
  store(flag.dtype, value.data, 0, *number);
}

void FlagValues::parseFile(Value &value, const std::string &given) {
  const Flag &flag = *value.flag;
  std::string path = session.files.resolve(flag.name, given);
  RawRows tensor = readTensor(flag, path);
  int64_t total = int64_t(tensor.rows) * tensor.elements;
  int64_t wanted = flag.elements();
  bool repeats = !repeat.empty() && flag.shape[0] == 1 && total != wanted;
  if (repeats ? tensor.elements != wanted : total != wanted)
    fail(Exit::Usage, "{}: --{}: expected {} values {}{}, found {} rows of {}", path, flag.name,
         wanted, toString(flag.shape), repeat.empty() ? "" : " a row", tensor.rows,
         tensor.elements);
  if (repeats && tensor.rows == 0)
    fail(Exit::Usage, "{}: --{}: expected at least one row, found none", path, flag.name);
  std::vector<char> converted(size_t(total) * sizeOf(flag.dtype));
  for (uint64_t row = 0; row < tensor.rows; ++row)
    tensor.read(row, 0, tensor.elements, flag.dtype,
                converted.data() + row * uint64_t(tensor.elements) * sizeOf(flag.dtype));
  if (repeats)
    value.rows = std::move(converted);
  else
    std::memcpy(value.data, converted.data(), flag.bytes());
}

void FlagValues::bind(Bindings &bindings) {
  for (Value &value : values) {
    bindings.add(ArgKind::Flag, value.flag->name, &value.data);
    bindings.add(ArgKind::Input, value.flag->name, &value.data);
  }
}

void FlagValues::select(int64_t row) {
  for (Value &value : values)
    if (!value.rows.empty())
      std::memcpy(value.data, value.rows.data() + size_t(row) * value.flag->bytes(),
                  value.flag->bytes());
}

double FlagValues::number(const std::string &name) const {
  for (const Value &value : values)
    if (value.flag->name == name)
      return load(value.flag->dtype, value.data, 0);
  fail(Exit::Usage, "program constant: unknown flag '{}'", name);
}

} // namespace nnrt
