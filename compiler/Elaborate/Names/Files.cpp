/// Files and the names that they declare: prelude, imports, evaluation on first use.
#include "compiler/Elaborate/Elaborator.h"
#include "compiler/Syntax/Parser.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"

namespace nnc {

namespace {
struct PreludeFile {
  const char *name;
  const char *text;
};
constexpr PreludeFile preludeFiles[] = {
#include "Prelude.inc"
};
} // namespace

bool Elaborator::load(const ast::File &file) {
  unsigned before = diags.errorCount();
  llvm::SourceMgr &sources = diags.sourceMgr();
  files.push_back(std::make_unique<FileScope>(nullptr, nullptr));
  FileScope *prelude = files.back().get();
  prelude->isPrelude = true;
  for (const PreludeFile &source : preludeFiles) {
    auto buffer = llvm::MemoryBuffer::getMemBuffer(source.text, source.name);
    unsigned id = sources.AddNewSourceBuffer(std::move(buffer), {});
    ownedFiles.push_back(parseFile(sources, id, diags));
    for (const ast::Decl *decl : ownedFiles.back()->decls)
      declare(*prelude, *decl, false);
  }
  main = loadFile(file, prelude, false);
  // Every declaration of the file is looked at, used or not.
  for (auto &[name, declared] : main->declared)
    evaluateDeclared(*main, name, declared);
  return diags.errorCount() == before;
}

FileScope *Elaborator::loadFile(const ast::File &file, FileScope *prelude, bool imported) {
  files.push_back(std::make_unique<FileScope>(&file, prelude));
  FileScope *scope = files.back().get();
  for (const ast::Decl *decl : file.decls) {
    if (auto *import = llvm::dyn_cast<ast::ImportDecl>(decl)) {
      if (FileScope *other = loadImport(*scope, *import))
        scope->imports.push_back(other);
    } else {
      declare(*scope, *decl, imported);
    }
  }
  return scope;
}

FileScope *Elaborator::loadImport(FileScope &importer, const ast::ImportDecl &import) {
  llvm::SmallString<128> path(llvm::sys::path::parent_path(importer.file->path));
  llvm::sys::path::append(path, import.path);
  auto [known, isNew] = imported.try_emplace(path, nullptr);
  if (!isNew) {
    if (!known->second)
      diags.error(Code::BadImport, import.pathRange, "`" + import.path + "` imports itself");
    return known->second;
  }
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer) {
    diags.error(Code::BadImport, import.pathRange,
                "cannot read `" + import.path + "`: " + buffer.getError().message());
    return nullptr;
  }
  unsigned id = diags.sourceMgr().AddNewSourceBuffer(std::move(*buffer), {});
  ownedFiles.push_back(parseFile(diags.sourceMgr(), id, diags));
  const ast::File &file = *ownedFiles.back();
  return imported[path] = loadFile(file, importer.prelude, true);
}

void Elaborator::declareName(FileScope &scope, const ast::Ident &name, BindingKind kind,
                             const ast::Decl *decl, const ast::Constant *constant) {
  auto [place, isNew] = scope.declared.insert(
      {name.text,
       FileScope::Declared{kind, decl, constant, name.range, FileScope::Declared::Untouched, {}}});
  if (!isNew)
    diags.error(Code::DuplicateName, name.range, "`" + name.text + "` is declared twice")
        .label(place->second.where, "first declared here");
  static constexpr llvm::StringRef reserved[] = {"training", "evidence", "iteration",
                                                 "progress", "pi",       "inf"};
  if (llvm::is_contained(reserved, name.text) || (findBuiltin(name.text) && !scope.isPrelude))
    diags.error(Code::HiddenName, name.range,
                "`" + name.text + "` is predeclared and cannot be declared again");
  if (scope.prelude && scope.prelude->declared.contains(name.text))
    diags.remark(Code::RedefinedPrelude, name.range,
                 "`" + name.text + "` of the prelude is redefined for this file");
}

void Elaborator::declare(FileScope &scope, const ast::Decl &decl, bool imported) {
  if (auto *constants = llvm::dyn_cast<ast::ConstantsDecl>(&decl)) {
    for (const ast::Constant &constant : constants->constants)
      if (constant.target && !constant.target->isTuple())
        declareName(scope, constant.target->name,
                    constants->isDim ? BindingKind::Dim : BindingKind::Const, &decl, &constant);
    return;
  }
  std::optional<BindingKind> kind;
  if (llvm::isa<ast::VocabDecl>(decl))
    kind = BindingKind::Vocab;
  else if (auto *function = llvm::dyn_cast<ast::FunctionDecl>(&decl))
    kind = function->isLayer ? BindingKind::Layer : BindingKind::Function;
  else if (imported)
    return;
  else if (llvm::isa<ast::DataDecl>(decl))
    kind = BindingKind::Data;
  else if (llvm::isa<ast::NetDecl>(decl))
    kind = BindingKind::Net;
  else if (llvm::isa<ast::ObjectiveDecl>(decl))
    kind = BindingKind::Objective;
  else if (llvm::isa<ast::EntryDecl>(
               decl)) // an entry may share its name with a value: only `run` asks for it
    kind = BindingKind::Entry;
  if (kind && decl.name)
    declareName(scope, decl.name, *kind, &decl);
}

