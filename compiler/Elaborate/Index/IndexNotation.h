/// Index notation: `y[b, i] = sum[j] a[b, i, j] * v[b, j]`. Each expression becomes a tensor whose
/// axes are labelled with index variables; operators align labels; sums of products become
/// contractions.
#ifndef NNC_COMPILER_ELABORATE_INDEX_INDEXNOTATION_H
#define NNC_COMPILER_ELABORATE_INDEX_INDEXNOTATION_H

#include "compiler/Elaborate/Builtins/Builtins.h"
#include "compiler/Elaborate/Index/Ranges.h"

namespace nnc {

/// A compile-time number, or a tensor with one label per axis.
struct Operand {
  Value value;
  llvm::SmallVector<IndexVariable *, 4> labels;
  bool failed() const { return value.isPoison(); }
};

/// constant + sum of coefficient * index.
struct Affine {
  llvm::SmallVector<std::pair<IndexVariable *, int64_t>, 2> terms;
  int64_t constant = 0;
};

struct AxisAccess;

class IndexNotation {
public:
  explicit IndexNotation(Body &body) : body(body), build(body.build), ranges(body) {}
  Value define(const ast::Target &target, const ast::Expr *value);
  /// A sum outside of a definition: no index is left over.
  Value reduceToScalar(const ast::ReduceExpr &expr);

private:
  //===--- Values (IndexNotation.cpp) ------------------------------------------===//
  Operand eval(const ast::Expr *expr);
  Operand evalBinary(const ast::Expr *expr);
  Operand evalIndex(IndexVariable &variable);
  Operand evalPlain(const ast::Expr *expr);
  Operand evalIf(const ast::IfExpr &expr);
  /// Repeats all labelled tensors along the union of their labels, in canonical order.
  llvm::SmallVector<IndexVariable *, 4> alignLabels(llvm::MutableArrayRef<Operand *> operands);
  Operand spread(const Operand &x, llvm::ArrayRef<IndexVariable *> labels);
  Tensor tensorOf(const Operand &x, Element like);

  //===--- Calls (PointCalls.cpp) -------------------------------------------------===//
  Operand evalCall(const ast::CallExpr &expr);
  bool takesVectors(const ast::FunctionDecl &decl, const ast::CallExpr &expr);
  Operand evalArgument(const ast::Expr *expr);
  Operand evalAtPoints(const Value &callee, const ast::CallExpr &expr);
  Value mapOver(llvm::ArrayRef<IndexVariable *> labels, Call call, std::vector<Operand> operands);
  Operand evalFunction(const FunctionReference &function, const ast::CallExpr &expr,
                       std::vector<Operand> &operands);

  //===--- Reductions (Sums.cpp) --------------------------------------------===//
  Operand evalReduce(const ast::ReduceExpr &expr);
  Operand evalSum(const ast::ReduceExpr &expr, llvm::ArrayRef<IndexVariable *> bound);
  Operand evalNormalise(const ast::ReduceExpr &expr);
  Operand reduceOver(ast::ReduceOp op, const Operand &x, llvm::ArrayRef<IndexVariable *> bound,
                     SourceRange range);
  struct Product {
    double factor = 1;
    /// With a bound index, without one, and divisors without one.
    std::vector<Operand> summed, outside, below;
    bool failed = false;
  };
  void collectFactors(const ast::Expr *expr, bool divisor, llvm::ArrayRef<IndexVariable *> bound,
                      Product &product);
  void addFactor(Operand operand, bool divisor, llvm::ArrayRef<IndexVariable *> bound,
                 Product &product, const ast::Expr *expr);
  Operand finishProduct(Operand result, Product &product, const ast::Expr &expr);
  Operand elementwise(ast::BinaryOp op, Operand a, Operand b, const ast::Expr &at);

  //===--- Subscripts (Access.cpp) -------------------------------------------===//
  Operand evalAccess(const ast::BracketExpr &expr);
  std::optional<Affine> affine(const ast::Expr *expr);
  bool classify(const ast::BracketExpr &expr, const Tensor &x, std::vector<AxisAccess> &axes);
  Operand evalPosition(const ast::Expr *expr);
  void readWindows(Tensor &x, std::vector<AxisAccess> &axes,
                   llvm::SmallVectorImpl<IndexVariable *> &labels);
  bool readGather(const ast::Expr &expr, Tensor &x, std::vector<AxisAccess> &axes,
                  llvm::SmallVectorImpl<IndexVariable *> &labels);

  Body &body;
  TensorBuilder &build;
  IndexRanges ranges;
  /// Values of subscripts without indices that are no compile-time numbers: evaluated once.
  std::map<const ast::Expr *, Value> plain;
};

} // namespace nnc

#endif
