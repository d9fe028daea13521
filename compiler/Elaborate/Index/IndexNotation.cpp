/// Index notation: definitions, operators, calls.
#include "compiler/Elaborate/Index/IndexNotation.h"

namespace nnc {

Value elaborateIndexed(Body &body, const ast::Target &target, const ast::Expr *value) {
  llvm::SaveAndRestore brackets(body.compileTime, false);
  return IndexNotation(body).define(target, value);
}

Value elaborateReduce(Body &body, const ast::ReduceExpr &expr) {
  llvm::SaveAndRestore brackets(body.compileTime, false);
  return IndexNotation(body).reduceToScalar(expr);
}

Value IndexNotation::define(const ast::Target &target, const ast::Expr *value) {
  llvm::SmallVector<IndexVariable *> left;
  std::optional<size_t> dotsAt;
  for (const ast::Index &index : target.indices) {
    if (index.form == ast::Index::Ellipsis) {
      dotsAt = left.size();
    } else if (index.form == ast::Index::Binder) {
      if (ranges.visible(index.binder->name.text))
        body.diags.error(Code::BadIndexNotation, index.range,
                         "the index `" + index.binder->name.text + "` stands twice on the left");
      left.push_back(ranges.bind(*index.binder));
      ranges.show(left.back());
    } else {
      body.diags.error(Code::BadIndexNotation, index.range, "`:` stands on the left of a scan only")
          .help("name the index");
      return {};
    }
  }
  if (!ranges.collectAll(value, target.name.text) || !ranges.check(left))
    return {};
  const auto &dots = ranges.getDots();
  if (dotsAt && !dots) {
    body.diags.error(Code::NoRange, target.range,
                     "`..` on the left is subscripted nowhere on the right");
    return {};
  }
  if (dotsAt)
    left.insert(left.begin() + *dotsAt, dots->begin(), dots->end());
  Operand result = eval(value);
  if (result.failed())
    return {};
  for (IndexVariable *label : result.labels)
    if (!llvm::is_contained(left, label)) {
      body.diags.error(Code::BadIndexNotation, value->range,
                       "the index `" + label->name + "` is not on the left");
      return {};
    }
  if (result.value.isStaticScalar()) {
    bool number = result.value.is<Dim>() && !result.value.is<Word>();
    auto scalar = toTensor(body, result.value, value->range,
                           number ? std::optional(Element::F32) : std::nullopt);
    result.value = *scalar;
  }
  Tensor y = *spread(result, left).value.tensor();
  y.index = false;
  return y;
}

Value IndexNotation::reduceToScalar(const ast::ReduceExpr &expr) {
  if (expr.op == ast::ReduceOp::Softmax || expr.op == ast::ReduceOp::LogSoftmax) {
    body.diags
        .error(Code::BadIndexNotation, expr.range,
               "`" + ast::spelling(expr.op) +
                   "[j]` re-uses an index of the left side: there is none here")
        .help("softmax(x, axis = ...) works on whole tensors");
    return {};
  }
  if (!ranges.collectAll(&expr))
    return {};
  Operand result = eval(&expr);
  if (!result.failed() && !result.labels.empty()) {
    body.diags.error(Code::BadIndexNotation, expr.range,
                     "`..` is left over: define a tensor with `..` on the left");
    return {};
  }
  return result.value;
}

Operand IndexNotation::eval(const ast::Expr *expr) {
  llvm::SaveAndRestore place(build.loc, body.location(expr->range));
  if (auto *name = llvm::dyn_cast<ast::NameExpr>(expr))
    if (IndexVariable *variable = ranges.visible(name->name))
      return evalIndex(*variable);
  if (!ranges.usesIndex(expr))
    return evalPlain(expr);
  if (auto *reduce = llvm::dyn_cast<ast::ReduceExpr>(expr))
    return evalReduce(*reduce);
  if (auto *bracket = llvm::dyn_cast<ast::BracketExpr>(expr); bracket && ranges.isAccess(*bracket))
    return evalAccess(*bracket);
  if (auto *unary = llvm::dyn_cast<ast::UnaryExpr>(expr)) {
    Operand x = eval(unary->operand);
    x.value = applyUnary(body, unary->op, x.value, expr->range);
    return x;
  }
  if (llvm::isa<ast::BinaryExpr>(expr))
    return evalBinary(expr);
  if (auto *call = llvm::dyn_cast<ast::CallExpr>(expr))
    return evalCall(*call);
  if (auto *choice = llvm::dyn_cast<ast::IfExpr>(expr))
    return evalIf(*choice);
  body.diags.error(Code::BadIndexNotation, expr->range, "this cannot stand in index notation");
  return {};
}

Operand IndexNotation::evalBinary(const ast::Expr *expr) {
  auto spine = ast::leftSpine(expr);
  // What has no index is evaluated as a whole.
  auto *plainPart =
      llvm::find_if_not(spine, [&](const ast::BinaryExpr *one) { return ranges.usesIndex(one); });
  spine.erase(plainPart, spine.end());
  Operand left = eval(spine.back()->lhs);
  for (const ast::BinaryExpr *one : llvm::reverse(spine)) {
    if (one->op == ast::BinaryOp::MatMul) {
      body.diags
          .error(Code::BadIndexNotation, one->range,
                 "`@` is for whole tensors; here a sum is written")
          .help("sum[k] a[i, k] * b[k, j]");
      return {};
    }
    Operand right = eval(one->rhs);
    if (left.failed() || right.failed())
      return {};
    build.loc = body.location(one->range);
    Operand *both[] = {&left, &right};
    auto labels = alignLabels(both);
    left = {applyBinary(body, one->op, left.value, right.value, *one), labels};
  }
  return left;
}

Operand IndexNotation::evalIndex(IndexVariable &variable) {
  Tensor x = build.iota({*variable.size}, 0);
  if (variable.low) {
    x = build.add(x, build.constant(variable.low, Element::I32, x.dims));
    x.index = true;
  }
  x.range = Interval{variable.low, variable.low + variable.size->value() - 1};
  return {x, {&variable}};
}

Operand IndexNotation::evalPlain(const ast::Expr *expr) {
  Value value = elaborateExpr(body, expr);
  if (value.isStaticScalar() || value.isPoison() || value.isAbsent())
    return {value, {}};
  auto *tensor = value.tensor();
  if (tensor && !tensor->rank())
    return {value, {}};
  body.diags
      .error(Code::BadIndexNotation, expr->range,
             "in index notation every tensor is fully subscripted")
      .here("this is " + value.describe());
  return {};
}

Operand IndexNotation::evalIf(const ast::IfExpr &expr) {
  Value condition =
      ranges.usesIndex(expr.condition) ? Value() : elaborateExpr(body, expr.condition);
  auto *boolean = condition.as<bool>();
  const ast::Block *block = boolean ? (*boolean ? expr.thenBlock : expr.elseBlock) : nullptr;
  auto *value = block && block->statements.size() == 1
                    ? llvm::dyn_cast<ast::ExprStmt>(block->statements[0])
                    : nullptr;
  if (value)
    return eval(value->value);
  body.diags
      .error(Code::BadIndexNotation, expr.range,
             "in index notation `if` needs a condition of compile time and one expression in each "
             "branch")
      .help("where(c, a, b) chooses point by point");
  return {};
}

Operand IndexNotation::spread(const Operand &x, llvm::ArrayRef<IndexVariable *> labels) {
  auto *tensor = x.value.tensor();
  if (!tensor || llvm::ArrayRef<IndexVariable *>(x.labels) == labels)
    return x;
  Shape dims;
  llvm::SmallVector<int64_t> axes;
  for (IndexVariable *label : labels)
    dims.push_back(*label->size);
  for (IndexVariable *label : x.labels)
    axes.push_back(llvm::find(labels, label) - labels.begin());
  Operand result;
  result.value = build.broadcast(*tensor, axes, dims);
  result.labels.assign(labels.begin(), labels.end());
  return result;
}

llvm::SmallVector<IndexVariable *, 4>
IndexNotation::alignLabels(llvm::MutableArrayRef<Operand *> operands) {
  llvm::SmallVector<IndexVariable *, 4> labels;
  for (Operand *operand : operands)
    for (IndexVariable *label : operand->labels)
      if (!llvm::is_contained(labels, label))
        labels.push_back(label);
  llvm::sort(labels, [](IndexVariable *a, IndexVariable *b) { return a->id < b->id; });
  for (Operand *operand : operands)
    if (!operand->labels.empty())
      *operand = spread(*operand, labels);
  return labels;
}

Tensor IndexNotation::tensorOf(const Operand &x, Element like) {
  return build.cast(*toTensor(body, x.value, {}, like), like);
}

} // namespace nnc