std::pair<FileScope *, FileScope::Declared *> Elaborator::findDeclared(FileScope &scope,
                                                                       llvm::StringRef name) {
  auto here = scope.declared.find(name);
  if (here != scope.declared.end())
    return {&scope, &here->second};
  for (FileScope *import : scope.imports) {
    auto found = import->declared.find(name);
    if (found != import->declared.end())
      return {import, &found->second};
  }
  if (scope.prelude)
    return findDeclared(*scope.prelude, name);
  return {nullptr, nullptr};
}

std::optional<Binding> Elaborator::evaluateDeclared(FileScope &scope, llvm::StringRef name,
                                                    FileScope::Declared &declared) {
  auto binding = [&](Value value) {
    return Binding{declared.kind, std::move(value), declared.where, nullptr};
  };
  if (declared.state == FileScope::Declared::Done)
    return binding(declared.value);
  if (declared.state == FileScope::Declared::Running) {
    diags.error(Code::CyclicDefinition, declared.where,
                "`" + name + "` is defined in terms of itself");
    return binding({});
  }
  declared.state = FileScope::Declared::Running;
  bool keep = true;
  switch (declared.kind) {
  case BindingKind::Dim:
    declared.value = evaluateDim(scope, name, declared);
    break;
  case BindingKind::Const:
    declared.value = evaluateConstant(scope, name, declared);
    // A tensor lives in one function only.
    keep = !declared.value.is<Tensor>();
    break;
  case BindingKind::Vocab:
    declared.value = evaluateVocab(scope, llvm::cast<ast::VocabDecl>(*declared.decl));
    break;
  case BindingKind::Data:
    declared.value = evaluateData(scope, llvm::cast<ast::DataDecl>(*declared.decl));
    break;
  case BindingKind::Net:
    declared.value = evaluateNet(scope, llvm::cast<ast::NetDecl>(*declared.decl));
    break;
  case BindingKind::Function:
  case BindingKind::Layer:
    declared.value = FunctionReference{llvm::cast<ast::FunctionDecl>(declared.decl), &scope};
    break;
  default:
    declared.value = CallableReference{llvm::cast<ast::CallableDecl>(declared.decl)};
  }
  declared.state = keep ? FileScope::Declared::Done : FileScope::Declared::Untouched;
  return binding(declared.value);
}

/// The text of a -D as a value.
static Value parseDefine(llvm::StringRef text) {
  int64_t integer;
  double real;
  if (!text.getAsInteger(10, integer))
    return Value::integer(integer);
  if (!text.getAsDouble(real))
    return Value::real(real);
  if (text == "true" || text == "false")
    return Value::boolean(text == "true");
  return Value::string(text.str());
}

std::optional<Value> Elaborator::defined(FileScope &scope, llvm::StringRef name) {
  if (scope.isPrelude)
    return std::nullopt;
  for (auto &[key, text] : options.defines)
    if (key == name)
      return parseDefine(text);
  return std::nullopt;
}

/// Numbers only: such a dim is a new name, not an abbreviation.
static bool isLiteral(const ast::Expr *expr) {
  if (auto *binary = llvm::dyn_cast<ast::BinaryExpr>(expr))
    return isLiteral(binary->lhs) && isLiteral(binary->rhs);
  if (auto *unary = llvm::dyn_cast<ast::UnaryExpr>(expr))
    return isLiteral(unary->operand);
  return llvm::isa<ast::NumberExpr>(expr);
}

Value Elaborator::evaluateDim(FileScope &scope, llvm::StringRef name,
                              FileScope::Declared &declared) {
  if (auto value = defined(scope, name)) {
    if (auto *dim = value->as<Dim>()) {
      Dim size = dimTable.fresh(name, dim->value(), declared.where, /*global=*/true);
      return checkSize(size, declared.where) ? Value(size) : Value();
    }
    diags.error(Code::UnknownSize, declared.where, "-D " + name + ": a dim is a whole number");
    return {};
  }
  Root root(*this, *fn, scope, "", false);
  auto size = evalSize(declared.constant->value);
  if (!size)
    return {};
  if (isLiteral(declared.constant->value))
    return dimTable.fresh(name, size->value(), declared.where, /*global=*/true);
  return *size;
}

Value Elaborator::evaluateConstant(FileScope &scope, llvm::StringRef name,
                                   FileScope::Declared &declared) {
  if (auto value = defined(scope, name))
    return *value;
  auto known = fn->constants.find(&declared);
  if (known != fn->constants.end())
    return known->second;
  Root root(*this, *fn, scope, "", false);
  Value result;
  fn->prologue([&]() -> mlir::Value {
    const ast::Constant &constant = *declared.constant;
    if (constant.target->hasIndices)
      result = elaborateIndexed(*constant.target, constant.value);
    else
      result = elaborateExpr(constant.value);
    return {};
  });
  if (result.is<Tensor>())
    fn->constants[&declared] = result;
  return result;
}

