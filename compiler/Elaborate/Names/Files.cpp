/// Files and the names that they declare: prelude, imports, evaluation on first use.
#include "compiler/Elaborate/Builtin.h"
#include "compiler/Elaborate/Names/Names.h"
#include "compiler/Syntax/Parser.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"

namespace nnc {

static FileScope *loadFile(Body &body, const ast::File &file, FileScope *prelude, bool imported);

namespace {
struct PreludeFile {
  const char *name;
  const char *text;
};
constexpr PreludeFile preludeFiles[] = {
#include "Prelude.inc"
};
} // namespace

static FileScope *loadImport(Body &body, FileScope &importer, const ast::ImportDecl &import) {
  llvm::SmallString<128> path(llvm::sys::path::parent_path(importer.file->path));
  llvm::sys::path::append(path, import.path);
  auto [known, isNew] = body.program.imported.try_emplace(path, nullptr);
  if (!isNew) {
    if (!known->second)
      body.diags.error(Code::BadImport, import.pathRange, "`" + import.path + "` imports itself");
    return known->second;
  }
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer) {
    body.diags.error(Code::BadImport, import.pathRange,
                     "cannot read `" + import.path + "`: " + buffer.getError().message());
    return nullptr;
  }
  unsigned id = body.diags.sourceMgr().AddNewSourceBuffer(std::move(*buffer), {});
  body.program.ownedFiles.push_back(parseFile(body.diags.sourceMgr(), id, body.diags));
  const ast::File &file = *body.program.ownedFiles.back();
  return body.program.imported[path] = loadFile(body, file, importer.prelude, true);
}

static void declareName(Body &body, FileScope &scope, const ast::Ident &name, BindingKind kind,
                        const ast::Decl *decl, const ast::Constant *constant = nullptr) {
  auto [place, isNew] = scope.declared.insert(
      {name.text,
       FileScope::Declared{kind, decl, constant, name.range, FileScope::Declared::Untouched, {}}});
  if (!isNew)
    body.diags.error(Code::DuplicateName, name.range, "`" + name.text + "` is declared twice")
        .label(place->second.where, "first declared here");
  if (isReserved(name.text) || (findBuiltin(name.text) && !scope.isPrelude))
    body.diags.error(Code::HiddenName, name.range,
                     "`" + name.text + "` is predeclared and cannot be declared again");
  if (scope.prelude && scope.prelude->declared.contains(name.text))
    body.diags.remark(Code::RedefinedPrelude, name.range,
                      "`" + name.text + "` of the prelude is redefined for this file");
}

static void declare(Body &body, FileScope &scope, const ast::Decl &decl, bool imported) {
  if (auto *constants = llvm::dyn_cast<ast::ConstantsDecl>(&decl)) {
    for (const ast::Constant &constant : constants->constants)
      if (constant.target && !constant.target->isTuple())
        declareName(body, scope, constant.target->name,
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
               decl)) // may share its name with a value: only `run` asks for it
    kind = BindingKind::Entry;
  if (kind && decl.name)
    declareName(body, scope, decl.name, *kind, &decl);
}

static FileScope *loadFile(Body &body, const ast::File &file, FileScope *prelude, bool imported) {
  body.program.files.push_back(std::make_unique<FileScope>(&file, prelude));
  FileScope *scope = body.program.files.back().get();
  for (const ast::Decl *decl : file.decls) {
    if (auto *import = llvm::dyn_cast<ast::ImportDecl>(decl)) {
      if (FileScope *other = loadImport(body, *scope, *import))
        scope->imports.push_back(other);
    } else {
      declare(body, *scope, *decl, imported);
    }
  }
  return scope;
}

