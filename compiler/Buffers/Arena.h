/// Places in one piece of memory for buffers that are in use at different times.
#ifndef NNC_COMPILER_BUFFERS_ARENA_H
#define NNC_COMPILER_BUFFERS_ARENA_H

#include "compiler/Buffers/Assignment.h"

namespace nnc {

/// Sets the offset of every buffer without an argument, a multiple of 64; returns the arena's size.
/// Larger buffers choose first, each the smallest gap that fits among those in use at the same
/// time.
int64_t placeInArena(std::vector<Buffer> &buffers);

} // namespace nnc

#endif
