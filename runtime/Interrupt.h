/// Ctrl-C: the first asks the training to stop after its step, the second ends the process.
#pragma once

namespace nnrt {

void catchInterrupts();
bool interrupted();

} // namespace nnrt
