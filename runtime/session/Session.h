/// One run of an executable: the program, its model, vocabularies, data sets and options.
#ifndef NNC_RUNTIME_SESSION_SESSION_H
#define NNC_RUNTIME_SESSION_SESSION_H

#include "runtime/data/DataSet.h"
#include "runtime/session/Checkpoint.h"
#include "runtime/session/Options.h"

#include <set>

namespace nnrt {

/// What a command reads of a checkpoint: everything, or what an entry names.
struct Needs {
  bool optimizer = false;
  bool everything = true;
  std::set<std::string> tensors, vocabularies, frequencies; ///< by name, where not everything

  bool tensor(const std::string &name) const { return everything || tensors.count(name); }
  bool vocabulary(const VocabDecl &decl) const;
};
Needs needsOf(const Program &program, const Entry &entry);

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

  /// Reads the sources of the vocabularies that are needed.
  void learnVocabularies(const Needs &needs = {});
  /// Calls init.params, then loads what comes from other files.
  void initialise(const Needs &needs = {});
  /// Opens the checkpoint that the options name; an error if there is none.
  Checkpoint openCheckpoint(const CheckpointName &name);
  /// Loads the checkpoint, or what stands for one: weights alone, or the parameters' own files. A
  /// program without training runs on its initial values.
  void restore(const Needs &needs = {});
  bool hasCheckpoint(const CheckpointName &name) const;
  std::string checkpointPath(const CheckpointName &name) const;

  /// The data set, loaded at the first use with the splits that `need` has announced.
  DataSet &data(const std::string &name);
  void need(const std::string &name, Split split);
  /// "memory: 3.2 MB = parameters … + …", of the model as it is bound and the data as they are
  /// loaded now.
  std::string memoryLine() const;

  LoadContext loadContext() { return {files, model, vocabularies}; }
  const Vocabulary *vocabulary(const std::string &name) const;

private:
  void setFrequencies();
  /// Memory of the rows loaded so far.
  size_t dataBytes() const;
  void restoreWeights(const Checkpoint &weights, const Needs &needs);
  bool needsTraining(const Needs &needs) const;
  std::string vocabularyFile(const VocabSource &source);
  bool usesFrequency(const Vocabulary &vocabulary) const;
  void learn(Vocabulary &vocabulary, const VocabSource &source);
  void learnColumn(Vocabulary &vocabulary, const VocabSource &source, const std::string &path,
                   char delimiter);

  std::map<std::string, std::unique_ptr<DataSet>> dataSets;
  std::map<std::string, std::pair<bool, bool>> needed;
};

} // namespace nnrt

#endif
