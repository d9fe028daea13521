/// What `nnc` does with one source file, apart from reading its flags.
#ifndef NNC_COMPILER_DRIVER_DRIVER_H
#define NNC_COMPILER_DRIVER_DRIVER_H

#include "compiler/Report/Report.h"
#include "compiler/Stages/Options.h"
#include "compiler/Stages/Stages.h"

namespace nnc {

/// One invocation.
struct Invocation {
  std::string input;         ///< A .nn file, or the dump of a stage; "-" is standard input.
  std::string output;        ///< Empty: named after the input; "-" is standard output.
  std::optional<Stage> from; ///< None: what the input says that it is.
  Stage emit = Stage::exe;
  bool checkOnly = false;
  std::optional<Report> report;
  std::string runtime; ///< Path of libnnrt.a.
  Options options;
};

/// Runs an invocation; errors go to standard error in the layout of Diagnostics. Returns the exit
/// status: 0, or 1 for errors in the source, 2 for files that cannot be read or written, 3 for a
/// failure of the compiler itself.
int runInvocation(const Invocation &invocation);

} // namespace nnc

#endif
