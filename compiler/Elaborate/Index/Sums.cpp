/// Reductions of index notation. Sums of products become contractions, pairwise; what does not
/// depend on a bound index is pulled out.
#include "compiler/Elaborate/Index/IndexNotation.h"
#include "compiler/Syntax/ASTWalk.h"
#include <cmath>

namespace nnc {

using ast::BinaryOp;
using ast::ReduceOp;

static bool mentionsAny(const Operand &x, llvm::ArrayRef<IndexVariable *> bound) {
  return llvm::any_of(x.labels,
                      [&](IndexVariable *label) { return llvm::is_contained(bound, label); });
}

Operand IndexNotation::evalReduce(const ast::ReduceExpr &expr) {
  if (expr.op == ReduceOp::Softmax || expr.op == ReduceOp::LogSoftmax)
    return evalNormalise(expr);
  llvm::SmallVector<IndexVariable *> variables;
  for (const ast::Binder *binder : expr.binders)
    variables.push_back(ranges.boundBy(binder));
  if (!ranges.check(variables))
    return {};
  IndexRanges::Visible inside(ranges, variables);
  if (expr.op == ReduceOp::Sum)
    return evalSum(expr, variables);
  Operand x = eval(expr.body);
  return x.failed() ? Operand() : reduceOver(expr.op, x, variables, expr.range);
}

/// A term without the index changes nothing under a softmax along it: it was meant to stand
/// outside.
static bool checkTerms(Body &body, const ast::ReduceExpr &expr, llvm::StringRef index) {
  for (const ast::BinaryExpr *sum : ast::leftSpine(expr.body)) {
    if (sum->parenthesised || (sum->op != BinaryOp::Add && sum->op != BinaryOp::Sub))
      return true;
    if (mentions(sum->rhs, index))
      continue;
    std::string word = ast::spelling(expr.op).str();
    body.diags
        .error(Code::BadIndexNotation, sum->rhs->range,
               "`" + word + "[" + index + "]` takes the whole sum, and this term has no `" + index +
                   "`")
        .label(expr.opRange, "takes the sum after it")
        .help("write (" + word + "[" + index + "] ..) + .. to add it to the " + word + ", or " +
              word + "[" + index + "] (.. + ..) to keep it inside");
    return false;
  }
  return true;
}

Operand IndexNotation::evalNormalise(const ast::ReduceExpr &expr) {
  if (expr.binders.size() == 1 && !checkTerms(body, expr, expr.binders[0]->name.text))
    return {};
  Operand x = eval(expr.body);
  for (const ast::Binder *binder : expr.binders) {
    IndexVariable *variable = ranges.visible(binder->name.text);
    if (!variable || expr.binders.size() != 1) {
      body.diags.error(Code::BadIndexNotation, binder->range,
                       "`" + ast::spelling(expr.op) +
                           "[j]` normalises along one index of the left side");
      return {};
    }
    if (x.failed())
      return {};
    x.value = tensorOf(x, Element::F32);
    if (!llvm::is_contained(x.labels, variable)) {
      auto labels = x.labels;
      labels.push_back(variable);
      x = spread(x, labels);
    }
    int64_t axis = llvm::find(x.labels, variable) - x.labels.begin();
    const Tensor &t = *x.value.tensor();
    if (expr.op == ReduceOp::Softmax)
      x.value = build.like(
          t, nn::SoftmaxOp::create(*build.builder, build.loc, t.value.getType(), t.value, axis));
    else
      x.value = build.like(
          t, nn::LogSoftmaxOp::create(*build.builder, build.loc, t.value.getType(), t.value, axis));
  }
  return x;
}

Operand IndexNotation::reduceOver(ReduceOp op, const Operand &operand,
                                  llvm::ArrayRef<IndexVariable *> variables, SourceRange range) {
  auto labels = operand.labels;
  for (IndexVariable *variable : variables)
    if (!llvm::is_contained(labels, variable))
      labels.push_back(variable);
  Operand x = operand;
  if (x.value.isStaticScalar())
    x.value = *toTensor(body, x.value, range, x.value.is<bool>() ? Element::Bool : Element::F32);
  x = spread(x, labels);
  llvm::SmallVector<int64_t> axes;
  Operand result;
  for (auto [axis, label] : llvm::enumerate(labels)) {
    if (llvm::is_contained(variables, label))
      axes.push_back(axis);
    else
      result.labels.push_back(label);
  }
  result.value = reduce(body, op, *x.value.tensor(), axes, range);
  return result;
}

void IndexNotation::collectFactors(const ast::Expr *expr, bool divisor,
                                   llvm::ArrayRef<IndexVariable *> variables, Product &product) {
  auto *binary = llvm::dyn_cast<ast::BinaryExpr>(expr);
  auto *unary = llvm::dyn_cast<ast::UnaryExpr>(expr);
  bool uses = ranges.usesIndex(expr);
  if (uses && binary && (binary->op == BinaryOp::Mul || binary->op == BinaryOp::Div)) {
    collectFactors(binary->lhs, divisor, variables, product);
    collectFactors(binary->rhs, divisor != (binary->op == BinaryOp::Div), variables, product);
    return;
  }
  if (uses && unary && unary->op == ast::UnaryOp::Neg) {
    product.factor = -product.factor;
    collectFactors(unary->operand, divisor, variables, product);
    return;
  }
  addFactor(eval(expr), divisor, variables, product, expr);
}

void IndexNotation::addFactor(Operand operand, bool divisor,
                              llvm::ArrayRef<IndexVariable *> variables, Product &product,
                              const ast::Expr *expr) {
  if (operand.failed() || operand.value.isAbsent()) {
    product.failed = true;
    return;
  }
  if (auto number = operand.value.number()) {
    product.factor = divisor ? product.factor / *number : product.factor * *number;
    return;
  }
  if (!mentionsAny(operand, variables)) {
    (divisor ? product.below : product.outside).push_back(std::move(operand));
    return;
  }
  Tensor x = *operand.value.tensor();
  if (x.element == Element::I32 && !x.index && !divisor) {
    product.summed.push_back(std::move(operand));
    return;
  }
  operand.value = build.cast(x, Element::F32);
  if (divisor)
    operand = elementwise(BinaryOp::Div, {Value::real(1), {}}, operand, *expr);
  product.failed |= operand.failed();
  product.summed.push_back(std::move(operand));
}

Operand IndexNotation::elementwise(BinaryOp op, Operand a, Operand b, const ast::Expr &at) {
  Operand *both[] = {&a, &b};
  auto labels = alignLabels(both);
  ast::BinaryExpr expr;
  expr.op = op;
  expr.range = at.range;
  expr.lhs = expr.rhs = const_cast<ast::Expr *>(&at);
  return {applyBinary(body, op, a.value, b.value, expr), labels};
}

static Operand contract(TensorBuilder &build, const Operand &a, const Operand &b,
                        llvm::ArrayRef<IndexVariable *> kept) {
  llvm::SmallVector<int64_t> aLabels, bLabels, yLabels;
  llvm::SmallVector<IndexVariable *, 4> labels;
  for (const Operand *side : {&a, &b})
    for (IndexVariable *label : side->labels) {
      (side == &a ? aLabels : bLabels).push_back(label->id);
      if (llvm::is_contained(kept, label) && !llvm::is_contained(labels, label))
        labels.push_back(label);
    }
  llvm::sort(labels, [](IndexVariable *x, IndexVariable *y) { return x->id < y->id; });
  Shape dims;
  for (IndexVariable *label : labels) {
    yLabels.push_back(label->id);
    dims.push_back(*label->size);
  }
  auto op = nn::ContractOp::create(*build.builder, build.loc, build.type(Element::F32, dims),
                                   a.value.tensor()->value, b.value.tensor()->value, aLabels,
                                   bLabels, yLabels);
  return {build.make(Element::F32, dims, op), labels};
}

Operand IndexNotation::evalSum(const ast::ReduceExpr &expr,
                               llvm::ArrayRef<IndexVariable *> variables) {
  Product product;
  collectFactors(expr.body, false, variables, product);
  if (product.failed)
    return {};
  // An index that no factor has counts its iterations.
  for (IndexVariable *variable : variables)
    if (llvm::none_of(product.summed,
                      [&](const Operand &x) { return llvm::is_contained(x.labels, variable); }))
      product.factor *= variable->size->value();
  if (product.summed.empty())
    return finishProduct({Value::real(1), {}}, product, expr);
  bool whole = llvm::all_of(
      product.summed, [](const Operand &x) { return x.value.tensor()->element == Element::I32; });
  Operand result = product.summed[0];
  if (!whole)
    for (Operand &factor : product.summed)
      if (factor.value.tensor()->element == Element::I32) {
        body.diags
            .error(Code::ElementMismatch, expr.range, "an i32 tensor does not become f32 by itself")
            .help("write f32(x[i])");
        return {};
      }
  for (size_t i = 1; i < product.summed.size(); ++i) {
    if (whole) {
      result = elementwise(BinaryOp::Mul, result, product.summed[i], *expr.body);
      continue;
    }
    llvm::SmallVector<IndexVariable *> kept;
    for (const Operand *side : {&result, &product.summed[i]})
      for (IndexVariable *label : side->labels) {
        bool later =
            llvm::any_of(llvm::ArrayRef<Operand>(product.summed).drop_front(i + 1),
                         [&](const Operand &x) { return llvm::is_contained(x.labels, label); });
        if (later || !llvm::is_contained(variables, label))
          kept.push_back(label);
      }
    result = contract(build, result, product.summed[i], kept);
  }
  llvm::SmallVector<IndexVariable *> rest;
  for (IndexVariable *label : result.labels)
    if (llvm::is_contained(variables, label))
      rest.push_back(label);
  if (!rest.empty())
    result = reduceOver(ReduceOp::Sum, result, rest, expr.range);
  return finishProduct(std::move(result), product, expr);
}

Operand IndexNotation::finishProduct(Operand result, Product &product, const ast::Expr &expr) {
  double whole;
  if (product.factor != 1) {
    bool integral = std::modf(product.factor, &whole) == 0;
    Value factor = integral ? Value::integer(int64_t(whole)) : Value::real(product.factor);
    result = elementwise(BinaryOp::Mul, std::move(result), {factor, {}}, expr);
  }
  for (Operand &x : product.outside)
    result = elementwise(BinaryOp::Mul, std::move(result), x, expr);
  for (Operand &x : product.below)
    result = elementwise(BinaryOp::Div, std::move(result), x, expr);
  return result;
}

} // namespace nnc
