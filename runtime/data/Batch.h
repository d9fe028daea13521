/// A batch of a data set in buffers that functions are bound to.
#ifndef NNC_RUNTIME_DATA_BATCH_H
#define NNC_RUNTIME_DATA_BATCH_H

#include "runtime/data/DataSet.h"

namespace nnrt {

class Batch {
public:
  Batch(DataSet &data, int64_t size, Model &model);

  /// Adds the buffers of the fields that `function` reads; others are never filled.
  void bind(const Function &function, Bindings &bindings);

  /// Fills row by row: slot k with row `row(k)` of the split.
  template <typename Row> void fill(Split split, Row row) {
    filled = split;
    for (int64_t k = 0; k < size; ++k) {
      uint64_t which = row(uint64_t(k));
      rows[size_t(k)] = which;
      for (size_t field = 0; field < buffers.size(); ++field)
        if (buffers[field])
          data.fetch(split, field, which,
                     static_cast<char *>(buffers[field]) +
                         size_t(k) * bytesOf(data.decl.fields[field]));
    }
  }

  /// Where the first number of a field is that is not finite: "points.csv: row 3".
  std::optional<std::string> notFinite(const std::string &argument) const;

  DataSet &data;
  const int64_t size;

private:
  Model &model;
  std::vector<void *> buffers;
  std::vector<uint64_t> rows; ///< of the split, in the slots
  Split filled = Split::Train;
};

/// The field that an argument's name means: "image" or "batch.image".
std::optional<size_t> findField(const DataDecl &decl, const std::string &argument);

/// The order of rows in training: shuffled per epoch, a function of (seed, epoch) alone.
class EpochOrder {
public:
  EpochOrder(uint64_t rows, int64_t batch, uint64_t seed)
      : rows(rows), batch(uint64_t(batch)), seed(seed) {}

  uint64_t batchesPerEpoch() const { return rows / batch; }
  /// Row k of the n-th batch counted over all epochs.
  uint64_t row(uint64_t n, uint64_t k);

private:
  uint64_t rows, batch, seed;
  uint64_t epoch = UINT64_MAX;
  Permutation order;
};

} // namespace nnrt

#endif
