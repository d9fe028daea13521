/// The command line of an executable, typed by its program.
#pragma once

#include "runtime/Program.h"

namespace nnrt {

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
  std::string checkpoint = "last";
  bool json = false, resume = false;
  int64_t logEvery = 1, saveEvery = 0, rows = 256, samples = 200;
  std::optional<int64_t> evalRows; ///< of eval: so many held-out rows
};

/// Parses, or fails with a usage error; prints help where it is asked for and returns Kind::Help.
Options parseCommandLine(const Program &program, int argc, char **argv);

/// The candidate nearest to a mistyped word, if one is near.
std::optional<std::string> nearest(const std::string &word,
                                   const std::vector<std::string> &candidates);

} // namespace nnrt
