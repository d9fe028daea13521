/// One run of an executable: the program, its model, vocabularies, data sets and options.
#pragma once

#include "runtime/Checkpoint.h"
#include "runtime/CommandLine.h"
#include "runtime/data/DataSet.h"

namespace nnrt {

class Session {
public:
  Session(const Program &program, const Options &options);

  const Program &program;
  const Options &options;
  Files files;
  Model model;
  std::vector<Vocabulary> vocabularies;
  std::string runFolder;
  RunState state;

  /// Reads every vocabulary's sources.
  void learnVocabularies();
  /// Calls init.params, then loads what comes from other files.
  void initialise();
  /// Opens the checkpoint that the options name; an error if there is none.
  Checkpoint openCheckpoint(const std::string &name);
  /// Loads the checkpoint for evaluation and entries.
  void restore(bool optimizer = false);
  bool hasCheckpoint(const std::string &name) const;
  std::string checkpointPath(const std::string &name) const;

  /// The data set, loaded at the first use with the splits that `need` has announced.
  DataSet &data(const std::string &name);
  void need(const std::string &name, Split split);
  /// Memory of the rows loaded so far.
  size_t dataBytes() const;

  LoadContext loadContext() { return {files, model, vocabularies}; }
  const Vocabulary *vocabulary(const std::string &name) const;

private:
  std::string vocabularyFile(const VocabSource &source);
  bool usesFrequency(const Vocabulary &vocabulary) const;
  void learn(Vocabulary &vocabulary, const VocabSource &source);
  void learnColumn(Vocabulary &vocabulary, const VocabSource &source, const std::string &path);

  std::map<std::string, std::unique_ptr<DataSet>> dataSets;
  std::map<std::string, std::pair<bool, bool>> needed;
};

} // namespace nnrt
