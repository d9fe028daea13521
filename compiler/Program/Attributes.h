/// The program constant (runtime/README.md) as attributes: what toJSON of compiler/LLVM writes out.
#ifndef NNC_COMPILER_PROGRAM_ATTRIBUTES_H
#define NNC_COMPILER_PROGRAM_ATTRIBUTES_H

#include "mlir/IR/Builders.h"
#include <initializer_list>
#include <utility>

namespace nnc {

/// Makes JSON-like attributes.
class ProgramAttributes {
public:
  using Member = std::pair<llvm::StringRef, mlir::Attribute>;
  using Members = llvm::SmallVector<Member>;

  explicit ProgramAttributes(mlir::MLIRContext *context) : builder(context) {}

  mlir::Attribute null() { return builder.getUnitAttr(); }
  mlir::Attribute text(const llvm::Twine &text) { return builder.getStringAttr(text); }
  /// The text, or null where it is empty.
  mlir::Attribute textOrNull(llvm::StringRef text) {
    return text.empty() ? null() : this->text(text);
  }
  mlir::Attribute number(int64_t value) { return builder.getI64IntegerAttr(value); }
  mlir::Attribute real(double value) { return builder.getF64FloatAttr(value); }
  mlir::Attribute truth(bool value) { return builder.getBoolAttr(value); }
  mlir::Attribute list(llvm::ArrayRef<mlir::Attribute> items) {
    return builder.getArrayAttr(items);
  }
  mlir::Attribute shape(llvm::ArrayRef<int64_t> sizes) { return builder.getI64ArrayAttr(sizes); }
  mlir::DictionaryAttr object(llvm::ArrayRef<Member> members) {
    llvm::SmallVector<mlir::NamedAttribute> named;
    for (const Member &member : members)
      named.push_back(builder.getNamedAttr(member.first, member.second));
    return builder.getDictionaryAttr(named);
  }
  mlir::DictionaryAttr object(std::initializer_list<Member> members) {
    return object(llvm::ArrayRef<Member>(members.begin(), members.size()));
  }

private:
  mlir::Builder builder;
};

} // namespace nnc

#endif
