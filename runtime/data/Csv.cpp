#include "runtime/data/Formats.h"

#include <charconv>
#include <deque>

namespace nnrt {

namespace {

/// Reads one record at a time; quoted cells that hold doubled quotes are unescaped into `owned`.
class Records {
public:
  Records(std::string_view text, char delimiter, const std::string &file)
      : text(text), delimiter(delimiter), file(file) {}

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
    if (at < text.size() && text[at] == '\r')
      ++at;
    if (at < text.size() && text[at] == '\n')
      ++at;
    return false;
  }

  std::string_view plain() {
    size_t start = at;
    while (at < text.size() && text[at] != delimiter && text[at] != '\n' &&
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
      inner += text[at] == '\n';
      value += text[at];
    }
    ++at;
    if (at < text.size() && text[at] != delimiter && text[at] != '\n' && text[at] != '\r')
      fail(Exit::Data, "{}: line {}: expected a comma after the closing quote, found '{}'", file,
           line + inner, text[at]);
    return owned.emplace_back(std::move(value));
  }

  std::string_view text;
  char delimiter;
  const std::string &file;
  size_t at = 0;
  uint64_t line = 0, inner = 0;
  std::deque<std::string> owned;
};

} // namespace

void parseDelimited(std::string_view text, char delimiter, const std::string &file,
                    const CsvRow &row) {
  Records records(text, delimiter, file);
  std::vector<std::string_view> cells;
  while (records.next(cells)) {
    if (cells.size() > 1 || !cells[0].empty())
      row(records.lineNumber(), cells);
    records.endRecord();
  }
}

std::optional<double> parseNumber(std::string_view cell) {
  while (!cell.empty() && cell.front() == ' ')
    cell.remove_prefix(1);
  while (!cell.empty() && cell.back() == ' ')
    cell.remove_suffix(1);
  if (cell.starts_with('+'))
    cell.remove_prefix(1);
  double value;
  auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size())
    return std::nullopt;
  return value;
}

std::vector<std::string_view> splitLines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    lines.push_back(line);
  }
  return lines;
}

} // namespace nnrt
