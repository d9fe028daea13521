/// A program outside of its bodies: data, objectives, steps, optimisers, entries, and
/// learn.program. The bodies are compiler/Elaborate's.
#ifndef NNC_COMPILER_PROGRAM_PROGRAM_H
#define NNC_COMPILER_PROGRAM_PROGRAM_H

#include "compiler/Elaborate/Control/Control.h"
#include "compiler/Program/RowStatistics.h"
#include "dialects/learn/IR/Learn.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSet.h"

namespace nnc {

/// A path after `over`; it stands for all parameters below it.
struct MovedPath {
  std::string text;
  SourceRange range;
  bool covers(llvm::StringRef path) const {
    return path.consume_front(text) && (path.empty() || path.front() == '.');
  }
};
bool covers(llvm::ArrayRef<MovedPath> over, llvm::StringRef path);
/// `gpt.block`
std::string spell(const ast::Path &path);
llvm::SmallVector<MovedPath> movedPaths(llvm::ArrayRef<ast::Path> over);
/// Whether the same nets are named, in any order.
bool sameNets(llvm::ArrayRef<MovedPath> a, llvm::ArrayRef<MovedPath> b);

/// A `step` statement of a train block.
struct StepPlan {
  const ast::StepStmt *statement = nullptr;
  const ast::TrainDecl *train = nullptr;
  const ast::ObjectiveDecl *objective = nullptr;
  /// Statics of the objective.
  llvm::ArrayRef<ast::Item> statics;
  unsigned index = 0;
  /// Rows of a batch; 0 without data.
  int64_t batch = 0;
  /// What it moves: as written after its own `over`, or after the one of the objective's only line.
  std::vector<MovedPath> over;
  /// The optimiser, and the arguments of clip and accumulate.
  const ast::Expr *optimizer = nullptr;
  const ast::Expr *clip = nullptr;
  int64_t accumulate = 1;
  /// Parameters with a gradient, once its function is built.
  std::vector<Variable *> moved;
  /// Of learn.program; null before its objective and optimiser are known.
  learn::StepOp op;

  std::string gradientName() const { return "grad." + std::to_string(index); }
  std::string updateName() const { return "update." + std::to_string(index); }
};

/// An estimator that a gradient is built with instead of what is written.
struct AlternativeEstimator {
  learn::EstimatorKind kind;
  llvm::StringRef suffix;
  EstimatorChoice choice;
};

/// What the parts of the translation share.
class ProgramContext {
public:
  ProgramContext(const ast::File &file, Body &body, learn::ProgramOp program);

  const ast::File &file;
  Body &body;
  Diagnostics &diags;
  learn::ProgramOp program;
  /// Builds what stands in it.
  mlir::OpBuilder build;
  /// In use somewhere, in the order in which they were met.
  llvm::SetVector<const VocabInfo *> vocabs;
  std::vector<StepPlan> steps;
  /// Parameters that some objective could move.
  llvm::DenseSet<const Variable *> movable;
  /// Parameters that some optimised value depends on, moved or not.
  llvm::DenseSet<const Variable *> reached;

