/// Brings vocabularies, parameters and data to where a command starts.
#include "runtime/session/Session.h"
#include "runtime/base/Error.h"
#include "runtime/base/Output.h"
#include "runtime/data/Tables.h"

#include <algorithm>
#include <filesystem>
#include <utility>

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

bool Needs::vocabulary(const VocabDecl &decl) const {
  // Bytes are known without a file, how frequent they are is not.
  return everything || frequencies.count(decl.name) ||
         (vocabularies.count(decl.name) && decl.kind != VocabKind::Bytes);
}

Needs needsOf(const Program &program, const Entry &entry) {
  Needs needs;
  needs.everything = false;
  for (const Arg &arg : program.function(entry.function).args)
    if (arg.kind == ArgKind::Param || arg.kind == ArgKind::State)
      needs.tensors.insert(arg.name);
    else if (arg.kind == ArgKind::VocabFrequency)
      needs.frequencies.insert(arg.name);
  for (const FlagDecl &flag : entry.flags)
    needs.vocabularies.insert(flag.vocab);
  for (const ShowDecl &show : entry.shows)
    needs.vocabularies.insert(show.vocab);
  if (entry.data)
    for (const Field &field : program.dataSet(entry.data->set).fields)
      needs.vocabularies.insert(field.vocab);
  return needs;
}

void Session::learnVocabularies(const Needs &needs) {
  for (Vocabulary &vocabulary : vocabularies) {
    if (!needs.vocabulary(vocabulary.decl())) {
      vocabulary.finish();
      continue;
    }
    // Bytes are known; a text is read for how often they stand there alone.
    for (const VocabSource &source : vocabulary.decl().sources)
      if (vocabulary.hasSpecials() || (!source.path.empty() && usesFrequency(vocabulary)))
        learn(vocabulary, source);
    vocabulary.finish();
    if (vocabulary.dropped() > 0)
      note("vocab {}: {} distinct tokens found no place among {} and read as <unk>",
           vocabulary.decl().name, vocabulary.dropped(), vocabulary.decl().size);
  }
  setFrequencies();
}

/// Hands over how frequent the tokens are.
void Session::setFrequencies() {
  for (const Vocabulary &vocabulary : vocabularies)
    model.setFrequency(vocabulary.decl().name, vocabulary.frequency());
}

/// Whether a function of the program asks how often the tokens occur.
bool Session::usesFrequency(const Vocabulary &vocabulary) const {
  for (const Function &function : program.functions)
    for (const Arg &arg : function.args)
      if (arg.kind == ArgKind::VocabFrequency && arg.name == vocabulary.decl().name)
        return true;
  return false;
}

/// Counts the tokens of one source.
void Session::learn(Vocabulary &vocabulary, const VocabSource &source) {
  std::string path = vocabularyFile(source), file = fs::path(path).filename();
  if (std::optional<char> delimiter = delimiterOf(source.kind))
    return learnColumn(vocabulary, source, path, *delimiter);
  FileBytes content = FileBytes::open(path);
  uint64_t line = 1;
  if (source.kind == SourceKind::Lines || vocabulary.isOfLabels()) {
    forEachLine(content, file, [&](std::string_view one, uint64_t) {
      vocabulary.check(one, file, line++);
      vocabulary.learn(one);
    });
    return;
  }
  forEachPiece(content, vocabulary, file, [&](std::string_view piece, uint64_t) {
    vocabulary.check(piece, file, line);
    line += uint64_t(std::count(piece.begin(), piece.end(), '\n'));
    vocabulary.learn(piece);
  });
}

/// Counts the tokens of one column. Its first line is a header where the data sets take it for one.
void Session::learnColumn(Vocabulary &vocabulary, const VocabSource &source,
                          const std::string &path, char delimiter) {
  std::string file = fs::path(path).filename();
  TableUse use = useOf(program, source.path);
  int64_t column = source.column;
  bool first = true;
  parseDelimited(readFile(path), delimiter, file,
                 [&](uint64_t line, const std::vector<std::string_view> &cells) {
                   if (std::exchange(first, false) && use.isHeader(cells)) {
                     if (!source.header.empty())
                       column = findColumn(cells, source.header, file);
                     return;
                   }
                   std::string_view cell = cellAt(cells, column, file, line);
                   vocabulary.check(cell, file, line);
                   vocabulary.learn(cell);
                 });
}

void Session::initialise(const Needs &needs) {
  if (const Function *init = program.findFunction("init.params")) {
    Call call = model.bind(*init);
    model.call(call);
  }
  loadForeignParams(model, files, vocabularies, needs.tensors, needs.everything);
}

