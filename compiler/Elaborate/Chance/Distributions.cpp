/// The predeclared distributions: records of a family and its parameters; their members.
#include "compiler/Elaborate/Builtins/Builtins.h"
#include "compiler/Elaborate/Chance/Chance.h"
#include "dialects/nn/Build/Emit.h"
#include "dialects/prob/Families/Formulas.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

namespace nnc {

using Names = llvm::ArrayRef<llvm::StringRef>;

static const Argument *takeNamed(const BuiltinCall &call, llvm::StringRef name) {
  auto found = llvm::find_if(call.arguments, [&](const Argument &a) { return a.name == name; });
  return found == call.arguments.end() ? nullptr : &*found;
}

/// The argument for parameter `k`: by its name, or the positional one in its place among the
/// parameters that are not named.
static const Argument *take(const BuiltinCall &call, Names names, size_t k) {
  if (const Argument *named = takeNamed(call, names[k]))
    return named;
  size_t place = llvm::count_if(names.take_front(k),
                                [&](llvm::StringRef before) { return !takeNamed(call, before); });
  for (const Argument &argument : call.arguments)
    if (argument.name.empty() && !place--)
      return &argument;
  return nullptr;
}

static std::optional<Tensor> takeReal(Body &body, BuiltinCall &call, Names names, size_t k) {
  llvm::StringRef name = names[k];
  const Argument *argument = take(call, names, k);
  if (!argument) {
    body.diags.error(Code::BadDistribution, call.range,
                     "`" + call.builtin->name + "` needs `" + name + "`");
    return std::nullopt;
  }
  auto x = toTensor(body, argument->value, argument->range, Element::F32);
  if (x && x->element == Element::I32 && !x->index) {
    body.diags
        .error(Code::ElementMismatch, argument->range,
               "`" + name + "` of a distribution is f32, this is " + x->str())
        .help("write f32(x)");
    return std::nullopt;
  }
  return x ? std::optional(body.build.cast(*x, Element::F32)) : std::nullopt;
}

/// Whether the arguments given by name are parameters of the family.
static bool checkNames(Body &body, BuiltinCall &call, Names names) {
  for (const Argument &argument : call.arguments) {
    if (argument.name.empty() || llvm::is_contained(names, argument.name))
      continue;
    body.diags.error(Code::BadDistribution, argument.range,
                     "`" + call.builtin->name + "` has no parameter `" + argument.name +
                         "`; it takes `" + llvm::join(names, "`, `") + "`");
    return false;
  }
  return true;
}

/// The rows of a name: one family, by one or another parameter.
static llvm::SmallVector<const prob::FamilyTraits *> rowsOf(llvm::StringRef name) {
  llvm::SmallVector<const prob::FamilyTraits *> rows;
  for (const prob::FamilyTraits &row : prob::allFamilies())
    if (row.name == name)
      rows.push_back(&row);
  return rows;
}

/// The row whose parameters the arguments name; null after an error.
static const prob::FamilyTraits *rowFor(Body &body, BuiltinCall &call) {
  auto rows = rowsOf(call.builtin->name);
  llvm::SmallVector<llvm::StringRef> names;
  for (const prob::FamilyTraits *row : rows)
    for (const prob::Parameter &parameter : row->parameters)
      names.push_back(parameter.name);
  if (!checkNames(body, call, names))
    return nullptr;
  for (const prob::FamilyTraits *row : rows)
    for (const Argument &argument : call.arguments)
      if (argument.name == row->parameters[0].name)
        return row;
  return rows.front();
}

/// Why a number known at compile time is not one for a parameter; empty if it is.
static std::string complaintAbout(const prob::FamilyTraits &row, unsigned k,
                                  llvm::ArrayRef<const Argument *> arguments) {
  double x = *arguments[k]->value.number();
  std::string name = row.parameters[k].name.str(), family = row.name.str();
  switch (row.parameters[k].domain) {
  case prob::Domain::positive:
    return x > 0 ? "" : "the " + name + " of `" + family + "` is not above 0";
  case prob::Domain::scale:
    return x >= 0 ? "" : "the " + name + " of `" + family + "` is negative";
  case prob::Domain::above: {
    auto low = arguments[k - 1]->value.number();
    return !low || *low <= x
               ? ""
               : "`" + family + "` needs " + row.parameters[k - 1].name.str() + " <= " + name;
  }
  case prob::Domain::probability:
    return x >= 0 && x <= 1
               ? ""
               : "a probability is a number from 0 to 1, this is " + arguments[k]->value.describe();
  default:
    return "";
  }
}

static bool checkNumbers(Body &body, const prob::FamilyTraits &row,
                         llvm::ArrayRef<const Argument *> arguments) {
  for (unsigned k = 0; k < arguments.size(); ++k) {
    if (!arguments[k]->value.number())
      continue;
    if (std::string why = complaintAbout(row, k, arguments); !why.empty()) {
      body.diags.error(Code::BadDistribution, arguments[k]->range, why);
      return false;
    }
  }
  return true;
}

/// The parameters of a row as real numbers, with the numbers among them checked.
static std::optional<llvm::SmallVector<Tensor, 2>> takeParameters(Body &body, BuiltinCall &call,
                                                                  const prob::FamilyTraits &row) {
  llvm::SmallVector<Tensor, 2> params;
  llvm::SmallVector<const Argument *> arguments;
  auto names = llvm::map_to_vector(row.parameters, [](const auto &p) { return p.name; });
  for (size_t k = 0; k < names.size(); ++k)
    if (auto x = takeReal(body, call, names, k)) {
      params.push_back(*x);
      arguments.push_back(take(call, names, k));
    }
  if (params.size() != names.size() || !checkNumbers(body, row, arguments))
    return std::nullopt;
  return params;
}

/// Parameters that go into one shape, which a draw has.
static bool shapeElements(Body &body, BuiltinCall &call, Distribution &d) {
  // The full shape is found without repeating the parameters yet.
  llvm::SmallVector<Tensor, 2> all(d.params);
  if (all.size() > 1 && !alignArguments(body, all, call))
    return false;
  d.dims = all[0].dims;
  if (d.dims.size() >= d.eventRank())
    return true;
  body.diags.error(Code::BadDistribution, call.range,
                   "`" + call.builtin->name +
                       "` owns the last axis of its parameters, these are scalars");
  return false;
}

/// One of no outcomes cannot be drawn.
static bool hasOutcomes(Body &body, BuiltinCall &call, const Tensor &logits) {
  if (logits.dims.back().value())
    return true;
  body.diags.error(Code::BadDistribution, call.range,
                   "`" + call.builtin->name + "` needs an outcome, the axis " +
                       logits.dims.back().describe() + " has none");
  return false;
}

/// One parameter with an axis of outcomes.
static bool shapeOutcomes(Body &body, BuiltinCall &call, Distribution &d) {
  Tensor &param = d.params[0];
  if (!param.rank()) {
    body.diags.error(Code::BadDistribution, call.range,
                     "`" + call.builtin->name + "` needs an axis of outcomes, these are scalars");
    return false;
  }
  // softmax gives away its logits: nothing is lost by rounding.
  auto softmax = param.value.getDefiningOp<nn::SoftmaxOp>();
  if (softmax && d.traits().logits && int64_t(softmax.getAxis()) == param.rank() - 1) {
    param = body.build.like(param, softmax.getX());
    d.family = *d.traits().logits;
  }
  d.dims = param.dims;
  if (!hasOutcomes(body, call, param))
    return false;
  if (d.eventRank())
    return true;
  d.bound = d.dims.back();
  d.vocab = vocabOf(body, d.dims.back());
  d.dims.pop_back();
  return true;
}

/// The one of two shapes that the other goes into by repetition.
static std::optional<Shape> joined(Body &body, llvm::ArrayRef<Dim> a, llvm::ArrayRef<Dim> b) {
  if (a.size() < b.size())
    std::swap(a, b);
  return fits(body, b, a) ? std::optional(Shape(a)) : std::nullopt;
}

/// A vector [.., D] and a matrix [.., D, D].
static bool shapeMatrix(Body &body, BuiltinCall &call, Distribution &d) {
  const Tensor &vector = d.params[0], &matrix = d.params[1];
  bool sized = vector.rank() >= 1 && matrix.rank() >= 2 &&
               sameShape(body, {vector.dims.back(), vector.dims.back()},
                         llvm::ArrayRef<Dim>(matrix.dims).take_back(2));
  auto batch = sized ? joined(body, llvm::ArrayRef<Dim>(vector.dims).drop_back(),
                              llvm::ArrayRef<Dim>(matrix.dims).drop_back(2))
                     : std::nullopt;
  if (!batch) {
    std::string first = d.traits().parameters[0].name.str(),
                second = d.traits().parameters[1].name.str();
    body.diags
        .error(Code::BadDistribution, call.range,
               "`" + call.builtin->name + "` takes a " + first + " [.., D] and a " + second +
                   " [.., D, D]")
        .note(first + " " + printShape(vector.dims) + ", " + second + " " +
              printShape(matrix.dims));
    return false;
  }
  d.dims = *batch;
  d.dims.push_back(vector.dims.back());
  return true;
}

/// A number of outcomes, which is no tensor.
static bool takeCount(Body &body, BuiltinCall &call, Distribution &d) {
  auto *count = call.arguments[0].value.as<Dim>();
  if (!count || count->value() < 1 || count->value() > maxAxis) {
    body.diags.error(Code::BadDistribution, call.range,
                     "`" + call.builtin->name +
                         "` takes the number of outcomes, known at compile time");
    return false;
  }
  d.bound = *count;
  d.vocab = vocabOf(body, *count);
  return true;
}

/// A distribution of the table, by the name that was called.
static Value distribution(Body &body, BuiltinCall &call) {
  const prob::FamilyTraits *row = rowFor(body, call);
  if (!row)
    return {};
  auto result = std::make_shared<Distribution>();
  result->family = row->family;
  prob::Domain last = row->parameters.back().domain;
  if (last == prob::Domain::count)
    return takeCount(body, call, *result) ? Value(result) : Value();
  auto params = takeParameters(body, call, *row);
  if (!params)
    return {};
  result->params = *params;
  bool shaped = last == prob::Domain::triangle ? shapeMatrix(body, call, *result)
                : last == prob::Domain::logits || last == prob::Domain::weights
                    ? shapeOutcomes(body, call, *result)
                    : shapeElements(body, call, *result);
  return shaped ? Value(result) : Value();
}

static Value mixture(Body &body, BuiltinCall &call) {
  static constexpr llvm::StringRef names[] = {"logits", "component"};
  if (!checkNames(body, call, names))
    return {};
  auto logits = takeReal(body, call, names, 0);
  const Argument *argument = take(call, names, 1);
  auto *pointer = argument ? argument->value.as<std::shared_ptr<Distribution>>() : nullptr;
  if (!logits)
    return {};
  // The axis of the components is the last one of both; the others go into one shape.
  llvm::ArrayRef<Dim> own = logits->dims, theirs;
  if (pointer)
    theirs = (*pointer)->batchDims();
  bool sized = pointer && !(*pointer)->component && !own.empty() && !theirs.empty() &&
               sameShape(body, {own.back()}, {theirs.back()});
  auto batch = sized ? joined(body, own.drop_back(), theirs.drop_back()) : std::nullopt;
  if (!batch) {
    auto error = body.diags.error(
        Code::BadDistribution, call.range,
        "`Mixture` takes logits [.., K] and a component with the axis K before its event");
    if (pointer)
      error.note("logits " + printShape(logits->dims) + ", component " +
                 printShape((*pointer)->batchDims()));
    return {};
  }
  if (!hasOutcomes(body, call, *logits))
    return {};
  auto result = std::make_shared<Distribution>();
  result->family = (*pointer)->family;
  result->params = {*logits};
  result->component = *pointer;
  result->dims = *batch;
  llvm::append_range(result->dims, (*pointer)->eventDims());
  return result;
}

//===--- Functions of distributions -------------------------------------------------===//

static Value logProbOf(Body &body, BuiltinCall &call) {
  auto *distribution = toDistribution(body, call.arguments[0].value, call.arguments[0].range);
  if (!distribution)
    return {};
  auto density = logProb(body, *distribution, call.arguments[1].value, call.arguments[1].range);
  return density ? Value(*density) : Value();
}

llvm::ArrayRef<Builtin> distributionBuiltins() {
  static const std::vector<Builtin> table = [] {
    std::vector<Builtin> all;
    for (const prob::FamilyTraits &row : prob::allFamilies()) {
      unsigned count = row.parameters.size();
      if (all.empty() || all.back().name != row.name)
        all.push_back({.name = row.name, .minArguments = count, .build = distribution});
    }
    all.push_back({.name = "Mixture", .minArguments = 2, .build = mixture});
    all.push_back({.name = "log_prob", .minArguments = 2, .build = logProbOf});
    all.push_back({.name = "kl", .minArguments = 2, .build = buildDivergence});
    all.push_back({.name = "entropy", .build = buildEntropy});
    return all;
  }();
  return table;
}

//===--- Members --------------------------------------------------------------------===//

/// `mean` and `mode` of a draw's shape; `logits` of the parameter's.
Value distributionMember(Body &body, const Distribution &d, const ast::MemberExpr &expr) {
  llvm::StringRef name = expr.member.text;
  auto formula =
      llvm::StringSwitch<mlir::Value (prob::Formulas::*)(const prob::Instance &) const>(name)
          .Case("mean", &prob::Formulas::mean)
          .Case("mode", &prob::Formulas::mode)
          .Case("logits", &prob::Formulas::logits)
          .Default(nullptr);
  mlir::Value value;
  if (formula && !d.component) {
    llvm::SmallVector<mlir::Value> operands;
    for (unsigned k = 0; k < d.params.size(); ++k)
      operands.push_back(paramAt(body, d, k, d.dims, expr.range)->value);
    nn::Emit emit(*body.build.builder, body.build.loc);
    value = (prob::formulasOf(d.family).*formula)({emit, d.family, operands});
  }
  if (!value) {
    body.diags
        .error(Code::UnknownMember, expr.member.range,
               "a " + d.name() + " distribution has no `" + name + "`")
        .help("`mean`, `mode` and `logits` are known where they have a closed form");
    return {};
  }
  if (name == "logits")
    return body.build.make(Element::F32, d.params[0].dims, value);
  // A label, or a number that the formula may give as a boolean.
  Element element = nn::tensorOf(value).getElementType().isInteger(1) ? Element::Bool : d.element();
  Tensor result = body.build.cast(body.build.make(element, d.dims, value), d.element());
  result.bound = d.bound;
  result.vocab = d.vocab;
  return result;
}

} // namespace nnc
