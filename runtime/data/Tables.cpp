/// Columns of tables as typed numbers and token ids.
#include "runtime/data/Tables.h"

#include <algorithm>
#include <filesystem>
#include <fmt/ranges.h>
#include <utility>

namespace nnrt {

void addUse(const DataDecl &decl, TableUse &use) {
  for (const Field &field : decl.fields)
    for (const FieldInput &input : field.inputs)
      switch (input.kind) {
      case InputKind::Columns:
        for (int64_t i = 0; i < input.elements && field.kind == FieldKind::Function; ++i)
          use.numbers.push_back(input.first + i);
        break;
      case InputKind::Header:
        use.names.push_back(input.name);
        break;
      case InputKind::Item:
      case InputKind::Line:
        break;
      }
}

TableUse useOf(const Program &program, const std::string &path) {
  TableUse use;
  for (const DataDecl &decl : program.data)
    for (const auto *sources : {&decl.sources, &decl.holdoutSources})
      for (const Source &source : *sources)
        for (const SourceItem &item : source.items)
          if (item.path == path && delimiterOf(source.kind))
            addUse(decl, use);
  for (const VocabDecl &vocab : program.vocabs)
    for (const VocabSource &source : vocab.sources)
      if (source.path == path && !source.header.empty())
        use.names.push_back(source.header);
  return use;
}

int64_t findColumn(const std::vector<std::string_view> &header, const std::string &name,
                   const std::string &file) {
  auto it = std::find(header.begin(), header.end(), std::string_view(name));
  if (it == header.end())
    fail(Exit::Data, "{}: header: expected a column '{}', found {}", file, name,
         fmt::format("'{}'", fmt::join(header, "', '")).substr(0, 200));
  if (std::find(it + 1, header.end(), std::string_view(name)) != header.end())
    fail(Exit::Data, "{}: header: expected one column '{}', found several", file, name);
  return it - header.begin();
}

std::string_view cellAt(const std::vector<std::string_view> &cells, int64_t column,
                        const std::string &file, uint64_t line) {
  if (size_t(column) >= cells.size())
    fail(Exit::Data, "{}: line {}: expected at least {} columns, found {}", file, line, column + 1,
         cells.size());
  return cells[size_t(column)];
}

TableReader::TableReader(const DataDecl &decl, LoadContext context) : decl(decl), context(context) {
  for (size_t i = 0; i < decl.fields.size(); ++i)
    addColumns(decl.fields[i], i);
}

void TableReader::addColumns(const Field &field, size_t index) {
  for (size_t i = 0; i < field.inputs.size(); ++i) {
    const FieldInput &input = field.inputs[i];
    if (!isOneOf(input.kind, {InputKind::Columns, InputKind::Header}))
      continue;
    Column &column = columns.emplace_back();
    column.field = index;
    column.input = i;
    column.header = input.kind == InputKind::Header ? input.name : "";
    column.first = input.first;
    column.count = input.elements;
    if (field.kind == FieldKind::Text)
      column.rows = std::make_unique<HeldRows>(context.rowText(field));
    else
      column.target = context.target(field, i);
  }
}

/// Makes room for all rows of a file at once, as far as its beginning shows how many there are.
void TableReader::reserve(const FileBytes &file, const std::string &path) {
  std::string buffer;
  std::string_view head = file.bytes(0, 1 << 16, buffer);
  auto lines = double(std::count(head.begin(), head.end(), '\n') + 1);
  double rows = lines / double(std::max<size_t>(head.size(), 1)) * double(file.size());
  double needed = double(file.size());
  for (const Column &column : columns)
    needed += rows * double(column.rows ? column.rows->bytesPerRow()
                                        : size_t(column.count) * sizeOf(column.target.type));
  if (!file.held())
    checkFits(path, uint64_t(needed));
  for (Column &column : columns)
    if (!column.rows)
      column.bytes.reserve(size_t(rows * 1.02) * size_t(column.count) * sizeOf(column.target.type));
}

/// Finds the columns in a file's first record.
void TableReader::place(const std::vector<std::string_view> &cells, bool header,
                        const std::string &file) {
  for (Column &column : columns)
    column.at = column.header.empty() ? column.first
                                      : findColumn(header ? cells : std::vector<std::string_view>(),
                                                   column.header, file);
}

void TableReader::add(const std::vector<std::string_view> &cells, const std::string &file,
                      uint64_t line, const LeftOut &leftOut) {
  for (Column &column : columns) {
    const Field &field = decl.fields[column.field];
    if (column.rows) {
      std::string_view cell = cellAt(cells, column.at, file, line);
      context.vocabulary(field.vocab).check(cell, file, line);
      if (!column.rows->add(cell, ids))
        leftOut(count, field, line, cell);
      continue;
    }
    size_t size = sizeOf(column.target.type), end = column.bytes.size();
    column.bytes.resize(end + size_t(column.count) * size);
    for (int64_t i = 0; i < column.count; ++i)
      readCell(cellAt(cells, column.at + i, file, line), column.target,
               column.bytes.data() + end + size_t(i) * size, file, line, column.at + i);
  }
  ++count;
}

void TableReader::read(const std::string &path, const TableUse &use, char delimiter,
                       const LeftOut &leftOut) {
  std::string file = std::filesystem::path(path).filename().string();
  FileBytes bytes = FileBytes::open(path);
  reserve(bytes, path);
  std::string whole;
  std::string_view content = bytes.bytes(0, size_t(bytes.size()), whole);
  before = count;
  lastFile = file;
  bool first = true;
  parseDelimited(content, delimiter, file, [&](uint64_t line, const auto &cells) {
    if (std::exchange(first, false)) {
      bool header = use.isHeader(cells);
      place(cells, header, file);
      if (header) {
        if (use.names.empty())
          noteHeader(file);
        return;
      }
    }
    add(cells, file, line, leftOut);
  });
  if (first)
    for (const Column &column : columns)
      if (!column.header.empty())
        fail(Exit::Data, "{}: header: expected a column '{}', found an empty file", file,
             column.header);
}

bool TableReader::reads(size_t field, size_t input) const {
  return std::any_of(columns.begin(), columns.end(), [&](const Column &column) {
    return column.field == field && column.input == input;
  });
}

TableReader::Column &TableReader::find(size_t field, size_t input) {
  for (Column &column : columns)
    if (column.field == field && column.input == input)
      return column;
  failConstant("data {}: field '{}' reads no column", decl.name, decl.fields[field].name);
}

RawRows TableReader::numbers(size_t field, size_t input) {
  Column &column = find(field, input);
  RawRows rows;
  rows.file = lastFile;
  rows.type = rawOf(column.target.type);
  rows.elements = column.count;
  rows.shape = {column.count};
  rows.stride = size_t(column.count) * sizeOf(rows.type);
  rows.rows = count - before;
  rows.content = std::make_shared<FileBytes>(std::exchange(column.bytes, {}), lastFile);
  return rows;
}

std::unique_ptr<TextRows> TableReader::text(size_t field) { return std::move(find(field, 0).rows); }

} // namespace nnrt
