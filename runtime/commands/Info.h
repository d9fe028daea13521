/// What the executable is made of.
#pragma once

#include "runtime/session/Session.h"

namespace nnrt {

/// The parameter table, the memory plan and the functions.
void printInfo(Session &session);

} // namespace nnrt
