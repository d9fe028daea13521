#include "runtime/Png.h"

#include <algorithm>
#include <cmath>
#include <png.h>

namespace nnrt {

namespace {

constexpr int64_t gap = 2;           ///< pixels between tiles
constexpr uint8_t background = 0x80; ///< between black and white tiles

uint8_t toByte(double value) {
  // A NaN is shown black.
  double clamped = value > 0 ? std::min(value, 1.0) : 0;
  return uint8_t(std::lround(clamped * 255));
}

} // namespace

Picture layOut(const Shape &shape, DType type, const void *data) {
  size_t rank = shape.size();
  int64_t h = rank >= 2 ? shape[rank - 2] : 1, w = rank >= 1 ? shape[rank - 1] : 1;
  bool colour = rank >= 3 && shape[rank - 3] == 3;
  int channels = colour ? 3 : 1;
  int64_t tiles = elementsOf(shape) / std::max<int64_t>(h * w * channels, 1);
  // Two leading axes already say how the tiles lie; otherwise the grid is about square.
  size_t leading = rank - std::min<size_t>(rank, colour ? 3 : 2);
  int64_t columns =
      int64_t(std::ceil(std::sqrt(double(tiles) * double(h) / double(std::max<int64_t>(w, 1)))));
  if (leading == 2)
    columns = shape[1];
  columns = std::clamp<int64_t>(columns, 1, std::max<int64_t>(tiles, 1));
  int64_t rows = (tiles + columns - 1) / columns;

  Picture picture;
  picture.channels = channels;
  picture.width = columns * (w + gap) - gap;
  picture.height = rows * (h + gap) - gap;
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
  if (!png_image_write_to_file(&image, path.c_str(), 0, picture.pixels.data(), 0, nullptr))
    fail(Exit::IO, "{}: cannot write the picture: {}", path, image.message);
}

} // namespace nnrt
