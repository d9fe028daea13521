/// Training and held-out rows of a data set.
#include "runtime/data/DataSet.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

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

void RowFilter::leaveOut(uint64_t row) {
  if (row / 64 >= gone.size())
    gone.resize(row / 64 + 1);
  uint64_t bit = uint64_t(1) << row % 64;
  left += !(gone[row / 64] & bit);
  gone[row / 64] |= bit;
}

void RowFilter::finish(uint64_t rows) {
  if (left == 0)
    return;
  gone.resize((rows + 63) / 64);
  uint64_t before = 0;
  for (uint64_t word : gone) {
    kept.push_back(before);
    before += 64 - uint64_t(std::popcount(word));
  }
}

uint64_t RowFilter::operator()(uint64_t k) const {
  if (left == 0)
    return k;
  auto word = size_t(std::upper_bound(kept.begin(), kept.end(), k) - kept.begin()) - 1;
  uint64_t free = ~gone[word];
  for (k -= kept[word]; k > 0; --k)
    free &= free - 1;
  return word * 64 + uint64_t(std::countr_zero(free));
}

uint64_t RawColumns::rows() const {
  uint64_t total = 0;
  for (const RawRows &part : parts)
    total += part.rows;
  return total;
}

const RawRows &RawColumns::partOf(uint64_t &row) const {
  size_t k = 0;
  for (; k + 1 < parts.size() && row >= parts[k].rows; ++k)
    row -= parts[k].rows;
  return parts[k];
}

void RawColumns::read(uint64_t row, const Target &to, void *out) const {
  const RawRows &part = partOf(row);
  part.read(row, 0, part.elements, to, out);
}

RowText LoadContext::rowText(const Field &field) const {
  return {&vocabulary(field.vocab), field.transform, size_t(elementsOf(field.shape))};
}

Target LoadContext::target(const Field &field, size_t input) const {
  const Function &function = model.program.function(field.function);
  Target target(argumentOf(function, ArgKind::Input, field.inputs[input].name).dtype, std::nullopt,
                field.name);
  if (field.direct)
    target.bound = field.bound;
  // Indices and booleans are made of integers, which stay what they are.
  target.exact = field.dtype != DType::F32 && field.dtype != DType::F64;
  return target;
}

const Vocabulary &LoadContext::vocabulary(const std::string &name) const {
  for (const Vocabulary &vocabulary : vocabularies)
    if (vocabulary.decl().name == name)
      return vocabulary;
  failConstant("no vocabulary '{}'", name);
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

std::string DataSet::name(Split which) const {
  const RowSet *rows = which == Split::Holdout && held ? held.get()
                       : main                          ? main.get()
                                                       : held.get();
  return fmt::format("{}: data {}", rows ? rows->file() : "", decl.name);
}

void DataSet::noteDropped() const {
  for (const RowSet *rows : {main.get(), held.get()})
    if (rows && rows->dropped() > 0)
      note(
          "data {}: {} of {} rows are longer than their field and are left out, first {}; make the "
          "field longer, or read whole cells as one word with a vocab of labels( )",
          decl.name, rows->dropped(), rows->dropped() + rows->size(), rows->droppedExample());
}

std::pair<RowSet *, uint64_t> DataSet::find(Split which, uint64_t i) const {
  bool holdout = which == Split::Holdout;
  RowSet *rows = holdout && held ? held.get() : main.get();
  if (auto length = uint64_t(rows->window())) {
    // A text's last part is held out, in runs side by side.
    uint64_t first = holdout && !held ? tailStart : 0;
    return {rows, holdout ? first + i * length : i};
  }
  return {rows, isShuffled() ? split(holdout ? i : heldRows + i) : i};
}

std::string DataSet::place(Split which, size_t field, uint64_t i) const {
  auto [rows, row] = find(which, i);
  return rows->place(field, row);
}

std::vector<uint64_t> DataSet::fileOrder(Split which) const {
  std::vector<uint64_t> order(rows(which));
  std::iota(order.begin(), order.end(), 0);
  const RowSet &set = which == Split::Holdout && held ? *held : *main;
  if (!isShuffled() || set.window())
    return order;
  uint64_t first = which == Split::Holdout ? 0 : heldRows;
  std::sort(order.begin(), order.end(),
            [&](uint64_t a, uint64_t b) { return split(first + a) < split(first + b); });
  return order;
}

void DataSet::fetch(Split which, size_t field, uint64_t i, void *out) {
  auto [rows, row] = find(which, i);
  rows->fetch(field, row, out);
}

} // namespace nnrt
