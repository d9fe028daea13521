#include "runtime/data/DataSet.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

namespace nnrt {

namespace {

std::string baseName(const std::string &path) {
  return std::filesystem::path(path).filename().string();
}

/// The columns of a delimited file that the fields read, and the rows as they come.
struct Wanted {
  std::vector<std::string> headerNames;  ///< numeric columns by header name
  std::vector<int64_t> numbers;          ///< numeric columns, ascending
  std::vector<int64_t> texts;            ///< text columns
  std::map<std::string, int64_t> byName; ///< resolved header names
};

Wanted wantedColumns(const DataDecl &decl, const std::map<std::string, RawColumns> &arrays) {
  Wanted wanted;
  for (const Field &field : decl.fields) {
    if (field.kind == Field::Kind::Text && field.source == "columns")
      wanted.texts.push_back(field.column);
    for (const FieldInput &input : field.inputs)
      if (input.source == "columns")
        for (int64_t i = 0; i < input.elements; ++i)
          wanted.numbers.push_back(input.first + i);
      else if (!arrays.count(input.source))
        wanted.headerNames.push_back(input.source);
  }
  return wanted;
}

void sortUnique(std::vector<int64_t> &values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

/// Finds the named columns in the first record; true if that record is a header.
bool readHeader(Wanted &wanted, const std::vector<std::string_view> &cells,
                const std::string &file) {
  for (const std::string &name : wanted.headerNames) {
    auto it = std::find(cells.begin(), cells.end(), std::string_view(name));
    if (it == cells.end())
      fail(Exit::Data, "{}: header: expected a column '{}', found none", file, name);
    wanted.byName[name] = it - cells.begin();
    wanted.numbers.push_back(it - cells.begin());
  }
  sortUnique(wanted.numbers);
  sortUnique(wanted.texts);
  if (!wanted.headerNames.empty())
    return true;
  // Without names in use, a first record with words where numbers are read is a header too.
  for (int64_t column : wanted.numbers)
    if (size_t(column) < cells.size() && !parseNumber(cells[size_t(column)]))
      return true;
  return false;
}

std::string_view cellAt(const std::vector<std::string_view> &cells, int64_t column,
                        const std::string &file, uint64_t line) {
  if (size_t(column) >= cells.size())
    fail(Exit::Data, "{}: line {}: expected at least {} columns, found {}", file, line, column + 1,
         cells.size());
  return cells[size_t(column)];
}

} // namespace

RowSet::RowSet(const DataDecl &decl, const std::vector<Source> &sources, LoadContext context)
    : decl(decl), context(context) {
  // Delimited sources come last: a name that is no array is then a column of theirs.
  auto delimited = [](const Source &source) {
    return source.kind == "csv" || source.kind == "tsv";
  };
  for (const Source &source : sources)
    if (!delimited(source))
      loadSource(source);
  for (const Source &source : sources)
    if (delimited(source))
      loadDelimited(source);
  fields.resize(decl.fields.size());
  for (size_t i = 0; i < fields.size(); ++i)
    if (decl.fields[i].kind == Field::Kind::Text)
      encodeField(decl.fields[i], fields[i]);
    else
      bindField(decl.fields[i], fields[i]);
  texts.clear();
  windowText = std::string();
  dropLongRows();
  checkBounds();
}

void RowSet::setCount(uint64_t rows, const std::string &file) {
  if (counted && rows != count)
    fail(Exit::Data, "{}: rows: expected {} as in {}, found {}", file, count, lastFile, rows);
  counted = true;
  count = rows;
  lastFile = file;
}

void RowSet::loadSource(const Source &source) {
  if (source.kind == "text" || source.kind == "lines")
    return loadText(source);
  uint64_t total = 0;
  for (const SourceItem &item : source.items) {
    std::string path = context.files.resolve(item.flag, item.path);
    std::string file = baseName(path);
    auto add = [&](const std::string &name, RawRows rows) {
      arrays[name].parts.push_back(std::move(rows));
      arrays[name].files.push_back(file);
    };
    if (source.kind == "cifar10") {
      std::string content = readFile(path);
      // Labels are copied out so that the pixels alone share the file's bytes.
      RawRows labels = parseCifar10(content, file, "label");
      std::string packed;
      for (uint64_t r = 0; r < labels.rows; ++r)
        packed += labels.bytes[r * labels.stride];
      labels.bytes = std::move(packed);
      labels.stride = 1;
      total += labels.rows;
      add("label", std::move(labels));
      add("image", parseCifar10(std::move(content), file, "image"));
      continue;
    }
    if (source.kind != "idx" && source.kind != "npy")
      fail(Exit::Usage, "data {}: source kind '{}' is not supported", decl.name, source.kind);
    add(item.name,
        source.kind == "idx" ? parseIdx(readFile(path), file) : parseNpy(readFile(path), file));
    setCount(arrays[item.name].parts.back().rows, file);
  }
  if (source.kind == "cifar10")
    setCount(total, "cifar10");
}

void RowSet::loadText(const Source &source) {
  for (const SourceItem &item : source.items) {
    std::string path = context.files.resolve(item.flag, item.path);
    std::string content = readFile(path);
    if (source.kind == "text") {
      windowText += content;
      lastFile = baseName(path);
      continue;
    }
    std::vector<std::string> lines;
    for (std::string_view line : splitLines(content))
      lines.emplace_back(line);
    setCount(lines.size(), baseName(path));
    if (!item.name.empty())
      texts[item.name] = lines;
    texts["line"] = std::move(lines);
  }
}

void RowSet::loadDelimited(const Source &source) {
  Wanted wanted = wantedColumns(decl, arrays);
  bool wide = context.model.program.real == DType::F64;
  RawRows rows;
  rows.type = wide ? Raw::F64 : Raw::F32;
  std::vector<std::vector<std::string> *> textColumns;
  std::vector<std::string> files;
  for (const SourceItem &item : source.items) {
    std::string path = context.files.resolve(item.flag, item.path);
    std::string file = files.emplace_back(baseName(path));
    std::string content = readFile(path);
    bool first = true;
    parseDelimited(content, source.kind == "csv" ? ',' : '\t', file,
                   [&](uint64_t line, const auto &cells) {
                     if (std::exchange(first, false) && readHeader(wanted, cells, file))
                       return;
                     for (int64_t column : wanted.numbers) {
                       std::string_view cell = cellAt(cells, column, file, line);
                       auto number = parseNumber(cell);
                       if (!number)
                         fail(Exit::Data, "{}: line {}, column {}: expected a number, found '{}'",
                              file, line, column, cell.substr(0, 40));
                       float narrow = float(*number);
                       rows.bytes.append(wide ? reinterpret_cast<const char *>(&*number)
                                              : reinterpret_cast<const char *>(&narrow),
                                         sizeOf(rows.type));
                     }
                     for (int64_t column : wanted.texts)
                       texts[fmt::format("columns:{}", column)].emplace_back(
                           cellAt(cells, column, file, line));
                     ++rows.rows;
                   });
  }
  rows.elements = int64_t(wanted.numbers.size());
  rows.shape = {rows.elements};
  rows.stride = wanted.numbers.size() * sizeOf(rows.type);
  rows.bytes.shrink_to_fit();
  for (size_t i = 0; i < wanted.numbers.size(); ++i)
    columnPosition[std::to_string(wanted.numbers[i])] = int64_t(i);
  for (auto &[name, column] : wanted.byName)
    columnPosition[name] = columnPosition[std::to_string(column)];
  setCount(rows.rows, files.empty() ? decl.name : files[0]);
  arrays["columns"] = {{std::move(rows)}, files};
}

void RowSet::bindField(const Field &field, FieldSource &made) {
  const Function &function = context.model.program.function(field.function);
  Bindings bindings;
  std::vector<const Arg *> inputArgs;
  for (const Arg &arg : function.args)
    if (arg.kind == ArgKind::Input)
      inputArgs.push_back(&arg);
  if (inputArgs.size() != field.inputs.size())
    fail(Exit::Usage, "program constant: {}: expected {} inputs, found {}", function.name,
         field.inputs.size(), inputArgs.size());
  made.inputBuffers.resize(field.inputs.size());
  for (size_t i = 0; i < field.inputs.size(); ++i) {
    const FieldInput &input = field.inputs[i];
    auto it = arrays.find(input.source);
    int64_t first = input.first;
    if (it == arrays.end() || input.source == "columns") {
      it = arrays.find("columns");
      std::string column = input.source == "columns" ? std::to_string(input.first) : input.source;
      if (it == arrays.end() || !columnPosition.count(column))
        fail(Exit::Data, "data {}: field '{}': expected a source '{}', found none", decl.name,
             field.name, input.source);
      first = columnPosition[column];
    } else if (it->second.elements() != first + input.elements) {
      fail(Exit::Data, "{}: {}: expected rows of {} values, found {} {}", it->second.files[0],
           input.source, first + input.elements, it->second.elements(),
           toString(it->second.parts[0].shape));
    }
    made.inputs.push_back(&it->second);
    made.firsts.push_back(first);
    made.inputBuffers[i] = context.model.allocate(inputArgs[i]->bytes());
    bindings.add(ArgKind::Input, inputArgs[i]->name, &made.inputBuffers[i]);
  }
  made.output = context.model.allocate(field.bytes());
  for (const Arg &arg : function.args)
    if (arg.kind == ArgKind::Field)
      bindings.add(ArgKind::Field, arg.name, &made.output);
  made.call = context.model.bind(function, bindings);
}

void RowSet::encodeField(const Field &field, FieldSource &made) {
  const Vocabulary &vocabulary = context.vocabulary(field.vocab);
  size_t length = size_t(field.elements());
  made.tokens = TokenArray(vocabulary.decl().size);
  std::vector<int32_t> ids;
  if (field.transform == Field::Transform::Window) {
    vocabulary.check(windowText, lastFile);
    vocabulary.encode(windowText, ids);
    made.tokens.append(ids);
    windowLength = std::max(windowLength, int64_t(length));
    setCount(ids.size(), lastFile);
    if (ids.size() < length)
      fail(Exit::Data, "{}: {}: expected at least {} tokens, found {}", lastFile, field.name,
           length, ids.size());
    return;
  }
  made.rowLength = length;
  std::string key =
      field.source == "columns" ? fmt::format("columns:{}", field.column) : field.source;
  auto it = texts.find(key);
  if (it == texts.end())
    fail(Exit::Data, "data {}: field '{}': expected text from '{}', found none", decl.name,
         field.name, key);
  tooLong.resize(it->second.size());
  for (size_t row = 0; row < it->second.size(); ++row) {
    ids.clear();
    vocabulary.check(it->second[row], lastFile, row + 1);
    if (field.transform == Field::Transform::Framed && vocabulary.hasSpecials())
      ids.push_back(Vocabulary::bos);
    vocabulary.encode(it->second[row], ids);
    if (field.transform != Field::Transform::Plain && vocabulary.hasSpecials())
      ids.push_back(Vocabulary::eos);
    if (ids.size() > length)
      tooLong[row] = true;
    ids.resize(length, Vocabulary::pad);
    made.tokens.append(ids);
  }
}

size_t RowSet::bytes() const {
  size_t total = kept.capacity() * sizeof kept[0];
  for (auto &[name, columns] : arrays)
    for (const RawRows &part : columns.parts)
      total += part.bytes.capacity();
  for (const FieldSource &field : fields)
    total += field.tokens.memory();
  return total;
}

void RowSet::dropLongRows() {
  droppedRows = uint64_t(std::count(tooLong.begin(), tooLong.end(), true));
  if (droppedRows == 0)
    return;
  for (size_t row = 0; row < tooLong.size(); ++row)
    if (!tooLong[row])
      kept.push_back(uint32_t(row));
  count = kept.size();
}

void RowSet::fetch(size_t index, uint64_t row, void *out) {
  const Field &field = decl.fields[index];
  FieldSource &source = fields[index];
  if (field.kind == Field::Kind::Text) {
    size_t length = size_t(field.elements());
    if (!kept.empty())
      row = kept[row];
    size_t first = source.rowLength ? row * source.rowLength : row;
    source.tokens.read(first, length, static_cast<int32_t *>(out));
    return;
  }
  if (!kept.empty())
    row = kept[row];
  size_t i = 0;
  for (const Arg &arg : source.call.function->args) {
    if (arg.kind != ArgKind::Input)
      continue;
    source.inputs[i]->read(row, source.firsts[i], arg.elements(), arg.dtype,
                           source.inputBuffers[i]);
    ++i;
  }
  context.model.call(source.call);
  std::memcpy(out, source.output, field.bytes());
}

void RowSet::checkBounds() {
  for (size_t f = 0; f < fields.size(); ++f) {
    const Field &field = decl.fields[f];
    if (!field.bound || field.kind == Field::Kind::Text)
      continue;
    std::string values(alignUp(field.bytes(), cacheLine), '\0');
    int64_t elements = field.elements();
    for (uint64_t row = 0; row < count; ++row) {
      fetch(f, row, values.data());
      for (int64_t i = 0; i < elements; ++i) {
        double value = load(field.dtype, values.data(), i);
        if (!(value >= 0 && value < double(*field.bound)))
          fail(Exit::Data, "{}: {}: row {}: expected an index in [0, {}), found {}",
               fields[f].inputs[0]->files[0], field.name, row, *field.bound, value);
      }
    }
  }
}

} // namespace nnrt
