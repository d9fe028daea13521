/// Writing checkpoints, and reading them back into a model.
#include "runtime/session/Checkpoint.h"
#include "runtime/base/Error.h"
#include "runtime/base/Files.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>

namespace nnrt {

namespace {

constexpr const char *formatVersion = "1";
/// Far beyond any training, and a number that every reader of JSON knows.
constexpr int64_t maxStep = int64_t(1) << 53;

const char *storedType(DType type) {
  switch (type) {
  case DType::F32:
    return "F32";
  case DType::F64:
    return "F64";
  case DType::I32:
    return "I32";
  case DType::I64:
    return "I64";
  case DType::Bool:
    return "BOOL";
  }
  __builtin_unreachable();
}

/// "param/classifier.dense.w".
std::string nameInFile(const Variable &decl) {
  return fmt::format("{}/{}", wordOf(decl.role), decl.name);
}

StoredTensor stored(const Model::Buffer &buffer) {
  const Variable &decl = *buffer.decl;
  return {nameInFile(decl), storedType(decl.dtype),
          std::vector<uint64_t>(decl.shape.begin(), decl.shape.end()),
          std::string_view(static_cast<const char *>(buffer.data), bytesOf(decl))};
}

/// Copies a stored tensor of the declared shape; f32 and f64 convert into each other.
void copyTensor(const StoredTensor &from, const Model::Buffer &buffer, const std::string &file) {
  const Variable &decl = *buffer.decl;
  if (!std::equal(from.shape.begin(), from.shape.end(), decl.shape.begin(), decl.shape.end()))
    fail(Exit::Checkpoint, "{}: {}: shape: expected {}, found {}", file, from.name,
         toString(decl.shape), toString(Shape(from.shape.begin(), from.shape.end())));
  if (from.dtype == storedType(decl.dtype)) {
    std::memcpy(buffer.data, from.bytes.data(), bytesOf(decl));
    return;
  }
  bool real = decl.dtype == DType::F32 || decl.dtype == DType::F64;
  if (!real || (from.dtype != "F32" && from.dtype != "F64"))
    fail(Exit::Checkpoint, "{}: {}: dtype: expected {}, found {}", file, from.name,
         storedType(decl.dtype), from.dtype);
  for (int64_t i = 0; i < elementsOf(decl.shape); ++i) {
    if (from.dtype == "F32") {
      float value;
      std::memcpy(&value, from.bytes.data() + i * 4, 4);
      store(decl.dtype, buffer.data, i, value);
    } else {
      double value;
      std::memcpy(&value, from.bytes.data() + i * 8, 8);
      store(decl.dtype, buffer.data, i, value);
    }
  }
}

/// A tensor of weights from elsewhere.
const StoredTensor *findWeights(const SafetensorsFile &file, const std::string &name) {
  const StoredTensor *tensor = file.find(name);
  for (VariableRole role : {VariableRole::Parameter, VariableRole::Running})
    if (!tensor)
      tensor = file.find(fmt::format("{}/{}", wordOf(role), name));
  return tensor;
}

} // namespace

void saveCheckpoint(const std::string &path, Model &model,
                    const std::vector<Vocabulary> &vocabularies, const RunState &state) {
  std::vector<StoredTensor> tensors;
  for (const Model::Buffer &param : model.params())
    tensors.push_back(stored(param));
  for (const Model::Buffer &buffer : model.states())
    tensors.push_back(stored(buffer));
  Metadata metadata = {{"nnc.version", formatVersion},
                       {"nnc.program", model.program.name},
                       {"nnc.hash", model.program.hash},
                       {"nnc.command", state.command},
                       {"nnc.seed", std::to_string(state.seed)},
                       {"nnc.step", std::to_string(state.step)},
                       {"nnc.block_step", std::to_string(state.blockStep)},
                       {"nnc.iteration", fmt::format("{}", state.iteration)},
                       {"nnc.progress", fmt::format("{}", state.progress)}};
  if (state.best)
    metadata["nnc.best"] = fmt::format("{}", *state.best);
  for (const Vocabulary &vocabulary : vocabularies)
    metadata["nnc.vocab." + vocabulary.decl().name] = vocabulary.serialize();
  writeSafetensors(path, std::move(tensors), metadata);
}

Checkpoint::Checkpoint(const std::string &path) : file(path) {
  auto own = file.metadata().lower_bound("nnc.");
  weights = own == file.metadata().end() || !own->first.starts_with("nnc.");
  if (!weights && text("nnc.version") != formatVersion)
    fail(Exit::Checkpoint, "{}: nnc.version: expected {}, found {}", path, formatVersion,
         text("nnc.version"));
}

std::string Checkpoint::text(const std::string &key) const {
  auto it = file.metadata().find(key);
  if (it == file.metadata().end())
    fail(Exit::Checkpoint, "{}: {}: expected it in the metadata, found none", path(), key);
  return it->second;
}

int64_t Checkpoint::number(const std::string &key, int64_t least) const {
  std::string value = text(key);
  int64_t result = 0;
  auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), result);
  if (error != std::errc() || end != value.data() + value.size())
    fail(Exit::Checkpoint, "{}: {}: expected an integer, found '{}'", path(), key, value);
  if (result < least)
    fail(Exit::Checkpoint, "{}: {}: expected {} or more, found {}", path(), key, least, result);
  return result;
}