Value Elaborator::evaluateVocab(FileScope &scope, const ast::VocabDecl &decl) {
  Root root(*this, *fn, scope, "", false);
  auto size = evalSize(decl.size);
  if (!size)
    return {};
  auto info = std::make_unique<VocabInfo>();
  info->decl = &decl;
  info->name = decl.name.text.str();
  info->size = *size;
  info->hasSpecials = decl.source.reader.text != "bytes";
  scope.vocabs.push_back(std::move(info));
  return static_cast<const VocabInfo *>(scope.vocabs.back().get());
}

Value Elaborator::evaluateData(FileScope &scope, const ast::DataDecl &decl) {
  Root root(*this, *fn, scope, "", false);
  auto info = std::make_unique<DataInfo>();
  info->decl = &decl;
  info->name = decl.name.text.str();
  for (const ast::Field &field : decl.fields)
    if (auto type = resolveType(*field.type))
      info->fields.push_back({&field, field.name.text.str(), *type});
  scope.datas.push_back(std::move(info));
  return Batch{scope.datas.back().get(), {}};
}

NetInfo *Elaborator::findNet(llvm::StringRef name) {
  for (auto &net : main->nets)
    if (net->name == name)
      return net.get();
  return nullptr;
}

const DataInfo *Elaborator::findData(llvm::StringRef name) {
  for (auto &data : main->datas)
    if (data->name == name)
      return data.get();
  return nullptr;
}

Value Elaborator::evaluateNet(FileScope &scope, const ast::NetDecl &decl) {
  Root root(*this, *fn, scope, "", false);
  auto info = std::make_unique<NetInfo>();
  info->name = decl.name.text.str();
  info->decl = &decl;
  info->frozen = decl.frozen;
  auto reference = std::make_shared<NetReference>();
  reference->global = true;
  if (auto *call = llvm::dyn_cast<ast::CallExpr>(decl.init); call && isEma(*call)) {
    if (!resolveEma(*call, *info, *reference))
      return {};
  } else if (!resolveLayer(decl.init, *reference)) {
    return {};
  }
  info->instance = std::make_unique<Instance>();
  info->instance->path = info->name;
  info->instance->net = info.get();
  info->instance->layer = reference->layer;
  info->instance->file = reference->file;
  info->instance->where = decl.name.range;
  reference->instance = info->instance.get();
  info->reference = reference;
  scope.nets.push_back(std::move(info));
  return reference;
}

bool Elaborator::isEma(const ast::CallExpr &call) const {
  auto *name = llvm::dyn_cast<ast::NameExpr>(call.callee);
  return name && name->name == "ema";
}

bool Elaborator::resolveEma(const ast::CallExpr &call, NetInfo &info, NetReference &reference) {
  if (call.args.size() != 2) {
    diags.error(Code::BadNet, call.range, "`ema` takes a net and a rate: `ema(unet, 0.999)`");
    return false;
  }
  Value source = elaborateExpr(call.args[0].value), rate = evalStatic(call.args[1].value);
  if (source.isPoison() || rate.isPoison())
    return false;
  if (!source.net() || !source.net()->global || !rate.number()) {
    diags.error(Code::BadNet, call.range,
                "`ema` takes a net and a rate, not " + source.describe() + " and " +
                    rate.describe());
    return false;
  }
  info.emaOf = source.net()->instance->net;
  info.emaRate = *rate.number();
  reference.layer = source.net()->layer;
  reference.file = source.net()->file;
  reference.statics = source.net()->statics;
  return true;
}

/// `L` or `L[...]`.
bool Elaborator::resolveLayer(const ast::Expr *init, NetReference &reference) {
  llvm::ArrayRef<ast::Item> items;
  if (auto *bracket = llvm::dyn_cast<ast::BracketExpr>(init)) {
    items = bracket->items;
    init = bracket->base;
  }
  auto *name = llvm::dyn_cast<ast::NameExpr>(init);
  auto binding = name ? lookup(name->name, name->range) : std::nullopt;
  if (name && !binding)
    return false;
  auto *layer = binding ? binding->value.as<FunctionReference>() : nullptr;
  if (!layer || !layer->decl->isLayer) {
    if (!binding || !binding->value.isPoison())
      diags
          .error(Code::BadNet, init->range,
                 "a net is an instance of a layer, not of " +
                     (binding ? binding->value.describe() : "this"))
          .help("write `net f = L` or `net f = L[...]` with a layer L");
    return false;
  }
  reference.layer = layer->decl;
  reference.file = layer->file;
  reference.statics = evalStatics(items, *layer->decl);
  return true;
}

} // namespace nnc
