/// The rows of a data set: files as they are, in memory or on the disk; fields made a batch at a
/// time.
#ifndef NNC_RUNTIME_DATA_DATASET_H
#define NNC_RUNTIME_DATA_DATASET_H

#include "runtime/base/Files.h"
#include "runtime/data/Formats.h"
#include "runtime/data/Tokens.h"
#include "runtime/program/Model.h"

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

/// Which rows of a set are kept, as one bit a row.
class RowFilter {
public:
  void leaveOut(uint64_t row);
  /// Call once, after the last row has been left out.
  void finish(uint64_t rows);
  bool empty() const { return left == 0; }
  uint64_t leftOut() const { return left; }
  /// The k-th row that is kept.
  uint64_t operator()(uint64_t k) const;
  size_t memory() const { return (gone.capacity() + kept.capacity()) * sizeof(uint64_t); }

private:
  std::vector<uint64_t> gone; ///< 64 rows in each
  std::vector<uint64_t> kept; ///< rows kept before each
  uint64_t left = 0;
};

/// Rows that consist of parts in several files.
struct RawColumns {
  std::vector<RawRows> parts;
  uint64_t rows() const;
  void read(uint64_t row, const Target &to, void *out) const;
  /// The part that has the row; `row` becomes the row's number there.
  const RawRows &partOf(uint64_t &row) const;
};

/// What loading needs besides the declaration.
struct LoadContext {
  Files &files;
  Model &model;
  const std::vector<Vocabulary> &vocabularies;
  /// A row that is longer than its field is an error, not left out.
  bool keepAll = false;

  const Vocabulary &vocabulary(const std::string &name) const;
  /// How a text field's rows become ids.
  RowText rowText(const Field &field) const;
  /// How a field's function reads its input `input`.
  Target target(const Field &field, size_t input) const;
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
  /// Rows that were too long for a field, and where the first of them is.
  uint64_t dropped() const { return filter.leftOut(); }
  const std::string &droppedExample() const { return firstLeftOut; }
  /// Memory that the rows take.
  size_t bytes() const;
  /// The file's name and the row's number there.
  std::string place(size_t field, uint64_t row) const;
  const std::string &file() const { return lastFile; }

private:
  struct FieldSource {
    std::unique_ptr<TextRows> text;
    std::vector<RawColumns> inputs; ///< functions: what is read
    std::vector<Target> targets;
    Target made = DType::F32; ///< what is asked of the function's value
    Call call;
    std::vector<void *> inputBuffers;
    void *output = nullptr;
    DType outputType = DType::F32;
    int64_t elements = 1;
    bool checked = false; ///< every value has been looked at
  };

  void load(const Source &source);
  void loadArrays(const Source &source);
  void loadCifar10(const Source &source);
  void loadText(const Source &source);
  void loadLines(const Source &source);
  std::unique_ptr<TextRows> linesOf(const Field &field, std::shared_ptr<const FileBytes> content,
                                    const std::string &file, uint64_t before);
  void loadTables(const std::vector<Source> &sources);
  void bindField(const Field &field, FieldSource &made);
  void checkShape(const FieldInput &input, const Arg &arg, const RawColumns &columns) const;
  void setCount(uint64_t rows, const std::string &file);
  void leaveOut(uint64_t row, const Field &field, const std::string &file, uint64_t line,
                std::string_view text);
  void checkValues();

  const DataDecl &decl;
  LoadContext context;
  std::map<std::string, RawColumns> arrays; ///< by source name
  std::string lastFile;
  std::vector<FieldSource> fields;
  RowFilter filter;
  std::string firstLeftOut;
  uint64_t count = 0;
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
  /// "points.csv: data points", for errors.
  std::string name(Split split) const;
  /// Says which rows were longer than their field, and what to do.
  void noteDropped() const;
  size_t bytes() const { return (main ? main->bytes() : 0) + (held ? held->bytes() : 0); }
  /// Where the i-th row of the split stands: "points.csv: row 3".
  std::string place(Split split, size_t field, uint64_t i) const;
  /// The rows of a split in the order of the file.
  std::vector<uint64_t> fileOrder(Split split) const;
  /// Writes field `field` of the i-th row of the split.
  void fetch(Split split, size_t field, uint64_t i, void *out);

private:
  /// The rows that have the i-th row of the split, and its number there.
  std::pair<RowSet *, uint64_t> find(Split split, uint64_t i) const;
  /// Whether rows are shared out by chance; else they are in the order of their file.
  bool isShuffled() const { return decl.holdoutSources.empty() && decl.holdoutFraction > 0; }

  std::unique_ptr<RowSet> main, held;
  Permutation split;
  uint64_t trainRows = 0, heldRows = 0;
  uint64_t tailStart = 0; ///< of a text: the first token held out
};

} // namespace nnrt

#endif