bool loadProgram(Body &body, const ast::File &file) {
  unsigned before = body.diags.errorCount();
  llvm::SourceMgr &sources = body.diags.sourceMgr();
  body.program.files.push_back(std::make_unique<FileScope>(nullptr, nullptr));
  FileScope *prelude = body.program.files.back().get();
  prelude->isPrelude = true;
  for (const PreludeFile &source : preludeFiles) {
    auto buffer = llvm::MemoryBuffer::getMemBuffer(source.text, source.name);
    unsigned id = sources.AddNewSourceBuffer(std::move(buffer), {});
    body.program.ownedFiles.push_back(parseFile(sources, id, body.diags));
    for (const ast::Decl *decl : body.program.ownedFiles.back()->decls)
      declare(body, *prelude, *decl, false);
  }
  body.program.main = loadFile(body, file, prelude, false);
  // Every declaration of the file is looked at, used or not.
  for (auto &[name, declared] : body.program.main->declared)
    evaluateDeclared(body, *body.program.main, name, declared);
  return body.diags.errorCount() == before;
}

std::pair<FileScope *, FileScope::Declared *> findDeclared(FileScope &scope, llvm::StringRef name) {
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

static std::optional<Value> defined(Body &body, FileScope &scope, llvm::StringRef name) {
  if (scope.isPrelude)
    return std::nullopt;
  for (auto &[key, text] : body.program.options.defines)
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

static Value evaluateDim(Body &body, FileScope &scope, llvm::StringRef name,
                         FileScope::Declared &declared) {
  if (auto value = defined(body, scope, name)) {
    if (auto *dim = value->as<Dim>()) {
      Dim size = body.dims.fresh(name, dim->value(), declared.where, /*global=*/true);
      return checkSize(body, size, declared.where) ? Value(size) : Value();
    }
    body.diags.error(Code::UnknownSize, declared.where, "-D " + name + ": a dim is an integer");
    return {};
  }
  Root root(body, *body.fn, scope, "", false);
  auto size = evalSize(body, declared.constant->value);
  if (!size)
    return {};
  if (isLiteral(declared.constant->value))
    return body.dims.fresh(name, size->value(), declared.where, /*global=*/true);
  return *size;
}

static Value evaluateConstant(Body &body, FileScope &scope, llvm::StringRef name,
                              FileScope::Declared &declared) {
  if (auto value = defined(body, scope, name))
    return *value;
  auto known = body.fn->constants.find(&declared);
  if (known != body.fn->constants.end())
    return known->second;
  Root root(body, *body.fn, scope, "", false);
  Value result;
  body.fn->prologue([&]() -> mlir::Value {
    const ast::Constant &constant = *declared.constant;
    if (constant.target->hasIndices)
      result = elaborateIndexed(body, *constant.target, constant.value);
    else
      result = elaborateExpr(body, constant.value);
    return {};
  });
  if (result.is<Tensor>())
    body.fn->constants[&declared] = result;
  return result;
}

static Value evaluateVocab(Body &body, FileScope &scope, const ast::VocabDecl &decl) {
  Root root(body, *body.fn, scope, "", false);
  auto size = evalSize(body, decl.size);
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

static Value evaluateData(Body &body, FileScope &scope, const ast::DataDecl &decl) {
  Root root(body, *body.fn, scope, "", false);
  auto info = std::make_unique<DataInfo>();
  info->decl = &decl;
  info->name = decl.name.text.str();
  for (const ast::Field &field : decl.fields)
    if (auto type = resolveType(body, *field.type))
      info->fields.push_back({&field, field.name.text.str(), *type});
  scope.datas.push_back(std::move(info));
  return Batch{scope.datas.back().get(), {}};
}

static bool isEma(const ast::CallExpr &call) {
  auto *name = llvm::dyn_cast<ast::NameExpr>(call.callee);
  return name && name->name == "ema";
}

static bool resolveEma(Body &body, const ast::CallExpr &call, NetInfo &info,
                       NetReference &reference) {
  if (call.args.size() != 2) {
    body.diags.error(Code::BadNet, call.range, "`ema` takes a net and a rate: `ema(unet, 0.999)`");
    return false;
  }
  Value source = elaborateExpr(body, call.args[0].value),
        rate = evalStatic(body, call.args[1].value);
  if (source.isPoison() || rate.isPoison())
    return false;
  if (!source.net() || !source.net()->global || !rate.number()) {
    body.diags.error(Code::BadNet, call.range,
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

static Value evaluateNet(Body &body, FileScope &scope, const ast::NetDecl &decl) {
  Root root(body, *body.fn, scope, "", false);
  auto info = std::make_unique<NetInfo>();
  info->name = decl.name.text.str();
  info->decl = &decl;
  info->frozen = decl.frozen;
  auto reference = std::make_shared<NetReference>();
  reference->global = true;
  if (auto *call = llvm::dyn_cast<ast::CallExpr>(decl.init); call && isEma(*call)) {
    if (!resolveEma(body, *call, *info, *reference))
      return {};
  } else if (!resolveLayer(body, decl.init, *reference)) {
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

std::optional<Binding> evaluateDeclared(Body &body, FileScope &scope, llvm::StringRef name,
                                        FileScope::Declared &declared) {
  auto binding = [&](Value value) {
    return Binding{declared.kind, std::move(value), declared.where, nullptr};
  };
  if (declared.state == FileScope::Declared::Done)
    return binding(declared.value);
  if (declared.state == FileScope::Declared::Running) {
    body.diags.error(Code::CyclicDefinition, declared.where,
                     "`" + name + "` is defined in terms of itself");
    return binding({});
  }
  declared.state = FileScope::Declared::Running;
  bool keep = true;
  switch (declared.kind) {
  case BindingKind::Dim:
    declared.value = evaluateDim(body, scope, name, declared);
    break;
  case BindingKind::Const:
    declared.value = evaluateConstant(body, scope, name, declared);
    // A tensor lives in one function only.
    keep = !declared.value.is<Tensor>();
    break;
  case BindingKind::Vocab:
    declared.value = evaluateVocab(body, scope, llvm::cast<ast::VocabDecl>(*declared.decl));
    break;
  case BindingKind::Data:
    declared.value = evaluateData(body, scope, llvm::cast<ast::DataDecl>(*declared.decl));
    break;
  case BindingKind::Net:
    declared.value = evaluateNet(body, scope, llvm::cast<ast::NetDecl>(*declared.decl));
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

Value parseDefine(llvm::StringRef text) {
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

NetInfo *findNet(Body &body, llvm::StringRef name) {
  for (auto &net : body.program.main->nets)
    if (net->name == name)
      return net.get();
  return nullptr;
}

const DataInfo *findData(Body &body, llvm::StringRef name) {
  for (auto &data : body.program.main->datas)
    if (data->name == name)
      return data.get();
  return nullptr;
}

/// `L` or `L[...]`.
bool resolveLayer(Body &body, const ast::Expr *init, NetReference &reference) {
  llvm::ArrayRef<ast::Item> items;
  if (auto *bracket = llvm::dyn_cast<ast::BracketExpr>(init)) {
    items = bracket->items;
    init = bracket->base;
  }
  auto *name = llvm::dyn_cast<ast::NameExpr>(init);
  auto binding = name ? lookup(body, name->name, name->range) : std::nullopt;
  if (name && !binding)
    return false;
  auto *layer = binding ? binding->value.as<FunctionReference>() : nullptr;
  if (!layer || !layer->decl->isLayer) {
    if (!binding || !binding->value.isPoison())
      body.diags
          .error(Code::BadNet, init->range,
                 "a net is an instance of a layer, not of " +
                     (binding ? binding->value.describe() : "this"))
          .help("write `net f = L` or `net f = L[...]` with a layer L");
    return false;
  }
  reference.layer = layer->decl;
  reference.file = layer->file;
  reference.statics = evalStatics(body, items, *layer->decl);
  return true;
}

} // namespace nnc