  /// The declaration of that kind and name in the file.
  template <typename T> const T *find(llvm::StringRef name) const {
    for (const ast::Decl *decl : file.decls)
      if (auto *found = llvm::dyn_cast<T>(decl); found && found->name.text == name)
        return found;
    return nullptr;
  }
  mlir::Location location(SourceRange range) const { return body.location(range); }
  mlir::ModuleOp module() const { return body.program.module; }
  /// The symbol of a vocabulary: its name, unless another declaration has it.
  mlir::FlatSymbolRefAttr symbolOf(const VocabInfo &vocab);
  mlir::FlatSymbolRefAttr symbolOf(llvm::StringRef name) {
    return mlir::FlatSymbolRefAttr::get(build.getContext(), name);
  }
  mlir::StringAttr text(const llvm::Twine &text) { return build.getStringAttr(text); }
  /// Null where the text is empty.
  mlir::StringAttr textOrNull(llvm::StringRef text) {
    return text.empty() ? mlir::StringAttr() : this->text(text);
  }
  /// The data set that a declared type names, or null.
  const DataInfo *dataOf(const ast::Type &type);
  /// Gives the sizes in brackets of the body that is being built their values: `given`, else -D,
  /// else the default.
  bool bindStatics(const ast::CallableDecl &decl, const Statics &given);
  /// Binds `batch: digits[B]`; a B that nothing fixes becomes `rows`. Returns the number of rows.
  std::optional<int64_t> bindBatch(const ast::Parameter &parameter, const DataInfo &data,
                                   int64_t rows);
  /// Binds a parameter of the body to an argument of the function.
  Tensor bindArgument(const ast::Parameter &parameter, const TensorType &type, learn::ArgKind kind);
  /// Whether the command line would take the value for a flag of that type.
  bool fitsFlag(const Value &value, const TensorType &type);
  /// The flag of a parameter; null after an error.
  learn::FlagOp flag(const ast::Parameter &parameter, const TensorType &type,
                     learn::Transform transform = learn::Transform::plain);
  /// Number, boolean or text as an attribute; null if it is none of these.
  mlir::Attribute scalar(const Value &value);
  /// Whether the path after an `over` begins with a net that can be moved.
  bool checkMovable(const ast::Path &path);
  /// Whether -D SCOPE.NAME is used by a static of some body.
  bool isStaticDefine(llvm::StringRef name) const;

private:
  /// Symbols of vocabularies, and all names that are taken.
  llvm::DenseMap<const VocabInfo *, std::string> vocabSymbols;
  llvm::StringSet<> symbols;
};

/// Builds in a region of an op while it lives.
class Inside {
public:
  Inside(ProgramContext &context, mlir::Region &region) : guard(context.build) {
    context.build.createBlock(&region);
  }

private:
  mlir::OpBuilder::InsertionGuard guard;
};

/// A place to evaluate compile-time things in: a function that is thrown away.
class StaticRoot {
public:
  StaticRoot(ProgramContext &context, llvm::StringRef path);
  ~StaticRoot();

private:
  FunctionContext function;
  std::optional<Root> root;
};

/// A column of text: its name in the header, or its position where that is empty.
struct TextColumn {
  std::string header;
  int64_t column = 0;
};

/// Vocabularies and data sets, and the functions `load.*`.
class DataTranslator {
public:
  explicit DataTranslator(ProgramContext &context) : context(context) {}
  void vocabs();
  void dataSets();

private:
  struct Sources;
  void vocab(const VocabInfo &vocab);
  std::vector<TextColumn> columnsOf(const VocabInfo &vocab, llvm::StringRef path);
  void dataSet(const DataInfo &data);
  bool source(const ast::Ident &reader, llvm::ArrayRef<ast::Arg> args, llvm::StringRef prefix,
              Sources &names);
  bool holdout(const ast::DataDecl &decl);
  bool field(const DataInfo &data, const FieldInfo &field, const Sources &sources);
  bool textField(const DataInfo &data, const FieldInfo &field, const Sources &sources);
  bool numberField(const DataInfo &data, const FieldInfo &field, const Sources &sources);

