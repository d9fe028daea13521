/// Pictures out, by libpng.
#ifndef NNC_RUNTIME_SESSION_PNG_H
#define NNC_RUNTIME_SESSION_PNG_H

#include "runtime/base/Types.h"

namespace nnrt {

/// 8-bit pixels, grey (1 channel) or colour (3, interleaved).
struct Picture {
  int64_t width = 0, height = 0;
  int channels = 1;
  std::vector<uint8_t> pixels;
};

void writePng(const std::string &path, const Picture &picture);

/// Lays a tensor out as one picture: the last two axes are one (in colour the last three: planes);
/// the others tile, two as they are, else in a near-square grid. Values are clamped to 0..1.
Picture layOut(const Shape &shape, DType type, const void *data, bool colour);

} // namespace nnrt

#endif
