/// Records and cells of csv and tsv files.
#include "runtime/data/Formats.h"

#include <deque>

namespace nnrt {

namespace {

/// Reads one record at a time; quoted cells that hold doubled quotes are unescaped into `owned`.
class Records {
public:
  Records(std::string_view text, char delimiter, const std::string &file)
      : text(text), delimiter(delimiter), end(lineEnd(text)), file(file) {}

  bool next(std::vector<std::string_view> &cells) {
    cells.clear();
    owned.clear();
    if (at >= text.size())
      return false;
    ++line;
    while (cell(cells))
      ;
    return true;
  }
  uint64_t lineNumber() const { return line; }
  /// Lines inside quoted cells count too.
  void endRecord() { line += inner, inner = 0; }
  /// Whether nothing but empty lines follows.
  bool atEnd() const { return text.find_first_not_of("\r\n", at) == std::string_view::npos; }

private:
  /// Reads a cell; true where the record goes on.
  bool cell(std::vector<std::string_view> &cells) {
    // TSV has no quoting: a quote is an ordinary character there.
    if (delimiter == ',' && at < text.size() && text[at] == '"')
      cells.push_back(quoted());
    else
      cells.push_back(plain());
    if (at < text.size() && text[at] == delimiter) {
      ++at;
      return true;
    }
    if (end == '\n' && at < text.size() && text[at] == '\r')
      ++at;
    if (at < text.size() && text[at] == end)
      ++at;
    return false;
  }

  std::string_view plain() {
    size_t start = at;
    while (at < text.size() && text[at] != delimiter && text[at] != end &&
           !(text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n'))
      ++at;
    return text.substr(start, at - start);
  }

  std::string_view quoted() {
    std::string value;
    uint64_t opened = line + inner;
    for (++at;; ++at) {
      if (at >= text.size())
        fail(Exit::Data, "{}: line {}: expected a closing quote, found the end of the file", file,
             opened);
      if (text[at] == '"') {
        if (at + 1 >= text.size() || text[at + 1] != '"')
          break;
        ++at;
      }
      inner += text[at] == end;
      value += text[at];
    }
    ++at;
    if (at < text.size() && text[at] != delimiter && text[at] != '\n' && text[at] != '\r')
      fail(Exit::Data, "{}: line {}: expected a comma after the closing quote, found '{}'", file,
           line + inner, text[at]);
    return owned.emplace_back(std::move(value));
  }

  std::string_view text;
  char delimiter, end;
  const std::string &file;
  size_t at = 0;
  uint64_t line = 0, inner = 0;
  std::deque<std::string> owned;
};

} // namespace

void parseDelimited(std::string_view text, char delimiter, const std::string &file,
                    const CsvRow &row) {
  Records records(withoutMark(text, file), delimiter, file);
  std::vector<std::string_view> cells;
  size_t columns = 0;
  uint64_t firstLine = 0;
  while (records.next(cells)) {
    uint64_t line = records.lineNumber();
    if (cells.size() == 1 && cells[0].empty()) {
      if (records.atEnd())
        return;
      if (columns != 1) {
        records.endRecord();
        continue;
      }
    }
    if (columns == 0) {
      columns = cells.size();
      firstLine = line;
    }
    if (cells.size() != columns)
      fail(Exit::Data, "{}: line {}: expected {} columns as in line {}, found {}", file, line,
           columns, firstLine, cells.size());
    row(line, cells);
    records.endRecord();
  }
}

bool looksLikeHeader(const std::vector<std::string_view> &cells,
                     const std::vector<int64_t> &numbers) {
  for (int64_t column : numbers)
    if (size_t(column) < cells.size()) {
      std::string_view cell = cells[size_t(column)];
      if (parseNumber(cell) || cell.find_first_not_of(" \t") == std::string_view::npos)
        return false;
    }
  return !numbers.empty();
}

void noteHeader(const std::string &file) { note("{}: line 1 is taken as a header", file); }

void readCell(std::string_view cell, const Target &to, void *out, const std::string &file,
              uint64_t line, int64_t column) {
  if (!readNumber(cell, to, out))
    fail(Exit::Data, "{}: line {}, column {}: {}{}expected {}, found '{}'", file, line, column,
         to.what, to.what.empty() ? "" : ": ", expectedNumber(cell, to), cell.substr(0, 40));
}

std::string_view withoutMark(std::string_view text, const std::string &file) {
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
    fail(Exit::Data,
         "{}: expected text in UTF-8, found the byte order mark of UTF-16; convert the "
         "file",
         file);
  if (text.starts_with("\xef\xbb\xbf"))
    text.remove_prefix(3);
  return text;
}

char lineEnd(std::string_view text) {
  bool feeds = text.find('\n') != std::string_view::npos;
  return feeds || text.find('\r') == std::string_view::npos ? '\n' : '\r';
}

std::vector<std::string_view> splitLines(std::string_view text) {
  std::vector<std::string_view> lines;
  char ends = lineEnd(text);
  while (!text.empty()) {
    size_t end = text.find(ends);
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    lines.push_back(line);
  }
  return lines;
}

} // namespace nnrt
