/// The program constant: what libnnrt reads (runtime/README.md), as JSON text in the executable.
#ifndef NNC_COMPILER_LLVM_PROGRAMCONSTANT_H
#define NNC_COMPILER_LLVM_PROGRAMCONSTANT_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/JSON.h"

namespace nnc {

/// An attribute as JSON: dictionaries, arrays, strings, numbers, booleans; unit is null.
llvm::json::Value toJSON(mlir::Attribute attribute);

/// A dictionary of the `learn.args` form for one argument of a program function.
mlir::DictionaryAttr describeArgument(mlir::MLIRContext *context, llvm::StringRef kind,
                                      llvm::StringRef name, mlir::ShapedType type);

} // namespace nnc

#endif
