/// The token ids of a data set's texts: kept in memory for files that are, found again in the file
/// for large ones.
#ifndef NNC_RUNTIME_DATA_TOKENS_H
#define NNC_RUNTIME_DATA_TOKENS_H

#include "runtime/data/FileBytes.h"
#include "runtime/data/Vocabulary.h"

#include <functional>

namespace nnrt {

/// Token ids in the narrowest integers that hold the vocabulary.
class TokenArray {
public:
  explicit TokenArray(int64_t bound = 0) : width(bound <= 256 ? 1 : bound <= 65536 ? 2 : 4) {}
  void append(const std::vector<int32_t> &ids);
  void read(size_t first, size_t count, int32_t *out) const;
  size_t size() const { return bytes.size() / width; }
  size_t memory() const { return bytes.capacity(); }
  size_t bytesPerToken() const { return width; }

private:
  size_t width;
  std::string bytes;
};

/// The ids of one text field.
class TextRows {
public:
  virtual ~TextRows() = default;
  /// Writes the ids of a row; for windows: of the run that starts at token `row`.
  virtual void read(uint64_t row, int32_t *out) = 0;
  virtual size_t memory() const = 0;
};

/// How a row's text becomes ids: with or without ends, filled with pad.
struct RowText {
  const Vocabulary *vocabulary = nullptr;
  Transform transform = Transform::Plain;
  size_t length = 0; ///< ids in a row

  /// The ids before filling.
  void encode(std::string_view text, std::vector<int32_t> &ids, bool escapes = false) const;
  /// How many ids that would be.
  uint64_t count(std::string_view text) const;
};

/// Rows in memory.
class HeldRows : public TextRows {
public:
  explicit HeldRows(const RowText &text) : text(text), tokens(text.vocabulary->decl().size) {}
  /// False where the row is longer than the field.
  bool add(std::string_view line, std::vector<int32_t> &ids);
  void read(uint64_t row, int32_t *out) override {
    tokens.read(size_t(row) * text.length, text.length, out);
  }
  size_t memory() const override { return tokens.memory(); }
  size_t bytesPerRow() const { return text.length * tokens.bytesPerToken(); }

private:
  RowText text;
  TokenArray tokens;
};

/// The lines of a large file.
class LineRows : public TextRows {
public:
  /// `line(number, text)` is called for each line, from number 0 on.
  LineRows(const RowText &text, std::shared_ptr<const FileBytes> content, const std::string &file,
           const std::function<void(uint64_t, std::string_view)> &line);
  void read(uint64_t row, int32_t *out) override;
  size_t memory() const override { return places.capacity() * sizeof places[0]; }

private:
  RowText text;
  std::shared_ptr<const FileBytes> content;
  char ends;
  std::vector<std::pair<uint64_t, uint64_t>> places; ///< number and offset of some lines, ascending
  std::string buffer;
  std::vector<int32_t> ids;
};

/// The tokens of several files, one after the other, as runs of a length.
class WindowRows : public TextRows {
public:
  WindowRows(const Vocabulary &vocabulary, size_t length)
      : vocabulary(vocabulary), length(length) {}
  void add(std::shared_ptr<const FileBytes> content, const std::string &file);
  uint64_t size() const { return total; }
  void read(uint64_t row, int32_t *out) override;
  size_t memory() const override;

private:
  struct Part {
    std::shared_ptr<const FileBytes> content; ///< null: the ids are in memory
    TokenArray tokens;
    uint64_t first = 0, count = 0;
    std::vector<std::pair<uint64_t, uint64_t>> places; ///< number and offset of some tokens
  };
  void readPart(Part &part, uint64_t first, size_t count, int32_t *out);

  const Vocabulary &vocabulary;
  size_t length;
  std::vector<Part> parts;
  uint64_t total = 0;
  std::string buffer;
  std::vector<int32_t> ids;
};

/// Calls `use(piece, offset)` for the text of a file in pieces that end between tokens; its byte
/// order mark is left out unless bytes are the tokens.
void forEachPiece(const FileBytes &content, const Vocabulary &vocabulary, const std::string &file,
                  const std::function<void(std::string_view, uint64_t)> &use);
/// Calls `use(line, offset)` for each line of a file.
void forEachLine(const FileBytes &content, const std::string &file,
                 const std::function<void(std::string_view, uint64_t)> &use);

} // namespace nnrt

#endif
