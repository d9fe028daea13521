/// The rows of a data set: its sources loaded, and bound to the functions that make fields.
#include "runtime/data/DataSet.h"
#include "runtime/data/Tables.h"

#include <algorithm>
#include <filesystem>
#include <set>

namespace nnrt {

namespace {

std::string baseName(const std::string &path) {
  return std::filesystem::path(path).filename().string();
}

bool isTable(const Source &source) { return delimiterOf(source.kind).has_value(); }

bool isReal(DType type) { return type == DType::F32 || type == DType::F64; }

/// Several files' rows, one after the other.
class JoinedRows : public TextRows {
public:
  void add(std::unique_ptr<TextRows> rows, uint64_t count) {
    parts.emplace_back(std::move(rows), count);
  }
  void read(uint64_t row, int32_t *out) override {
    for (auto &[rows, count] : parts) {
      if (row < count)
        return rows->read(row, out);
      row -= count;
    }
  }
  size_t memory() const override {
    size_t bytes = 0;
    for (auto &[rows, count] : parts)
      bytes += rows->memory();
    return bytes;
  }

private:
  std::vector<std::pair<std::unique_ptr<TextRows>, uint64_t>> parts;
};

} // namespace

RowSet::RowSet(const DataDecl &decl, const std::vector<Source> &sources, LoadContext context)
    : decl(decl), context(context), fields(decl.fields.size()) {
  for (const Source &source : sources)
    load(source);
  if (std::any_of(sources.begin(), sources.end(), isTable))
    loadTables(sources);
  for (size_t i = 0; i < fields.size(); ++i)
    if (decl.fields[i].kind == FieldKind::Function)
      bindField(decl.fields[i], fields[i]);
    else if (!fields[i].text)
      fail(Exit::Data, "data {}: field '{}': expected text from '{}', found none", decl.name,
           decl.fields[i].name, wordOf(decl.fields[i].inputs[0].kind));
  filter.finish(count);
  count -= filter.leftOut();
  checkValues();
}

void RowSet::load(const Source &source) {
  switch (source.kind) {
  case SourceKind::Csv:
  case SourceKind::Tsv:
    return; // All tables are read together.
  case SourceKind::Npy:
  case SourceKind::Idx:
    return loadArrays(source);
  case SourceKind::Text:
    return loadText(source);
  case SourceKind::Lines:
    return loadLines(source);
  case SourceKind::Cifar10:
    return loadCifar10(source);
  }
}

void RowSet::setCount(uint64_t rows, const std::string &file) {
  if (counted && rows != count)
    fail(Exit::Data, "{}: rows: expected {} as in {}, found {}", file, count, lastFile, rows);
  counted = true;
  count = rows;
  lastFile = file;
}

/// Notes a row whose text has no room in its field.
void RowSet::leaveOut(uint64_t row, const Field &field, const std::string &file, uint64_t line,
                      std::string_view text) {
  if (context.keepAll || filter.empty()) {
    int64_t room = elementsOf(field.shape);
    std::string place =
        fmt::format("{}: line {}: {}: expected at most {} token{}, found {} ('{}{}')", file, line,
                    field.name, room, room == 1 ? "" : "s", context.rowText(field).count(text),
                    text.substr(0, 40), text.size() > 40 ? ".." : "");
    if (context.keepAll)
      fail(Exit::Data,
           "{}; an entry leaves no row out: make the field longer, or read whole cells as one word "
           "with a vocab of labels( )",
           place);
    firstLeftOut = place;
  }
  filter.leaveOut(row);
}

void RowSet::loadArrays(const Source &source) {
  for (const SourceItem &item : source.items) {
    std::string path = context.files.resolve(item.flag, item.path);
    std::string file = baseName(path);
    FileBytes content = FileBytes::open(path);
    arrays[item.name].parts.push_back(source.kind == SourceKind::Idx
                                          ? parseIdx(std::move(content), file)
                                          : parseNpy(std::move(content), file));
  }
  for (const SourceItem &item : source.items)
    setCount(arrays[item.name].rows(), arrays[item.name].parts.back().file);
}

void RowSet::loadCifar10(const Source &source) {
  for (const SourceItem &item : source.items) {
    std::string path = context.files.resolve(item.flag, item.path);
    auto content = std::make_shared<FileBytes>(FileBytes::open(path));
    arrays["label"].parts.push_back(parseCifar10(content, baseName(path), Cifar10Part::Label));
    arrays["image"].parts.push_back(parseCifar10(content, baseName(path), Cifar10Part::Image));
  }
  setCount(arrays["label"].rows(), arrays["label"].parts.back().file);
}

void RowSet::loadText(const Source &source) {
  std::vector<std::pair<std::shared_ptr<const FileBytes>, std::string>> files;
  for (const SourceItem &item : source.items) {
    std::string path = context.files.resolve(item.flag, item.path);
    files.emplace_back(std::make_shared<FileBytes>(FileBytes::open(path)), baseName(path));
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    const Field &field = decl.fields[i];
    if (field.kind != FieldKind::Text || field.transform != Transform::Window)
      continue;
    auto length = size_t(elementsOf(field.shape));
    auto rows = std::make_unique<WindowRows>(context.vocabulary(field.vocab), length);
    for (auto &[content, file] : files)
      rows->add(content, file);
    windowLength = std::max(windowLength, int64_t(length));
    setCount(rows->size(), files.back().second);
    if (rows->size() < length)
      fail(Exit::Data, "{}: {}: expected at least {} tokens, found {}", lastFile, field.name,
           length, rows->size());
    fields[i].text = std::move(rows);
  }
}

void RowSet::loadLines(const Source &source) {
  uint64_t unnamed = 0;
  std::string unnamedFile;
  for (const SourceItem &item : source.items) {
    std::string path = context.files.resolve(item.flag, item.path), file = baseName(path);
    auto content = std::make_shared<FileBytes>(FileBytes::open(path));
    uint64_t lines = 0;
    forEachLine(*content, file, [&](std::string_view, uint64_t) { ++lines; });
    for (size_t i = 0; i < fields.size(); ++i) {
      const Field &field = decl.fields[i];
      if (field.kind != FieldKind::Text || field.transform == Transform::Window)
        continue;
      const FieldInput &input = field.inputs[0];
      bool line = input.kind == InputKind::Line && (item.name.empty() || source.items.size() == 1);
      if (!line && (input.kind != InputKind::Item || input.name != item.name))
        continue;
      if (!fields[i].text)
        fields[i].text = std::make_unique<JoinedRows>();
      static_cast<JoinedRows &>(*fields[i].text)
          .add(linesOf(field, content, file, item.name.empty() ? unnamed : 0), lines);
    }
    if (!item.name.empty())
      setCount(lines, file);
    unnamed += item.name.empty() ? lines : 0;
    unnamedFile = item.name.empty() ? file : unnamedFile;
  }
  if (!unnamedFile.empty())
    setCount(unnamed, unnamedFile);
}

/// A field's rows of one file; `before` counts the rows of the files before it.
std::unique_ptr<TextRows> RowSet::linesOf(const Field &field,
                                          std::shared_ptr<const FileBytes> content,
                                          const std::string &file, uint64_t before) {
  RowText text = context.rowText(field);
  auto held = std::make_unique<HeldRows>(text);
  std::vector<int32_t> ids;
  auto each = [&](uint64_t number, std::string_view one) {
    text.vocabulary->check(one, file, number + 1);
    if (content->held() ? !held->add(one, ids) : text.count(one) > text.length)
      leaveOut(before + number, field, file, number + 1, one);
  };
  if (!content->held())
    return std::make_unique<LineRows>(text, content, file, each);
  uint64_t number = 0;
  forEachLine(*content, file, [&](std::string_view one, uint64_t) { each(number++, one); });
  return held;
}

void RowSet::loadTables(const std::vector<Source> &sources) {
  TableReader reader(decl, context);
  for (const Source &source : sources) {
    if (!isTable(source))
      continue;
    for (const SourceItem &item : source.items) {
      std::string path = context.files.resolve(item.flag, item.path), file = baseName(path);
      TableUse use = useOf(context.model.program, item.path);
      reader.read(path, use, *delimiterOf(source.kind),
                  [&](uint64_t row, const Field &field, uint64_t line, std::string_view text) {
                    leaveOut(row, field, file, line, text);
                  });
      for (size_t i = 0; i < fields.size(); ++i)
        for (size_t k = 0; k < decl.fields[i].inputs.size(); ++k)
          if (decl.fields[i].kind == FieldKind::Function && reader.reads(i, k)) {
            fields[i].inputs.resize(decl.fields[i].inputs.size());
            fields[i].inputs[k].parts.push_back(reader.numbers(i, k));
            // A value that is the field as it stands has been looked at with its line.
            fields[i].checked = decl.fields[i].direct;
          }
    }
  }
  for (size_t i = 0; i < fields.size(); ++i)
    if (reader.reads(i) && decl.fields[i].kind == FieldKind::Text)
      fields[i].text = reader.text(i);
  setCount(reader.rows(), reader.file());
}

/// Compares a row of a file with what a field reads, axis by axis. A row without axes or with one
/// is as long as all of them; and so is what a field reads as one axis.
void RowSet::checkShape(const FieldInput &input, const Arg &arg, const RawColumns &columns) const {
  for (const RawRows &part : columns.parts) {
    bool flat = part.shape.size() < 2 || arg.shape.size() < 2;
    if (part.shape != arg.shape && !(flat && part.elements == elementsOf(arg.shape)))
      fail(Exit::Data, "{}: {}: expected rows of {}, found {}", part.file, input.name,
           toString(arg.shape), toString(part.shape));
  }
}

void RowSet::bindField(const Field &field, FieldSource &made) {
  const Function &function = context.model.program.function(field.function);
  Bindings bindings;
  made.inputBuffers.resize(field.inputs.size());
  made.inputs.resize(field.inputs.size());
  for (size_t i = 0; i < field.inputs.size(); ++i) {
    const FieldInput &input = field.inputs[i];
    const Arg &arg = argumentOf(function, ArgKind::Input, input.name);
    RawColumns &columns = made.inputs[i];
    if (columns.parts.empty()) {
      if (auto it = arrays.find(input.name); it != arrays.end())
        columns = it->second;
      else
        fail(Exit::Data, "data {}: field '{}': expected a source '{}', found none", decl.name,
             field.name, input.name);
      checkShape(input, arg, columns);
    }
    made.targets.push_back(context.target(field, i));
    made.inputBuffers[i] = context.model.allocate(bytesOf(arg));
    bindings.add(ArgKind::Input, arg.name, &made.inputBuffers[i]);
  }
  const Arg &result = argumentOf(function, ArgKind::Field, field.name);
  if (elementsOf(result.shape) != elementsOf(field.shape))
    failConstant("{}: expected a field of {}, found {} values", function.name,
                 toString(field.shape), elementsOf(result.shape));
  made.outputType = result.dtype;
  made.elements = elementsOf(result.shape);
  made.output = context.model.allocate(bytesOf(result));
  bindings.add(ArgKind::Field, result.name, &made.output);
  made.made = Target(field.dtype, field.bound, field.name);
  made.call = context.model.bind(function, bindings);
}

size_t RowSet::bytes() const {
  size_t total = filter.memory();
  std::set<const FileBytes *> files; // Several fields may read one.
  for (const FieldSource &field : fields) {
    if (field.text)
      total += field.text->memory();
    for (const RawColumns &columns : field.inputs)
      for (const RawRows &part : columns.parts)
        if (files.insert(part.content.get()).second)
          total += part.content->memory();
  }
  return total;
}

std::string RowSet::place(size_t index, uint64_t row) const {
  const FieldSource &field = fields[index];
  row = filter(row);
  std::string file = lastFile;
  if (!field.inputs.empty())
    file = field.inputs[0].partOf(row).file;
  return fmt::format("{}: row {}", file, row);
}

void RowSet::fetch(size_t index, uint64_t row, void *out) {
  const Field &field = decl.fields[index];
  FieldSource &source = fields[index];
  uint64_t there = filter(row);
  if (source.text)
    return source.text->read(there, static_cast<int32_t *>(out));
  for (size_t i = 0; i < source.inputs.size(); ++i)
    source.inputs[i].read(there, source.targets[i], source.inputBuffers[i]);
  context.model.call(source.call, Subnormals::Kept);
  if (source.outputType == field.dtype && (source.checked || isReal(field.dtype))) {
    std::memcpy(out, source.output, bytesOf(field));
    return;
  }
  if (auto misfit = convert(rawOf(source.outputType), source.output, false, source.elements,
                            source.made, out))
    fail(Exit::Data, "{}: expected {}, found {}", place(index, row) + ": " + field.name,
         source.made.expected(), misfit->found);
}

/// Looks at every index and boolean of what is in memory. What is read from the disk is
/// looked at as it is used, so that a large file need not be read twice.
void RowSet::checkValues() {
  for (size_t f = 0; f < fields.size(); ++f) {
    const Field &field = decl.fields[f];
    if (fields[f].text || fields[f].checked || isReal(field.dtype))
      continue;
    bool held = true;
    for (const RawColumns &columns : fields[f].inputs)
      for (const RawRows &part : columns.parts)
        held &= part.content->held();
    std::string values(alignUp(bytesOf(field), cacheLine), '\0');
    for (uint64_t row = 0; held && row < count; ++row)
      fetch(f, row, values.data());
    fields[f].checked = held;
  }
}

} // namespace nnrt
