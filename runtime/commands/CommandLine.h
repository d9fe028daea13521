/// The command line of an executable, typed by its program.
#ifndef NNC_RUNTIME_COMMANDS_COMMANDLINE_H
#define NNC_RUNTIME_COMMANDS_COMMANDLINE_H

#include "runtime/program/Program.h"
#include "runtime/session/Options.h"

namespace nnrt {

/// Parses, or fails with a usage error; prints help where it is asked for and returns Kind::Help.
Options parseCommandLine(const Program &program, int argc, char **argv);

/// The candidate nearest to a mistyped word, if one is near.
std::optional<std::string> nearest(const std::string &word,
                                   const std::vector<std::string> &candidates);

} // namespace nnrt

#endif