  ProgramContext &context;
};

/// Train blocks. Fills in ProgramContext::steps.
class TrainTranslator {
public:
  explicit TrainTranslator(ProgramContext &context) : context(context) {}
  void commands();

private:
  /// A number, or a flag that says it.
  struct Count {
    mlir::Value flag;
    mlir::IntegerAttr number;
  };
  struct Loop {
    const DataInfo *data;
    int64_t batch;
  };
  void command(const ast::TrainDecl &decl);
  bool statements(const ast::TrainBlock &block);
  bool body(const ast::TrainBlock &block, mlir::Region &region);
  bool statement(const ast::TrainStmt &statement);
  bool loop(const ast::ForStmt &statement);
  bool loopData(const ast::Expr &written);
  bool repeat(const ast::TrainRepeatStmt &statement);
  bool every(const ast::EveryStmt &statement);
  bool step(const ast::StepStmt &statement);
  bool validate(const ast::ValidateStmt &statement);
  bool run(const ast::RunStmt &statement);
  mlir::DictionaryAttr runArguments(const ast::EntryDecl &entry, llvm::ArrayRef<ast::Arg> args,
                                    SourceRange range);
  std::optional<Count> count(const ast::Expr &expr);
  bool planObjective(StepPlan &plan);
  bool planBatch(StepPlan &plan);
  bool planOver(StepPlan &plan);
  bool planOptimizer(StepPlan &plan);

  ProgramContext &context;
  const ast::TrainDecl *train = nullptr;
  llvm::StringMap<mlir::Value> flags;
  std::vector<Loop> loops;
  unsigned depth = 0;
};

/// Objectives, and the functions `grad.*` and `eval.*`.
class ObjectiveTranslator {
public:
  explicit ObjectiveTranslator(ProgramContext &context) : context(context) {}
  void buildGradients();
  void objectives();
  /// The lines that training has once static `if`s are decided; nothing after errors.
  std::optional<llvm::SmallVector<const ast::OptimizeStmt *>> keptLines(const StepPlan &step);

private:
  void objective(const ast::ObjectiveDecl &decl);
  bool evaluation(const ast::ObjectiveDecl &decl, learn::ObjectiveOp op);
  bool buildGradient(StepPlan &step, const AlternativeEstimator *alternative = nullptr);
  void buildAlternatives();
  void warnMovedOften(FunctionContext &fn);
  /// A function of an evaluation, and the rows of its batch.
  struct Evaluation {
    mlir::func::FuncOp function;
    int64_t rows;
  };
  std::optional<Evaluation> buildEvaluation(const ast::ObjectiveDecl &decl, llvm::StringRef name,
                                            int64_t rows, bool resize);
  SplitEvaluation splitRows(const ast::ObjectiveDecl &decl, Evaluation evaluation);
  bool buildSingle(const ast::ObjectiveDecl &decl, llvm::StringRef name);
  int64_t evaluationRows(const ast::ObjectiveDecl &decl, const DataInfo *data) const;
  /// Binds what the signature names and elaborates the body. Returns the number of rows.
  std::optional<int64_t> elaborate(const ast::ObjectiveDecl &decl, const Statics &statics,
                                   FunctionContext &fn, int64_t rows, Evidence &evidence);
  bool checkOutputs(const ast::ObjectiveDecl &decl, FunctionContext &fn, const Evidence &evidence);
  const Outputs::Optimized *pickLine(const StepPlan &step, FunctionContext &fn);
  void differentiate(StepPlan &step, FunctionContext &fn, const Outputs::Optimized &line);
  void markMovable(FunctionContext &fn);
  bool checkDistinct(llvm::ArrayRef<Outputs::Optimized> lines);
  bool checkReached(FunctionContext &fn);
  void warnUnstepped(const ast::ObjectiveDecl &decl);
  std::string lossName(const ast::ObjectiveDecl &decl, const FunctionContext &fn,
                       const ast::OptimizeStmt &statement);
  void addReports(const ast::ObjectiveDecl &decl, FunctionContext &fn);

