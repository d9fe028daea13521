/// rustc's layout.
///
///   error[E0107]: expected `)`, found the end of the line
///    --> a.nn:3:14
///     |
///   3 |   x = (a + b
///     |       -     ^ `)` is missing
///     |       |
///     |       opened here
///     |
///     = help: ...
///
/// A stretch over several lines is underlined on its first line only.
#include "compiler/Syntax/Diagnostics.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/Unicode.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>
#include <map>

using namespace nnc;
using llvm::raw_ostream;
using llvm::StringRef;

namespace {

/// A source line as shown: tabs expanded, bytes that are not text replaced.
class ShownLine {
public:
  explicit ShownLine(StringRef line) {
    columns.reserve(line.size() + 1);
    unsigned column = 0;
    for (size_t i = 0; i < line.size();) {
      size_t length =
          std::min<size_t>(std::max(1u, llvm::getNumBytesForUTF8(line[i])), line.size() - i);
      StringRef character = line.substr(i, length);
      int width = llvm::sys::unicode::columnWidthUTF8(character);
      if (character == "\t") {
        character = "    ";
        width = 4;
      } else if (width < 0) {
        character = "?";
        width = 1;
        length = 1;
      }
      columns.append(length, column);
      text += character;
      column += width;
      i += length;
    }
    columns.push_back(column);
  }

  std::string text;
  unsigned column(size_t byte) const { return columns[std::min(byte, columns.size() - 1)]; }
  unsigned width() const { return columns.back(); }

private:
  /// The first shown column of each byte, and of the end.
  llvm::SmallVector<unsigned, 128> columns;
};

/// An underlined stretch of one line, in bytes from its start.
struct Mark {
  size_t begin;
  size_t end;
  bool primary;
  StringRef text;
};

using Lines = std::map<unsigned, llvm::SmallVector<Mark, 2>>;

class Printer {
public:
  Printer(llvm::SourceMgr &sources, raw_ostream &os, bool colours)
      : sources(sources), os(os), colours(colours) {}

  void print(const Diagnostic &diagnostic);

private:
  void header(const Diagnostic &diagnostic);
  void addMark(SourceRange range, StringRef text, bool primary);
  void printFile(unsigned buffer, const Lines &lines, bool first);
  void printLine(unsigned buffer, unsigned number, llvm::ArrayRef<Mark> marks);
  void printMarks(const ShownLine &line, llvm::ArrayRef<Mark> marks);
  void hangLabels(llvm::ArrayRef<std::pair<unsigned, const Mark *>> pending);
  void gutter(const llvm::Twine &number = "");
  void colour(raw_ostream::Colors value, bool bold = true) {
    if (colours)
      os.changeColor(value, bold);
  }
  void plain() {
    if (colours)
      os.resetColor();
  }
  StringRef lineText(unsigned buffer, unsigned number) const;

  llvm::SourceMgr &sources;
  raw_ostream &os;
  bool colours;
  raw_ostream::Colors severityColour = raw_ostream::RED;
  unsigned gutterWidth = 1;
  std::map<unsigned, Lines> files;
};

} // namespace

static StringRef severityName(Severity severity) {
  switch (severity) {
  case Severity::Error:
    return "error";
  case Severity::Warning:
    return "warning";
  case Severity::Remark:
    return "remark";
  case Severity::Note:
    return "note";
  }
  return "";
}

static raw_ostream::Colors colourOf(Severity severity) {
  switch (severity) {
  case Severity::Error:
    return raw_ostream::RED;
  case Severity::Warning:
    return raw_ostream::YELLOW;
  case Severity::Remark:
    return raw_ostream::BLUE;
  case Severity::Note:
    return raw_ostream::GREEN;
  }
  return raw_ostream::WHITE;
}

/// A name of a thousand letters does not fill the screen.
static std::string shorten(StringRef text) {
  constexpr size_t longest = 400;
  return text.size() <= longest ? text.str() : text.take_front(longest).str() + "...";
}

void Printer::header(const Diagnostic &diagnostic) {
  colour(severityColour);
  os << severityName(diagnostic.severity) << '[' << info(diagnostic.code).id << ']';
  plain();
  colour(raw_ostream::SAVEDCOLOR);
  os << ": " << shorten(diagnostic.message);
  plain();
  os << '\n';
}

