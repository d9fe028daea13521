/// Reads the program constant, strictly: what is not in contract/program.def is an error with its
/// path.
#include "runtime/program/Program.h"

#include <algorithm>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace nnrt {

using nlohmann::json;

namespace {

/// Where a value stands: "commands[0].body[1].unit".
class Path {
public:
  Path() = default;
  Path(const Path &parent, std::string_view key) : parent(&parent), key(key) {}
  Path(const Path &parent, size_t index) : parent(&parent), index(index) {}

  std::string text() const {
    std::string before = parent ? parent->text() : "";
    if (index)
      return fmt::format("{}[{}]", before, *index);
    return before + (before.empty() ? "" : ".") + std::string(key);
  }

private:
  const Path *parent = nullptr;
  std::string_view key;
  std::optional<size_t> index;
};

[[noreturn]] void refuse(const Path &path, const std::string &expected, const json &found) {
  failConstant("{}: expected {}, found {}", path.text(), expected, found.dump());
}

class ValueReader {
public:
  void read(const json &from, const Path &path, bool &to) {
    to = get<bool>(from.is_boolean(), from, path, "true or false");
  }
  void read(const json &from, const Path &path, int64_t &to) {
    to = get<int64_t>(from.is_number_integer(), from, path, "an integer");
  }
  void read(const json &from, const Path &path, uint64_t &to) {
    to = get<uint64_t>(from.is_number_unsigned(), from, path, "a number of bytes");
  }
  void read(const json &from, const Path &path, double &to) {
    to = get<double>(from.is_number(), from, path, "a number");
  }
  void read(const json &from, const Path &path, std::string &to) {
    to = get<std::string>(from.is_string(), from, path, "a text");
  }
  void read(const json &from, const Path &path, Scalar &to) {
    if (from.is_boolean())
      to = from.get<bool>();
    else if (from.is_number_integer())
      to = from.get<int64_t>();
    else if (from.is_number())
      to = from.get<double>();
    else
      to = get<std::string>(from.is_string(), from, path, "a number, boolean or text");
  }

  template <typename T> void read(const json &from, const Path &path, std::optional<T> &to) {
    read(from, path, to.emplace());
  }

  template <typename T> void read(const json &from, const Path &path, std::vector<T> &to) {
    if (!from.is_array())
      refuse(path, "a list", from);
    to.resize(from.size());
    for (size_t i = 0; i < to.size(); ++i)
      read(from[i], Path(path, i), to[i]);
  }

  template <typename Enum>
    requires std::is_enum_v<Enum>
  void read(const json &from, const Path &path, Enum &to) {
    auto word = from.is_string() ? enumOf<Enum>(from.get_ref<const std::string &>()) : std::nullopt;
    if (!word) {
      std::vector<std::string_view> words;
      for (Enum value : allOf<Enum>)
        words.push_back(wordOf(value));
      refuse(path, fmt::format("one of {}", fmt::join(words, ", ")), from);
    }
    to = *word;
  }

  template <typename Record>
    requires std::is_class_v<Record>
  void read(const json &from, const Path &path, Record &to);

private:
  template <typename T>
  T get(bool isThat, const json &from, const Path &path, const char *expected) {
    if (!isThat)
      refuse(path, expected, from);
    return from.get<T>();
  }
};

/// Reads the fields of one object, and notes which they are.
class RecordReader {
public:
  RecordReader(const json &object, const Path &path) : object(object), path(path) {}

  template <typename T> void required(std::string_view key, T &member) {
    if (!find(key, member))
      failConstant("{}: expected a field '{}', found none", path.text(), key);
  }
  template <typename T> void optional(std::string_view key, T &member, const T &fallback) {
    if (!find(key, member))
      member = fallback;
  }
  /// Refuses fields that nobody asked for.
  void finish() const {
    for (auto &[key, value] : object.items())
      if (std::find(known.begin(), known.end(), key) == known.end())
        failConstant("{}: expected one of {}, found a field '{}'", path.text(),
                     fmt::join(known, ", "), key);
  }

private:
  template <typename T> bool find(std::string_view key, T &member) {
    known.push_back(key);
    auto it = object.find(key);
    if (it == object.end())
      return false;
    ValueReader().read(*it, Path(path, key), member);
    return true;
  }

  const json &object;
  const Path &path;
  std::vector<std::string_view> known;
};

template <typename Record>
  requires std::is_class_v<Record>
void ValueReader::read(const json &from, const Path &path, Record &to) {
  if (!from.is_object())
    refuse(path, "an object", from);
  RecordReader reader(from, path);
  visitFields(reader, to);
  reader.finish();
}

void number(std::vector<Statement> &body, size_t &next) {
  for (Statement &statement : body) {
    statement.index = next++;
    number(statement.body, next);
  }
}

/// A text field reads one thing, as the reader of rows takes for granted.
void checkTexts(const Program &program) {
  for (size_t d = 0; d < program.data.size(); ++d)
    for (size_t f = 0; f < program.data[d].fields.size(); ++f) {
      const Field &field = program.data[d].fields[f];
      if (field.kind == FieldKind::Text && field.inputs.size() != 1)
        failConstant("data[{}].fields[{}].inputs: expected one of a text, found {}", d, f,
                     field.inputs.size());
    }
}

json parse(const char *text) {
  json root = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!root.is_object())
    failConstant("expected a JSON object, found another text");
  return root;
}

} // namespace

Program parseProgram(const char *text) {
  json root = parse(text);
  if (root.value("version", json()) != constantVersion)
    failConstant("version: expected {}, found {}", constantVersion,
                 root.value("version", json()).dump());
  Program program;
  ValueReader().read(root, Path(), static_cast<ProgramConstant &>(program));
  for (size_t i = 0; i < program.functions.size(); ++i)
    program.functions[i].index = i;
  for (Command &command : program.commands) {
    size_t next = 0;
    number(command.body, next);
  }
  checkTexts(program);
  return program;
}

LaunchTable parseLaunches(const char *text) {
  LaunchTable table;
  const Path root, path(root, "nn_launches");
  ValueReader().read(parse(text), path, table);
  for (size_t i = 0; i < table.launches.size(); ++i)
    if (table.launches[i].kernel >= table.kernels.size())
      failConstant("{}.launches[{}].kernel: expected one of {} kernels, found {}", path.text(), i,
                   table.kernels.size(), table.launches[i].kernel);
  return table;
}

} // namespace nnrt
