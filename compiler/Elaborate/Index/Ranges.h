/// Which index of index notation runs over what. Before a right side is evaluated, a walk over it
/// binds the indices of its reductions and takes ranges from the axes that they subscript alone.
#ifndef NNC_COMPILER_ELABORATE_INDEX_RANGES_H
#define NNC_COMPILER_ELABORATE_INDEX_RANGES_H

#include "compiler/Elaborate/Expr/Expr.h"

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
  /// An axis that is left to the function that is called.
  bool isFree() const { return name == ":"; }
};

class IndexRanges {
public:
  explicit IndexRanges(Body &body) : body(body) {}

  IndexVariable *bind(const ast::Binder &binder);
  /// Makes an index of the left side visible.
  void show(IndexVariable *variable) { stack.push_back(variable); }
  /// Walks over the right side of the definition of a name, or of none. False after errors.
  bool collectAll(const ast::Expr *expr, llvm::StringRef name = "");
  /// Reports the indices without a range; false if there are some.
  bool check(llvm::ArrayRef<IndexVariable *> variables);

  /// While it lives, the indices of a reduction are visible.
  class Visible {
  public:
    Visible(IndexRanges &ranges, llvm::ArrayRef<IndexVariable *> variables)
        : ranges(ranges), depth(ranges.stack.size()) {
      ranges.stack.append(variables.begin(), variables.end());
    }
    ~Visible() { ranges.stack.resize(depth); }
    Visible(const Visible &) = delete;

  private:
    IndexRanges &ranges;
    size_t depth;
  };

  /// Null if no visible index has that name.
  IndexVariable *visible(llvm::StringRef name) const;
  bool usesIndex(const ast::Expr *expr) const;
  /// A subscripted value, not a call without parentheses.
  bool isAccess(const ast::BracketExpr &expr) const;
  /// What is called, if it is a fn, layer or net.
  std::optional<Value> calleeOf(const ast::CallExpr &expr) const;
  /// The index that a binder of a reduction has bound.
  IndexVariable *boundBy(const ast::Binder *binder) const { return bound.lookup(binder); }
  /// The indices that `..` stands for, once it is known.
  const std::optional<llvm::SmallVector<IndexVariable *>> &getDots() const { return dots; }
  /// Whether an argument leaves axes to the function that is called.
  bool hasFreeAxes(const ast::BracketExpr &expr) const;
  /// The value that is subscripted, evaluated once.
  Value baseOf(const ast::BracketExpr &expr) const;

  /// The subscript of each axis: an expression, or an index of `..`.
  struct Subscript {
    const ast::Expr *expr = nullptr;
    IndexVariable *dot = nullptr;
  };
  std::optional<std::vector<Subscript>> subscripts(const ast::BracketExpr &expr, const Tensor &x);

private:
  IndexVariable *add(llvm::StringRef name, SourceRange where);
  void collect(const ast::Expr *expr);
  void collectReduce(const ast::ReduceExpr &expr);
  void collectCall(const ast::CallExpr &expr);
  void collectAccess(const ast::BracketExpr &expr);
  Value elaborateBase(const ast::BracketExpr &expr);
  bool reportSelf(const ast::BracketExpr &expr);
  void noteRange(IndexVariable &variable, const Dim &size, SourceRange range);
  bool noteDots(int64_t run, SourceRange range);
  IndexVariable *freeAxis(std::vector<IndexVariable *> &known, size_t at, SourceRange range);

  Body &body;
  std::vector<std::unique_ptr<IndexVariable>> all;
  llvm::SmallVector<IndexVariable *> stack;
  std::optional<llvm::SmallVector<IndexVariable *>> dots;
  llvm::DenseMap<const ast::Node *, IndexVariable *> bound;
  /// Arguments that may leave axes to the function that is called, and the indices made for those.
  std::map<const ast::BracketExpr *, std::vector<IndexVariable *>> free;
  std::map<const ast::Expr *, Value> bases;
  /// Something subscripted was reported already: ranges that it would have given are not missed.
  bool poisoned = false;
  /// The name that is defined.
  llvm::StringRef defined;
};

} // namespace nnc

#endif