static const char *lineStart(const char *at, StringRef buffer) {
  while (at != buffer.begin() && at[-1] != '\n')
    --at;
  return at;
}

void Printer::addMark(SourceRange range, StringRef text, bool isPrimary) {
  unsigned buffer = sources.FindBufferContainingLoc(range.begin);
  if (!buffer)
    return;
  StringRef all = sources.getMemoryBuffer(buffer)->getBuffer();
  const char *begin = range.begin.getPointer();
  const char *start = lineStart(begin, all);
  const char *lineEnd = begin;
  while (lineEnd != all.end() && *lineEnd != '\n')
    ++lineEnd;
  const char *end =
      std::clamp(range.end.isValid() ? range.end.getPointer() : begin, begin, lineEnd);
  unsigned line = sources.FindLineNumber(range.begin, buffer);
  files[buffer][line].push_back({size_t(begin - start), size_t(end - start), isPrimary, text});
  gutterWidth = std::max<unsigned>(gutterWidth, std::to_string(line).size());
}

StringRef Printer::lineText(unsigned buffer, unsigned number) const {
  const char *start = sources.FindLocForLineAndColumn(buffer, number, 1).getPointer();
  StringRef all = sources.getMemoryBuffer(buffer)->getBuffer();
  if (!start)
    return {};
  return StringRef(start, all.end() - start)
      .take_until([](char c) { return c == '\n'; })
      .rtrim('\r');
}

void Printer::gutter(const llvm::Twine &number) {
  colour(raw_ostream::BLUE);
  std::string text = number.str();
  os << text << std::string(gutterWidth - std::min<size_t>(gutterWidth, text.size()), ' ') << " |";
  plain();
}

/// The rows below the marks: labels hang from a `|`, the rightmost first.
void Printer::hangLabels(llvm::ArrayRef<std::pair<unsigned, const Mark *>> pending) {
  auto bars = [&](size_t count) {
    std::string row;
    for (auto [column, mark] : llvm::reverse(pending.take_back(count)))
      if (row.size() <= column)
        row += std::string(column - row.size(), ' ') + '|';
    return row;
  };
  gutter();
  os << ' ' << bars(pending.size()) << '\n';
  for (size_t i = 0; i < pending.size(); ++i) {
    auto [column, mark] = pending[i];
    std::string row = bars(pending.size() - i - 1);
    row.resize(std::max<size_t>(row.size(), column), ' ');
    gutter();
    colour(mark->primary ? severityColour : raw_ostream::BLUE);
    os << ' ' << StringRef(row).take_front(column) << shorten(mark->text) << '\n';
    plain();
  }
}

