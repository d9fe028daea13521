/// Set-up of the elaborator, roots, lookup.
#include "compiler/Elaborate/Elaborator.h"
#include "compiler/Elaborate/Builtins/Builtins.h"
#include "compiler/Syntax/Habits.h"
#include "llvm/Support/SourceMgr.h"
#include <numbers>

namespace nnc {

Elaborator::Elaborator(mlir::ModuleOp module, Diagnostics &diags, ElaborationOptions options)
    : module(module), diags(diags), options(std::move(options)),
      build(module.getContext(), this->options.real64) {
  init = std::make_unique<FunctionContext>(module, "init.params", build.loc);
  fn = init.get();
  build.builder = &fn->builder;
}

Elaborator::~Elaborator() = default;

Elaborator::Root::Root(Elaborator &elaborator, FunctionContext &fn, FileScope &file,
                       llvm::StringRef path, bool training)
    : scope(nullptr), elaborator(elaborator), savedFunction(elaborator.fn),
      savedFrame(elaborator.frame), savedScope(elaborator.scope),
      savedBuilder(elaborator.build.builder), savedDepth(std::exchange(elaborator.bracketDepth, 0)),
      savedCondition(std::exchange(elaborator.inCondition, false)) {
  frame.file = &file;
  frame.path = path.str();
  frame.training = training;
  elaborator.fn = &fn;
  elaborator.frame = &frame;
  elaborator.scope = &scope;
  elaborator.build.builder = &fn.builder;
}

Elaborator::Root::~Root() {
  elaborator.fn = savedFunction;
  elaborator.frame = savedFrame;
  elaborator.scope = savedScope;
  elaborator.build.builder = savedBuilder;
  elaborator.bracketDepth = savedDepth;
  elaborator.inCondition = savedCondition;
}

mlir::Location Elaborator::location(SourceRange range) const {
  if (!range.isValid())
    return mlir::UnknownLoc::get(build.context);
  llvm::SourceMgr &sources = diags.sourceMgr();
  unsigned buffer = sources.FindBufferContainingLoc(range.begin);
  if (!buffer)
    return mlir::UnknownLoc::get(build.context);
  auto [line, column] = sources.getLineAndColumn(range.begin, buffer);
  mlir::Location place = mlir::FileLineColLoc::get(
      build.context, sources.getMemoryBuffer(buffer)->getBufferIdentifier(), line, column);
  // What stands in another file (the prelude) also says where the program called it.
  const Frame *outer = nullptr;
  for (const Frame *at = frame; at && at->caller && at->file != main; at = at->caller)
    outer = at;
  if (!outer || !outer->calledAt.isValid() ||
      sources.FindBufferContainingLoc(outer->calledAt.begin) == buffer)
    return place;
  return mlir::CallSiteLoc::get(place, location(outer->calledAt));
}

SourceRange Elaborator::callInFile(const FileScope &file) const {
  for (const Frame *at = frame; at && at->caller; at = at->caller)
    if (at->caller->file == &file)
      return at->calledAt;
  return {};
}

//===--- Lookup -----------------------------------------------------------------===//

std::optional<Binding> Elaborator::lookupQuietly(llvm::StringRef name) {
  if (Binding *binding = scope ? scope->find(name) : nullptr)
    return *binding;
  FileScope *file = frame ? frame->file : main;
  auto [owner, declared] = findDeclared(*file, name);
  if (declared)
    return evaluateDeclared(*owner, name, *declared);
  if (const Builtin *builtin = findBuiltin(name))
    return Binding{BindingKind::Function, BuiltinReference{builtin->name}, {}, nullptr};
  return std::nullopt;
}

std::optional<Binding> Elaborator::lookup(llvm::StringRef name, SourceRange use) {
  if (auto binding = predeclared(name, use))
    return binding;
  auto binding = lookupQuietly(name);
  if (!binding)
    reportUnknown(name, use);
  return binding;
}

std::optional<Binding> Elaborator::predeclared(llvm::StringRef name, SourceRange use) {
  auto value = [](Value v) { return Binding{BindingKind::Const, std::move(v), {}, nullptr}; };
  if (name == "pi")
    return value(Value::real(std::numbers::pi));
  if (name == "inf")
    return value(Value::real(std::numeric_limits<double>::infinity()));
  if (name == "training")
    return value(Value::boolean(frame->training));
  if (name == "evidence")
    return value(readEvidence(use));
  if (name == "iteration" || name == "progress") {
    auto type = build.type(Element::F32, {});
    return value(build.make(Element::F32, {}, fn->argument(name, "", type)));
  }
  return std::nullopt;
}

Value Elaborator::readEvidence(SourceRange use) {
  if (!fn->evidence) {
    diags.error(Code::MisplacedName, use, "`evidence` is known in an objective only");
    return {};
  }
  Evidence &evidence = *fn->evidence;
  if (!evidence.sites || !evidence.sum) {
    // A site that has an error of its own is not there.
    if (diags.hasErrors())
      return {};
    diags.error(Code::EmptyEvidence, use, "nothing has been scored before `evidence` is read")
        .help("score a value with `observe x ~ D` or `z ~ D given y` before this line");
    return {};
  }
  evidence.readAt = use;
  return build.make(Element::F32, {evidence.batch}, evidence.sum);
}

void Elaborator::reportUnknown(llvm::StringRef name, SourceRange use) {
  llvm::SmallVector<llvm::StringRef> names;
  if (scope)
    scope->collect(names);
  for (FileScope *file = frame ? frame->file : main; file; file = file->prelude) {
    for (auto &entry : file->declared)
      names.push_back(entry.first);
    for (FileScope *import : file->imports)
      for (auto &entry : import->declared)
        names.push_back(entry.first);
  }
  for (const Builtin &builtin : allBuiltins())
    names.push_back(builtin.name);
  llvm::append_range(names, llvm::ArrayRef<llvm::StringRef>{"training", "evidence", "iteration",
                                                            "progress", "pi", "inf"});
  auto error = diags.error(Code::UnknownName, use, "`" + name + "` is not defined here");
  error.here("not defined");
  for (Habit where : {Habit::Name, Habit::Module})
    if (llvm::StringRef known = habit(where, name); !known.empty()) {
      error.help(known);
      return;
    }
  if (llvm::StringRef near = nearestName(name, names); !near.empty())
    error.help("did you mean `" + near + "`?");
}

Value Elaborator::materialise(const Binding &binding, llvm::StringRef name) {
  if (!binding.variable)
    return binding.value;
  const Tensor *tensor = binding.value.tensor();
  if (!tensor)
    return binding.value;
  Tensor result = *tensor;
  if (mlir::Value moved = fn->moved.lookup(binding.variable))
    result.value = moved;
  else
    result.value = fn->argument(binding.variable->running ? "state" : "param",
                                binding.variable->path, build.type(*tensor), binding.variable);
  return result;
}

Dim Elaborator::toRoot(Dim dim, const Frame *from) const {
  auto &table = const_cast<Dims &>(dimTable);
  for (const Frame *at = from; at && at->caller; at = at->caller)
    dim = table.substitute(table.substitute(dim, at->ties), at->toCaller);
  return dim;
}

const VocabInfo *Elaborator::vocabOf(const Dim &size) const {
  Dim root = toRoot(tied(size), frame);
  const VocabInfo *found = nullptr;
  if (root.isNameless())
    return nullptr;
  for (auto &file : files)
    for (auto &vocab : file->vocabs) {
      if (!(vocab->size == root))
        continue;
      if (found)
        return nullptr;
      found = vocab.get();
    }
  return found;
}

bool Elaborator::sameShape(llvm::ArrayRef<Dim> a, llvm::ArrayRef<Dim> b) const {
  if (a.size() != b.size())
    return false;
  for (auto [x, y] : llvm::zip(a, b))
    if (!sameSize(x, y))
      return false;
  return true;
}

Dim Elaborator::tied(const Dim &dim) const {
  auto &table = const_cast<Dims &>(dimTable);
  Dim result = dim;
  for (const Frame *at = frame; at; at = at->caller)
    if (!at->ties.empty())
      result = table.substitute(result, at->ties);
  return result;
}

} // namespace nnc
