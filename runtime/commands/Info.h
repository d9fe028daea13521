/// What the executable is made of.
#ifndef NNC_RUNTIME_COMMANDS_INFO_H
#define NNC_RUNTIME_COMMANDS_INFO_H

#include "runtime/session/Session.h"

namespace nnrt {

/// The parameter table, the memory plan and the functions.
void printInfo(Session &session);

} // namespace nnrt

#endif
