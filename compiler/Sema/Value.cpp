/// How values, element types and vocabularies are spelled in messages.
#include "compiler/Sema/Value.h"
#include "compiler/Sema/Scope.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

namespace nnc {

llvm::StringRef spelling(Element element) {
  switch (element) {
  case Element::F32:
    return "f32";
  case Element::I32:
    return "i32";
  case Element::Bool:
    return "bool";
  }
  llvm_unreachable("unknown element");
}

std::string TensorType::str() const {
  std::string text = vocab ? vocab->name : spelling(element).str();
  if (!dims.empty())
    text += printShape(dims);
  if (bound && !vocab)
    text += " < " + bound->str();
  return text;
}

std::optional<Interval> Tensor::limits() const {
  // Past the ends of an i32 numbers go round, and nothing is known.
  constexpr int64_t low = std::numeric_limits<int32_t>::min();
  constexpr int64_t high = std::numeric_limits<int32_t>::max();
  if (range && (range->low < low || range->high > high))
    return std::nullopt;
  if (range)
    return range;
  if (bound)
    return Interval{0, bound->value() - 1};
  return std::nullopt;
}

Value Value::tuple(std::vector<Value> elements) {
  return Value(std::make_shared<TupleValue>(TupleValue{std::move(elements)}));
}

Value Value::list(std::vector<Value> elements) {
  return Value(std::make_shared<ListValue>(ListValue{std::move(elements)}));
}

std::optional<double> Value::number() const {
  if (auto *dim = as<Dim>())
    return dim->value();
  if (auto *real = as<double>())
    return *real;
  if (auto *truth = as<bool>())
    return *truth;
  return std::nullopt;
}

const Distribution *Value::distribution() const {
  auto *pointer = as<std::shared_ptr<Distribution>>();
  return pointer ? pointer->get() : nullptr;
}

const TupleValue *Value::asTuple() const {
  auto *pointer = as<std::shared_ptr<TupleValue>>();
  return pointer ? pointer->get() : nullptr;
}

const ListValue *Value::asList() const {
  auto *pointer = as<std::shared_ptr<ListValue>>();
  return pointer ? pointer->get() : nullptr;
}

NetReference *Value::net() const {
  auto *pointer = as<std::shared_ptr<NetReference>>();
  return pointer ? pointer->get() : nullptr;
}

static std::string printReal(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%g", value);
  return text;
}

std::string Value::describe() const {
  if (auto *word = as<Word>())
    return "a word of " + word->vocab->name;
  if (auto *dim = as<Dim>())
    return (dim->isNameless() ? "the number " : "the size ") + dim->describe();
  if (auto *real = as<double>())
    return "the number " + printReal(*real);
  if (auto *truth = as<bool>())
    return *truth ? "true" : "false";
  if (is<std::string>())
    return "a string";
  if (auto *t = tensor())
    return t->str();
  if (auto *d = distribution())
    return "a distribution (" + d->name().str() + ")";
  if (auto *f = as<FunctionReference>())
    return (f->decl->isLayer ? "the layer " : "the fn ") + f->decl->name.text.str();
  if (auto *b = as<BuiltinReference>())
    return "the function " + b->name.str();
  if (net())
    return "a net";
  if (auto *t = asTuple())
    return "a tuple of " + std::to_string(t->elements.size());
  if (asList())
    return "a list";
  if (auto *b = as<Batch>())
    return "rows of " + b->data->name;
  if (auto *v = as<const VocabInfo *>())
    return "the vocab " + (*v)->name;
  if (is<CallableReference>())
    return "an objective or entry";
  return isAbsent() ? "none" : "a value with an error";
}

} // namespace nnc
