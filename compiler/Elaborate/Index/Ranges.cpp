/// Which index runs over what.
#include "compiler/Elaborate/Index/Ranges.h"

namespace nnc {

IndexVariable *IndexRanges::add(llvm::StringRef name, SourceRange where) {
  all.push_back(std::make_unique<IndexVariable>());
  all.back()->name = name;
  all.back()->where = where;
  all.back()->id = all.size() - 1;
  return all.back().get();
}

IndexVariable *IndexRanges::bind(const ast::Binder &binder) {
  IndexVariable *variable = add(binder.name.text, binder.range);
  if (binder.upper) {
    auto low = binder.lower ? evalWhole(body, binder.lower) : std::optional(Dim(0));
    auto high = evalWhole(body, binder.upper);
    variable->written = true;
    if (low && high && low->value() <= high->value()) {
      variable->size = *high - *low;
      variable->low = low->value();
    } else if (low && high) {
      body.diags.error(Code::NoRange, binder.range,
                       "the range of `" + binder.name.text + "` is empty");
    }
  }
  bound[&binder] = variable;
  return variable;
}

IndexVariable *IndexRanges::visible(llvm::StringRef name) const {
  for (IndexVariable *variable : llvm::reverse(stack))
    if (variable->name == name)
      return variable;
  return nullptr;
}

/// The expressions right below one, subscripts included.
static llvm::SmallVector<const ast::Expr *, 4> partsOf(const ast::Expr *expr) {
  llvm::SmallVector<const ast::Expr *, 4> parts;
  auto addItems = [&](llvm::ArrayRef<ast::Item> items) {
    for (const ast::Item &item : items)
      for (const ast::Expr *part : {item.value, item.begin, item.end})
        if (part)
          parts.push_back(part);
  };
  if (auto *u = llvm::dyn_cast<ast::UnaryExpr>(expr)) {
    parts.push_back(u->operand);
  } else if (auto *b = llvm::dyn_cast<ast::BinaryExpr>(expr)) {
    parts = {b->lhs, b->rhs};
  } else if (auto *c = llvm::dyn_cast<ast::CallExpr>(expr)) {
    if (auto *bracket = llvm::dyn_cast<ast::BracketExpr>(c->callee))
      addItems(bracket->items);
    for (const ast::Arg &arg : c->args)
      parts.push_back(arg.value);
  } else if (auto *bracket = llvm::dyn_cast<ast::BracketExpr>(expr)) {
    parts.push_back(bracket->base);
    addItems(bracket->items);
  } else if (auto *m = llvm::dyn_cast<ast::MemberExpr>(expr)) {
    parts.push_back(m->base);
  } else if (auto *i = llvm::dyn_cast<ast::IfExpr>(expr)) {
    parts.push_back(i->condition);
    for (const ast::Block *block : {i->thenBlock, i->elseBlock})
      if (block)
        for (const ast::Stmt *statement : block->statements)
          if (auto *value = llvm::dyn_cast<ast::ExprStmt>(statement))
            parts.push_back(value->value);
  } else if (auto *t = llvm::dyn_cast<ast::TupleExpr>(expr)) {
    parts.append(t->elements.begin(), t->elements.end());
  } else if (auto *l = llvm::dyn_cast<ast::ListExpr>(expr)) {
    parts.append(l->elements.begin(), l->elements.end());
  }
  return parts;
}

bool IndexRanges::usesIndex(const ast::Expr *expr) const {
  llvm::SmallVector<const ast::Expr *, 16> open{expr};
  while (!open.empty()) {
    const ast::Expr *part = open.pop_back_val();
    if (auto *name = llvm::dyn_cast<ast::NameExpr>(part); name && visible(name->name))
      return true;
    if (llvm::isa<ast::ReduceExpr>(part))
      return true;
    if (auto *bracket = llvm::dyn_cast<ast::BracketExpr>(part))
      if (llvm::any_of(bracket->items,
                       [](const ast::Item &item) { return item.form == ast::Item::Ellipsis; }))
        return true;
    open.append(partsOf(part));
  }
  return false;
}

bool IndexRanges::isAccess(const ast::BracketExpr &expr) const {
  auto *name = llvm::dyn_cast<ast::NameExpr>(expr.base);
  if (!name)
    return true;
  auto binding = lookupQuietly(body, name->name);
  return !binding || !binding->value.is<FunctionReference>();
}

bool IndexRanges::collectAll(const ast::Expr *expr, llvm::StringRef name) {
  unsigned before = body.diags.errorCount();
  defined = name;
  collect(expr);
  return body.diags.errorCount() == before;
}

void IndexRanges::collect(const ast::Expr *expr) {
  if (!usesIndex(expr))
    return;
  if (auto *reduce = llvm::dyn_cast<ast::ReduceExpr>(expr))
    return collectReduce(*reduce);
  if (auto *bracket = llvm::dyn_cast<ast::BracketExpr>(expr); bracket && isAccess(*bracket))
    return collectAccess(*bracket);
  if (auto spine = ast::leftSpine(expr); !spine.empty()) {
    collect(spine.back()->lhs);
    for (const ast::BinaryExpr *one : llvm::reverse(spine))
      collect(one->rhs);
    return;
  }
  if (auto *call = llvm::dyn_cast<ast::CallExpr>(expr)) {
    collectCall(*call);
    return;
  }
  for (const ast::Expr *part : partsOf(expr))
    collect(part);
}

std::optional<Value> IndexRanges::calleeOf(const ast::CallExpr &expr) const {
  const ast::Expr *callee = expr.callee;
  if (auto *bracket = llvm::dyn_cast<ast::BracketExpr>(callee))
    callee = bracket->base;
  auto *name = llvm::dyn_cast<ast::NameExpr>(callee);
  auto binding = name ? lookupQuietly(body, name->name) : std::nullopt;
  if (!binding || !(binding->value.is<FunctionReference>() || binding->value.net()))
    return std::nullopt;
  return binding->value;
}

/// `score(h[b], f[b, i, :])`: an argument may leave axes to the function.
void IndexRanges::collectCall(const ast::CallExpr &expr) {
  bool whole = calleeOf(expr).has_value();
  for (const ast::Arg &arg : expr.args) {
    auto *bracket = llvm::dyn_cast<ast::BracketExpr>(arg.value);
    if (whole && bracket && isAccess(*bracket))
      free.try_emplace(bracket);
    collect(arg.value);
  }
}

/// An index of its own for an axis that is left to the function.
IndexVariable *IndexRanges::freeAxis(std::vector<IndexVariable *> &known, size_t at,
                                     SourceRange range) {
  if (at == known.size())
    known.push_back(add(":", range));
  return known[at];
}

void IndexRanges::collectReduce(const ast::ReduceExpr &expr) {
  bool normalises = expr.op == ast::ReduceOp::Softmax || expr.op == ast::ReduceOp::LogSoftmax;
  llvm::SmallVector<IndexVariable *> variables;
  if (!normalises)
    for (const ast::Binder *binder : expr.binders)
      variables.push_back(bind(*binder));
  Visible inside(*this, variables);
  collect(expr.body);
}

/// `..` stands for as many axes wherever it is written. False after an error.
bool IndexRanges::noteDots(int64_t run, SourceRange range) {
  if (!dots) {
    dots.emplace();
    for (int64_t i = 0; i < run; ++i)
      dots->push_back(add("..", range));
  }
  if (int64_t(dots->size()) == run)
    return true;
  body.diags.error(Code::IndexRange, range,
                   "`..` stands for " + llvm::Twine(dots->size()) + " axes and, here, for " +
                       llvm::Twine(run));
  return false;
}

std::optional<std::vector<IndexRanges::Subscript>>
IndexRanges::subscripts(const ast::BracketExpr &expr, const Tensor &x) {
  std::vector<Subscript> result;
  bool dotted = llvm::any_of(
      expr.items, [](const ast::Item &item) { return item.form == ast::Item::Ellipsis; });
  auto argument = free.find(&expr);
  bool partial = argument != free.end();
  int64_t run = x.rank() - int64_t(expr.items.size()) + 1;
  // An argument of a call may leave its last axes out.
  bool fits = dotted || (partial && run > 1) ? run >= 0 : run == 1;
  if (!fits) {
    body.diags
        .error(Code::BadIndexNotation, expr.range,
               llvm::Twine(expr.items.size() - dotted) + " indices for " + x.str())
        .note("in index notation every axis has its index")
        .help("a fn takes vectors at each point: f(x[b], y[b, i])");
    return std::nullopt;
  }
  size_t freeAxes = 0;
  auto leave = [&](SourceRange range) {
    result.push_back({nullptr, freeAxis(argument->second, freeAxes++, range)});
  };
  for (const ast::Item &item : expr.items) {
    if (item.form == ast::Item::Value) {
      result.push_back({item.value, nullptr});
      continue;
    }
    if (partial && item.form == ast::Item::Slice && !item.begin && !item.end) {
      leave(item.range);
      continue;
    }
    if (item.form != ast::Item::Ellipsis) {
      body.diags.error(Code::BadIndexNotation, item.range,
                       "in index notation a subscript is one position");
      return std::nullopt;
    }
    if (!noteDots(run, item.range))
      return std::nullopt;
    for (IndexVariable *dot : *dots)
      result.push_back({nullptr, dot});
  }
  while (int64_t(result.size()) < x.rank())
    leave(expr.range);
  return result;
}

/// `h[t] = h[t - 1] + x[t]`: a recurrence, for which there is `scan`.
bool IndexRanges::reportSelf(const ast::BracketExpr &expr) {
  auto *name = llvm::dyn_cast<ast::NameExpr>(expr.base);
  if (!name || defined.empty() || name->name != defined || lookupQuietly(body, name->name))
    return false;
  poisoned = true;
  body.diags
      .error(Code::UnknownName, name->range,
             "`" + defined + "` is not defined here: it is what this line defines")
      .help("`scan` carries a value from iteration to iteration: `" + defined +
            "[t] = scan t < T carry s = 0.0 { s = s + x[t]; yield s }`");
  return true;
}

/// The value that is subscripted: a tensor, or absent; else poison.
Value IndexRanges::elaborateBase(const ast::BracketExpr &expr) {
  if (reportSelf(expr))
    return {};
  Value value = elaborateExpr(body, expr.base);
  if (auto *list = value.asList(); list && !value.isPoison())
    if (auto tensor = toTensor(body, value, expr.base->range))
      value = *tensor;
  poisoned |= value.isPoison();
  if (value.tensor() || value.isPoison() || value.isAbsent())
    return value;
  body.diags.error(Code::BadIndexNotation, expr.base->range,
                   "this is subscripted, but is " + value.describe());
  return {};
}

void IndexRanges::collectAccess(const ast::BracketExpr &expr) {
  Value value = elaborateBase(expr);
  auto *x = value.tensor();
  auto subs = x ? subscripts(expr, *x) : std::nullopt;
  bases[&expr] = x && !subs ? Value() : value;
  if (!subs)
    return;
  for (auto [axis, sub] : llvm::enumerate(*subs)) {
    if (sub.dot) {
      noteRange(*sub.dot, x->dims[axis], expr.range);
      continue;
    }
    auto *name = llvm::dyn_cast<ast::NameExpr>(sub.expr);
    if (IndexVariable *variable = name ? visible(name->name) : nullptr)
      noteRange(*variable, x->dims[axis], sub.expr->range);
    else
      collect(sub.expr);
  }
}

Value IndexRanges::baseOf(const ast::BracketExpr &expr) const {
  auto found = bases.find(&expr);
  return found == bases.end() ? Value() : found->second;
}

bool IndexRanges::hasFreeAxes(const ast::BracketExpr &expr) const {
  auto axes = free.find(&expr);
  return axes != free.end() && !axes->second.empty();
}

void IndexRanges::noteRange(IndexVariable &variable, const Dim &size, SourceRange range) {
  if (!variable.size) {
    variable.size = size;
    return;
  }
  if (variable.low)
    return;
  if (sameSize(body, *variable.size, size)) {
    if (variable.size->isNameless())
      variable.size = size;
    return;
  }
  auto error =
      body.diags.error(Code::IndexRange, range,
                       "the index `" + variable.name + "` runs over " + variable.size->describe() +
                           " and, here, over " + size.describe());
  error.label(variable.where, "bound here");
  for (const Dim &dim : {*variable.size, size})
    if (dim.origin().isValid())
      error.label(dim.origin(), dim.describe() + " comes from here");
}

bool IndexRanges::check(llvm::ArrayRef<IndexVariable *> variables) {
  bool good = true;
  for (IndexVariable *variable : variables) {
    if (variable->size)
      continue;
    good = false;
    if (!variable->written && !poisoned)
      body.diags
          .error(Code::NoRange, variable->where,
                 "the index `" + variable->name + "` has no range: it subscripts no axis alone")
          .help("write `" + variable->name + " < SIZE`");
  }
  return good;
}

} // namespace nnc
