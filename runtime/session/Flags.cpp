/// Values of flags: scalars, texts, and tensors from files.
#include "runtime/session/Flags.h"
#include "runtime/base/Error.h"

#include <cmath>
#include <cstring>
#include <numeric>
#include <utility>

namespace nnrt {

namespace {

/// The numbers of a CSV file, row-major, as the flag's type.
RawRows readTable(const FileBytes &content, const std::string &file, const Target &to) {
  std::string buffer;
  checkFits(file, content.held() ? 0 : 2 * content.size());
  std::string_view text = content.bytes(0, size_t(content.size()), buffer);
  RawRows table;
  table.file = file;
  table.type = rawOf(to.type);
  table.elements = 0;
  std::string bytes;
  bool first = true;
  parseDelimited(text, ',', file, [&](uint64_t line, const auto &cells) {
    std::vector<int64_t> all(cells.size());
    std::iota(all.begin(), all.end(), 0);
    if (std::exchange(first, false)) {
      table.elements = int64_t(cells.size());
      if (looksLikeHeader(cells, all))
        return noteHeader(file);
    }
    size_t size = sizeOf(to.type), end = bytes.size();
    bytes.resize(end + cells.size() * size);
    for (int64_t i : all)
      readCell(cells[size_t(i)], to, bytes.data() + end + size_t(i) * size, file, line, i);
    ++table.rows;
  });
  table.content = std::make_shared<FileBytes>(std::move(bytes), file);
  table.stride = size_t(table.elements) * sizeOf(table.type);
  table.shape = {table.elements};
  return table;
}

/// Whether a table is a tensor: lines of its last axis, one line for each item of its first axis,
/// one line for all, or, of a vector, one number per line.
bool tableFits(const RawRows &table, const Shape &shape) {
  auto rows = int64_t(table.rows), columns = table.elements, all = elementsOf(shape);
  return rows * columns == all &&
         (rows == 1 || shape.size() == 1 || columns == shape.back() || rows == shape[0]);
}

} // namespace

FlagValues::FlagValues(Session &session, const std::vector<FlagDecl> &flags,
                       const std::map<std::string, std::string> &texts, const std::string &repeat)
    : session(session), repeat(repeat) {
  for (const FlagDecl &flag : flags) {
    Value &value = values.emplace_back();
    value.flag = &flag;
    value.data = session.model.allocate(bytesOf(flag));
    auto it = texts.find(flag.name);
    if (it == texts.end() && !flag.preset)
      fail(Exit::Usage, "--{}: expected a value, found none", flag.name);
    std::string text = it == texts.end() ? textOf(*flag.preset) : it->second;
    given.emplace_back(flag.name, text);
    parse(value, text);
  }
  const Value *longest = nullptr;
  for (const Value &value : values)
    if (value.repeats && (!longest || value.items > longest->items))
      longest = &value;
  rowCount = longest ? longest->items : 1;
  for (const Value &value : values)
    if (value.repeats && value.items != rowCount)
      fail(Exit::Data, "{}: --{}: expected {} rows as in {}, found {}", value.rows.file,
           value.flag->name, rowCount, longest->rows.file, value.items);
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
  const FlagDecl &flag = *value.flag;
  auto room = size_t(elementsOf(flag.shape));
  RowText row{session.vocabulary(flag.vocab), flag.transform, room};
  std::vector<int32_t> ids;
  row.vocabulary->check(text, "--" + flag.name);
  row.encode(text, ids, /*escapes=*/true);
  if (ids.size() > room)
    fail(Exit::Usage, "--{}: expected at most {} token{}, found {}{}", flag.name, room,
         room == 1 ? "" : "s", ids.size(),
         flag.transform == Transform::Plain ? "" : " with the ends that the data's rows have");
  if (flag.shape.empty() && ids.size() != 1)
    fail(Exit::Usage, "--{}: expected one token, found {}", flag.name, ids.size());
  if (row.vocabulary->isOfLabels() && text != "<unk>" && ids[0] == Vocabulary::unk)
    note("--{}: '{}' is not in the vocabulary {} and is read as <unk>", flag.name, text,
         flag.vocab);
  ids.resize(room, Vocabulary::pad);
  std::memcpy(value.data, ids.data(), bytesOf(flag));
}

void FlagValues::parseScalar(Value &value, const std::string &text) {
  const FlagDecl &flag = *value.flag;
  Target target(flag.dtype, flag.bound, "--" + flag.name);
  if (readNumber(text, target, value.data))
    return;
  std::optional<double> number = parseNumber(text);
  bool whole = number && *number == std::floor(*number);
  bool integer = flag.dtype == DType::I32 || flag.dtype == DType::I64;
  // An index that is too large is no other kind of value.
  fail(whole && flag.bound ? Exit::Data : Exit::Usage, "--{}: expected {}, found '{}'", flag.name,
       integer && !whole ? "an integer" : expectedNumber(text, target), text);
}

/// Reads a file as the flag's tensor, or as several where the entry is repeated for each row.
void FlagValues::parseFile(Value &value, const std::string &given) {
  const FlagDecl &flag = *value.flag;
  std::string path = session.files.resolve(flag.name, given);
  Target target(flag.dtype, flag.bound, "--" + flag.name);
  FileBytes content = FileBytes::open(path);
  std::string buffer;
  bool picture = path.ends_with(".png") ||
                 content.bytes(0, 8, buffer) == std::string_view("\x89PNG\r\n\x1a\n");
  bool table = !picture && content.bytes(0, 6, buffer) != std::string_view("\x93NUMPY");
  RawRows &rows = value.rows;
  rows = picture ? readPng(path, std::move(content), flag.shape, target.what)
         : table ? readTable(content, path, target)
                 : parseNpy(std::move(content), path);
  rows.file = path;
  Shape item(flag.shape.begin() + 1, flag.shape.end()), found = rows.shape;
  found.insert(found.begin(), int64_t(rows.rows));
  bool mayRepeat = !repeat.empty() && flag.shape[0] == 1;
  bool isItem = rows.shape == item || (table && rows.elements == elementsOf(item));
  value.repeats = mayRepeat && isItem && !picture;
  bool fits =
      picture || value.repeats || (table ? tableFits(rows, flag.shape) : found == flag.shape);
  if (!fits)
    fail(Exit::Data, "{}: --{}: expected {}{}, found {}", path, flag.name,
         mayRepeat ? "rows of " : "", toString(mayRepeat ? item : flag.shape),
         table ? fmt::format("{} rows of {}", rows.rows, rows.elements) : toString(found));
  value.items = value.repeats ? int64_t(rows.rows) : 1;
  if (value.items == 0)
    fail(Exit::Data, "{}: --{}: expected at least one row, found none", path, flag.name);
  // Every value of what is held is looked at before the first is used.
  for (int64_t k = 0; k < (rows.content->held() ? value.items : 1); ++k)
    load(value, k);
}

/// Reads the k-th tensor of a file.
void FlagValues::load(Value &value, int64_t k) {
  const FlagDecl &flag = *value.flag;
  Target target(flag.dtype, flag.bound, "--" + flag.name);
  if (value.repeats)
    return value.rows.read(uint64_t(k), 0, value.rows.elements, target, value.data);
  for (uint64_t row = 0; row < value.rows.rows; ++row)
    value.rows.read(row, 0, value.rows.elements, target,
                    static_cast<char *>(value.data) +
                        row * uint64_t(value.rows.elements) * sizeOf(flag.dtype));
}

void FlagValues::bind(Bindings &bindings) {
  for (Value &value : values) {
    bindings.add(ArgKind::Flag, value.flag->name, &value.data);
    bindings.add(ArgKind::Input, value.flag->name, &value.data);
  }
}

void FlagValues::select(int64_t row) {
  for (Value &value : values)
    if (value.repeats)
      load(value, row);
}

double FlagValues::number(const std::string &name) const {
  for (const Value &value : values)
    if (value.flag->name == name)
      return nnrt::load(value.flag->dtype, value.data, 0);
  failConstant("unknown flag '{}'", name);
}

} // namespace nnrt
