#include "runtime/Session.h"
#include "runtime/Error.h"

#include <filesystem>

namespace nnrt {

namespace fs = std::filesystem;

Session::Session(const Program &program, const Options &options)
    : program(program), options(options), files(options.files, options.executable, options.dataDir),
      model(program, options.threads), runFolder(options.runFolder) {
  for (const VocabDecl &decl : program.vocabs)
    vocabularies.emplace_back(decl);
  state.seed = options.seed.value_or(0);
  model.seed = state.seed;
}

/// A vocabulary follows the data's flag for the same file unless it is given its own.
std::string Session::vocabularyFile(const VocabSource &source) {
  if (!options.files.count(source.flag))
    for (const DataDecl &decl : program.data)
      for (const Source &dataSource : decl.sources)
        for (const SourceItem &item : dataSource.items)
          if (item.path == source.path && options.files.count(item.flag))
            return files.resolve(item.flag, item.path);
  return files.resolve(source.flag, source.path);
}

void Session::learnVocabularies() {
  for (Vocabulary &vocabulary : vocabularies) {
    for (const VocabSource &source : vocabulary.decl().sources) {
      if (vocabulary.decl().kind == "bytes" && source.path.empty())
        continue;
      std::string path = vocabularyFile(source), file = fs::path(path).filename();
      std::string content = readFile(path);
      if (source.kind == "csv" || source.kind == "tsv") {
        parseDelimited(content, source.kind == "csv" ? ',' : '\t', file,
                       [&](uint64_t line, const std::vector<std::string_view> &cells) {
                         if (size_t(source.column) >= cells.size())
                           fail(Exit::Data, "{}: line {}: expected at least {} columns, found {}",
                                file, line, source.column + 1, cells.size());
                         vocabulary.check(cells[size_t(source.column)], file, line);
                         vocabulary.learn(cells[size_t(source.column)]);
                       });
        continue;
      }
      vocabulary.check(content, file);
      if (source.kind == "lines") {
        for (std::string_view line : splitLines(content))
          vocabulary.learn(line);
      } else {
        vocabulary.learn(content);
      }
    }
    vocabulary.finish();
    if (vocabulary.dropped() > 0)
      fmt::print("vocab {}: {} distinct tokens found no place among {} and read as <unk>\n",
                 vocabulary.decl().name, vocabulary.dropped(), vocabulary.decl().size);
  }
  model.setVocabularies(vocabularies);
}

void Session::initialise() {
  if (const Function *init = program.findFunction("init.params")) {
    Call call = model.bind(*init);
    model.call(call);
  }
  loadForeignParams(model, files);
}

std::string Session::checkpointPath(const std::string &name) const {
  if (name == "last" || name == "best" || name == "previous")
    return (fs::path(runFolder) / (name + ".safetensors")).string();
  return name;
}

bool Session::hasCheckpoint(const std::string &name) const {
  std::error_code ignored;
  return fs::exists(checkpointPath(name), ignored);
}

Checkpoint Session::openCheckpoint(const std::string &name) {
  if (!hasCheckpoint(name))
    fail(Exit::Checkpoint,
         "{}: expected a checkpoint, found none: run '{} {}' first, or give --run",
         checkpointPath(name), fs::path(options.executable).filename().string(),
         program.commands.empty() ? "train" : program.commands[0].name);
  return Checkpoint(checkpointPath(name));
}

void Session::restore(bool optimizer) {
  // A program without parameters and vocabularies has nothing to restore.
  if (program.params.empty() && program.vocabs.empty() && !hasCheckpoint(options.checkpoint))
    return initialise();
  Checkpoint checkpoint = openCheckpoint(options.checkpoint);
  if (checkpoint.isOfOtherProgram(program))
    fmt::print(stderr, "note: {}: the program has changed since this checkpoint was written\n",
               checkpoint.path());
  state = checkpoint.state();
  model.seed = options.seed.value_or(state.seed);
  model.step = state.step;
  checkpoint.loadVocabularies(vocabularies);
  model.setVocabularies(vocabularies);
  checkpoint.loadTensors(model, optimizer);
}

void Session::need(const std::string &name, Split split) {
  auto &[train, holdout] = needed[name];
  (split == Split::Train ? train : holdout) = true;
}

DataSet &Session::data(const std::string &name) {
  std::unique_ptr<DataSet> &set = dataSets[name];
  if (!set) {
    auto [train, holdout] = needed[name];
    set = std::make_unique<DataSet>(program.dataSet(name), loadContext(), uint64_t(state.seed),
                                    train, holdout);
    if (set->dropped() > 0)
      fmt::print("data {}: {} rows are longer than their field and are left out\n", name,
                 set->dropped());
  }
  return *set;
}

size_t Session::dataBytes() const {
  size_t total = 0;
  for (auto &[name, set] : dataSets)
    total += set->bytes();
  return total;
}

const Vocabulary *Session::vocabulary(const std::string &name) const {
  for (const Vocabulary &vocabulary : vocabularies)
    if (vocabulary.decl().name == name)
      return &vocabulary;
  return nullptr;
}

} // namespace nnrt
