/// Index notation: `y[b, i] = sum[j] a[b, i, j] * v[b, j]`. Each expression becomes a tensor whose
/// axes are labelled with index variables; operators align labels; sums of products become
/// contractions.
#ifndef NNC_COMPILER_ELABORATE_INDEX_INDEXNOTATION_H
#define NNC_COMPILER_ELABORATE_INDEX_INDEXNOTATION_H

#include "compiler/Elaborate/Builtins/Builtins.h"

namespace nnc {

/// `i`, `i < N`, `i in a:b`: takes the values low .. low + size - 1.
struct IndexVariable {
  llvm::StringRef name;
  std::optional<Dim> size;
  int64_t low = 0;
  bool written = false;
  SourceRange where;
  /// Order of binding: the left side's come first, in their order.
  unsigned id = 0;
};

/// A compile-time number, or a tensor with one label an axis.
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
class RegionScope;

class IndexNotation {
public:
  explicit IndexNotation(Body &body) : body(body), build(body.build) {}
  Value define(const ast::Target &target, const ast::Expr *value);
  /// A sum outside of a definition: no index is left over.
  Value reduceToScalar(const ast::ReduceExpr &expr);

private:
  //===--- Ranges (IndexRanges.cpp) -----------------------------------------===//
  IndexVariable *add(llvm::StringRef name, SourceRange where);
  IndexVariable *bind(const ast::Binder &binder);
  IndexVariable *visible(llvm::StringRef name) const;
  bool usesIndex(const ast::Expr *expr) const;
  bool isAccess(const ast::BracketExpr &expr);
  void collect(const ast::Expr *expr);
  void collectReduce(const ast::ReduceExpr &expr);
  void collectAccess(const ast::BracketExpr &expr);
  bool reportSelf(const ast::BracketExpr &expr);
  void noteRange(IndexVariable &variable, const Dim &size, SourceRange range);
  bool checkRanges(llvm::ArrayRef<IndexVariable *> variables);
  /// The subscript of each axis: an expression, or an index of `..`.
  struct Subscript {
    const ast::Expr *expr = nullptr;
    IndexVariable *dot = nullptr;
  };
  bool noteDots(int64_t run, SourceRange range);
  std::optional<std::vector<Subscript>> subscripts(const ast::BracketExpr &expr, const Tensor &x);

  //===--- Values (IndexNotation.cpp) ------------------------------------------===//
  Operand eval(const ast::Expr *expr);
  Operand evalBinary(const ast::Expr *expr);
  Operand evalIndex(IndexVariable &variable);
  Operand evalPlain(const ast::Expr *expr);
  Operand evalCall(const ast::CallExpr &expr);
  std::optional<Value> calleeOf(const ast::CallExpr &expr) const;
  void collectCall(const ast::CallExpr &expr);
  bool takesVectors(const ast::FunctionDecl &decl, const ast::CallExpr &expr);
  IndexVariable *freeAxis(std::vector<IndexVariable *> &known, size_t at, SourceRange range);
  Operand evalArgument(const ast::Expr *expr);
  Call callAt(const Value &callee, const ast::CallExpr &expr);
  Operand evalAtPoints(const Value &callee, const ast::CallExpr &expr);
  Value mapOver(llvm::ArrayRef<IndexVariable *> labels, Call call, std::vector<Operand> operands);
  Value stackPoints(RegionScope &inside, const IndexVariable &label,
                    llvm::ArrayRef<mlir::Value> inputs, const Tensor &piece);
  Operand evalFunction(const FunctionReference &function, const ast::CallExpr &expr,
                       std::vector<Operand> &operands);
  Operand evalIf(const ast::IfExpr &expr);
  /// Repeats all labelled tensors along the union of their labels, in canonical order.
  llvm::SmallVector<IndexVariable *, 4> alignLabels(llvm::MutableArrayRef<Operand *> operands);
  Operand spread(const Operand &x, llvm::ArrayRef<IndexVariable *> labels);
  Tensor tensorOf(const Operand &x, Element like);

  //===--- Reductions (IndexSum.cpp) --------------------------------------------===//
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
  Operand contract(const Operand &a, const Operand &b, llvm::ArrayRef<IndexVariable *> kept);
  Operand finishProduct(Operand result, Product &product, const ast::Expr &expr);
  Operand elementwise(ast::BinaryOp op, Operand a, Operand b, const ast::Expr &at);

  //===--- Subscripts (IndexAccess.cpp) -------------------------------------------===//
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
  std::vector<std::unique_ptr<IndexVariable>> all;
  llvm::SmallVector<IndexVariable *> stack;
  /// The indices that `..` stands for, once it is known.
  std::optional<llvm::SmallVector<IndexVariable *>> dots;
  llvm::DenseMap<const ast::Node *, IndexVariable *> bound;
  /// Arguments that may leave axes to the function that is called, and the indices made for those.
  std::map<const ast::BracketExpr *, std::vector<IndexVariable *>> free;
  /// Something subscripted was reported already: ranges that it would have given are not missed.
  bool poisoned = false;
  /// The name that is defined.
  llvm::StringRef defined;
  /// Values of subscripted tensors, and of subscripts without indices: evaluated once.
  std::map<const ast::Expr *, Value> bases, plain;
};

} // namespace nnc

#endif
