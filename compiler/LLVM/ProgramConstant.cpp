#include "compiler/LLVM/ProgramConstant.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "runtime/contract/Contract.h"
#include "llvm/ADT/TypeSwitch.h"

namespace nnc {

llvm::json::Value toJSON(mlir::Attribute attribute) {
  return llvm::TypeSwitch<mlir::Attribute, llvm::json::Value>(attribute)
      .Case([](mlir::DictionaryAttr dictionary) {
        llvm::json::Object object;
        for (mlir::NamedAttribute entry : dictionary)
          if (!mlir::isa<mlir::UnitAttr>(entry.getValue())) // A field that is not there.
            object[entry.getName().str()] = toJSON(entry.getValue());
        return llvm::json::Value(std::move(object));
      })
      .Case([](mlir::ArrayAttr array) {
        llvm::json::Array values;
        for (mlir::Attribute element : array)
          values.push_back(toJSON(element));
        return llvm::json::Value(std::move(values));
      })
      .Case([](mlir::StringAttr text) { return llvm::json::Value(text.getValue().str()); })
      .Case([](mlir::BoolAttr truth) { return llvm::json::Value(truth.getValue()); })
      .Case([](mlir::IntegerAttr number) { return llvm::json::Value(number.getInt()); })
      .Case([](mlir::FloatAttr number) { return llvm::json::Value(number.getValueAsDouble()); })
      .Case([](mlir::UnitAttr) { return llvm::json::Value(nullptr); })
      .Default([](mlir::Attribute other) -> llvm::json::Value {
        llvm::report_fatal_error("an attribute of learn.program has no JSON form");
      });
}

static nnrt::DType elementOf(mlir::Type type) {
  if (type.isF64())
    return nnrt::DType::F64;
  if (type.isF32())
    return nnrt::DType::F32;
  if (type.isInteger(64))
    return nnrt::DType::I64;
  return type.isInteger(1) || type.isInteger(8) ? nnrt::DType::Bool : nnrt::DType::I32;
}

mlir::DictionaryAttr describeArgument(mlir::MLIRContext *context, llvm::StringRef kind,
                                      llvm::StringRef name, mlir::ShapedType type) {
  mlir::Builder builder(context);
  auto word = [&](auto value) {
    return builder.getStringAttr(llvm::StringRef(nnrt::wordOf(value)));
  };
  mlir::NamedAttrList fields;
  fields.set("kind", builder.getStringAttr(kind));
  fields.set("name", builder.getStringAttr(name));
  fields.set("dtype", word(elementOf(type.getElementType())));
  fields.set("shape", builder.getI64ArrayAttr(type.getShape()));
  // The name of a statistic begins with how two are combined: `sum.0`.
  if (nnrt::enumOf<nnrt::ArgKind>(kind) == nnrt::ArgKind::Statistic)
    fields.set("combiner", builder.getStringAttr(name.split('.').first));
  return fields.getDictionary(context);
}

} // namespace nnc
