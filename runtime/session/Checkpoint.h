/// Checkpoints: everything that a resumed training or an entry needs, in one safetensors file.
#ifndef NNC_RUNTIME_SESSION_CHECKPOINT_H
#define NNC_RUNTIME_SESSION_CHECKPOINT_H

#include "runtime/data/Vocabulary.h"
#include "runtime/program/Model.h"
#include "runtime/session/Safetensors.h"

#include <memory>
#include <optional>
#include <set>

namespace nnrt {

/// What a checkpoint says besides its tensors.
struct RunState {
  std::string command; ///< the train block that wrote it
  int64_t seed = 0;
  int64_t step = 0;      ///< steps done since initialisation
  int64_t blockStep = 0; ///< steps done in that train block
  std::optional<double> best;
  double iteration = 0, progress = 0; ///< what bodies saw under these names in its last step
};

/// Writes param/, opt/ and run/ tensors with the metadata; atomic.
void saveCheckpoint(const std::string &path, Model &model,
                    const std::vector<Vocabulary> &vocabularies, const RunState &state);

/// An opened checkpoint of this program.
class Checkpoint {
public:
  explicit Checkpoint(const std::string &path);

  /// True if the file is none of nnc's own, but tensors from elsewhere.
  bool isWeights() const { return weights; }
  RunState state() const;
  /// Fails if it was written by a train block that the program does not have.
  void checkCommand(const Program &program) const;
  void loadVocabularies(std::vector<Vocabulary> &vocabularies) const;
  /// Copies the tensors into the model. `optimizer`: optimiser states must be there too.
  void loadTensors(Model &model, bool optimizer) const;
  /// Copies the named tensors, or all, from a file of weights: under their names, or below `param/`
  /// and `run/`. Those that the program has another file for may be missing.
  void loadWeights(Model &model, const std::set<std::string> &names, bool all) const;
  /// True if the program has changed since the checkpoint was written.
  bool isOfOtherProgram(const Program &program) const;
  const std::string &path() const { return file.path(); }

private:
  std::string text(const std::string &key) const;
  int64_t number(const std::string &key, int64_t least) const;
  /// Nothing where an older file does not say it.
  std::optional<double> real(const std::string &key) const;
  SafetensorsFile file;
  bool weights = false;
};

/// Replaces the named parameters, or all, that the program takes from other files.
class Files;
void loadForeignParams(Model &model, Files &files, const std::vector<Vocabulary> &vocabularies,
                       const std::set<std::string> &names, bool all);

} // namespace nnrt

#endif
