/// Lays tensors out as pictures, and writes them.
#include "runtime/session/Png.h"
#include "runtime/base/Error.h"
#include "runtime/base/Files.h"

#include <algorithm>
#include <cmath>
#include <png.h>

namespace nnrt {

namespace {

constexpr int64_t gap = 2;           ///< pixels between tiles
constexpr int64_t maxSide = 100'000; ///< more is read by few programs
constexpr uint8_t background = 0x80; ///< between black and white tiles

uint8_t toByte(double value) {
  // A NaN is shown black.
  double clamped = value > 0 ? std::min(value, 1.0) : 0;
  return uint8_t(std::lround(clamped * 255));
}

} // namespace

Picture layOut(const Shape &shape, DType type, const void *data, bool colour) {
  size_t rank = shape.size();
  int64_t h = rank >= 2 ? shape[rank - 2] : 1, w = rank >= 1 ? shape[rank - 1] : 1;
  int channels = colour ? 3 : 1;
  if (elementsOf(shape) == 0)
    fail(Exit::Data, "picture: expected pixels, found none: {}", toString(shape));
  int64_t tiles = elementsOf(shape) / (h * w * channels);
  // Two leading axes already say how the tiles lie; otherwise the grid is about square.
  size_t leading = rank - std::min<size_t>(rank, colour ? 3 : 2);
  int64_t columns = int64_t(std::ceil(std::sqrt(double(tiles) * double(h) / double(w))));
  if (leading == 2)
    columns = shape[1];
  columns = std::clamp<int64_t>(columns, 1, tiles);
  int64_t rows = (tiles + columns - 1) / columns;

  Picture picture;
  picture.channels = channels;
  picture.width = columns * (w + gap) - gap;
  picture.height = rows * (h + gap) - gap;
  if (picture.width > maxSide || picture.height > maxSide)
    fail(Exit::Data, "picture: expected at most {} pixels a side, found {} × {}", maxSide,
         picture.width, picture.height);
  picture.pixels.assign(size_t(picture.width * picture.height * channels), background);
  for (int64_t t = 0; t < tiles; ++t)
    for (int64_t c = 0; c < channels; ++c)
      for (int64_t y = 0; y < h; ++y)
        for (int64_t x = 0; x < w; ++x) {
          int64_t py = t / columns * (h + gap) + y, px = t % columns * (w + gap) + x;
          picture.pixels[size_t((py * picture.width + px) * channels + c)] =
              toByte(load(type, data, ((t * channels + c) * h + y) * w + x));
        }
  return picture;
}

void writePng(const std::string &path, const Picture &picture) {
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  image.width = png_uint_32(picture.width);
  image.height = png_uint_32(picture.height);
  image.format = picture.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  // Made in memory, as libpng removes a file that it cannot write.
  png_alloc_size_t size = 0;
  std::string bytes;
  const uint8_t *pixels = picture.pixels.data();
  bool made = png_image_write_to_memory(&image, nullptr, &size, 0, pixels, 0, nullptr);
  bytes.resize(size);
  if (!made || !png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels, 0, nullptr))
    fail(Exit::IO, "{}: cannot write the picture: {}", path, image.message);
  bytes.resize(size);
  writeFile(path, {bytes});
}

} // namespace nnrt
