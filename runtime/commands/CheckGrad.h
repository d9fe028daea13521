/// Compares compiled gradients with finite differences.
#pragma once

#include "runtime/session/Session.h"

namespace nnrt {

/// Prints a table, one line a parameter. False if a gradient is off.
bool checkGradients(Session &session);

} // namespace nnrt
