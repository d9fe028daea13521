/// From the ops of learn.program to the records that the runtime reads.
#include "compiler/LLVM/ProgramConstant.h"
#include "compiler/Target/Target.h"
#include "runtime/contract/Json.h"
#include "llvm/ADT/TypeSwitch.h"

namespace nnc {
namespace {

/// The runtime's enumerator of a word of the dialect: the two have the same words.
template <typename Enum> Enum same(llvm::StringRef word) {
  std::optional<Enum> found = nnrt::enumOf<Enum>(std::string_view(word.data(), word.size()));
  if (!found)
    llvm::reportFatalInternalError("the runtime has no word '" + word + "'");
  return *found;
}

std::string text(std::optional<llvm::StringRef> value) { return value.value_or("").str(); }

template <typename Record, typename Ops, typename Make>
std::vector<Record> each(Ops &&ops, Make make) {
  std::vector<Record> records;
  for (auto op : ops)
    records.push_back(make(op));
  return records;
}

nnrt::DType dtypeOf(mlir::Type type) {
  mlir::Type element = mlir::cast<mlir::ShapedType>(type).getElementType();
  if (element.isF64())
    return nnrt::DType::F64;
  if (element.isF32())
    return nnrt::DType::F32;
  if (element.isInteger(64))
    return nnrt::DType::I64;
  return element.isInteger(32) ? nnrt::DType::I32 : nnrt::DType::Bool;
}

void describe(nnrt::Tensor &tensor, llvm::StringRef name, mlir::Type type) {
  tensor.name = name.str();
  tensor.dtype = dtypeOf(type);
  tensor.shape = mlir::cast<mlir::ShapedType>(type).getShape().vec();
}

nnrt::Scalar scalarOf(mlir::Attribute attribute) {
  return llvm::TypeSwitch<mlir::Attribute, nnrt::Scalar>(attribute)
      .Case([](mlir::BoolAttr boolean) { return boolean.getValue(); })
      .Case([](mlir::IntegerAttr whole) { return whole.getInt(); })
      .Case([](mlir::FloatAttr real) { return real.getValueAsDouble(); })
      .Case([](mlir::StringAttr string) { return string.str(); });
}

template <typename Op> nnrt::Variable variableOf(Op op, nnrt::VariableRole role) {
  nnrt::Variable record;
  describe(record, op.getSymName(), op.getType());
  record.role = role;
  record.net = text(op.getNet());
  if (op.getPath())
    record.from = {op.getPath()->str(), op.getKey()->str(), op.getFlag()->str()};
  return record;
}

nnrt::FlagDecl flagOf(learn::FlagOp op) {
  nnrt::FlagDecl record;
  describe(record, op.getName(), op.getType());
  record.vocab = text(op.getVocab());
  if (op.getFallback())
    record.preset = scalarOf(*op.getFallback());
  if (op.getBound())
    record.bound = *op.getBound();
  record.transform = same<nnrt::Transform>(learn::stringifyTransform(op.getTransform()));
  return record;
}

//===--- Data ----------------------------------------------------------------------------===//

nnrt::VocabDecl vocabOf(learn::VocabOp op) {
  auto corpus = [](learn::CorpusOp file) {
    return nnrt::VocabSource{same<nnrt::SourceKind>(learn::stringifySourceKind(file.getKind())),
                             file.getPath().str(), file.getFlag().str(), int64_t(file.getColumn()),
                             text(file.getHeader())};
  };
  return {op.getSymName().str(), same<nnrt::VocabKind>(learn::stringifyVocabKind(op.getKind())),
          int64_t(op.getSize()), each<nnrt::VocabSource>(op.getOps<learn::CorpusOp>(), corpus)};
}

nnrt::Source sourceOf(learn::SourceOp op) {
  auto item = [](learn::FileOp file) {
    return nnrt::SourceItem{text(file.getName()), file.getPath().str(), file.getFlag().str()};
  };
  return {same<nnrt::SourceKind>(learn::stringifySourceKind(op.getKind())),
          each<nnrt::SourceItem>(op.getOps<learn::FileOp>(), item)};
}

nnrt::FieldInput inputOf(learn::InputAttr input) {
  nnrt::FieldInput record;
  record.kind = same<nnrt::InputKind>(learn::stringifyInputKind(input.getKind()));
  record.name = learn::argumentOf(input).str();
  record.first = input.getFirst();
  return record;
}

/// Nothing of ops of a data set that are no field.
std::optional<nnrt::Field> fieldOf(mlir::Operation &op, mlir::ModuleOp module,
                                   learn::ProgramOp program) {
  nnrt::Field record;
  auto describeField = [&](auto field, nnrt::FieldKind kind) {
    nnrt::Tensor tensor;
    describe(tensor, field.getName(), field.getType());
    record.name = tensor.name;
    record.dtype = tensor.dtype;
    record.shape = tensor.shape;
    record.kind = kind;
  };
  if (auto field = llvm::dyn_cast<learn::TextFieldOp>(op)) {
    describeField(field, nnrt::FieldKind::Text);
    record.vocab = field.getVocab().str();
    record.bound = mlir::SymbolTable::lookupSymbolIn(program, field.getVocabAttr())
                       ->getAttrOfType<mlir::IntegerAttr>("size")
                       .getInt();
    record.transform = same<nnrt::Transform>(learn::stringifyTransform(field.getTransform()));
    record.inputs = {inputOf(field.getInput())};
    return record;
  }
  auto field = llvm::dyn_cast<learn::FieldOp>(op);
  if (!field)
    return std::nullopt;
  describeField(field, nnrt::FieldKind::Function);
  record.function = field.getFunction().str();
  record.direct = field.getDirect();
  if (field.getBound())
    record.bound = *field.getBound();
  auto load = module.lookupSymbol<mlir::func::FuncOp>(field.getFunction());
  llvm::SmallVector<int64_t> elements;
  for (const learn::Binding &binding : learn::bindingsOf(load))
    if (binding.kind == learn::ArgKind::input)
      elements.push_back(mlir::cast<mlir::ShapedType>(binding.type).getNumElements());
  for (auto [input, count] :
       llvm::zip(field.getInputs().getAsRange<learn::InputAttr>(), elements)) {
    record.inputs.push_back(inputOf(input));
    record.inputs.back().elements = count;
  }
  return record;
}

nnrt::DataDecl dataOf(learn::DataOp op, mlir::ModuleOp module, learn::ProgramOp program) {
  nnrt::DataDecl record;
  record.name = op.getSymName().str();
  record.sources = each<nnrt::Source>(op.getOps<learn::SourceOp>(), sourceOf);
  for (learn::HoldoutOp holdout : op.getOps<learn::HoldoutOp>()) {
    if (holdout.getFraction())
      record.holdoutFraction = holdout.getFraction()->convertToDouble();
    record.holdoutSources =
        each<nnrt::Source>(holdout.getBody().getOps<learn::SourceOp>(), sourceOf);
  }
  for (mlir::Operation &child : op.getBody().front())
    if (std::optional<nnrt::Field> field = fieldOf(child, module, program))
      record.fields.push_back(std::move(*field));
  return record;
}

//===--- The schedule ----------------------------------------------------------------------===//

template <typename Op> nnrt::Count countOf(Op op) {
  nnrt::Count record;
  if (op.getFlag())
    record.flag = op.getFlag().template getDefiningOp<learn::FlagOp>().getName().str();
  else
    record.value = static_cast<double>(*op.getCount());
  return record;
}

std::vector<nnrt::Statement> statementsOf(mlir::Region &body);

nnrt::Statement stepOf(learn::StepOp op) {
  nnrt::Statement record;
  record.op = nnrt::StatementOp::Step;
  record.objective = op.getObjective().str();
  for (mlir::Attribute path : op.getOver())
    record.over.push_back(mlir::cast<mlir::StringAttr>(path).str());
  record.gradient = op.getGradient().str();
  record.update = op.getUpdate().str();
  record.accumulate = op.getAccumulate();
  return record;
}

nnrt::Statement runOf(learn::RunOp op) {
  nnrt::Statement record;
  record.op = nnrt::StatementOp::Run;
  record.entry = op.getEntry().str();
  if (mlir::DictionaryAttr arguments = op.getArgumentsAttr())
    for (mlir::NamedAttribute given : arguments)
      record.args.push_back({given.getName().str(), scalarOf(given.getValue())});
  return record;
}

template <typename Op> nnrt::Statement loopOf(Op op, nnrt::StatementOp kind) {
  nnrt::Statement record;
  record.op = kind;
  record.count = countOf(op);
  if constexpr (!std::is_same_v<Op, learn::RepeatOp>)
    record.unit = same<nnrt::CountUnit>(learn::stringifyCountUnit(op.getUnit()));
  record.body = statementsOf(op.getBody());
  return record;
}

/// Nothing of flags, which are no statements.
std::optional<nnrt::Statement> statementOf(mlir::Operation &op) {
  using Made = std::optional<nnrt::Statement>;
  return llvm::TypeSwitch<mlir::Operation *, Made>(&op)
      .Case([](learn::ForOp loop) -> Made {
        nnrt::Statement record = loopOf(loop, nnrt::StatementOp::For);
        if (loop.getData())
          record.data = {loop.getData()->str(), int64_t(*loop.getBatch())};
        return record;
      })
      .Case([](learn::RepeatOp loop) -> Made { return loopOf(loop, nnrt::StatementOp::Repeat); })
      .Case([](learn::EveryOp loop) -> Made { return loopOf(loop, nnrt::StatementOp::Every); })
      .Case([](learn::StepOp step) -> Made { return stepOf(step); })
      .Case([](learn::ValidateOp validate) -> Made {
        nnrt::Statement record;
        record.op = nnrt::StatementOp::Validate;
        record.objective = validate.getObjective().str();
        if (validate.getFlag() || validate.getCount())
          record.rows = countOf(validate);
        return record;
      })
      .Case([](learn::RunOp run) -> Made { return runOf(run); })
      .Default([](mlir::Operation *) { return Made(); });
}

std::vector<nnrt::Statement> statementsOf(mlir::Region &body) {
  std::vector<nnrt::Statement> records;
  for (mlir::Operation &op : body.getOps())
    if (std::optional<nnrt::Statement> statement = statementOf(op))
      records.push_back(std::move(*statement));
  return records;
}

//===--- Objectives and entries --------------------------------------------------------------===//

nnrt::EstimatorKind estimatorOf(learn::EstimatorKind kind) {
  switch (kind) {
  case learn::EstimatorKind::reparam:
    return nnrt::EstimatorKind::Reparam;
  case learn::EstimatorKind::score:
    return nnrt::EstimatorKind::Score;
  case learn::EstimatorKind::score_alone:
    return nnrt::EstimatorKind::ScoreAlone;
  case learn::EstimatorKind::enumerate:
    return nnrt::EstimatorKind::Enumerate;
  }
}

/// The gradient of a step, as check-grad looks at it.
nnrt::CheckDecl checkOf(learn::StepOp step, learn::ObjectiveOp objective, mlir::ModuleOp module) {
  nnrt::CheckDecl record;
  record.rows = step.getBatch(objective);
  record.function = step.getGradient().str();
  record.maximize = step.getMaximize();
  for (const learn::Binding &binding :
       learn::bindingsOf(module.lookupSymbol<mlir::func::FuncOp>(step.getGradient())))
    if (binding.kind == learn::ArgKind::loss)
      record.loss = binding.name.str();
    else if (binding.kind == learn::ArgKind::gradient)
      record.params.push_back(binding.name.str());
  if (step.getEstimators())
    for (auto estimator : step.getEstimators()->getAsRange<learn::EstimatorAttr>())
      record.estimators.push_back(
          {estimatorOf(estimator.getKind()), estimator.getFunction().getValue().str()});
  return record;
}

nnrt::Objective objectiveOf(learn::ObjectiveOp op, mlir::ModuleOp module,
                            learn::ProgramOp program) {
  nnrt::Objective record;
  record.name = op.getSymName().str();
  record.data = text(op.getData());
  record.maximize = op.getMaximize();
  if (op.getEvaluate())
    record.eval = {int64_t(*op.getRows()), op.getEvaluate()->str(), text(op.getSingle()),
                   text(op.getFinish())};
  program.walk([&](learn::StepOp step) {
    if (step.getObjective() == op.getSymName())
      record.checks.push_back(checkOf(step, op, module));
  });
  return record;
}

nnrt::Entry entryOf(learn::EntryOp op) {
  nnrt::Entry record;
  record.name = op.getSymName().str();
  record.doc = text(op.getDoc());
  record.function = op.getFunction().str();
  record.flags = each<nnrt::FlagDecl>(op.getOps<learn::FlagOp>(), flagOf);
  if (op.getData())
    record.data = {{op.getData()->str(), int64_t(*op.getRows())}, op.getEvery()};
  for (learn::FlagOp flag : op.getOps<learn::FlagOp>())
    if (flag.getRepeated())
      record.repeat = flag.getName().str();
  record.shows = each<nnrt::ShowDecl>(op.getOps<learn::ShowOp>(), [](learn::ShowOp show) {
    return nnrt::ShowDecl{show.getName().str(),
                          show.getResultName().str(),
                          same<nnrt::ShowKind>(learn::stringifyShowKind(show.getKind())),
                          show.getRow(),
                          show.getColour(),
                          text(show.getVocab())};
  });
  return record;
}

//===--- Functions and the machine
//-------------------------------------------------------------===//

nnrt::Function functionOf(mlir::func::FuncOp op) {
  nnrt::Function record;
  record.name = op.getName().str();
  for (const learn::Binding &binding : learn::bindingsOf(op)) {
    nnrt::Arg &arg = record.args.emplace_back();
    describe(arg, binding.name, binding.type);
    arg.kind = same<nnrt::ArgKind>(learn::stringifyArgKind(binding.kind));
    if (binding.combiner)
      arg.combiner = same<nnrt::Combiner>(learn::stringifyCombiner(*binding.combiner));
  }
  if (auto asserts = op->getAttrOfType<mlir::ArrayAttr>("nn.asserts"))
    for (auto one : asserts.getAsRange<mlir::DictionaryAttr>())
      record.asserts.push_back({one.getAs<mlir::StringAttr>("message").str(),
                                one.getAs<mlir::IntegerAttr>("line").getInt()});
  return record;
}

/// The vector extension that the code is made for, for a reader of `info`; the name of a CPU that
/// was asked for says it.
std::string describeFeatures(const Target &target, llvm::StringRef cpu) {
  if (cpu == "native")
    for (llvm::StringRef feature : {"avx512f", "avx2", "avx"})
      if (target.has(feature))
        return feature.str();
  return target.cpu;
}

/// The sets of instructions that LLVM may use in code for a CPU; the runtime asks for each.
std::vector<std::string> instructionSets(const Target &target) {
  std::vector<std::string> sets;
  for (llvm::StringRef set : {"sse3",       "ssse3",      "sse4.1",       "sse4.2",
                              "sse4a",      "popcnt",     "avx",          "avx2",
                              "fma",        "bmi",        "bmi2",         "lzcnt",
                              "movbe",      "f16c",       "gfni",         "avxvnni",
                              "avx512f",    "avx512bw",   "avx512cd",     "avx512dq",
                              "avx512vl",   "avx512ifma", "avx512vbmi",   "avx512vbmi2",
                              "avx512vnni", "avx512bf16", "avx512bitalg", "avx512vpopcntdq",
                              "avx512fp16"})
    if (target.has(set))
      sets.push_back(set.str());
  return sets;
}

} // namespace

llvm::SmallVector<mlir::func::FuncOp> programFunctions(mlir::ModuleOp module) {
  return llvm::to_vector(
      llvm::make_filter_range(module.getOps<mlir::func::FuncOp>(), [](mlir::func::FuncOp function) {
        return learn::arenaBytes(function).has_value();
      }));
}

std::string writeProgramConstant(learn::ProgramOp program, int64_t scratchBytes,
                                 llvm::StringRef cpu) {
  auto module = program->getParentOfType<mlir::ModuleOp>();
  Target target = Target::forCpu(cpu);
  nnrt::ProgramConstant record;
  record.version = nnrt::constantVersion;
  record.name = program.getTitle().str();
  record.hash = program.getHash().str();
  record.real = program.getReal().isF64() ? nnrt::DType::F64 : nnrt::DType::F32;
  record.cpu = target.cpu;
  record.features = describeFeatures(target, cpu);
  record.instructions = instructionSets(target);
  record.scratch = scratchBytes;
  for (mlir::func::FuncOp function : programFunctions(module)) {
    record.arena = std::max<uint64_t>(record.arena, *learn::arenaBytes(function));
    record.functions.push_back(functionOf(function));
  }
  record.params = each<nnrt::Variable>(program.getOps<learn::ParamOp>(), [](learn::ParamOp op) {
    return variableOf(op, nnrt::VariableRole::Parameter);
  });
  record.states = each<nnrt::Variable>(program.getOps<learn::StateOp>(), [](learn::StateOp op) {
    return variableOf(op, op.getOptimizer() ? nnrt::VariableRole::Optimizer
                                            : nnrt::VariableRole::Running);
  });
  record.vocabs = each<nnrt::VocabDecl>(program.getOps<learn::VocabOp>(), vocabOf);
  record.data = each<nnrt::DataDecl>(program.getOps<learn::DataOp>(),
                                     [&](learn::DataOp op) { return dataOf(op, module, program); });
  record.commands = each<nnrt::Command>(program.getOps<learn::TrainOp>(), [](learn::TrainOp op) {
    return nnrt::Command{op.getName().str(),
                         each<nnrt::FlagDecl>(op.getOps<learn::FlagOp>(), flagOf),
                         statementsOf(op.getBody())};
  });
  record.objectives =
      each<nnrt::Objective>(program.getOps<learn::ObjectiveOp>(), [&](learn::ObjectiveOp op) {
        return objectiveOf(op, module, program);
      });
  record.entries = each<nnrt::Entry>(program.getOps<learn::EntryOp>(), entryOf);
  return nnrt::JsonWriter::write(record);
}

} // namespace nnc
