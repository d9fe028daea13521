/// The data formats: each function turns a file's content into rows, or fails with one line that
/// names the file, the field, what was expected and what was found.
#pragma once

#include "runtime/data/Reader.h"

#include <functional>
#include <vector>

namespace nnrt {

/// IDX (MNIST's format): the first dimension counts rows.
RawRows parseIdx(std::string content, const std::string &file);

/// NPY versions 1 to 3, C order or rank ≤ 1, numbers only: the first dimension counts rows.
RawRows parseNpy(std::string content, const std::string &file);

/// CIFAR-10 binary: "image" gives 3072 numbers a row, "label" one.
RawRows parseCifar10(std::string content, const std::string &file, const std::string &what);

/// The lines of a text, without their ends; a last line may lack its newline.
std::vector<std::string_view> splitLines(std::string_view text);

/// Calls `row(line number, cells)` for each record of a CSV (RFC 4180) or TSV text.
using CsvRow = std::function<void(uint64_t, const std::vector<std::string_view> &)>;
void parseDelimited(std::string_view text, char delimiter, const std::string &file,
                    const CsvRow &row);

/// The number that a cell spells, if it is one.
std::optional<double> parseNumber(std::string_view cell);

} // namespace nnrt