std::string Session::checkpointPath(const CheckpointName &name) const {
  if (auto *path = std::get_if<std::string>(&name))
    return *path;
  switch (std::get<Saved>(name)) {
  case Saved::Last:
    return (fs::path(runFolder) / "last.safetensors").string();
  case Saved::Best:
    return (fs::path(runFolder) / "best.safetensors").string();
  case Saved::Previous:
    return (fs::path(runFolder) / "previous.safetensors").string();
  }
  __builtin_unreachable();
}

bool Session::hasCheckpoint(const CheckpointName &name) const {
  std::error_code ignored;
  return fs::exists(checkpointPath(name), ignored);
}

Checkpoint Session::openCheckpoint(const CheckpointName &name) {
  if (hasCheckpoint(name))
    return Checkpoint(checkpointPath(name));
  if (program.commands.empty())
    fail(Exit::Checkpoint, "{}: expected a checkpoint, found none", checkpointPath(name));
  fail(Exit::Checkpoint, "{}: expected a checkpoint, found none: run '{} {}' first, or give --run",
       checkpointPath(name), fs::path(options.executable).filename().string(),
       program.commands[0].name);
}

/// Whether a tensor that is needed can only come from a training.
bool Session::needsTraining(const Needs &needs) const {
  if (program.commands.empty())
    return false;
  for (const auto *list : {&program.params, &program.states})
    for (const Variable &decl : *list)
      if (!decl.from && decl.role != VariableRole::Optimizer && needs.tensor(decl.name))
        return true;
  return false;
}

void Session::restoreWeights(const Checkpoint &weights, const Needs &needs) {
  if (needs.optimizer)
    fail(Exit::Checkpoint, "{}: expected a checkpoint of a training, found weights alone",
         weights.path());
  learnVocabularies(needs);
  initialise(needs);
  weights.loadWeights(model, needs.tensors, needs.everything);
}

void Session::restore(const Needs &needs) {
  if (!hasCheckpoint(options.checkpoint) && options.checkpoint == CheckpointName(Saved::Last) &&
      !needs.optimizer && !needsTraining(needs)) {
    learnVocabularies(needs);
    return initialise(needs);
  }
  Checkpoint checkpoint = openCheckpoint(options.checkpoint);
  if (checkpoint.isWeights())
    return restoreWeights(checkpoint, needs);
  bool changed = checkpoint.isOfOtherProgram(program);
  if (changed)
    note("{}: the program has changed since this checkpoint was written", checkpoint.path());
  state = checkpoint.state();
  if (!changed || needs.optimizer)
    checkpoint.checkCommand(program);
  model.seed = options.seed.value_or(state.seed);
  model.step = state.step;
  model.setIteration(state.iteration);
  model.setProgress(state.progress);
  checkpoint.loadVocabularies(vocabularies);
  for (const Vocabulary &vocabulary : vocabularies)
    if (!vocabulary.hasSpecials() && !vocabulary.isCounted() && usesFrequency(vocabulary))
      fail(Exit::Checkpoint,
           "{}: vocabulary '{}': expected how often its bytes occur, found none: the program that "
           "wrote this checkpoint did not ask",
           checkpoint.path(), vocabulary.decl().name);
  setFrequencies();
  checkpoint.loadTensors(model, needs.optimizer);
}

void Session::need(const std::string &name, Split split) {
  auto &[train, holdout] = needed[name];
  (split == Split::Train ? train : holdout) = true;
}

DataSet &Session::data(const std::string &name) {
  std::unique_ptr<DataSet> &set = dataSets[name];
  if (!set) {
    auto [train, holdout] = needed[name];
    LoadContext context = loadContext();
    // A command over rows answers for each; where a share is held out, rows are those of training.
    context.keepAll =
        options.kind == Options::Kind::Entry && program.dataSet(name).holdoutFraction == 0;
    set = std::make_unique<DataSet>(program.dataSet(name), context, uint64_t(state.seed), train,
                                    holdout);
    set->noteDropped();
  }
  return *set;
}

size_t Session::dataBytes() const {
  size_t total = 0;
  for (auto &[name, set] : dataSets)
    total += set->bytes();
  return total;
}

std::string Session::memoryLine() const {
  size_t scratch = program.scratch * size_t(model.threads()), data = dataBytes();
  size_t total = model.parameterBytes() + model.stateBytes() + model.workBytes() + program.arena +
                 scratch + data;
  return fmt::format("memory: {} = parameters {} + state {} + gradients and batches {} + arena {} "
                     "+ scratch {} ({} threads) + data {}",
                     formatBytes(total), formatBytes(model.parameterBytes()),
                     formatBytes(model.stateBytes()), formatBytes(model.workBytes()),
                     formatBytes(program.arena), formatBytes(scratch), model.threads(),
                     formatBytes(data));
}

const Vocabulary *Session::vocabulary(const std::string &name) const {
  for (const Vocabulary &vocabulary : vocabularies)
    if (vocabulary.decl().name == name)
      return &vocabulary;
  return nullptr;
}

} // namespace nnrt
