/// Texts as token ids: rows, lines and windows.
#include "runtime/data/Tokens.h"
#include "runtime/base/Error.h"
#include "runtime/data/Formats.h"

#include <algorithm>
#include <cstring>

namespace nnrt {

namespace {

constexpr size_t pieceSize = 1 << 20;

/// The distance of the places that are remembered of a large file: their number is bounded.
uint64_t gapOf(const FileBytes &content) { return std::max<uint64_t>(4096, content.size() >> 20); }

/// The last of the places that is not behind `number`.
size_t placeBefore(const std::vector<std::pair<uint64_t, uint64_t>> &places, uint64_t number) {
  auto after = std::upper_bound(places.begin(), places.end(), std::pair(number, UINT64_MAX));
  return size_t(after - places.begin()) - 1;
}

uint64_t textStart(const FileBytes &content, const std::string &file) {
  std::string buffer;
  std::string_view head = content.bytes(0, 3, buffer);
  return head.size() - withoutMark(head, file).size();
}

/// lineEnd of a file that is not held.
char lineEnd(const FileBytes &content) {
  std::string buffer;
  bool returns = false;
  for (uint64_t at = 0; at < content.size(); at += pieceSize) {
    std::string_view piece = content.bytes(at, pieceSize, buffer);
    if (piece.find('\n') != std::string_view::npos)
      return '\n';
    returns |= piece.find('\r') != std::string_view::npos;
  }
  return returns ? '\r' : '\n';
}

std::string_view withoutReturn(std::string_view line) {
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  return line;
}

} // namespace

void TokenArray::append(const std::vector<int32_t> &ids) {
  size_t at = bytes.size();
  bytes.resize(at + ids.size() * width);
  for (size_t i = 0; i < ids.size(); ++i)
    std::memcpy(bytes.data() + at + i * width, &ids[i], width);
}

void TokenArray::read(size_t first, size_t count, int32_t *out) const {
  const char *in = bytes.data() + first * width;
  for (size_t i = 0; i < count; ++i) {
    out[i] = 0;
    std::memcpy(&out[i], in + i * width, width);
  }
}

void forEachPiece(const FileBytes &content, const Vocabulary &vocabulary, const std::string &file,
                  const std::function<void(std::string_view, uint64_t)> &use) {
  std::string buffer;
  uint64_t at = vocabulary.hasSpecials() ? textStart(content, file) : 0;
  for (size_t wanted = pieceSize; at < content.size();) {
    std::string_view piece = content.bytes(at, wanted, buffer);
    size_t n = at + piece.size() == content.size() ? piece.size() : vocabulary.boundary(piece);
    if (n == 0) {
      wanted *= 2; // A word longer than a piece.
      continue;
    }
    use(piece.substr(0, n), at);
    at += n;
    wanted = pieceSize;
  }
}

void forEachLine(const FileBytes &content, const std::string &file,
                 const std::function<void(std::string_view, uint64_t)> &use) {
  std::string buffer;
  char ends = lineEnd(content);
  uint64_t at = textStart(content, file);
  for (size_t wanted = pieceSize; at < content.size();) {
    std::string_view piece = content.bytes(at, wanted, buffer);
    bool last = at + piece.size() == content.size();
    size_t done = 0;
    for (size_t end; (end = piece.find(ends, done)) != std::string_view::npos; done = end + 1)
      use(withoutReturn(piece.substr(done, end - done)), at + done);
    if (last && done < piece.size()) {
      use(withoutReturn(piece.substr(done)), at + done);
      done = piece.size();
    }
    wanted = done ? pieceSize : 2 * wanted;
    at += done;
  }
}

void RowText::encode(std::string_view line, std::vector<int32_t> &ids, bool escapes) const {
  bool ends = vocabulary->hasSpecials() && transform != Transform::Plain;
  vocabulary->encode(line, ids, escapes);
  // What is typed may be framed already.
  if (ends && transform == Transform::Framed &&
      !(escapes && !ids.empty() && ids.front() == Vocabulary::bos))
    ids.insert(ids.begin(), Vocabulary::bos);
  if (ends && !(escapes && !ids.empty() && ids.back() == Vocabulary::eos))
    ids.push_back(Vocabulary::eos);
}

uint64_t RowText::count(std::string_view line) const {
  uint64_t extra = !vocabulary->hasSpecials()       ? 0
                   : transform == Transform::Framed ? 2
                   : transform == Transform::Ended  ? 1
                                                    : 0;
  return vocabulary->count(line) + extra;
}

bool HeldRows::add(std::string_view line, std::vector<int32_t> &ids) {
  ids.clear();
  text.encode(line, ids);
  bool fits = ids.size() <= text.length;
  ids.resize(text.length, Vocabulary::pad);
  tokens.append(ids);
  return fits;
}

LineRows::LineRows(const RowText &text, std::shared_ptr<const FileBytes> file,
                   const std::string &name,
                   const std::function<void(uint64_t, std::string_view)> &line)
    : text(text), content(std::move(file)), ends(lineEnd(*content)) {
  uint64_t number = 0, gap = gapOf(*content);
  forEachLine(*content, name, [&](std::string_view one, uint64_t offset) {
    if (places.empty() || offset - places.back().second >= gap)
      places.emplace_back(number, offset);
    line(number++, one);
  });
}

void LineRows::read(uint64_t row, int32_t *out) {
  auto [number, at] = places[placeBefore(places, row)];
  size_t wanted = 4096;
  while (true) {
    std::string_view piece = content->bytes(at, wanted, buffer);
    bool last = at + piece.size() == content->size();
    size_t done = 0, end = piece.find(ends);
    for (; end != std::string_view::npos && number < row; end = piece.find(ends, done)) {
      done = end + 1;
      ++number;
    }
    if (number == row && (end != std::string_view::npos || last)) {
      ids.clear();
      text.encode(withoutReturn(piece.substr(done, end - done)), ids);
      ids.resize(text.length, Vocabulary::pad);
      std::copy(ids.begin(), ids.end(), out);
      return;
    }
    // A file that has changed since its lines were counted may end here.
    if (last && done == 0) {
      std::fill_n(out, text.length, int32_t(Vocabulary::pad));
      return;
    }
    at += done;
    wanted = done ? wanted : 2 * wanted;
  }
}

void WindowRows::add(std::shared_ptr<const FileBytes> content, const std::string &file) {
  Part &part = parts.emplace_back();
  part.first = total;
  uint64_t line = 1;
  if (content->held()) {
    part.tokens = TokenArray(vocabulary.decl().size);
    forEachPiece(*content, vocabulary, file, [&](std::string_view piece, uint64_t) {
      vocabulary.check(piece, file, line);
      line += uint64_t(std::count(piece.begin(), piece.end(), '\n'));
      ids.clear();
      vocabulary.encode(piece, ids);
      part.tokens.append(ids);
    });
    part.count = part.tokens.size();
  } else if (!vocabulary.hasSpecials()) {
    part.content = std::move(content);
    part.places = {{0, 0}};
    part.count = part.content->size();
  } else {
    uint64_t gap = gapOf(*content);
    forEachPiece(*content, vocabulary, file, [&](std::string_view piece, uint64_t at) {
      vocabulary.check(piece, file, line);
      line += uint64_t(std::count(piece.begin(), piece.end(), '\n'));
      while (!piece.empty()) {
        size_t n = piece.size() <= gap ? piece.size() : vocabulary.boundary(piece.substr(0, gap));
        part.places.emplace_back(part.count, at);
        n = n ? n : piece.size();
        part.count += vocabulary.count(piece.substr(0, n));
        piece.remove_prefix(n);
        at += n;
      }
    });
    part.content = std::move(content);
  }
  total += part.count;
}

void WindowRows::read(uint64_t row, int32_t *out) {
  auto it = std::upper_bound(parts.begin(), parts.end(), row,
                             [](uint64_t wanted, const Part &part) { return wanted < part.first; });
  for (size_t left = length; left > 0 && it != parts.begin();) {
    Part &part = *std::prev(it);
    auto n = size_t(std::min<uint64_t>(left, part.first + part.count - row));
    readPart(part, row - part.first, n, out);
    row += n;
    out += n;
    left -= n;
    if (left > 0 && it++ == parts.end())
      return;
  }
}

void WindowRows::readPart(Part &part, uint64_t first, size_t count, int32_t *out) {
  if (!part.content)
    return part.tokens.read(size_t(first), count, out);
  if (!vocabulary.hasSpecials()) {
    std::string_view piece = part.content->bytes(first, count, buffer);
    for (size_t i = 0; i < piece.size(); ++i)
      out[i] = static_cast<unsigned char>(piece[i]);
    return;
  }
  auto [number, at] = part.places[placeBefore(part.places, first)];
  uint64_t behind = first - number;
  size_t wanted = 4096 + 8 * count;
  while (count > 0 && at < part.content->size()) {
    std::string_view piece = part.content->bytes(at, wanted, buffer);
    bool last = at + piece.size() == part.content->size();
    size_t n = last ? piece.size() : vocabulary.boundary(piece);
    wanted = n ? wanted : 2 * wanted;
    at += n;
    piece = piece.substr(0, n);
    piece.remove_prefix(vocabulary.skip(piece, behind));
    uint64_t left = count;
    ids.clear();
    vocabulary.encode(piece.substr(0, vocabulary.skip(piece, left)), ids);
    size_t taken = std::min(ids.size(), count);
    out = std::copy_n(ids.begin(), taken, out);
    count -= taken;
  }
  std::fill_n(out, count, int32_t(Vocabulary::pad));
}

size_t WindowRows::memory() const {
  size_t bytes = 0;
  for (const Part &part : parts)
    bytes += part.tokens.memory() + part.places.capacity() * sizeof part.places[0];
  return bytes;
}

} // namespace nnrt
