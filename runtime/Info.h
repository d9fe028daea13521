/// What the executable is made of.
#pragma once

#include "runtime/Session.h"

namespace nnrt {

/// The parameter table, the memory plan and the functions.
void printInfo(Session &session);

/// "memory: 3.2 MB = parameters … + …", of the model as it is bound and the data as they are
/// loaded now.
std::string memoryLine(const Session &session);

} // namespace nnrt
