/// Index notation: definitions, operators, calls.
#include "compiler/ASTToNN/IndexNotation.h"
#include "llvm/ADT/ScopeExit.h"

namespace nnc {

Value Elaborator::elaborateIndexed(const ast::Target &target, const ast::Expr *value) {
  unsigned depth = std::exchange(bracketDepth, 0);
  Value result = IndexNotation(*this).define(target, value);
  bracketDepth = depth;
  return result;
}

Value Elaborator::elaborateReduce(const ast::ReduceExpr &expr) {
  unsigned depth = std::exchange(bracketDepth, 0);
  Value result = IndexNotation(*this).reduceToScalar(expr);
  bracketDepth = depth;
  return result;
}

Value IndexNotation::define(const ast::Target &target, const ast::Expr *value) {
  llvm::SmallVector<IndexVariable *> left;
  std::optional<size_t> dotsAt;
  for (const ast::Index &index : target.indices) {
    if (index.form == ast::Index::Ellipsis) {
      dotsAt = left.size();
    } else if (index.form == ast::Index::Binder) {
      if (visible(index.binder->name.text))
        e.diags.error(Code::BadIndexNotation, index.range,
                      "the index `" + index.binder->name.text + "` stands twice on the left");
      left.push_back(bind(*index.binder));
      stack.push_back(left.back());
    } else {
      e.diags.error(Code::BadIndexNotation, index.range, "`:` stands on the left of a scan only")
          .help("name the index");
      return {};
    }
  }
  unsigned before = e.diags.errorCount();
  collect(value);
  if (e.diags.errorCount() != before || !checkRanges(left))
    return {};
  if (dotsAt && !dots) {
    e.diags.error(Code::NoRange, target.range,
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
      e.diags.error(Code::BadIndexNotation, value->range,
                    "the index `" + label->name + "` is not on the left");
      return {};
    }
  if (result.value.isStaticScalar()) {
    auto scalar = e.toTensor(result.value, value->range,
                             result.value.is<Dim>() ? std::optional(Element::F32) : std::nullopt);
    result.value = *scalar;
  }
  Tensor y = *spread(result, left).value.tensor();
  y.index = false;
  return y;
}

Value IndexNotation::reduceToScalar(const ast::ReduceExpr &expr) {
  if (expr.op == ast::ReduceOp::Softmax || expr.op == ast::ReduceOp::LogSoftmax) {
    e.diags
        .error(Code::BadIndexNotation, expr.range,
               "`" + ast::spelling(expr.op) +
                   "[j]` re-uses an index of the left side: there is none here")
        .help("softmax(x, axis = ...) works on whole tensors");
    return {};
  }
  unsigned before = e.diags.errorCount();
  collect(&expr);
  if (e.diags.errorCount() != before)
    return {};
  Operand result = eval(&expr);
  if (!result.failed() && !result.labels.empty()) {
    e.diags.error(Code::BadIndexNotation, expr.range,
                  "`..` is left over: define a tensor with `..` on the left");
    return {};
  }
  return result.value;
}

Operand IndexNotation::eval(const ast::Expr *expr) {
  mlir::Location saved = build.loc;
  build.loc = e.location(expr->range);
  llvm::scope_exit restore([&] { build.loc = saved; });
  if (auto *name = llvm::dyn_cast<ast::NameExpr>(expr))
    if (IndexVariable *variable = visible(name->name))
      return evalIndex(*variable);
  if (!usesIndex(expr))
    return evalPlain(expr);
  if (auto *reduce = llvm::dyn_cast<ast::ReduceExpr>(expr))
    return evalReduce(*reduce);
  if (auto *bracket = llvm::dyn_cast<ast::BracketExpr>(expr); bracket && isAccess(*bracket))
    return evalAccess(*bracket);
  if (auto *unary = llvm::dyn_cast<ast::UnaryExpr>(expr)) {
    Operand x = eval(unary->operand);
    x.value = e.unary(unary->op, x.value, expr->range);
    return x;
  }
  if (auto *binary = llvm::dyn_cast<ast::BinaryExpr>(expr)) {
    if (binary->op == ast::BinaryOp::MatMul) {
      e.diags
          .error(Code::BadIndexNotation, expr->range,
                 "`@` is for whole tensors; here a sum is written")
          .help("sum[k] a[i, k] * b[k, j]");
      return {};
    }
    Operand a = eval(binary->lhs), b = eval(binary->rhs);
    if (a.failed() || b.failed())
      return {};
    Operand *both[] = {&a, &b};
    auto labels = alignLabels(both);
    return {e.binary(binary->op, a.value, b.value, *binary), labels};
  }
  if (auto *call = llvm::dyn_cast<ast::CallExpr>(expr))
    return evalCall(*call);
  if (auto *choice = llvm::dyn_cast<ast::IfExpr>(expr))
    return evalIf(*choice);
  e.diags.error(Code::BadIndexNotation, expr->range, "this cannot stand in index notation");
  return {};
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
  Value value = e.elaborateExpr(expr);
  if (value.isStaticScalar() || value.isPoison() || value.isAbsent())
    return {value, {}};
  auto *tensor = value.tensor();
  if (tensor && !tensor->rank())
    return {value, {}};
  e.diags
      .error(Code::BadIndexNotation, expr->range,
             "in index notation every tensor is fully subscripted")
      .here("this is " + value.describe());
  return {};
}

Operand IndexNotation::evalIf(const ast::IfExpr &expr) {
  Value condition = usesIndex(expr.condition) ? Value() : e.elaborateExpr(expr.condition);
  auto *truth = condition.as<bool>();
  const ast::Block *block = truth ? (*truth ? expr.thenBlock : expr.elseBlock) : nullptr;
  auto *value = block && block->statements.size() == 1
                    ? llvm::dyn_cast<ast::ExprStmt>(block->statements[0])
                    : nullptr;
  if (value)
    return eval(value->value);
  e.diags
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
  return build.cast(*e.toTensor(x.value, {}, like), like);
}

Operand IndexNotation::evalCall(const ast::CallExpr &expr) {
  const ast::Expr *callee = expr.callee;
  if (auto *bracket = llvm::dyn_cast<ast::BracketExpr>(callee))
    callee = bracket->base;
  auto *name = llvm::dyn_cast<ast::NameExpr>(callee);
  auto binding = name ? e.lookup(name->name, name->range) : std::nullopt;
  if (!binding)
    return {};
  auto *builtin = binding->value.as<BuiltinReference>();
  auto *function = binding->value.as<FunctionReference>();
  const Builtin *entry = builtin ? e.findBuiltin(builtin->name) : nullptr;
  if (!(entry && entry->elementwise) && !(function && !function->decl->isLayer)) {
    e.diags
        .error(Code::BadIndexNotation, expr.range,
               "`" + name->name + "` cannot be applied to scalars of index notation")
        .help("only scalar functions apply here; give the tensor a name first");
    return {};
  }
  std::vector<Operand> operands;
  for (const ast::Arg &arg : expr.args) {
    operands.push_back(eval(arg.value));
    if (operands.back().failed())
      return {};
  }
  llvm::SmallVector<Operand *> pointers;
  for (Operand &operand : operands)
    pointers.push_back(&operand);
  auto labels = alignLabels(pointers);
  if (function)
    return evalFunction(*function, expr, operands);
  BuiltinCall call;
  call.builtin = entry;
  call.expr = &expr;
  call.source = expr.args;
  call.range = expr.range;
  for (auto [operand, arg] : llvm::zip(operands, expr.args))
    call.arguments.push_back({arg.name.text.str(), operand.value, arg.range});
  if (call.arguments.size() < entry->minArguments || call.arguments.size() > entry->maxArguments) {
    e.diags.error(Code::BadArguments, expr.range,
                  "`" + entry->name + "` takes another number of arguments");
    return {};
  }
  return {entry->build(e, call), labels};
}

/// A fn of scalars is applied to all points at once: its body sees tensors of one shape.
Operand IndexNotation::evalFunction(const FunctionReference &function, const ast::CallExpr &expr,
                                    std::vector<Operand> &operands) {
  llvm::SmallVector<IndexVariable *, 4> labels;
  for (const Operand &operand : operands)
    if (operand.labels.size() > labels.size())
      labels = operand.labels;
  Shape dims;
  for (IndexVariable *label : labels)
    dims.push_back(*label->size);
  Call call;
  call.callee = function;
  call.lifted = true;
  call.range = expr.range;
  if (auto *bracket = llvm::dyn_cast<ast::BracketExpr>(expr.callee))
    call.statics = e.evalStatics(bracket->items, *function.decl);
  call.site = e.indexed(e.siteName(&expr, snakeCase(function.decl->name.text)));
  for (auto [i, operand] : llvm::enumerate(operands)) {
    Value value = operand.value;
    bool shaped = i < function.decl->params.size() && !function.decl->params[i].type->dims.empty();
    if (shaped && value.isStaticScalar())
      value = build.constant(*value.number(), Element::F32, dims);
    call.arguments.push_back({expr.args[i].name.text.str(), value, expr.args[i].range});
  }
  Value result = e.call(std::move(call));
  auto *tensor = result.tensor();
  if (result.isStaticScalar())
    return {result, {}};
  if (tensor && tensor->rank() == int64_t(labels.size()))
    return {result, labels};
  if (!result.isPoison())
    e.diags.error(Code::BadIndexNotation, expr.range,
                  "`" + function.decl->name.text + "` is not a scalar function: it gives " +
                      result.describe());
  return {};
}

} // namespace nnc
