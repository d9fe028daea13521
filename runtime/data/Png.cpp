/// Pictures in, by libpng.
#include "runtime/data/Formats.h"

#include <algorithm>
#include <csetjmp>
#include <png.h>

namespace nnrt {

namespace {

/// A picture while libpng reads it. Its errors jump, so nothing that has to be destroyed is made
/// between the jump's target and a call.
struct Picture {
  const FileBytes &content;
  std::string path, message, buffer;
  uint64_t at = 0;
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::jmp_buf jump;
  int64_t width = 0, height = 0;
  int channels = 1, depth = 8;
  std::vector<uint8_t> bytes;
  std::vector<png_bytep> rows;

  Picture(const FileBytes &content, const std::string &path) : content(content), path(path) {}
  Picture(const Picture &) = delete;
  ~Picture() {
    if (png)
      png_destroy_read_struct(&png, &info, nullptr);
  }

  void open();
  void readHeader();
  void readPixels();
  /// A number of the file, of 0 .. 1.
  double value(int64_t pixel, int channel) const;

private:
  [[noreturn]] void refuse() const {
    fail(Exit::Data, "{}: cannot read the picture: {}", path, message);
  }
  bool tryHeader();
  bool tryPixels();
};

void raise(png_structp png, const char *message) {
  auto *picture = static_cast<Picture *>(png_get_error_ptr(png));
  picture->message = message;
  std::longjmp(picture->jump, 1);
}

void ignore(png_structp, const char *) {}

/// Hands libpng the next bytes; its error has to be raised with nothing left to destroy.
bool copyNext(Picture &picture, png_bytep out, size_t n) {
  std::string_view next = picture.content.bytes(picture.at, n, picture.buffer);
  std::copy(next.begin(), next.end(), out);
  picture.at += next.size();
  return next.size() == n;
}

void readNext(png_structp png, png_bytep out, size_t n) {
  if (!copyNext(*static_cast<Picture *>(png_get_io_ptr(png)), out, n))
    png_error(png, "the file ends too early");
}

void Picture::open() {
  png = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, raise, ignore);
  info = png ? png_create_info_struct(png) : nullptr;
  message = "no memory";
  if (!info)
    refuse();
}

bool Picture::tryHeader() {
  if (setjmp(jump))
    return false;
  png_set_read_fn(png, this, readNext);
  png_read_info(png, info);
  // Palettes become their colours, 1, 2 and 4 bits the 8 that are as bright; nothing else changes.
  png_set_palette_to_rgb(png);
  if (png_get_bit_depth(png, info) < 8)
    png_set_expand_gray_1_2_4_to_8(png);
  png_set_strip_alpha(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  return true;
}

void Picture::readHeader() {
  if (!tryHeader())
    refuse();
  width = png_get_image_width(png, info);
  height = png_get_image_height(png, info);
  channels = png_get_channels(png, info);
  depth = png_get_bit_depth(png, info);
}

bool Picture::tryPixels() {
  if (setjmp(jump))
    return false;
  png_read_image(png, rows.data());
  png_read_end(png, nullptr);
  return true;
}

void Picture::readPixels() {
  size_t stride = png_get_rowbytes(png, info);
  checkFits(path, stride * uint64_t(height));
  bytes.resize(stride * size_t(height));
  for (int64_t y = 0; y < height; ++y)
    rows.push_back(bytes.data() + stride * size_t(y));
  if (!tryPixels())
    refuse();
}

double Picture::value(int64_t pixel, int channel) const {
  size_t at = size_t(pixel * channels + channel) * (depth == 16 ? 2 : 1);
  return depth == 16 ? double(bytes[at] << 8 | bytes[at + 1]) / 65535 : double(bytes[at]) / 255;
}

/// 1 for grey, 3 for colour planes, 0 where the picture does not have the wanted shape.
int planesOf(const Shape &wanted, int64_t height, int64_t width) {
  size_t rank = wanted.size();
  Shape ends(wanted.begin() + ptrdiff_t(rank - std::min<size_t>(rank, 3)), wanted.end());
  for (size_t i = 0; i + 3 < rank; ++i)
    if (wanted[i] != 1)
      return 0;
  ends.insert(ends.begin(), 3 - ends.size(), 1);
  for (int64_t planes : {1, 3}) {
    bool row = ends[0] == 1 && ends[1] == 1 && ends[2] == planes * height * width;
    if (row || ends == Shape{planes, height, width})
      return int(planes);
  }
  return 0;
}

} // namespace

RawRows readPng(const std::string &path, FileBytes content, const Shape &wanted,
                const std::string &what) {
  // libpng cannot pass an error of a file that is cut on, so that the file is held.
  FileBytes held = content.held() ? std::move(content) : FileBytes(readFile(path), path);
  Picture picture(held, path);
  picture.open();
  picture.readHeader();
  int planes = planesOf(wanted, picture.height, picture.width);
  if (planes == 0)
    fail(Exit::Data, "{}: {}: expected {}, found a picture of {} (height, width)", path, what,
         toString(wanted), toString({picture.height, picture.width}));
  picture.readPixels();
  int64_t pixels = picture.width * picture.height;
  bool coloured = picture.channels >= 3;
  std::vector<double> values;
  values.reserve(size_t(planes * pixels));
  for (int plane = 0; plane < planes; ++plane)
    for (int64_t i = 0; i < pixels; ++i) {
      double red = picture.value(i, 0);
      if (!coloured) {
        values.push_back(red);
        continue;
      }
      double green = picture.value(i, 1), blue = picture.value(i, 2);
      bool grey = red == green && green == blue;
      values.push_back(planes == 3 ? picture.value(i, plane)
                       : grey      ? red
                                   : 0.299 * red + 0.587 * green + 0.114 * blue);
    }
  RawRows rows;
  rows.file = path;
  rows.type = Raw::F64;
  rows.rows = 1;
  rows.elements = int64_t(values.size());
  rows.shape = wanted;
  rows.stride = values.size() * sizeof(double);
  rows.content = std::make_shared<FileBytes>(
      std::string(reinterpret_cast<const char *>(values.data()), rows.stride), path);
  return rows;
}

} // namespace nnrt
