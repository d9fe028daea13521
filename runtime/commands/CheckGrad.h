/// Compares compiled gradients with finite differences.
#ifndef NNC_RUNTIME_COMMANDS_CHECKGRAD_H
#define NNC_RUNTIME_COMMANDS_CHECKGRAD_H

#include "runtime/session/Session.h"

namespace nnrt {

/// Prints a table, one line per parameter. False if a gradient is off.
bool checkGradients(Session &session);

} // namespace nnrt

#endif