void Printer::printMarks(const ShownLine &line, llvm::ArrayRef<Mark> marks) {
  std::string row;
  llvm::SmallVector<std::pair<unsigned, const Mark *>, 4> labelled;
  // Secondary marks first, so that the primary one stays whole where they overlap.
  for (bool wanted : {false, true})
    for (const Mark &mark : marks) {
      if (mark.primary != wanted)
        continue;
      unsigned from = line.column(mark.begin);
      unsigned to = std::max(line.column(mark.end), from + 1);
      row.resize(std::max<size_t>(row.size(), to), ' ');
      std::fill(row.begin() + from, row.begin() + to, mark.primary ? '^' : '-');
      if (!mark.text.empty())
        labelled.push_back({from, &mark});
    }
  llvm::sort(labelled, [](auto &a, auto &b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  gutter();
  os << ' ';
  for (char c : row) {
    if (c != ' ')
      colour(c == '^' ? severityColour : raw_ostream::BLUE);
    os << c;
    plain();
  }
  // The rightmost label stands beside its mark if nothing is in the way.
  if (!labelled.empty()) {
    const Mark &last = *labelled.front().second;
    if (std::max(line.column(last.end), line.column(last.begin) + 1) == row.size()) {
      colour(last.primary ? severityColour : raw_ostream::BLUE);
      os << ' ' << shorten(last.text);
      plain();
      labelled.erase(labelled.begin());
    }
  }
  os << '\n';
  if (!labelled.empty())
    hangLabels(labelled);
}

/// Of a long line the part around its first mark, with dots for what is left out. The marks move
/// along; those that lie outside are dropped.
static std::string clip(StringRef line, llvm::SmallVectorImpl<Mark> &marks) {
  constexpr size_t longest = 160, before = 40, dots = 3;
  if (line.size() <= longest)
    return line.str();
  auto boundary = [&](size_t at) {
    while (at < line.size() && (line[at] & 0xC0) == 0x80)
      ++at;
    return at;
  };
  auto *first = llvm::find_if(marks, [](const Mark &mark) { return mark.primary; });
  if (first == marks.end())
    first = marks.begin();
  size_t at = first == marks.end() ? 0 : std::min(first->begin, line.size());
  size_t low = at > before ? boundary(at - before) : 0;
  size_t high = boundary(std::min(line.size(), low + longest));
  llvm::erase_if(marks, [&](const Mark &mark) { return mark.begin < low || mark.begin > high; });
  size_t shift = low ? dots : 0;
  for (Mark &mark : marks) {
    mark.begin = mark.begin - low + shift;
    mark.end = std::min(mark.end, high) - low + shift;
  }
  return (low ? "..." : "") + line.slice(low, high).str() + (high < line.size() ? "..." : "");
}

void Printer::printLine(unsigned buffer, unsigned number, llvm::ArrayRef<Mark> all) {
  llvm::SmallVector<Mark, 2> marks(all);
  std::string shown = clip(lineText(buffer, number), marks);
  ShownLine line(shown);
  gutter(llvm::Twine(number));
  os << (line.text.empty() ? "" : " ") << line.text << '\n';
  if (!marks.empty())
    printMarks(line, marks);
}

/// Counts characters from 1; a byte that only continues one is not counted.
static unsigned columnOf(StringRef line, size_t byte) {
  return 1 + llvm::count_if(line.take_front(byte), [](char c) { return (c & 0xC0) != 0x80; });
}

void Printer::printFile(unsigned buffer, const Lines &lines, bool first) {
  // The place that a reader should open: the primary one, else the first of this file.
  unsigned line = lines.begin()->first;
  size_t byte = lines.begin()->second.front().begin;
  for (const auto &[number, here] : lines)
    for (const Mark &mark : here)
      if (mark.primary) {
        line = number;
        byte = mark.begin;
      }
  colour(raw_ostream::BLUE);
  os << std::string(gutterWidth, ' ') << (first ? "--> " : "::: ");
  plain();
  os << sources.getMemoryBuffer(buffer)->getBufferIdentifier() << ':' << line << ':'
     << columnOf(lineText(buffer, line), byte) << '\n';
  gutter();
  os << '\n';
  unsigned previous = 0;
  for (const auto &[number, here] : lines) {
    if (previous && number == previous + 2)
      printLine(buffer, previous + 1, {});
    else if (previous && number > previous + 2)
      os << "...\n";
    printLine(buffer, number, here);
    previous = number;
  }
}

void Printer::print(const Diagnostic &diagnostic) {
  severityColour = colourOf(diagnostic.severity);
  header(diagnostic);
  unsigned main = 0;
  if (diagnostic.range.isValid()) {
    main = sources.FindBufferContainingLoc(diagnostic.range.begin);
    addMark(diagnostic.range, diagnostic.label, /*isPrimary=*/true);
    for (const Diagnostic::Label &label : diagnostic.secondary)
      addMark(label.range, label.text, /*isPrimary=*/false);
  }
  if (auto it = files.find(main); it != files.end())
    printFile(main, it->second, /*first=*/true);
  for (const auto &[buffer, lines] : files)
    if (buffer != main)
      printFile(buffer, lines, /*first=*/false);
  if (!files.empty() && !diagnostic.footers.empty()) {
    gutter();
    os << '\n';
  }
  for (const Diagnostic::Footer &footer : diagnostic.footers) {
    std::string indent(gutterWidth + 1, ' ');
    colour(raw_ostream::BLUE);
    os << indent << "= ";
    plain();
    os << footer.kind << ": ";
    // Further lines stand under the first.
    std::string hang = "\n" + indent + std::string(footer.kind.size() + 4, ' ');
    llvm::SmallVector<StringRef> lines;
    StringRef(footer.text).split(lines, '\n');
    os << llvm::join(lines, hang) << '\n';
  }
}

void Diagnostics::print(const Diagnostic &diagnostic, raw_ostream &os, bool colours) const {
  Printer(sources, os, colours).print(diagnostic);
}
