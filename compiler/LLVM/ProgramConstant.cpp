#include "compiler/LLVM/ProgramConstant.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/TypeSwitch.h"

namespace nnc {

llvm::json::Value toJSON(mlir::Attribute attribute) {
  return llvm::TypeSwitch<mlir::Attribute, llvm::json::Value>(attribute)
      .Case([](mlir::DictionaryAttr dictionary) {
        llvm::json::Object object;
        for (mlir::NamedAttribute entry : dictionary)
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

static llvm::StringRef elementName(mlir::Type type) {
  if (type.isF64())
    return "f64";
  if (type.isF32())
    return "f32";
  if (type.isInteger(64))
    return "i64";
  return type.isInteger(1) || type.isInteger(8) ? "bool" : "i32";
}

mlir::DictionaryAttr describeArgument(mlir::MLIRContext *context, llvm::StringRef kind,
                                      llvm::StringRef name, mlir::ShapedType type) {
  mlir::Builder builder(context);
  return builder.getDictionaryAttr({
      builder.getNamedAttr("kind", builder.getStringAttr(kind)),
      builder.getNamedAttr("name", builder.getStringAttr(name)),
      builder.getNamedAttr("dtype", builder.getStringAttr(elementName(type.getElementType()))),
      builder.getNamedAttr("shape", builder.getI64ArrayAttr(type.getShape())),
  });
}

} // namespace nnc