std::optional<double> Checkpoint::real(const std::string &key) const {
  if (!file.metadata().count(key))
    return std::nullopt;
  std::string found = text(key);
  double value = 0;
  auto [end, error] = std::from_chars(found.data(), found.data() + found.size(), value);
  if (error != std::errc() || end != found.data() + found.size() || !std::isfinite(value))
    fail(Exit::Checkpoint, "{}: {}: expected a finite number, found '{}'", path(), key, found);
  return value;
}

RunState Checkpoint::state() const {
  RunState state{text("nnc.command"),
                 number("nnc.seed", INT64_MIN),
                 number("nnc.step", 0),
                 number("nnc.block_step", 0),
                 real("nnc.best"),
                 real("nnc.iteration").value_or(0),
                 real("nnc.progress").value_or(0)};
  // Counters that could not go on would not be noticed for long.
  if (state.step > maxStep)
    fail(Exit::Checkpoint, "{}: nnc.step: expected at most {}, found {}", path(), maxStep,
         state.step);
  if (state.blockStep > state.step)
    fail(Exit::Checkpoint, "{}: nnc.block_step: expected at most nnc.step, {}, found {}", path(),
         state.step, state.blockStep);
  if (state.iteration < 0)
    fail(Exit::Checkpoint, "{}: nnc.iteration: expected 0 or more, found {}", path(),
         state.iteration);
  if (state.progress < 0 || state.progress > 1)
    fail(Exit::Checkpoint, "{}: nnc.progress: expected 0 to 1, found {}", path(), state.progress);
  return state;
}

void Checkpoint::checkCommand(const Program &program) const {
  std::string found = text("nnc.command");
  std::vector<std::string> names;
  for (const Command &command : program.commands)
    names.push_back(command.name);
  if (std::find(names.begin(), names.end(), found) == names.end())
    fail(Exit::Checkpoint, "{}: nnc.command: expected {}, found '{}'", path(),
         fmt::join(names, " or "), found);
}

bool Checkpoint::isOfOtherProgram(const Program &program) const {
  return text("nnc.hash") != program.hash;
}

void Checkpoint::loadVocabularies(std::vector<Vocabulary> &vocabularies) const {
  for (Vocabulary &vocabulary : vocabularies)
    vocabulary.deserialize(text("nnc.vocab." + vocabulary.decl().name), path());
}

void Checkpoint::loadTensors(Model &model, bool optimizer) const {
  auto load = [&](const Model::Buffer &buffer) {
    std::string name = nameInFile(*buffer.decl);
    const StoredTensor *tensor = file.find(name);
    if (!tensor)
      fail(Exit::Checkpoint, "{}: {}: expected {} {}, found no such tensor", path(), name,
           storedType(buffer.decl->dtype), toString(buffer.decl->shape));
    copyTensor(*tensor, buffer, path());
  };
  for (const Model::Buffer &param : model.params())
    load(param);
  for (const Model::Buffer &state : model.states())
    if (optimizer || state.decl->role != VariableRole::Optimizer)
      load(state);
}

