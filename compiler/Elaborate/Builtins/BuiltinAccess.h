/// What builders of predeclared functions need of the elaborator beyond its public face.
#ifndef NNC_COMPILER_ELABORATE_BUILTINS_BUILTINACCESS_H
#define NNC_COMPILER_ELABORATE_BUILTINS_BUILTINACCESS_H

#include "compiler/Elaborate/Builtins/Builtins.h"
#include "dialects/prob/IR/Prob.h"

namespace nnc {

struct BuiltinAccess {
  static bool sameShape(Elaborator &e, llvm::ArrayRef<Dim> a, llvm::ArrayRef<Dim> b) {
    return e.sameShape(a, b);
  }
  static bool sameSize(Elaborator &e, const Dim &a, const Dim &b) { return e.sameSize(a, b); }
  static const Distribution *toDistribution(Elaborator &e, const Value &value, SourceRange range) {
    return e.toDistribution(value, range);
  }
  static std::optional<Tensor> logProb(Elaborator &e, const Distribution &d, const Value &value,
                                       SourceRange range) {
    return e.logProb(d, value, range);
  }
  static std::optional<Tensor> paramAt(Elaborator &e, const Distribution &d, unsigned index,
                                       llvm::ArrayRef<Dim> dims, SourceRange range) {
    return e.paramAt(d, index, dims, range);
  }
  /// A draw inside of a call, with the call as its place.
  static std::optional<Tensor> drawAt(Elaborator &e, const Distribution &d, const TensorType &type,
                                      const BuiltinCall &call) {
    std::string site = e.sitePath(e.siteName(call.expr, call.builtin->name)) + "/draw";
    return e.draw(d, type, site, nullptr, call.range);
  }
  static bool align(Elaborator &e, llvm::MutableArrayRef<Tensor> tensors, BuiltinCall &call) {
    llvm::SmallVector<SourceRange> ranges;
    for (const Argument &argument : call.arguments)
      ranges.push_back(argument.range);
    ranges.resize(std::max(ranges.size(), tensors.size()), call.range);
    return e.alignShapes(tensors, ranges, call.range, "`" + call.builtin->name.str() + "`");
  }
  /// Finds the common shape; the ops that align emits for it have no use and are dropped.
  static bool alignDims(Elaborator &e, llvm::MutableArrayRef<Tensor> tensors, BuiltinCall &call);
  static std::optional<Element> common(Elaborator &e, const Value &a, const Value &b,
                                       BuiltinCall &call) {
    return e.commonElement(a, b, call.range, "`" + call.builtin->name.str() + "`");
  }
  static std::optional<llvm::SmallVector<int64_t>> axes(Elaborator &e, BuiltinCall &call,
                                                        const Tensor &x) {
    return e.axesOf(call.axis, x);
  }
  static std::optional<int64_t> axis(Elaborator &e, BuiltinCall &call, const Tensor &x,
                                     int64_t otherwise) {
    return e.axisOf(call.axis, x, otherwise);
  }
  static std::optional<Tensor> broadcastTo(Elaborator &e, const Tensor &x, llvm::ArrayRef<Dim> dims,
                                           BuiltinCall &call) {
    return e.broadcastTo(x, dims, call.range, "`" + call.builtin->name.str() + "`");
  }
  static std::optional<Dim> divide(Elaborator &e, const Dim &a, const Dim &b) {
    return e.dimTable.divide(a, b);
  }
  static std::optional<Tensor> indexTensor(Elaborator &e, const Argument &argument) {
    return e.toTensor(argument.value, argument.range);
  }
  /// A reduction along axes; poison after an error.
  static Value reduce(Elaborator &e, ast::ReduceOp op, const Tensor &x,
                      llvm::ArrayRef<int64_t> axes, SourceRange range);
  /// `sum(x, axis = ...)`: without an axis over everything.
  static Value reduceCall(Elaborator &e, ast::ReduceOp op, BuiltinCall &call);
  static Tensor argmax(Elaborator &e, const Tensor &x, int64_t axis);
  static Tensor oneHot(Elaborator &e, const Tensor &x, const Dim &size);
  /// The number of outcomes, of a family that has no other parameter; null for others.
  static mlir::IntegerAttr countOf(Elaborator &e, const Distribution &d);
  /// Whether a shape goes into another by repetition.
  static bool fits(Elaborator &e, llvm::ArrayRef<Dim> inner, llvm::ArrayRef<Dim> outer);
};

} // namespace nnc

#endif
