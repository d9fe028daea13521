/// Tables of csv and tsv: which columns a data set reads, whether a first line is a header, and the
/// cells as typed numbers and token ids.
#ifndef NNC_RUNTIME_DATA_TABLES_H
#define NNC_RUNTIME_DATA_TABLES_H

#include "runtime/data/DataSet.h"

namespace nnrt {

/// What all data sets and vocabularies of a program read of one table. A column that is read by its
/// name means that the first line is a header.
struct TableUse {
  std::vector<std::string> names;
  std::vector<int64_t> numbers; ///< columns that are read as numbers

  bool isHeader(const std::vector<std::string_view> &cells) const {
    return !names.empty() || looksLikeHeader(cells, numbers);
  }
};

/// `path` is the file as the program names it.
TableUse useOf(const Program &program, const std::string &path);
/// Adds what one data set reads of its tables.
void addUse(const DataDecl &decl, TableUse &use);

/// The position of a column with a name, or an error.
int64_t findColumn(const std::vector<std::string_view> &header, const std::string &name,
                   const std::string &file);
/// A cell of a record, or an error that says how many there are.
std::string_view cellAt(const std::vector<std::string_view> &cells, int64_t column,
                        const std::string &file, uint64_t line);

/// Reads the tables of one data set.
class TableReader {
public:
  TableReader(const DataDecl &decl, LoadContext context);

  /// Reads a file. `leftOut` is told of texts that are longer than their field.
  using LeftOut =
      std::function<void(uint64_t row, const Field &field, uint64_t line, std::string_view text)>;
  void read(const std::string &path, const TableUse &use, char delimiter, const LeftOut &leftOut);

  /// Whether a field reads a column, for its input `input`.
  bool reads(size_t field, size_t input = 0) const;
  const std::string &file() const { return lastFile; }
  /// Rows of all files.
  uint64_t rows() const { return count; }
  /// The numbers of the file just read that field `field` has as its input `input`.
  RawRows numbers(size_t field, size_t input);
  /// The texts of all files.
  std::unique_ptr<TextRows> text(size_t field);

private:
  /// What one field reads.
  struct Column {
    size_t field = 0, input = 0;
    Target target = DType::F32;
    std::string header;             ///< the column's name, or empty
    int64_t first = 0, count = 1;   ///< where it has none
    int64_t at = 0;                 ///< in the file that is being read
    std::string bytes;              ///< numbers, row after row
    std::unique_ptr<HeldRows> rows; ///< text
  };
  void addColumns(const Field &field, size_t index);
  void reserve(const FileBytes &content, const std::string &path);
  void place(const std::vector<std::string_view> &cells, bool header, const std::string &file);
  void add(const std::vector<std::string_view> &cells, const std::string &file, uint64_t line,
           const LeftOut &leftOut);
  Column &find(size_t field, size_t input);

  const DataDecl &decl;
  LoadContext context;
  std::vector<Column> columns;
  std::string lastFile;
  std::vector<int32_t> ids;
  uint64_t count = 0, before = 0; ///< rows of all files, of those before the last
};

} // namespace nnrt

#endif
