/// Names and what they are bound to, from the inner scope to the outer ones.
#include "compiler/Sema/Scope.h"

namespace nnc {

llvm::StringRef describe(BindingKind kind) {
  static constexpr llvm::StringRef names[] = {"a value",  "a static", "an argument", "a parameter",
                                              "a dim",    "a const",  "a vocab",     "a data set",
                                              "a fn",     "a layer",  "a net",       "an objective",
                                              "an entry", "an index"};
  return names[unsigned(kind)];
}

Binding *Scope::findHere(llvm::StringRef name) {
  auto found = names.find(name);
  return found == names.end() ? nullptr : &found->second;
}

Binding *Scope::find(llvm::StringRef name) {
  for (Scope *scope = this; scope; scope = scope->parent)
    if (Binding *binding = scope->findHere(name))
      return binding;
  return nullptr;
}

void Scope::collect(llvm::SmallVectorImpl<llvm::StringRef> &out) const {
  for (const Scope *scope = this; scope; scope = scope->parent)
    llvm::append_range(out, scope->names.keys());
}

const FieldInfo *DataInfo::field(llvm::StringRef name) const {
  for (const FieldInfo &field : fields)
    if (field.name == name)
      return &field;
  return nullptr;
}

} // namespace nnc
