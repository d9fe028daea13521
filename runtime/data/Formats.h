/// The data formats: each function turns a file's content into rows, or fails with one line that
/// names the file, the field, what was expected and what was found.
#ifndef NNC_RUNTIME_DATA_FORMATS_H
#define NNC_RUNTIME_DATA_FORMATS_H

#include "runtime/data/Numbers.h"

#include <functional>
#include <vector>

namespace nnrt {

/// IDX (MNIST's format): the first dimension counts rows.
RawRows parseIdx(FileBytes content, const std::string &file);

/// NPY versions 1 to 3, C order or rank ≤ 1, numbers only: the first dimension counts rows.
RawRows parseNpy(FileBytes content, const std::string &file);

/// CIFAR-10 binary: the images are 3072 numbers per row, the labels one.
enum class Cifar10Part { Label, Image };
RawRows parseCifar10(std::shared_ptr<const FileBytes> content, const std::string &file,
                     Cifar10Part part);

/// A PNG picture as the numbers that it holds, divided by the largest that its depth allows; what
/// the file says of gamma and colour spaces is no matter. `wanted` ends in height and width (grey),
/// after a 3 in colour planes, or is one row of either; axes of one may stand before. Grey of a
/// coloured picture is 0.299 R + 0.587 G + 0.114 B; alpha is left out.
RawRows readPng(const std::string &path, FileBytes content, const Shape &wanted,
                const std::string &what);

/// A text without its byte order mark; one of UTF-16 is refused.
std::string_view withoutMark(std::string_view text, const std::string &file);

/// The character that ends a text's lines: a carriage return where there is no line feed at all.
char lineEnd(std::string_view text);

/// The lines of a text, without their ends; a last line may lack its newline.
std::vector<std::string_view> splitLines(std::string_view text);

/// Calls `row(line number, cells)` for each record of a CSV (RFC 4180) or TSV text. All records
/// have as many cells as the first; empty lines are skipped, but a table of one column has holes
/// there.
using CsvRow = std::function<void(uint64_t, const std::vector<std::string_view> &)>;
void parseDelimited(std::string_view text, char delimiter, const std::string &file,
                    const CsvRow &row);

/// Whether a table's first record is a header: none of the columns that are read as numbers has a
/// number or a hole there.
bool looksLikeHeader(const std::vector<std::string_view> &cells,
                     const std::vector<int64_t> &numbers);
/// Says that a first line was taken for a header, where nothing in the program says so.
void noteHeader(const std::string &file);

/// Reads a cell as a number of the target, or fails with its line and column.
void readCell(std::string_view cell, const Target &to, void *out, const std::string &file,
              uint64_t line, int64_t column);

} // namespace nnrt

#endif
