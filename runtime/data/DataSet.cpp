#include "runtime/data/DataSet.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace nnrt {

uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

uint64_t mix(uint64_t a, uint64_t b, uint64_t c) { return mix(mix(mix(a) ^ b) ^ c); }

Permutation::Permutation(uint64_t n, uint64_t key) : n(n), key(key) {
  int bits = n <= 1 ? 0 : std::bit_width(n - 1);
  halfBits = std::max(1, (bits + 1) / 2);
}

uint64_t Permutation::operator()(uint64_t i) const {
  uint64_t mask = (uint64_t(1) << halfBits) - 1;
  do {
    uint64_t left = i >> halfBits, right = i & mask;
    for (uint64_t round = 0; round < 6; ++round) {
      uint64_t next = left ^ (mix(key + round * 0x632be59bd9b4e019 + right) & mask);
      left = right;
      right = next;
    }
    i = left << halfBits | right;
  } while (i >= n);
  return i;
}

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

uint64_t RawColumns::rows() const {
  uint64_t total = 0;
  for (const RawRows &part : parts)
    total += part.rows;
  return total;
}

void RawColumns::read(uint64_t row, int64_t first, int64_t count, DType to, void *out) const {
  for (const RawRows &part : parts) {
    if (row < part.rows)
      return part.read(row, first, count, to, out);
    row -= part.rows;
  }
}

const Vocabulary &LoadContext::vocabulary(const std::string &name) const {
  for (const Vocabulary &vocabulary : vocabularies)
    if (vocabulary.decl().name == name)
      return vocabulary;
  fail(Exit::Usage, "program constant: no vocabulary '{}'", name);
}

DataSet::DataSet(const DataDecl &decl, LoadContext context, uint64_t seed, bool needTrain,
                 bool needHoldout)
    : decl(decl) {
  if (!decl.holdoutSources.empty()) {
    if (needTrain) {
      main = std::make_unique<RowSet>(decl, decl.sources, context);
      trainRows = main->size();
    }
    if (needHoldout) {
      held = std::make_unique<RowSet>(decl, decl.holdoutSources, context);
      heldRows = held->size();
    }
  } else {
    main = std::make_unique<RowSet>(decl, decl.sources, context);
    heldRows = uint64_t(std::llround(double(main->size()) * decl.holdoutFraction));
    trainRows = main->size() - heldRows;
    tailStart = trainRows;
    split = Permutation(main->size(), mix(seed, 0x5b117));
  }
  // A text trains on every run of the window's length, and is judged on runs side by side.
  auto runs = [](uint64_t tokens, uint64_t length) {
    return tokens >= length ? tokens - length + 1 : 0;
  };
  if (main && main->window())
    trainRows = runs(trainRows, uint64_t(main->window()));
  if (RowSet *judged = held ? held.get() : main.get(); judged && judged->window())
    heldRows /= uint64_t(judged->window());
}

uint64_t DataSet::dropped() const {
  return (main ? main->dropped() : 0) + (held ? held->dropped() : 0);
}

void DataSet::fetch(Split which, size_t field, uint64_t i, void *out) {
  bool holdout = which == Split::Holdout;
  RowSet &rows = holdout && held ? *held : *main;
  if (auto length = uint64_t(rows.window())) {
    // A text's last part is held out, in runs side by side.
    uint64_t first = holdout && !held ? tailStart : 0;
    return rows.fetch(field, holdout ? first + i * length : i, out);
  }
  bool separate = !decl.holdoutSources.empty();
  rows.fetch(field, separate ? i : split(holdout ? i : heldRows + i), out);
}

} // namespace nnrt
