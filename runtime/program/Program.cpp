/// Reads the program constant.
#include "runtime/program/Program.h"
#include "runtime/base/Error.h"

#include <nlohmann/json.hpp>

namespace nnrt {

using nlohmann::json;

namespace {

std::string text(const json &object, const char *key) {
  auto it = object.find(key);
  return it == object.end() || it->is_null() ? std::string() : it->get<std::string>();
}

/// The array under `key`, or an empty one.
const json &list(const json &object, const char *key) {
  static const json none = json::array();
  auto it = object.find(key);
  return it == object.end() || it->is_null() ? none : *it;
}

template <typename T, typename Parse>
std::vector<T> each(const json &object, const char *key, Parse parse) {
  std::vector<T> items;
  for (const json &item : list(object, key))
    items.push_back(parse(item));
  return items;
}

template <typename E> E choose(const std::string &name, std::initializer_list<const char *> names) {
  int i = 0;
  for (const char *candidate : names) {
    if (name == candidate)
      return E(i);
    ++i;
  }
  fail(Exit::Usage, "program constant: unknown word '{}'", name);
}

void parseTensor(const json &object, Tensor &tensor) {
  tensor.name = text(object, "name");
  std::string dtype = object.value("dtype", "f32");
  auto type = dtypeOf(dtype);
  if (!type)
    fail(Exit::Usage, "program constant: unknown dtype '{}'", dtype);
  tensor.dtype = *type;
  tensor.shape = list(object, "shape").get<Shape>();
}

ParamDecl parseParam(const json &object) {
  ParamDecl param;
  parseTensor(object, param);
  param.net = text(object, "net");
  if (auto from = object.find("from"); from != object.end() && from->is_object()) {
    param.fromPath = text(*from, "path");
    param.fromName = text(*from, "name");
    param.fromFlag = text(*from, "flag");
  }
  return param;
}

Source parseSource(const json &object) {
  return {text(object, "kind"), each<SourceItem>(object, "items", [](const json &item) {
            return SourceItem{text(item, "name"), text(item, "path"), text(item, "flag")};
          })};
}

std::optional<int64_t> parseBound(const json &object) {
  auto bound = object.find("bound");
  return bound == object.end() || bound->is_null() ? std::nullopt
                                                   : std::optional(bound->get<int64_t>());
}

Field::Transform parseTransform(const std::string &name) {
  return choose<Field::Transform>(name, {"plain", "ended", "framed", "window"});
}

Field parseField(const json &object) {
  Field field;
  parseTensor(object, field);
  field.bound = parseBound(object);
  field.vocab = text(object, "vocab");
  const json &from = object.at("from");
  field.kind = choose<Field::Kind>(text(from, "kind"), {"function", "text"});
  field.function = text(from, "function");
  field.direct = from.value("direct", false);
  field.inputs = each<FieldInput>(from, "inputs", [](const json &input) {
    return FieldInput{text(input, "source"), input.value("first", int64_t(0)),
                      input.value("elements", int64_t(1))};
  });
  if (field.kind == Field::Kind::Text)
    field.transform = parseTransform(text(from, "transform"));
  field.source = text(from, "source");
  field.header = text(from, "header");
  field.column = from.value("column", int64_t(0));
  return field;
}

DataDecl parseData(const json &object) {
  DataDecl data;
  data.name = text(object, "name");
  data.sources = each<Source>(object, "sources", parseSource);
  if (auto holdout = object.find("holdout"); holdout != object.end() && holdout->is_object()) {
    data.holdoutFraction = holdout->value("fraction", 0.0);
    data.holdoutSources = each<Source>(*holdout, "sources", parseSource);
  }
  data.fields = each<Field>(object, "fields", parseField);
  return data;
}

VocabDecl parseVocab(const json &object) {
  VocabDecl vocab;
  vocab.name = text(object, "name");
  vocab.kind = text(object, "kind");
  vocab.size = object.at("size").get<int64_t>();
  vocab.sources = each<VocabSource>(object, "sources", [](const json &source) {
    return VocabSource{text(source, "kind"), text(source, "path"), text(source, "flag"),
                       source.value("column", int64_t(0)), text(source, "header")};
  });
  return vocab;
}

/// A JSON scalar as a user would type it.
std::string scalarText(const json &value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

Flag parseFlag(const json &object) {
  Flag flag;
  parseTensor(object, flag);
  flag.vocab = text(object, "vocab");
  flag.doc = text(object, "doc");
  flag.bound = parseBound(object);
  flag.transform = parseTransform(object.value("transform", "plain"));
  if (auto value = object.find("default"); value != object.end() && !value->is_null())
    flag.defaultText = scalarText(*value);
  return flag;
}

Count parseCount(const json &object) {
  Count count;
  if (object.is_object())
    count.flag = text(object, "flag");
  else
    count.value = object.get<double>();
  return count;
}

std::optional<BatchOf> parseBatch(const json &object, const char *key) {
  auto it = object.find(key);
  if (it == object.end() || it->is_null())
    return std::nullopt;
  const char *size = it->contains("rows") ? "rows" : "batch";
  return BatchOf{text(*it, "set"), it->at(size).get<int64_t>()};
}

Statement parseStatement(const json &object) {
  Statement statement;
  statement.op = choose<Statement::Op>(text(object, "op"),
                                       {"for", "repeat", "every", "step", "validate", "run"});
  if (object.contains("count"))
    statement.count = parseCount(object["count"]);
  statement.epochs = text(object, "unit") == "epochs";
  statement.data = parseBatch(object, "data");
  statement.body = each<Statement>(object, "body", parseStatement);
  statement.objective = text(object, "objective");
  statement.gradient = text(object, "gradient");
  statement.update = text(object, "update");
  statement.entry = text(object, "entry");
  statement.over = list(object, "over").get<std::vector<std::string>>();
  statement.accumulate = object.value("accumulate", int64_t(1));
  if (object.contains("rows"))
    statement.rows = parseCount(object["rows"]);
  if (auto args = object.find("args"); args != object.end() && args->is_object())
    for (auto &[name, value] : args->items())
      statement.args.emplace_back(name, scalarText(value));
  return statement;
}

Command parseCommand(const json &object) {
  return {text(object, "name"), each<Flag>(object, "flags", parseFlag),
          each<Statement>(object, "body", parseStatement)};
}

CheckDecl parseCheck(const json &object, bool maximize) {
  return {object.value("batch", int64_t(0)),
          text(object, "function"),
          text(object, "loss"),
          list(object, "params").get<std::vector<std::string>>(),
          object.value("maximize", maximize),
          each<EstimatorDecl>(object, "estimators", [](const json &item) {
            return EstimatorDecl{text(item, "name"), text(item, "function")};
          })};
}

Objective parseObjective(const json &object) {
  Objective objective;
  objective.name = text(object, "name");
  objective.data = text(object, "data");
  objective.maximize = object.value("maximize", false);
  if (auto eval = object.find("eval"); eval != object.end() && eval->is_object()) {
    objective.evalBatch = eval->value("batch", int64_t(0));
    objective.evalFunction = text(*eval, "function");
    objective.evalSingle = text(*eval, "single");
    objective.evalFinish = text(*eval, "finish");
  }
  if (auto check = object.find("check"); check != object.end() && !check->is_null()) {
    if (check->is_array())
      objective.checks = each<CheckDecl>(
          object, "check", [&](const json &item) { return parseCheck(item, objective.maximize); });
    else
      objective.checks.push_back(parseCheck(*check, objective.maximize));
  }
  return objective;
}

Entry parseEntry(const json &object) {
  Entry entry;
  entry.name = text(object, "name");
  entry.doc = text(object, "doc");
  entry.function = text(object, "function");
  entry.repeat = text(object, "repeat");
  entry.flags = each<Flag>(object, "flags", parseFlag);
  entry.data = parseBatch(object, "data");
  entry.everyRow = entry.data && object.at("data").value("every", false);
  entry.shows = each<ShowDecl>(object, "shows", [](const json &show) {
    return ShowDecl{text(show, "name"),
                    text(show, "vocab"),
                    choose<ShowDecl::Kind>(show.value("kind", "print"),
                                           {"print", "image", "svg", "csv", "npy"}),
                    show.value("result", text(show, "name")),
                    show.value("row", false),
                    show.value("colour", false)};
  });
  return entry;
}

Arg parseArg(const json &object) {
  Arg arg;
  parseTensor(object, arg);
  arg.kind =
      choose<ArgKind>(text(object, "kind"),
                      {"param",  "state",     "state_out", "gradient", "input",           "seed",
                       "step",   "iteration", "progress",  "flag",     "vocab.frequency", "loss",
                       "report", "grad_norm", "lr",        "show",     "field",           "held",
                       "rows",   "valid",     "statistic"});
  return arg;
}

Function parseFunction(const json &object) {
  Function function;
  function.name = text(object, "name");
  function.args = each<Arg>(object, "args", parseArg);
  function.asserts = each<Assert>(object, "asserts", [](const json &assertion) {
    return Assert{text(assertion, "message"), assertion.value("line", int64_t(0))};
  });
  return function;
}

Program build(const json &root) {
  if (root.value("version", 0) != 1)
    fail(Exit::Usage, "program constant: expected version 1, found {}", root.value("version", 0));
  Program program;
  program.name = text(root, "name");
  program.hash = text(root, "hash");
  program.cpu = text(root, "cpu");
  program.features = text(root, "features");
  program.instructions = root.value("instructions", std::vector<std::string>());
  program.real = root.value("real", "f32") == "f64" ? DType::F64 : DType::F32;
  program.arena = root.value("arena", uint64_t(0));
  program.scratch = root.value("scratch", uint64_t(0));
  program.params = each<ParamDecl>(root, "params", parseParam);
  program.states = each<ParamDecl>(root, "states", parseParam);
  program.vocabs = each<VocabDecl>(root, "vocabs", parseVocab);
  program.data = each<DataDecl>(root, "data", parseData);
  program.commands = each<Command>(root, "commands", parseCommand);
  program.objectives = each<Objective>(root, "objectives", parseObjective);
  program.entries = each<Entry>(root, "entries", parseEntry);
  program.functions = each<Function>(root, "functions", parseFunction);
  for (size_t i = 0; i < program.functions.size(); ++i)
    program.functions[i].index = i;
  return program;
}

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
  fail(Exit::Usage, "program constant: no {} '{}'", what, name);
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
const VocabDecl &Program::vocab(const std::string &name) const {
  return get(vocabs, name, "vocabulary");
}

Program parseProgram(const char *text) {
  try {
    return build(json::parse(text));
  } catch (const json::exception &error) {
    fail(Exit::Usage, "program constant: {}", error.what());
  }
}

std::string_view stateNamespace(const std::string &name) {
  return name.starts_with("optim.") ? "opt" : "run";
}

} // namespace nnrt
