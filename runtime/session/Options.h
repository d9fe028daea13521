/// What a command line asks for.
#ifndef NNC_RUNTIME_SESSION_OPTIONS_H
#define NNC_RUNTIME_SESSION_OPTIONS_H

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>

namespace nnrt {

/// The checkpoints of a run folder: the newest, the one with the best validation, and what a new
/// training found.
enum class Saved { Last, Best, Previous };
/// One of those, or the path of a file.
using CheckpointName = std::variant<Saved, std::string>;

/// A parsed command line.
struct Options {
  enum class Kind { Help, Train, Eval, Entry, Info, CheckGrad, GradVariance, MockData };
  Kind kind = Kind::Help;
  std::string command;                        ///< the train block or entry
  std::string executable;                     ///< its path
  std::map<std::string, std::string> flags;   ///< the command's arguments, by name
  std::map<std::string, std::string> files;   ///< source files, by flag
  std::map<std::string, std::string> outputs; ///< paths of shown values, by name
  int threads = 1;
  std::optional<int64_t> seed;
  std::string runFolder, dataDir;
  CheckpointName checkpoint = Saved::Last;
  bool json = false, resume = false;
  int64_t logEvery = 1, saveEvery = 0, rows = 256, samples = 200;
  std::optional<int64_t> evalRows; ///< of eval: so many held-out rows
};

} // namespace nnrt

#endif
