/// Parameters and running values of the whole program.
#include "compiler/Program/Program.h"
#include "compiler/Syntax/ASTWalk.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/SourceMgr.h"

namespace nnc {

/// Declares a parameter or state; of a net `from "file" at path` with where it finds the tensor.
void ParameterTranslator::variable(const Variable &variable) {
  NetInfo *net = variable.owner ? variable.owner->net : nullptr;
  mlir::StringAttr path, key, flag;
  if (net && net->decl && net->decl->from) {
    llvm::StringRef rest = variable.path;
    rest.consume_front(net->name);
    std::string at = net->decl->at.parts.empty() ? net->name : spell(net->decl->at);
    path = context.text(*net->decl->from);
    key = context.text(at + rest);
    flag = context.text(net->name);
  }
  llvm::SmallVector<Dim> dims(variable.shape.begin(), variable.shape.end());
  mlir::RankedTensorType type = context.body.build.type(variable.element, dims);
  mlir::Location loc =
      variable.decl ? context.location(placeOf(variable)) : context.program.getLoc();
  mlir::StringAttr netName = net ? context.textOrNull(net->name) : mlir::StringAttr();
  llvm::StringRef name = variable.path;
  if (variable.running)
    learn::StateOp::create(context.build, loc, name.starts_with("optim."), name, netName, path, key,
                           flag, type);
  else
    learn::ParamOp::create(context.build, loc, name, netName, path, key, flag, type);
}

void ParameterTranslator::variables() {
  for (const std::unique_ptr<Variable> &one : context.body.program.registry.all())
    variable(*one);
}

/// Where the program says that the parameter is there: its declaration, or the call or net that a
/// layer of the prelude comes from.
SourceRange ParameterTranslator::placeOf(const Variable &variable) const {
  llvm::SourceMgr &sources = context.diags.sourceMgr();
  unsigned own = sources.FindBufferContainingLoc(context.file.decls[0]->range.begin);
  auto isOwn = [&](SourceRange range) {
    return range.isValid() && sources.FindBufferContainingLoc(range.begin) == own;
  };
  if (isOwn(variable.decl->name.range))
    return variable.decl->name.range;
  for (const Instance *at = variable.owner; at; at = at->parent)
    if (isOwn(at->where))
      return at->where;
  return variable.decl->name.range;
}

void ParameterTranslator::warnUnmoved() {
  if (context.steps.empty())
    return;
  llvm::MapVector<NetInfo *, llvm::SmallVector<Variable *>> left;
  llvm::DenseSet<NetInfo *> partly;
  for (const std::unique_ptr<Variable> &variable : context.body.program.registry.all()) {
    NetInfo *net = variable->owner ? variable->owner->net : nullptr;
    if (variable->running || !net || net->frozen || net->emaOf)
      continue;
    if (context.movable.contains(variable.get()))
      partly.insert(net);
    else
      left[net].push_back(variable.get());
  }
  auto untouched = [&](const Variable *variable) { return !context.reached.contains(variable); };
  for (auto &[net, variables] : left) {
    if (!partly.contains(net)) {
      context.diags
          .warning(Code::UnmovedParameter, net->decl->name.range,
                   "no objective moves the net `" + net->name + "`")
          .help("name it after `over`, or write `frozen net`");
      continue;
    }
    // What the value depends on was left out of `over m.head` on purpose.
    for (Variable *variable : llvm::make_filter_range(variables, untouched))
      context.diags
          .warning(Code::UnmovedParameter, placeOf(*variable),
                   "no objective moves the parameter `" + variable->path + "`")
          .note("no value that is optimised depends on it");
  }
}

void ParameterTranslator::checkNets() {
  llvm::StringSet<> used;
  auto note = [&](const ast::Expr &expr) {
    if (auto *name = llvm::dyn_cast<ast::NameExpr>(&expr))
      used.insert(name->name);
  };
  for (const ast::Decl *decl : context.file.decls) {
    if (auto *callable = llvm::dyn_cast<ast::CallableDecl>(decl))
      forEachExpr(*callable->body, note);
    if (auto *net = llvm::dyn_cast<ast::NetDecl>(decl))
      forEachExpr(net->init, note);
  }
  for (const ast::Decl *decl : context.file.decls)
    if (auto *net = llvm::dyn_cast<ast::NetDecl>(decl); net && !used.contains(net->name.text))
      context.diags
          .error(Code::UnusedNet, net->name.range, "nothing calls the net `" + net->name.text + "`")
          .help("call it in an objective or an entry, or remove it");
  warnUnmoved();
}

} // namespace nnc
