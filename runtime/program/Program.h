/// The program constant of an executable, parsed: the contract of README.md as C++ structs.
#pragma once

#include "runtime/base/Types.h"

#include <map>

namespace nnrt {

/// One file of a source, and the flag that replaces its default path.
struct SourceItem {
  std::string name, path, flag;
};

/// `csv("digits.csv")`, `idx(image = …, label = …)`: files of one format.
struct Source {
  std::string kind;
  std::vector<SourceItem> items;
};

/// What a field's loading function reads: `elements` values of a named source, from `first` on.
struct FieldInput {
  std::string source;
  int64_t first = 0, elements = 1;
};

/// A field of a data set: one tensor a row.
struct Field : Tensor {
  enum class Kind { Function, Text };
  enum class Transform { Plain, Ended, Framed, Window };
  std::optional<int64_t> bound; ///< indices must lie in [0, bound)
  std::string vocab;
  Kind kind = Kind::Function;
  std::string function; ///< Function: called once a row on `inputs`
  bool direct = false;  ///< Function: the row's numbers are the field's
  std::vector<FieldInput> inputs;
  Transform transform = Transform::Plain; ///< Text: how tokens become the row
  std::string source;                     ///< Text: "line", "columns", or an item's name
  std::string header;                     ///< Text of a table: the column's name, or empty
  int64_t column = 0;
};

struct DataDecl {
  std::string name;
  std::vector<Source> sources;
  double holdoutFraction = 0;
  std::vector<Source> holdoutSources;
  std::vector<Field> fields;

  bool hasHoldout() const { return holdoutFraction > 0 || !holdoutSources.empty(); }
};

struct VocabSource {
  std::string kind, path, flag;
  int64_t column = 0;
  std::string header; ///< the column's name, or empty
};

struct VocabDecl {
  std::string name, kind;
  int64_t size = 0;
  std::vector<VocabSource> sources;
};

/// A parameter of a train block or an entry, set on the command line.
struct Flag : Tensor {
  std::string vocab, doc;
  std::optional<std::string> defaultText;               ///< as the user would type it
  std::optional<int64_t> bound;                         ///< indices must lie in [0, bound)
  Field::Transform transform = Field::Transform::Plain; ///< of text
};

/// A number known only at run time because it may be a flag.
struct Count {
  double value = 0;
  std::string flag;
};

struct BatchOf {
  std::string set;
  int64_t batch = 0;
};

struct Statement {
  enum class Op { For, Repeat, Every, Step, Validate, Run };
  Op op = Op::Step;
  Count count;
  bool epochs = false;
  std::optional<BatchOf> data;
  std::vector<Statement> body;
  std::string objective, gradient, update, entry;
  std::vector<std::string> over;
  int64_t accumulate = 1;
  std::optional<Count> rows; ///< Validate: of so many rows
  std::vector<std::pair<std::string, std::string>> args;
};

struct Command {
  std::string name;
  std::vector<Flag> flags;
  std::vector<Statement> body;
};

/// The same gradient by another estimator.
struct EstimatorDecl {
  std::string name, function;
};

/// One gradient of an objective that check-grad compares with differences.
struct CheckDecl {
  int64_t batch = 0;
  std::string function, loss;
  std::vector<std::string> params;
  bool maximize = false; ///< the gradients are those of the negated loss
  std::vector<EstimatorDecl> estimators;
};

struct Objective {
  std::string name, data;
  bool maximize = false;
  int64_t evalBatch = 0;
  std::string evalFunction; ///< its results, or statistics of a batch
  std::string evalSingle;   ///< the same for one row, where a batch that is not full needs it
  std::string evalFinish;   ///< the results of the totals of statistics
  std::vector<CheckDecl> checks;
};

struct ShowDecl {
  enum class Kind { Print, Image, Svg, Csv, Npy };
  std::string name, vocab;
  Kind kind = Kind::Print;
  /// Of the function's result and of the flag: `a`, or `a.npy` where a is shown in several kinds.
  std::string result;
  bool row = false;    ///< its first axis is the one that a repeated entry goes over
  bool colour = false; ///< a picture of the planes red, green, blue
};

struct Entry {
  std::string name, doc, function, repeat;
  std::vector<Flag> flags;
  std::optional<BatchOf> data;
  bool everyRow = false; ///< runs once for each row of the data
  std::vector<ShowDecl> shows;
};

enum class ArgKind {
  Param,
  State,
  StateOut,
  Gradient,
  Input,
  Seed,
  Step,
  Iteration,
  Progress,
  Flag,
  VocabFrequency,
  Loss,
  Report,
  GradNorm,
  Lr,
  Show,
  Field,
  Held,
  Rows,
  Valid,
  Statistic
};

struct Arg : Tensor {
  ArgKind kind = ArgKind::Param;
};

struct Assert {
  std::string message;
  int64_t line = 0;
};

struct Function {
  std::string name;
  size_t index = 0; ///< in nn_functions
  std::vector<Arg> args;
  std::vector<Assert> asserts;
};

/// A parameter, and where it is loaded from instead of being initialised, if anywhere.
struct ParamDecl : Tensor {
  std::string net, fromPath, fromName, fromFlag;
};

struct Program {
  std::string name, hash, cpu, features;
  std::vector<std::string> instructions; ///< sets of them that the CPU must have
  DType real = DType::F32;
  uint64_t arena = 0, scratch = 0;
  std::vector<ParamDecl> params, states;
  std::vector<VocabDecl> vocabs;
  std::vector<DataDecl> data;
  std::vector<Command> commands;
  std::vector<Objective> objectives;
  std::vector<Entry> entries;
  std::vector<Function> functions;

  const Function *findFunction(const std::string &name) const;
  /// The function of that name; the compiler guarantees that it is there.
  const Function &function(const std::string &name) const;
  const DataDecl &dataSet(const std::string &name) const;
  const Objective &objective(const std::string &name) const;
  const Entry &entry(const std::string &name) const;
  const VocabDecl &vocab(const std::string &name) const;
};

/// Parses the program constant. Errors are the compiler's fault and say so.
Program parseProgram(const char *json);

/// The kind of text that a state is saved under: "opt" for optimiser state, else "run".
std::string_view stateNamespace(const std::string &name);

} // namespace nnrt
