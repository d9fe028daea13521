/// Statements of a body.
#include "compiler/Elaborate/Chance/Chance.h"
#include "compiler/Elaborate/Control/Control.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/TypeSwitch.h"

namespace nnc {

Value elaborateBlock(Body &body, const ast::Block &block) {
  Value last = Absent{};
  for (const ast::Stmt *statement : block.statements) {
    bool isLast = statement == block.statements.back();
    elaborateStatement(body, *statement, isLast ? &last : nullptr);
  }
  return last;
}

Value elaborateScoped(Body &body, const ast::Block &block) {
  Scope inner(body.scope);
  llvm::SaveAndRestore names(body.scope, &inner);
  return elaborateBlock(body, block);
}

static bool hasIndices(const ast::Target &target) {
  return target.hasIndices ||
         llvm::any_of(target.elements, [](auto *element) { return hasIndices(*element); });
}

static void defineTarget(Body &body, const ast::Target &target, const Value &value,
                         SourceRange range) {
  if (!target.isTuple()) {
    bindName(body, target.name, value);
    return;
  }
  auto *tuple = value.asTuple();
  if (!value.isPoison() && (!tuple || tuple->elements.size() != target.elements.size()))
    body.diags
        .error(Code::WrongKind, range,
               llvm::Twine(target.elements.size()) + " values are needed on the right of `=`")
        .here("this is " + value.describe());
  bool fits = tuple && tuple->elements.size() == target.elements.size();
  for (size_t i = 0; i < target.elements.size(); ++i)
    defineTarget(body, *target.elements[i], fits ? tuple->elements[i] : Value(), range);
}

static void elaborateDefine(Body &body, const ast::DefineStmt &statement) {
  const ast::Target &target = *statement.target;
  if (auto *scan = llvm::dyn_cast<ast::ScanExpr>(statement.value)) {
    elaborateScan(body, *scan, &target);
    return;
  }
  Value value;
  if (target.hasIndices) {
    value = elaborateIndexed(body, target, statement.value);
  } else if (hasIndices(target)) {
    body.diags.error(Code::BadIndexNotation, target.range,
                     "several tensors with indices can only be the yields of a scan");
  } else {
    value = elaborateExpr(body, statement.value);
  }
  if (statement.type && !value.isPoison()) {
    auto type = resolveType(body, *statement.type);
    auto tensor =
        type ? convert(body, value, *type, statement.value->range, "`" + target.name.text + "`")
             : std::nullopt;
    value = tensor ? Value(*tensor) : Value();
  }
  defineTarget(body, target, value, statement.value->range);
}

/// Numbers only: such a dim is a new name.
static bool isNumber(const ast::Expr *expr) { return llvm::isa<ast::NumberExpr>(expr); }

static void elaborateDims(Body &body, const ast::ConstantsDecl &decl) {
  for (const ast::Constant &constant : decl.constants) {
    auto size = evalSize(body, constant.value);
    const ast::Ident &name = constant.target->name;
    Value value;
    if (size && isNumber(constant.value)) {
      Dim rigid = body.dims.fresh(name.text, size->value(), name.range);
      body.frame->toCaller[rigid.asAtom()] = *size;
      value = rigid;
    } else if (size) {
      value = size->at(name.range);
    }
    bindName(body, name, value, BindingKind::Dim);
  }
}

static void elaborateNetStatement(Body &body, const ast::NetDecl &decl) {
  auto reference = std::make_shared<NetReference>();
  Value value;
  if (!body.frame->instance) {
    body.diags.error(Code::MisplacedStatement, decl.range,
                     "a net is declared at file level or in a layer");
  } else if (decl.frozen || decl.from) {
    body.diags.error(Code::BadNet, decl.range, "`frozen` and `from` belong to nets of file level");
  } else if (resolveLayer(body, decl.init, *reference)) {
    reference->instance = childInstance(body, {reference->layer, reference->file}, decl.name.text,
                                        decl.name.range, false);
    value = reference;
  }
  bindName(body, decl.name, value, BindingKind::Net);
}

static void elaborateRepeat(Body &body, const ast::RepeatStmt &statement) {
  std::vector<Value> iterations;
  if (statement.form == ast::RepeatStmt::List) {
    Value list = evalStatic(body, statement.list);
    if (auto *values = list.asList())
      iterations = values->elements;
    else if (!list.isPoison())
      body.diags.error(Code::BadRepeat, statement.list->range,
                       "`repeat c in` takes a list or a range a:b, not " + list.describe());
  } else {
    auto lower =
        statement.lower ? evalWhole(body, statement.lower) : std::optional(Dim(int64_t(0)));
    auto upper = evalWhole(body, statement.upper);
    if (!lower || !upper)
      return;
    int64_t count = (*upper - *lower).value();
    if (count > 4096 || count < 0) {
      body.diags.error(Code::BadRepeat, statement.upper->range,
                       "a repeat runs 0 to 4096 times, not " + llvm::Twine(count));
      return;
    }
    for (int64_t i = 0; i < count; ++i)
      iterations.push_back(Value::integer(lower->value() + i));
  }
  for (size_t i = 0; i < iterations.size(); ++i) {
    body.frame->iterations.push_back(i);
    llvm::scope_exit leave([&] { body.frame->iterations.pop_back(); });
    if (statement.name)
      bindStatic(body, statement.name.text, iterations[i], statement.name.range);
    unsigned before = body.diags.errorCount();
    for (const ast::Stmt *inner : statement.body->statements)
      elaborateStatement(body, *inner);
    // The other iterations would say the same again.
    if (body.diags.errorCount() != before)
      break;
  }
}

static void elaborateAssert(Body &body, const ast::AssertStmt &statement) {
  Value condition = elaborateExpr(body, statement.condition);
  if (condition.isPoison())
    return;
  std::string message = statement.message.value_or("an assertion does not hold");
  if (auto *boolean = condition.as<bool>()) {
    if (!*boolean)
      body.diags.error(Code::BadArguments, statement.condition->range, message)
          .here("false at compile time");
    return;
  }
  auto x = toTensor(body, condition, statement.condition->range);
  if (!x)
    return;
  if (x->element != Element::Bool || x->rank()) {
    body.diags
        .error(Code::ElementMismatch, statement.condition->range,
               "`assert` takes one boolean, this is " + x->str())
        .help("all(c) and any(c) make one of many");
    return;
  }
  emitAssert(body, *x, message, statement.condition->range);
}

static void elaborateYield(Body &body, const ast::YieldStmt &statement) {
  if (!body.scan || body.scan->frame != body.frame) {
    body.diags.error(Code::MisplacedStatement, statement.range,
                     "`yield` stands in the body of a scan");
    return;
  }
  if (body.scan->yielded)
    body.diags.error(Code::BadScan, statement.range, "a scan yields once per iteration");
  body.scan->yielded = true;
  for (const ast::Expr *expr : statement.values)
    body.scan->yields.push_back({elaborateExpr(body, expr), expr->range});
}

static void elaborateOutput(Body &body, const ast::Stmt &statement) {
  if (body.frame->caller) {
    body.diags.error(Code::MisplacedStatement, statement.range,
                     "`minimize`, `maximize`, `report` and `show` stand in objectives and entries");
    return;
  }
  if (auto *optimize = llvm::dyn_cast<ast::OptimizeStmt>(&statement)) {
    if (auto x = toScalar(body, elaborateExpr(body, optimize->value), optimize->value->range,
                          optimize->maximize ? "`maximize`" : "`minimize`"))
      body.fn->outputs.optimized.push_back({optimize, x->value});
  } else if (auto *report = llvm::dyn_cast<ast::ReportStmt>(&statement)) {
    if (auto x =
            toScalar(body, elaborateExpr(body, report->value), report->value->range, "`report`"))
      body.fn->outputs.reported.push_back({report, x->value});
  } else if (auto *show = llvm::dyn_cast<ast::ShowStmt>(&statement)) {
    if (auto x = toTensor(body, elaborateExpr(body, show->value), show->value->range))
      body.fn->outputs.shown.push_back({show, *x});
  }
}

static Value elaborateExprStatement(Body &body, const ast::ExprStmt &statement, bool isLast) {
  unsigned before = body.effects;
  Value value = elaborateExpr(body, statement.value);
  if (isLast || value.isPoison() || value.isAbsent() || body.effects != before ||
      llvm::isa<ast::ScanExpr>(statement.value))
    return value;
  body.diags.error(Code::UnusedValue, statement.range, "this value is not used")
      .here(value.describe())
      .help("give it a name, or make it the last line of the body; a line that starts with `-` or "
            "`(` is a new "
            "statement");
  return value;
}

void elaborateStatement(Body &body, const ast::Stmt &statement, Value *last) {
  body.build.loc = body.location(statement.range);
  llvm::TypeSwitch<const ast::Stmt *>(&statement)
      .Case<ast::DeclStmt>([&](auto *s) {
        if (auto *dims = llvm::dyn_cast<ast::ConstantsDecl>(s->decl))
          elaborateDims(body, *dims);
        else if (auto *net = llvm::dyn_cast<ast::NetDecl>(s->decl))
          elaborateNetStatement(body, *net);
      })
      .Case<ast::ParamStmt>([&](auto *s) { elaborateVariable(body, *s); })
      .Case<ast::DefineStmt>([&](auto *s) { elaborateDefine(body, *s); })
      .Case<ast::DrawStmt>([&](auto *s) { elaborateDraw(body, *s); })
      .Case<ast::UpdateStmt>([&](auto *s) { elaborateUpdate(body, *s); })
      .Case<ast::ObserveStmt>([&](auto *s) { elaborateObserve(body, *s); })
      .Case<ast::OptimizeStmt, ast::ReportStmt, ast::ShowStmt>(
          [&](auto *s) { elaborateOutput(body, *s); })
      .Case<ast::AssertStmt>([&](auto *s) { elaborateAssert(body, *s); })
      .Case<ast::YieldStmt>([&](auto *s) { elaborateYield(body, *s); })
      .Case<ast::RepeatStmt>([&](auto *s) { elaborateRepeat(body, *s); })
      .Case<ast::ExprStmt>([&](auto *s) {
        Value value = elaborateExprStatement(body, *s, last != nullptr);
        if (last)
          *last = std::move(value);
      });
  reportRefusal(body, statement.range);
}

} // namespace nnc