namespace {

/// Rows of a table stand for words: refuses one that was trained with others.
void compareWords(const SafetensorsFile &file, const StoredTensor &tensor,
                  const std::vector<Vocabulary> &vocabularies) {
  const std::string prefix = "nnc.vocab.";
  auto isVocabulary = [&](const auto &entry) { return entry.first.starts_with(prefix); };
  auto stored = std::count_if(file.metadata().begin(), file.metadata().end(), isVocabulary);
  for (const Vocabulary &here : vocabularies) {
    auto size = uint64_t(here.decl().size);
    auto it = file.metadata().find(prefix + here.decl().name);
    // The only vocabulary of both is the same one under two names.
    if (it == file.metadata().end() && stored == 1 && vocabularies.size() == 1)
      it = std::find_if(file.metadata().begin(), file.metadata().end(), isVocabulary);
    if (it == file.metadata().end() || here.empty() ||
        std::find(tensor.shape.begin(), tensor.shape.end(), size) == tensor.shape.end())
      continue;
    VocabDecl any = here.decl();
    any.size = std::numeric_limits<int64_t>::max();
    Vocabulary there(any);
    there.deserialize(it->second, file.path());
    if (auto difference = here.differenceTo(there))
      fail(
          Exit::Checkpoint,
          "{}: {}: expected rows for the words of the vocabulary '{}', found others: {}; give both "
          "programs the same file for it",
          file.path(), tensor.name, here.decl().name, *difference);
  }
}

/// A NaN in what is loaded would only be found in a step that it has spoilt.
void checkNumbers(const Model::Buffer &buffer, const std::string &name, const std::string &file) {
  for (int64_t i = 0; i < elementsOf(buffer.decl->shape); ++i)
    if (std::isnan(load(buffer.decl->dtype, buffer.data, i)))
      fail(Exit::Checkpoint, "{}: {}: expected numbers, found NaN at position {} of {}", file, name,
           i, toString(buffer.decl->shape));
}

} // namespace

void Checkpoint::loadWeights(Model &model, const std::set<std::string> &names, bool all) const {
  for (auto *buffers : {&model.params(), &model.states()})
    for (const Model::Buffer &buffer : *buffers) {
      const Variable &decl = *buffer.decl;
      if (decl.role == VariableRole::Optimizer || (!all && !names.count(decl.name)))
        continue;
      const StoredTensor *tensor = findWeights(file, decl.name);
      if (!tensor && !decl.from)
        fail(Exit::Checkpoint, "{}: {}: expected {} {}, found no such tensor", path(), decl.name,
             storedType(decl.dtype), toString(decl.shape));
      if (tensor)
        copyTensor(*tensor, buffer, path());
    }
}

void loadForeignParams(Model &model, Files &files, const std::vector<Vocabulary> &vocabularies,
                       const std::set<std::string> &names, bool all) {
  std::unique_ptr<SafetensorsFile> opened; // The parameters of a net stand together.
  for (auto *buffers : {&model.params(), &model.states()})
    for (const Model::Buffer &buffer : *buffers) {
      const Variable &decl = *buffer.decl;
      if (!decl.from || (!all && !names.count(decl.name)))
        continue;
      std::string path = files.resolve(decl.from->flag, decl.from->path);
      if (!opened || opened->path() != path)
        opened = std::make_unique<SafetensorsFile>(path);
      const SafetensorsFile &file = *opened;
      const StoredTensor *tensor = findWeights(file, decl.from->name);
      if (!tensor)
        fail(Exit::Checkpoint, "{}: {}: expected {} for {}, found no such tensor", file.path(),
             decl.from->name, toString(decl.shape), decl.name);
      compareWords(file, *tensor, vocabularies);
      copyTensor(*tensor, buffer, file.path());
      checkNumbers(buffer, decl.from->name, file.path());
    }
}

} // namespace nnrt
