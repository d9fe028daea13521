/// Lookups in the program constant.
#include "runtime/program/Program.h"

#include <nlohmann/json.hpp>

namespace nnrt {

namespace {

template <typename T> const T *find(const std::vector<T> &items, const std::string &name) {
  for (const T &item : items)
    if (item.name == name)
      return &item;
  return nullptr;
}

template <typename T>
const T &get(const std::vector<T> &items, const std::string &name, const char *what) {
  if (const T *item = find(items, name))
    return *item;
  failConstant("no {} '{}'", what, name);
}

} // namespace

const Function *Program::findFunction(const std::string &name) const {
  return find(functions, name);
}
const Function &Program::function(const std::string &name) const {
  return get(functions, name, "function");
}
const DataDecl &Program::dataSet(const std::string &name) const {
  return get(data, name, "data set");
}
const Objective &Program::objective(const std::string &name) const {
  return get(objectives, name, "objective");
}
const Entry &Program::entry(const std::string &name) const { return get(entries, name, "entry"); }

const Arg &argumentOf(const Function &function, ArgKind kind, const std::string &name) {
  for (const Arg &arg : function.args)
    if (arg.kind == kind && arg.name == name)
      return arg;
  failConstant("{}: no argument {} '{}'", function.name, wordOf(kind), name);
}

std::optional<char> delimiterOf(SourceKind kind) {
  switch (kind) {
  case SourceKind::Csv:
    return ',';
  case SourceKind::Tsv:
    return '\t';
  case SourceKind::Npy:
  case SourceKind::Idx:
  case SourceKind::Text:
  case SourceKind::Lines:
  case SourceKind::Cifar10:
    return std::nullopt;
  }
  return std::nullopt;
}

std::string textOf(const Scalar &scalar) {
  if (auto *text = std::get_if<std::string>(&scalar))
    return *text;
  return std::visit([](const auto &value) { return nlohmann::json(value).dump(); }, scalar);
}

} // namespace nnrt