  ProgramContext &context;
  using Lines = llvm::SetVector<const ast::OptimizeStmt *>;
  /// The lines of static branches that are kept, in training and in evaluation.
  llvm::DenseMap<const ast::ObjectiveDecl *, Lines> trained, judged;
  /// Bodies with errors are not elaborated again.
  llvm::DenseSet<const ast::ObjectiveDecl *> broken;
};

/// The functions `update.*`: one optimiser instance a parameter, and the averages that follow it.
class UpdateTranslator {
public:
  explicit UpdateTranslator(ProgramContext &context) : context(context) {}
  void buildUpdates();

private:
  bool buildUpdate(const StepPlan &step);
  void bindFlags(const StepPlan &step);
  bool applyOptimizer(const StepPlan &step, FunctionContext &fn,
                      llvm::MapVector<Variable *, Tensor> &results);
  /// The new value of one parameter.
  std::optional<Tensor> moved(Variable &variable, const StepPlan &step, Call call);
  std::optional<Tensor> clipFactor(const StepPlan &step, FunctionContext &fn);
  Tensor gradientOf(Variable &variable, FunctionContext &fn);
  Tensor tensorOf(Variable &variable, FunctionContext &fn);
  void addRate(const ast::FunctionDecl &layer, llvm::ArrayRef<Argument> arguments,
               FunctionContext &fn);
  void follow(const StepPlan &step, FunctionContext &fn,
              llvm::MapVector<Variable *, Tensor> &results);

  ProgramContext &context;
};

/// Entries, and the functions `entry.*`.
class EntryTranslator {
public:
  explicit EntryTranslator(ProgramContext &context) : context(context) {}
  void entries();

private:
  struct Signature;
  void entry(const ast::EntryDecl &decl);
  bool checkFields(const ast::EntryDecl &decl);
  bool bindParameters(const ast::EntryDecl &decl, FunctionContext &fn, Signature &signature);
  bool bindParameter(const ast::Parameter &parameter, FunctionContext &fn, Signature &signature);
  learn::FlagOp flag(const ast::Parameter &parameter, const TensorType &type);
  std::optional<learn::Transform> transformOf(const ast::Parameter &parameter,
                                              const TensorType &type);
  bool shows(const ast::EntryDecl &decl, FunctionContext &fn);
  bool show(const Outputs::Shown &shown, llvm::StringRef result, llvm::ArrayRef<Dim> rows,
            FunctionContext &fn);

  ProgramContext &context;
};

/// Parameters and states, and what is to say about all parameters together.
class ParameterTranslator {
public:
  explicit ParameterTranslator(ProgramContext &context) : context(context) {}
  void variables();
  void checkNets();

private:
  void variable(const Variable &variable);
  SourceRange placeOf(const Variable &variable) const;
  void warnUnmoved();

  ProgramContext &context;
};

/// Commands and flags that would have one name.
class NameCheck {
public:
  explicit NameCheck(ProgramContext &context) : context(context) {}
  void check();

private:
  void report(const ast::Ident &name, const llvm::Twine &message, SourceRange other);
  void command(llvm::StringRef name, SourceRange range);
  void parameters(llvm::ArrayRef<ast::Parameter> parameters, bool readsData, bool trains);

  ProgramContext &context;
  llvm::StringMap<SourceRange> commands;
  llvm::StringSet<> files;
};

/// Of an average (`ema`): the variable that this one follows; null otherwise.
Variable *followed(const Registry &registry, const Variable &variable);
/// Takes `ended( )` or `framed( )` off an expression.
learn::Transform takeTransform(const ast::Expr *&expr);
/// `columns[k]` or a name, if the expression is one.
std::optional<TextColumn> textColumn(Body &body, const ast::Expr *from);
/// Whether the command line may leave a parameter out: `ended(text)` says how it is read only.
const ast::Expr *defaultOf(const ast::Parameter &parameter);
/// The text of a source's argument, if it is one.
std::optional<std::string> fileName(Body &body, const ast::Expr *expr);
/// Draws whose parameters do not depend on what a gradient of the function is taken in become plain
/// draws.
void dropNeedlessEstimators(mlir::func::FuncOp function);
/// The norm of tensors together: sqrt of the sum of squares.
mlir::Value globalNorm(TensorBuilder &build, llvm::ArrayRef<Tensor> tensors);

} // namespace nnc

#endif
