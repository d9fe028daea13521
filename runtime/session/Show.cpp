/// Shown values as text, JSON, csv, npy and svg.
#include "runtime/session/Show.h"
#include "runtime/base/Error.h"
#include "runtime/base/Files.h"
#include "runtime/data/Vocabulary.h"
#include "runtime/session/Png.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace nnrt {

using nlohmann::json;

namespace {

/// Longer lists are printed with their middle left out.
constexpr int64_t listLimit = 64, listEnds = 4;

int64_t lastAxis(const Shape &shape) { return shape.empty() ? 1 : shape.back(); }

/// The texts of a vocabulary tensor, one for each run of the last axis.
std::vector<std::string> textsOf(const Shown &shown) {
  std::vector<std::string> texts;
  int64_t n = lastAxis(shown.shape), runs = n ? elementsOf(shown.shape) / n : 0;
  std::vector<int32_t> ids(size_t(n), 0);
  for (int64_t r = 0; r < runs; ++r) {
    for (int64_t i = 0; i < n; ++i)
      ids[size_t(i)] = int32_t(load(shown.dtype, shown.data, r * n + i));
    texts.push_back(shown.vocabulary->decode(ids.data(), n));
  }
  return texts;
}

void printAxis(const Shown &shown, size_t axis, int64_t &at, std::string &out) {
  if (axis == shown.shape.size()) {
    double value = load(shown.dtype, shown.data, at++);
    out += shown.dtype == DType::Bool ? (value != 0 ? "true" : "false")
                                      : formatNumber(shown.dtype, value);
    return;
  }
  int64_t inner = 1;
  for (size_t i = axis + 1; i < shown.shape.size(); ++i)
    inner *= shown.shape[i];
  out += '[';
  int64_t n = shown.shape[axis];
  for (int64_t i = 0; i < n; ++i) {
    out += i ? ", " : "";
    if (n > listLimit && i == listEnds) {
      out += "…, ";
      at += (n - 2 * listEnds) * inner;
      i = n - listEnds;
    }
    printAxis(shown, axis + 1, at, out);
  }
  out += ']';
}

json jsonAxis(const Shown &shown, size_t axis, int64_t &at) {
  if (axis == shown.shape.size()) {
    double value = load(shown.dtype, shown.data, at++);
    if (shown.dtype == DType::Bool)
      return value != 0;
    if (shown.dtype == DType::I32 || shown.dtype == DType::I64)
      return int64_t(value);
    // JSON has no NaN: it becomes null.
    return json::parse(std::isfinite(value) ? formatNumber(shown.dtype, value) : "null");
  }
  json items = json::array();
  for (int64_t i = 0; i < shown.shape[axis]; ++i)
    items.push_back(jsonAxis(shown, axis + 1, at));
  return items;
}

/// Rows of numbers: the last axis, a vector is one row. Texts are rows of one cell.
std::string csvText(const Shown &shown) {
  if (shown.vocabulary) {
    std::string out;
    for (std::string text : textsOf(shown)) {
      for (size_t at = 0; (at = text.find('"', at)) != std::string::npos; at += 2)
        text.insert(at, 1, '"');
      out += '"' + text + "\"\n";
    }
    return out;
  }
  int64_t columns = lastAxis(shown.shape);
  int64_t rows = columns ? elementsOf(shown.shape) / columns : 0;
  std::string out;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < columns; ++c) {
      out += formatNumber(shown.dtype, load(shown.dtype, shown.data, r * columns + c));
      out += c + 1 < columns ? ',' : '\n';
    }
  return out;
}

std::string_view npyType(DType type) {
  switch (type) {
  case DType::F32:
    return "<f4";
  case DType::F64:
    return "<f8";
  case DType::I32:
    return "<i4";
  case DType::I64:
    return "<i8";
  case DType::Bool:
    return "|b1";
  }
  __builtin_unreachable();
}

std::string npyHeader(const Shown &shown) {
  std::string shape;
  for (int64_t size : shown.shape)
    shape += fmt::format("{}, ", size);
  if (shown.shape.size() > 1)
    shape.resize(shape.size() - 2);
  else if (!shape.empty())
    shape.pop_back();
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}",
                                   npyType(shown.dtype), shape);
  // Magic, version and length take 10 bytes; the data start at a multiple of 64.
  header.resize((10 + header.size() + 1 + 63) / 64 * 64 - 10 - 1, ' ');
  header += '\n';
  std::string out("\x93NUMPY\x01\x00", 8);
  out += char(header.size() & 0xff);
  out += char(header.size() >> 8);
  return out + header;
}

struct Point {
  double x, y;
  bool lifted;
  bool isFinite() const { return std::isfinite(x) && std::isfinite(y); }
};

std::string dotsOf(const std::vector<Point> &points, const std::string &size) {
  std::string out;
  for (const Point &p : points)
    if (p.isFinite())
      out += fmt::format("<circle cx=\"{:.4g}\" cy=\"{:.4g}\" r=\"{}\"/>\n", p.x, p.y, size);
  return out;
}

