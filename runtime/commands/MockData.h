/// Random files of the right form for every source, to try a program without its data.
#ifndef NNC_RUNTIME_COMMANDS_MOCKDATA_H
#define NNC_RUNTIME_COMMANDS_MOCKDATA_H

#include "runtime/program/Program.h"

namespace nnrt {

/// Writes the files under their default names into `folder`; existing ones are left alone.
void writeMockData(const Program &program, const std::string &folder, int64_t rows, int64_t seed);

} // namespace nnrt

#endif
