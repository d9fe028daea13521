/// The names of call sites, and the instances of layers that they own.
#include "compiler/Elaborate/Names/Names.h"

namespace nnc {

std::string indexedName(const Body &body, std::string name) {
  for (int64_t iteration : body.frame->iterations)
    name += "." + std::to_string(iteration);
  return name;
}

std::string siteName(Body &body, const ast::Node *call, llvm::StringRef callee) {
  if (body.frame->sites)
    if (llvm::StringRef name = body.frame->sites->name(call); !name.empty())
      return name.str();
  std::string &name = body.frame->rootSites[call];
  if (name.empty()) {
    unsigned count = ++body.frame->rootCounts[callee.str()];
    name = count == 1 ? callee.str() : callee.str() + "_" + std::to_string(count);
  }
  return name;
}

Instance *childInstance(Body &body, const FunctionReference &layer, llvm::StringRef name,
                        SourceRange where, bool anonymous) {
  std::string key = indexedName(body, name.str());
  Instance &parent = *body.frame->instance;
  std::unique_ptr<Instance> &child = parent.children[key];
  if (!child) {
    child = std::make_unique<Instance>();
    child->path = parent.path + "." + key;
    child->parent = &parent;
    child->net = parent.net;
    child->layer = layer.decl;
    child->file = layer.file;
    child->where = where;
  } else if (child->where.begin != where.begin) {
    body.diags
        .error(Code::PathCollision, where,
               "two instances would have the path `" + child->path + "`")
        .label(child->where, "the first one")
        .help(anonymous ? "declare a `net` with another name and call it"
                        : "choose another name for the net");
  }
  return child.get();
}

Instance *makeInstance(Body &body, llvm::StringRef path, const FunctionReference &layer) {
  for (auto &known : body.program.loose)
    if (known->path == path)
      return known.get();
  auto instance = std::make_unique<Instance>();
  instance->path = path.str();
  instance->layer = layer.decl;
  instance->file = layer.file;
  body.program.loose.push_back(std::move(instance));
  return body.program.loose.back().get();
}

std::string sitePath(const Body &body, llvm::StringRef name) {
  return body.frame->path + "/" + indexedName(body, name.str());
}

} // namespace nnc