/// A line that a point which is nowhere interrupts.
std::string lineOf(const std::vector<Point> &points, const std::string &width) {
  std::string path;
  bool penUp = true;
  for (const Point &p : points) {
    if (p.isFinite())
      path += fmt::format("{}{:.5g} {:.5g} ", penUp ? 'M' : 'L', p.x, p.y);
    penUp = p.lifted || !p.isFinite();
  }
  return fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"black\" stroke-width=\"{}\"/>\n", path,
                     width);
}

/// The drawing's points: N × 2 as they are, N × 3 as moves (dx, dy) and the pen lifted after them.
std::vector<Point> pointsOf(const Shown &shown, int64_t drawing, int64_t n, int64_t columns) {
  std::vector<Point> points;
  double x = 0, y = 0;
  for (int64_t i = 0; i < n; ++i) {
    auto value = [&](int64_t c) {
      return load(shown.dtype, shown.data, (drawing * n + i) * columns + c);
    };
    if (columns < 3) {
      points.push_back({value(0), columns == 2 ? value(1) : 0, false});
      continue;
    }
    // Rows of zeros after the end move nothing and draw nothing.
    x += value(0);
    y += value(1);
    points.push_back({x, y, value(2) > 0.5});
  }
  return points;
}

std::string svgText(const Shown &shown) {
  size_t rank = shown.shape.size();
  int64_t columns = lastAxis(shown.shape), n = rank >= 2 ? shown.shape[rank - 2] : 1;
  if (columns != 2 && columns != 3)
    fail(Exit::Usage, "show svg {}: expected rows of 2 (points) or 3 (moves and pen), found {}",
         shown.decl->name, toString(shown.shape));
  int64_t drawings = n ? elementsOf(shown.shape) / (n * columns) : 0;
  std::vector<std::vector<Point>> points;
  double left = INFINITY, right = -INFINITY, top = INFINITY, bottom = -INFINITY;
  for (int64_t d = 0; d < drawings; ++d)
    for (const Point &p : points.emplace_back(pointsOf(shown, d, n, columns)))
      if (p.isFinite()) {
        left = std::min(left, p.x), right = std::max(right, p.x);
        top = std::min(top, p.y), bottom = std::max(bottom, p.y);
      }
  if (left > right)
    left = top = 0, right = bottom = 1;
  double span = std::max({right - left, bottom - top, 1e-9}), margin = span * 0.05;
  std::string body, dot = fmt::format("{:.4g}", span / 200);
  for (const std::vector<Point> &drawing : points)
    body += columns == 2 ? dotsOf(drawing, dot) : lineOf(drawing, dot);
  return fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{:.5g} {:.5g} {:.5g} "
                     "{:.5g}\">\n{}</svg>\n",
                     left - margin, top - margin, right - left + 2 * margin,
                     bottom - top + 2 * margin, body);
}

} // namespace

std::string formatNumber(DType type, double value) {
  if (type == DType::F32)
    return fmt::format("{}", float(value));
  if (type == DType::F64)
    return fmt::format("{}", value);
  return fmt::format("{}", int64_t(value));
}

std::string toText(const Shown &shown) {
  std::string out;
  if (shown.vocabulary) {
    for (const std::string &text : textsOf(shown))
      out += (out.empty() ? "" : "\n") + text;
    return out;
  }
  int64_t at = 0;
  printAxis(shown, 0, at, out);
  return out;
}

json toJson(const Shown &shown) {
  if (shown.vocabulary) {
    std::vector<std::string> texts = textsOf(shown);
    return texts.size() == 1 ? json(texts[0]) : json(texts);
  }
  int64_t at = 0;
  return jsonAxis(shown, 0, at);
}

std::string_view extensionOf(ShowKind kind) {
  switch (kind) {
  case ShowKind::Print:
    return "";
  case ShowKind::Image:
    return ".png";
  case ShowKind::Svg:
    return ".svg";
  case ShowKind::Csv:
    return ".csv";
  case ShowKind::Npy:
    return ".npy";
  }
  __builtin_unreachable();
}

void writeShown(const Shown &shown, const std::string &path) {
  switch (shown.decl->kind) {
  case ShowKind::Image:
    return writePng(path, layOut(shown.shape, shown.dtype, shown.data, shown.decl->colour));
  case ShowKind::Svg:
    return writeFile(path, {svgText(shown)});
  case ShowKind::Npy: {
    std::string header = npyHeader(shown);
    size_t bytes = size_t(elementsOf(shown.shape)) * sizeOf(shown.dtype);
    return writeFile(path, {header, {static_cast<const char *>(shown.data), bytes}});
  }
  case ShowKind::Csv:
    return writeFile(path, {csvText(shown)});
  case ShowKind::Print:
    return writeFile(path, {toText(shown) + "\n"});
  }
}

} // namespace nnrt
