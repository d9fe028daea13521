/// Values as tensors: literals, declared types, broadcasting.
#include "compiler/Elaborate/Expr/Expr.h"

namespace nnc {

/// The numbers of a list, row-major; false if it is not rectangular or holds something else.
static bool flatten(const ListValue &list, std::vector<double> &out, Shape &dims, unsigned depth,
                    bool &real) {
  Dim size(int64_t(list.elements.size()));
  if (dims.size() == depth)
    dims.push_back(size);
  else if (!(dims[depth] == size))
    return false;
  for (const Value &element : list.elements) {
    if (auto *inner = element.asList()) {
      if (!flatten(*inner, out, dims, depth + 1, real))
        return false;
    } else if (auto number = element.number()) {
      real |= element.is<double>();
      out.push_back(*number);
    } else {
      return false;
    }
  }
  return true;
}

/// The vocabulary, if the list has special words of one alone.
static const VocabInfo *vocabOfList(const ListValue &list) {
  const VocabInfo *found = nullptr;
  for (const Value &element : list.elements) {
    auto *word = element.as<Word>();
    auto *inner = element.asList();
    const VocabInfo *vocab = word ? word->vocab : inner ? vocabOfList(*inner) : nullptr;
    if (!vocab || (found && found != vocab))
      return nullptr;
    found = vocab;
  }
  return found;
}

std::optional<Tensor> toTensor(Body &body, const Value &value, SourceRange range,
                               std::optional<Element> like) {
  if (auto *tensor = value.tensor())
    return *tensor;
  if (auto *dim = value.as<Dim>()) {
    Tensor result = body.build.constant(dim->value(), like.value_or(Element::I32));
    result.index = !like && !dim->isNameless();
    if (auto *word = value.as<Word>(); word && result.element == Element::I32) {
      result.vocab = word->vocab;
      result.bound = word->vocab->size;
    }
    return result;
  }
  if (auto *real = value.as<double>()) {
    if (like && *like != Element::F32) {
      body.diags.error(Code::ElementMismatch, range,
                       "a real number cannot become " + spelling(*like));
      return std::nullopt;
    }
    return body.build.constant(*real, Element::F32);
  }
  if (auto *boolean = value.as<bool>())
    return body.build.constant(*boolean, like.value_or(Element::Bool));
  if (auto *list = value.asList()) {
    std::vector<double> numbers;
    Shape dims;
    bool real = false;
    if (!list->elements.empty() && flatten(*list, numbers, dims, 0, real)) {
      const VocabInfo *vocab = vocabOfList(*list);
      bool whole = !real && like.value_or(vocab ? Element::I32 : Element::F32) != Element::F32;
      Tensor result = body.build.constants(numbers, whole ? Element::I32 : Element::F32, dims);
      if (vocab && whole) {
        result.vocab = vocab;
        result.bound = vocab->size;
      }
      return result;
    }
  }
  if (!value.isPoison())
    body.diags
        .error(Code::WrongKind, range, "a tensor or number is needed here, not " + value.describe())
        .here(value.isAbsent() ? "may be none: ask with present(x) first" : "");
  return std::nullopt;
}

void reportShapes(Body &body, Code code, const llvm::Twine &message, llvm::ArrayRef<Dim> a,
                  llvm::ArrayRef<Dim> b, SourceRange aRange, SourceRange bRange,
                  SourceRange range) {
  // Both shapes one below the other, axis by axis, with a mark under the first that differs.
  std::string rows[2] = {"[", "["}, marks = " ";
  std::optional<size_t> differs;
  for (size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    std::string cells[2] = {i < a.size() ? a[i].describe() : "",
                            i < b.size() ? b[i].describe() : ""};
    size_t width = std::max(cells[0].size(), cells[1].size());
    bool wrong = a.size() == b.size() && !a[i].equals(b[i]);
    if (wrong && !differs)
      differs = i;
    for (int side : {0, 1}) {
      if (i >= (side ? b : a).size())
        continue;
      bool last = i + 1 >= (side ? b : a).size();
      rows[side] +=
          cells[side] + (last ? "]" : ",") + std::string(width - cells[side].size() + 1, ' ');
    }
    marks += std::string(width, wrong ? '^' : ' ') + "  ";
  }
  for (std::string &row : rows)
    row = row == "[" ? "[]" : llvm::StringRef(row).rtrim().str();
  std::string table = rows[0] + "\n" + rows[1];
  if (differs)
    table += "\n" + llvm::StringRef(marks).rtrim().str();
  auto error = body.diags.error(code, range, message);
  if (aRange.isValid())
    error.label(aRange, printShape(a));
  if (bRange.isValid())
    error.label(bRange, printShape(b));
  if (differs) {
    for (const Dim &dim : {a[*differs], b[*differs]})
      if (dim.origin().isValid())
        error.label(dim.origin(), dim.describe() + " comes from here");
    if (a[*differs].value() == b[*differs].value())
      error.help("equal numbers under different names do not mix; reshape[...](x) renames an axis");
  }
  error.note(table);
}

std::optional<Tensor> broadcastTo(Body &body, const Tensor &x, llvm::ArrayRef<Dim> dims,
                                  SourceRange range, const llvm::Twine &what) {
  Shape inner = tied(body, x.dims);
  Shape outer = tied(body, dims);
  Fit fit = fitInto(inner, outer);
  if (fit.ways == 1)
    return body.build.broadcast(x, fit.axes, dims);
  if (fit.ways > 1)
    reportShapes(body, Code::AmbiguousFit,
                 what + ": " + printShape(x.dims) + " goes into " + printShape(dims) +
                     " in two ways: write index notation",
                 x.dims, dims, {}, {}, range);
  else
    reportShapes(body, Code::ShapeMismatch,
                 what + ": " + printShape(x.dims) + " does not go into " + printShape(dims), x.dims,
                 dims, {}, {}, range);
  return std::nullopt;
}

std::optional<Tensor> convert(Body &body, const Value &value, const TensorType &type,
                              SourceRange range, const llvm::Twine &what) {
  auto x = toTensor(body, value, range, type.element);
  if (!x)
    return std::nullopt;
  if (x->element != type.element && !(x->index && type.element == Element::F32)) {
    auto error = body.diags.error(Code::ElementMismatch, range,
                                  what + ": " + spelling(type.element) + " is declared, this is " +
                                      spelling(x->element));
    error.here(x->str());
    if (type.element == Element::F32)
      error.help("write f32(x)");
    return std::nullopt;
  }
  bool wasIndex = x->index;
  *x = body.build.cast(*x, type.element);
  auto result = broadcastTo(body, *x, type.dims, range, what);
  if (!result)
    return std::nullopt;
  result->dims.assign(type.dims.begin(), type.dims.end());
  result->index = wasIndex && type.element == Element::I32 && !type.bound;
  if (type.bound && !checkDeclaredBound(body, *result, type, range))
    return std::nullopt;
  result->vocab = type.vocab;
  return result;
}

/// After it, the tensor has the bound: proved, or checked when the program runs.
bool checkDeclaredBound(Body &body, Tensor &x, const TensorType &type, SourceRange range) {
  bool same = x.bound && tied(body, *x.bound).equals(tied(body, *type.bound));
  if (!same && !checkBound(body, x, *type.bound, range))
    return false;
  x.bound = type.bound;
  x.vocab = type.vocab;
  return true;
}

std::optional<Tensor> toScalar(Body &body, const Value &value, SourceRange range,
                               const llvm::Twine &what) {
  auto x = toTensor(body, value, range, Element::F32);
  if (!x)
    return std::nullopt;
  if (x->rank()) {
    body.diags.error(Code::ShapeMismatch, range, what + " takes one number, this is " + x->str())
        .help("use mean(...) or sum(...)");
    return std::nullopt;
  }
  return body.build.cast(*x, Element::F32);
}

} // namespace nnc
