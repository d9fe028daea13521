/// Statements of a body.
#include "compiler/Elaborate/ScanState.h"
#include "llvm/ADT/TypeSwitch.h"

namespace nnc {

Value Elaborator::elaborateBlock(const ast::Block &block) {
  Value last = Absent{};
  for (const ast::Stmt *statement : block.statements) {
    bool isLast = statement == block.statements.back();
    elaborateStatement(*statement, isLast ? &last : nullptr);
  }
  return last;
}

Value Elaborator::elaborateScoped(const ast::Block &block) {
  Scope inner(scope);
  scope = &inner;
  Value value = elaborateBlock(block);
  scope = inner.getParent();
  return value;
}

void Elaborator::elaborateStatement(const ast::Stmt &statement, Value *last) {
  build.loc = location(statement.range);
  llvm::TypeSwitch<const ast::Stmt *>(&statement)
      .Case<ast::DeclStmt>([&](auto *s) {
        if (auto *dims = llvm::dyn_cast<ast::ConstantsDecl>(s->decl))
          elaborateDims(*dims);
        else if (auto *net = llvm::dyn_cast<ast::NetDecl>(s->decl))
          elaborateNetStatement(*net);
      })
      .Case<ast::ParamStmt>([&](auto *s) { elaborateVariable(*s); })
      .Case<ast::DefineStmt>([&](auto *s) { elaborateDefine(*s); })
      .Case<ast::DrawStmt>([&](auto *s) { elaborateDraw(*s); })
      .Case<ast::UpdateStmt>([&](auto *s) { elaborateUpdate(*s); })
      .Case<ast::ObserveStmt>([&](auto *s) { elaborateObserve(*s); })
      .Case<ast::OptimizeStmt, ast::ReportStmt, ast::ShowStmt>(
          [&](auto *s) { elaborateOutput(*s); })
      .Case<ast::AssertStmt>([&](auto *s) { elaborateAssert(*s); })
      .Case<ast::YieldStmt>([&](auto *s) { elaborateYield(*s); })
      .Case<ast::RepeatStmt>([&](auto *s) { elaborateRepeat(*s); })
      .Case<ast::ExprStmt>([&](auto *s) {
        Value value = elaborateExprStatement(*s, last != nullptr);
        if (last)
          *last = std::move(value);
      });
  reportRefusal(statement.range);
}

//===--- Definitions --------------------------------------------------------------===//

bool Elaborator::mayDefine(const ast::Ident &name) {
  static constexpr llvm::StringRef reserved[] = {"training", "evidence", "iteration",
                                                 "progress", "pi",       "inf"};
  if (llvm::is_contained(reserved, name.text)) {
    diags.error(Code::HiddenName, name.range,
                "`" + name.text + "` is predeclared and cannot be defined");
    return false;
  }
  std::optional<Binding> hidden;
  if (Binding *binding = scope->find(name.text)) {
    hidden = *binding;
  } else if (auto [owner, declared] = findDeclared(*frame->file, name.text); declared) {
    hidden = Binding{declared->kind, {}, declared->where, nullptr};
  } else if (findBuiltin(name.text)) {
    diags.error(Code::HiddenName, name.range,
                "`" + name.text + "` is a predeclared function and cannot be defined");
    return false;
  }
  if (!hidden || hidden->where.begin == name.range.begin)
    return true;
  switch (hidden->kind) {
  case BindingKind::Value:
  case BindingKind::Parameter:
  case BindingKind::Index:
  case BindingKind::Objective:
  case BindingKind::Entry:
    return true;
  default:
    diags
        .error(Code::HiddenName, name.range,
               "`" + name.text + "` would hide " + describe(hidden->kind))
        .label(hidden->where, "declared here")
        .help("choose another name");
    return false;
  }
}

/// The op that made a named value says its name.
static void nameOp(const Value &value, llvm::StringRef name) {
  auto *tensor = value.tensor();
  mlir::Operation *op = tensor && tensor->value ? tensor->value.getDefiningOp() : nullptr;
  if (op && mlir::isa<mlir::FileLineColLoc, mlir::CallSiteLoc>(op->getLoc()))
    op->setLoc(mlir::NameLoc::get(mlir::StringAttr::get(op->getContext(), name), op->getLoc()));
}

void Elaborator::bindName(const ast::Ident &name, Value value, BindingKind kind) {
  if (!mayDefine(name))
    return;
  nameOp(value, name.text);
  scope->bind(name.text, {kind, std::move(value), name.range, nullptr});
}

void Elaborator::define(const ast::Target &target, const Value &value, SourceRange range) {
  if (!target.isTuple()) {
    bindName(target.name, value);
    return;
  }
  auto *tuple = value.asTuple();
  if (!value.isPoison() && (!tuple || tuple->elements.size() != target.elements.size()))
    diags
        .error(Code::WrongKind, range,
               llvm::Twine(target.elements.size()) + " values are needed on the right of `=`")
        .here("this is " + value.describe());
  bool fits = tuple && tuple->elements.size() == target.elements.size();
  for (size_t i = 0; i < target.elements.size(); ++i)
    define(*target.elements[i], fits ? tuple->elements[i] : Value(), range);
}

static bool hasIndices(const ast::Target &target) {
  return target.hasIndices ||
         llvm::any_of(target.elements, [](auto *element) { return hasIndices(*element); });
}

void Elaborator::elaborateDefine(const ast::DefineStmt &statement) {
  const ast::Target &target = *statement.target;
  if (auto *scan = llvm::dyn_cast<ast::ScanExpr>(statement.value)) {
    elaborateScan(*scan, &target);
    return;
  }
  Value value;
  if (target.hasIndices) {
    value = elaborateIndexed(target, statement.value);
  } else if (hasIndices(target)) {
    diags.error(Code::BadIndexNotation, target.range,
                "several tensors with indices can only be the yields of a scan");
  } else {
    value = elaborateExpr(statement.value);
  }
  if (statement.type && !value.isPoison()) {
    auto type = resolveType(*statement.type);
    auto tensor = type ? convert(value, *type, statement.value->range, "`" + target.name.text + "`")
                       : std::nullopt;
    value = tensor ? Value(*tensor) : Value();
  }
  define(target, value, statement.value->range);
}

/// Numbers only: such a dim is a new name.
static bool isNumber(const ast::Expr *expr) { return llvm::isa<ast::NumberExpr>(expr); }

void Elaborator::elaborateDims(const ast::ConstantsDecl &decl) {
  for (const ast::Constant &constant : decl.constants) {
    auto size = evalSize(constant.value);
    const ast::Ident &name = constant.target->name;
    Value value;
    if (size && isNumber(constant.value)) {
      Dim rigid = dimTable.fresh(name.text, size->value(), name.range);
      frame->toCaller[rigid.asAtom()] = *size;
      value = rigid;
    } else if (size) {
      value = size->at(name.range);
    }
    bindName(name, value, BindingKind::Dim);
  }
}

void Elaborator::elaborateNetStatement(const ast::NetDecl &decl) {
  auto reference = std::make_shared<NetReference>();
  Value value;
  if (!frame->instance) {
    diags.error(Code::MisplacedStatement, decl.range,
                "a net is declared at file level or in a layer");
  } else if (decl.frozen || decl.from) {
    diags.error(Code::BadNet, decl.range, "`frozen` and `from` belong to nets of file level");
  } else if (resolveLayer(decl.init, *reference)) {
    reference->instance =
        childInstance({reference->layer, reference->file}, decl.name.text, decl.name.range, false);
    value = reference;
  }
  bindName(decl.name, value, BindingKind::Net);
}

//===--- `<-` ---------------------------------------------------------------------------===//

void Elaborator::elaborateUpdate(const ast::UpdateStmt &statement) {
  const ast::Ident &name = statement.place.name;
  auto binding = lookup(name.text, name.range);
  Value value = elaborateExpr(statement.value);
  if (!binding || value.isPoison() || binding->value.isPoison())
    return;
  if (binding->variable && binding->variable->running) {
    moveRunning(statement, *binding, value);
    return;
  }
  auto *old = binding->value.tensor();
  if (!statement.place.hasItems || !old || binding->variable) {
    auto error = diags.error(Code::BadUpdate, statement.place.range,
                             "`<-` replaces a slice of a tensor, or moves a running value");
    error.here("this is " + (binding->variable ? "a parameter" : binding->value.describe()));
    if (!statement.place.hasItems && old)
      error.help("a name gets a new value with `" + name.text + " = ...`");
    return;
  }
  updateSlice(statement, *old, value);
}

void Elaborator::updateSlice(const ast::UpdateStmt &statement, const Tensor &old,
                             const Value &value) {
  std::vector<std::pair<int64_t, Tensor>> places;
  TensorType pieceType = old;
  int64_t axis = 0;
  for (const ast::Item &item : statement.place.items) {
    bool whole = item.form == ast::Item::Slice && !item.begin && !item.end;
    if (axis >= old.rank() || (!whole && item.form != ast::Item::Value)) {
      diags.error(Code::BadUpdate, item.range, "a slice to replace has `:` or one position an axis")
          .note("the value is " + old.str());
      return;
    }
    if (!whole) {
      Value index = elaborateStaticItem(item.value);
      auto place = toTensor(index, item.range, Element::I32);
      if (!place || place->rank() || place->element != Element::I32 ||
          !checkBound(*place, old.dims[axis], item.range)) {
        if (place && (place->rank() || place->element != Element::I32))
          diags.error(Code::BadUpdate, item.range,
                      "a position is one whole number, this is " + place->str());
        return;
      }
      places.push_back({axis, *place});
    }
    ++axis;
  }
  for (auto &[at, place] : llvm::reverse(places))
    pieceType.dims.erase(pieceType.dims.begin() + at);
  auto piece = convert(value, pieceType, statement.value->range, "`<-`");
  if (!piece)
    return;
  Tensor result = putAt(old, places, *piece);
  bindName(statement.place.name, result);
}

/// Replaces the piece at several positions: the inner piece is read, changed and put back.
Tensor Elaborator::putAt(const Tensor &x, llvm::ArrayRef<std::pair<int64_t, Tensor>> places,
                         const Tensor &piece) {
  if (places.empty())
    return piece;
  auto [axis, place] = places.front();
  Tensor inner = piece;
  if (places.size() > 1) {
    std::vector<std::pair<int64_t, Tensor>> rest(places.begin() + 1, places.end());
    for (auto &[other, unused] : rest)
      other -= other > axis;
    inner = putAt(build.at(x, place, axis), rest, piece);
  }
  Tensor result = x;
  result.value = nn::PutOp::create(*build.builder, build.loc, x.value.getType(), x.value,
                                   place.value, inner.value, axis);
  result.range.reset();
  return result;
}

void Elaborator::moveRunning(const ast::UpdateStmt &statement, Binding &binding,
                             const Value &value) {
  ++effects;
  const Tensor &old = *binding.value.tensor();
  auto next = convert(value, old, statement.value->range, "`" + statement.place.name.text + "`");
  if (!next || !fn->moves(*binding.variable->owner))
    return;
  if (!fn->openBlocks.empty() || statement.place.hasItems) {
    diags.error(Code::BadUpdate, statement.range,
                "a running value moves as a whole, outside of scans and run-time ifs");
    return;
  }
  fn->moved[binding.variable] = next->value;
  fn->movedBy[binding.variable][frame->path] = callInFile(*main);
}

//===--- The rest ---------------------------------------------------------------------------===//

void Elaborator::elaborateRepeat(const ast::RepeatStmt &statement) {
  std::vector<Value> turns;
  if (statement.form == ast::RepeatStmt::List) {
    Value list = evalStatic(statement.list);
    if (auto *values = list.asList())
      turns = values->elements;
    else if (!list.isPoison())
      diags.error(Code::BadRepeat, statement.list->range,
                  "`repeat c in` takes a list or a range a:b, not " + list.describe());
  } else {
    auto lower = statement.lower ? evalWhole(statement.lower) : std::optional(Dim(int64_t(0)));
    auto upper = evalWhole(statement.upper);
    if (!lower || !upper)
      return;
    int64_t count = (*upper - *lower).value();
    if (count > 4096 || count < 0) {
      diags.error(Code::BadRepeat, statement.upper->range,
                  "a repeat runs 0 to 4096 times, not " + llvm::Twine(count));
      return;
    }
    for (int64_t i = 0; i < count; ++i)
      turns.push_back(Value::integer(lower->value() + i));
  }
  for (size_t i = 0; i < turns.size(); ++i) {
    frame->turns.push_back(i);
    if (statement.name)
      bindStatic(statement.name.text, turns[i], statement.name.range);
    unsigned before = diags.errorCount();
    for (const ast::Stmt *inner : statement.body->statements)
      elaborateStatement(*inner);
    frame->turns.pop_back();
    // The other turns would say the same again.
    if (diags.errorCount() != before)
      break;
  }
}

void Elaborator::elaborateAssert(const ast::AssertStmt &statement) {
  Value condition = elaborateExpr(statement.condition);
  if (condition.isPoison())
    return;
  std::string message = statement.message.value_or("an assertion does not hold");
  if (auto *truth = condition.as<bool>()) {
    if (!*truth)
      diags.error(Code::BadArguments, statement.condition->range, message)
          .here("false at compile time");
    return;
  }
  auto x = toTensor(condition, statement.condition->range);
  if (!x)
    return;
  if (x->element != Element::Bool || x->rank()) {
    diags
        .error(Code::ElementMismatch, statement.condition->range,
               "`assert` takes one truth value, this is " + x->str())
        .help("all(c) and any(c) make one of many");
    return;
  }
  emitAssert(*x, message, statement.condition->range);
}

void Elaborator::elaborateYield(const ast::YieldStmt &statement) {
  if (!currentScan || currentScan->frame != frame) {
    diags.error(Code::MisplacedStatement, statement.range, "`yield` stands in the body of a scan");
    return;
  }
  if (currentScan->yielded)
    diags.error(Code::BadScan, statement.range, "a scan yields once a turn");
  currentScan->yielded = true;
  for (const ast::Expr *expr : statement.values)
    currentScan->yields.push_back({elaborateExpr(expr), expr->range});
}

void Elaborator::elaborateOutput(const ast::Stmt &statement) {
  if (frame->caller) {
    diags.error(Code::MisplacedStatement, statement.range,
                "`minimize`, `maximize`, `report` and `show` stand in objectives and entries");
    return;
  }
  if (auto *optimize = llvm::dyn_cast<ast::OptimizeStmt>(&statement)) {
    if (auto x = toScalar(elaborateExpr(optimize->value), optimize->value->range,
                          optimize->maximize ? "`maximize`" : "`minimize`"))
      fn->outputs.optimized.push_back({optimize, x->value});
  } else if (auto *report = llvm::dyn_cast<ast::ReportStmt>(&statement)) {
    if (auto x = toScalar(elaborateExpr(report->value), report->value->range, "`report`"))
      fn->outputs.reported.push_back({report, x->value});
  } else if (auto *show = llvm::dyn_cast<ast::ShowStmt>(&statement)) {
    if (auto x = toTensor(elaborateExpr(show->value), show->value->range))
      fn->outputs.shown.push_back({show, *x});
  }
}

Value Elaborator::elaborateExprStatement(const ast::ExprStmt &statement, bool isLast) {
  unsigned before = effects;
  Value value = elaborateExpr(statement.value);
  if (isLast || value.isPoison() || value.isAbsent() || effects != before ||
      llvm::isa<ast::ScanExpr>(statement.value))
    return value;
  diags.error(Code::UnusedValue, statement.range, "this value is not used")
      .here(value.describe())
      .help("give it a name, or make it the last line of the body; a line that starts with `-` or "
            "`(` is a new "
            "statement");
  return value;
}

} // namespace nnc
