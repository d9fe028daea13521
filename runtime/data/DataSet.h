/// The rows of a data set: files kept compact as they were read, fields made a batch at a time.
#pragma once

#include "runtime/Files.h"
#include "runtime/Model.h"
#include "runtime/data/Formats.h"
#include "runtime/data/Vocabulary.h"

#include <memory>

namespace nnrt {

enum class Split { Train, Holdout };

/// A pseudo-random permutation of [0, n) that needs no memory: a Feistel network on the next even
/// number of bits, walked until the value falls into range.
class Permutation {
public:
  Permutation() = default;
  Permutation(uint64_t n, uint64_t key);
  uint64_t operator()(uint64_t i) const;

private:
  uint64_t n = 0, key = 0;
  int halfBits = 1;
};

/// Mixes 64 bits (the finaliser of splitmix64).
uint64_t mix(uint64_t x);
/// A key from several numbers.
uint64_t mix(uint64_t a, uint64_t b, uint64_t c = 0);

/// Token ids in the narrowest integers that hold the vocabulary.
class TokenArray {
public:
  explicit TokenArray(int64_t bound = 0) : width(bound <= 256 ? 1 : bound <= 65536 ? 2 : 4) {}
  void append(const std::vector<int32_t> &ids);
  void read(size_t first, size_t count, int32_t *out) const;
  size_t size() const { return bytes.size() / width; }
  size_t memory() const { return bytes.capacity(); }

private:
  size_t width;
  std::string bytes;
};

/// Rows that consist of parts in several files.
struct RawColumns {
  std::vector<RawRows> parts;
  std::vector<std::string> files;
  uint64_t rows() const;
  int64_t elements() const { return parts[0].elements; }
  void read(uint64_t row, int64_t first, int64_t count, DType to, void *out) const;
};

/// What loading needs besides the declaration.
struct LoadContext {
  Files &files;
  Model &model;
  const std::vector<Vocabulary> &vocabularies;

  const Vocabulary &vocabulary(const std::string &name) const;
};

/// The rows of one list of sources.
class RowSet {
public:
  RowSet(const DataDecl &decl, const std::vector<Source> &sources, LoadContext context);

  /// Rows, or the tokens of a text.
  uint64_t size() const { return count; }
  /// The longest window over a text, 0 where the rows are not windows.
  int64_t window() const { return windowLength; }
  /// Writes field `field` of row `row` (for windows: of the run that starts there).
  void fetch(size_t field, uint64_t row, void *out);
  /// Rows that were too long for a field.
  uint64_t dropped() const { return droppedRows; }
  /// Memory that the rows take.
  size_t bytes() const;

private:
  struct FieldSource {
    TokenArray tokens;
    size_t rowLength = 0;                   ///< tokens: of a row; 0 for windows
    std::vector<const RawColumns *> inputs; ///< functions: what is read
    std::vector<int64_t> firsts;
    Call call;
    std::vector<void *> inputBuffers;
    void *output = nullptr;
  };

  void loadSource(const Source &source);
  void loadDelimited(const Source &source);
  void loadText(const Source &source);
  void bindField(const Field &field, FieldSource &made);
  void encodeField(const Field &field, FieldSource &made);
  void setCount(uint64_t rows, const std::string &file);
  void dropLongRows();
  void checkBounds();

  const DataDecl &decl;
  LoadContext context;
  std::map<std::string, RawColumns> arrays;              ///< by source name
  std::map<std::string, int64_t> columnPosition;         ///< of a CSV column in "columns"
  std::map<std::string, std::vector<std::string>> texts; ///< by "line", "columns:0", item name
  std::string windowText, lastFile;
  std::vector<FieldSource> fields;
  std::vector<uint32_t> kept; ///< rows that fit, where some do not
  std::vector<bool> tooLong;
  uint64_t count = 0, droppedRows = 0;
  bool counted = false;
  int64_t windowLength = 0;
};

/// A data set with its split: which rows train, which are held out.
class DataSet {
public:
  /// `needHoldout`: held-out sources of their own are loaded only where they are used.
  DataSet(const DataDecl &decl, LoadContext context, uint64_t seed, bool needTrain,
          bool needHoldout);

  const DataDecl &decl;
  uint64_t rows(Split split) const { return split == Split::Train ? trainRows : heldRows; }
  uint64_t dropped() const;
  size_t bytes() const { return (main ? main->bytes() : 0) + (held ? held->bytes() : 0); }
  /// Writes field `field` of the i-th row of the split.
  void fetch(Split split, size_t field, uint64_t i, void *out);

private:
  std::unique_ptr<RowSet> main, held;
  Permutation split;
  uint64_t trainRows = 0, heldRows = 0;
  uint64_t tailStart = 0; ///< of a text: the first token held out
};

} // namespace nnrt
