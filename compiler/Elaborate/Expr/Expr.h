/// Values: as tensors of declared types, under operators, and subscripted.
#ifndef NNC_COMPILER_ELABORATE_EXPR_EXPR_H
#define NNC_COMPILER_ELABORATE_EXPR_EXPR_H

#include "compiler/Elaborate/Names/Names.h"

namespace nnc {

//===--- Conversions (Convert.cpp) -----------------------------------------------------===//

/// The value as a tensor; literals become `like` (f32 unless it says otherwise). Reports what
/// cannot be one.
std::optional<Tensor> toTensor(Body &body, const Value &value, SourceRange range,
                               std::optional<Element> like = std::nullopt);
/// The tensor repeated along missing axes, where it fits in one way. `what` begins the message.
std::optional<Tensor> broadcastTo(Body &body, const Tensor &x, llvm::ArrayRef<Dim> dims,
                                  SourceRange range, const llvm::Twine &what);
/// The value as a tensor of a declared type, repeated along missing axes. `what` begins the
/// message: "carried h".
std::optional<Tensor> convert(Body &body, const Value &value, const TensorType &type,
                              SourceRange range, const llvm::Twine &what);
/// A scalar of f32, for losses and reports.
std::optional<Tensor> toScalar(Body &body, const Value &value, SourceRange range,
                               const llvm::Twine &what);
/// After it, the tensor has the bound: proved, or checked when the program runs.
bool checkDeclaredBound(Body &body, Tensor &x, const TensorType &type, SourceRange range);
void reportShapes(Body &body, Code code, const llvm::Twine &message, llvm::ArrayRef<Dim> a,
                  llvm::ArrayRef<Dim> b, SourceRange aRange, SourceRange bRange, SourceRange range);

//===--- Operators (Operators.cpp, Align.cpp, Powers.cpp) ------------------------------===//

Value applyUnary(Body &body, ast::UnaryOp op, const Value &operand, SourceRange range);
Value applyBinary(Body &body, ast::BinaryOp op, const Value &lhs, const Value &rhs,
                  const ast::BinaryExpr &expr);
/// The element type in which two values meet. `what` names the operation in messages.
std::optional<Element> commonElement(Body &body, const Value &lhs, const Value &rhs,
                                     SourceRange range, llvm::StringRef what);
/// Several as tensors of one shape.
bool alignShapes(Body &body, llvm::MutableArrayRef<Tensor> tensors,
                 llvm::ArrayRef<SourceRange> ranges, SourceRange range, llvm::StringRef what);
/// Both as tensors of one element type and shape.
std::optional<std::pair<Tensor, Tensor>> align(Body &body, const Value &lhs, const Value &rhs,
                                               SourceRange lhsRange, SourceRange rhsRange,
                                               SourceRange range, llvm::StringRef what,
                                               bool promote = true);
Value foldPower(const Dim &a, const Dim &b);
Value emitPower(Body &body, const Tensor &base, const Value &exponent, SourceRange range);
Value wholePower(Body &body, const Tensor &base, const Tensor &exponent, SourceRange range);

//===--- Subscripts and members (Subscripts.cpp, Members.cpp) --------------------------===//

Value subscript(Body &body, const Value &base, llvm::ArrayRef<ast::Item> items, SourceRange range);
/// Proves 0 <= index < size or emits a check.
bool checkBound(Body &body, const Tensor &index, const Dim &size, SourceRange range);
void emitAssert(Body &body, const Tensor &condition, const llvm::Twine &message, SourceRange range);
Value elaborateMember(Body &body, const ast::MemberExpr &expr);

} // namespace nnc

#endif
