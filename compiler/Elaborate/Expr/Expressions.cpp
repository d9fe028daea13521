/// Expressions, except operators, subscripts, index notation and control.
#include "compiler/Elaborate/Builtins/Builtins.h"
#include "compiler/Syntax/Habits.h"
#include "llvm/ADT/StringExtras.h"

namespace nnc {

Value Elaborator::elaborateExpr(const ast::Expr *expr) {
  mlir::Location saved = build.loc;
  build.loc = location(expr->range);
  Value value = elaborateKind(expr);
  build.loc = saved;
  return reportRefusal(expr->range) ? Value() : value;
}

bool Elaborator::reportRefusal(SourceRange range) {
  auto refusal = build.takeRefusal();
  if (refusal)
    diags.error(Code::UnknownSize, inMainFile(range), *refusal);
  return refusal.has_value();
}

Value Elaborator::elaborateKind(const ast::Expr *expr) {
  switch (expr->kind) {
  case ast::Kind::Number: {
    auto *number = llvm::cast<ast::NumberExpr>(expr);
    return number->integer ? Value::integer(*number->integer) : Value::real(number->value);
  }
  case ast::Kind::String:
    return Value::string(llvm::cast<ast::StringExpr>(expr)->value);
  case ast::Kind::Bool:
    return Value::boolean(llvm::cast<ast::BoolExpr>(expr)->value);
  case ast::Kind::None:
    return Absent{};
  case ast::Kind::Name:
    return elaborateName(*llvm::cast<ast::NameExpr>(expr));
  case ast::Kind::Tuple:
  case ast::Kind::List:
    return elaborateSequence(expr);
  case ast::Kind::Unary: {
    auto *unaryExpr = llvm::cast<ast::UnaryExpr>(expr);
    return unary(unaryExpr->op, elaborateExpr(unaryExpr->operand), expr->range);
  }
  case ast::Kind::Binary: {
    auto *binaryExpr = llvm::cast<ast::BinaryExpr>(expr);
    return elaborateBinary(*binaryExpr);
  }
  case ast::Kind::Reduce:
    return elaborateReduce(*llvm::cast<ast::ReduceExpr>(expr));
  case ast::Kind::Call:
    return elaborateCall(*llvm::cast<ast::CallExpr>(expr));
  case ast::Kind::Bracket:
    return elaborateBracket(*llvm::cast<ast::BracketExpr>(expr));
  case ast::Kind::Member:
    return elaborateMember(*llvm::cast<ast::MemberExpr>(expr));
  case ast::Kind::If:
    return elaborateIf(*llvm::cast<ast::IfExpr>(expr));
  case ast::Kind::Scan:
    return elaborateScan(*llvm::cast<ast::ScanExpr>(expr), nullptr);
  case ast::Kind::Ellipsis:
    diags.error(Code::WrongKind, expr->range, "`..` cannot stand here");
    return {};
  default:
    return {};
  }
}

Value Elaborator::elaborateSequence(const ast::Expr *expr) {
  bool isTuple = llvm::isa<ast::TupleExpr>(expr);
  const auto &parts = isTuple ? llvm::cast<ast::TupleExpr>(expr)->elements
                              : llvm::cast<ast::ListExpr>(expr)->elements;
  std::vector<Value> elements;
  for (const ast::Expr *part : parts)
    elements.push_back(elaborateExpr(part));
  return isTuple ? Value::tuple(std::move(elements)) : Value::list(std::move(elements));
}

Value Elaborator::elaborateBinary(const ast::BinaryExpr &expr) {
  auto spine = ast::leftSpine(&expr);
  Value value = elaborateExpr(spine.back()->lhs);
  for (const ast::BinaryExpr *one : llvm::reverse(spine)) {
    build.loc = location(one->range);
    // A condition of compile time that is decided already does not look at the rest: `present(m)
    // and rank(m) == 2`.
    auto *truth = value.as<bool>();
    bool decides = truth && ((one->op == ast::BinaryOp::And && !*truth) ||
                             (one->op == ast::BinaryOp::Or && *truth));
    if (decides && inCondition)
      continue;
    Value rhs = elaborateExpr(one->rhs);
    value = binary(one->op, value, rhs, *one);
  }
  return value;
}

Value Elaborator::elaborateName(const ast::NameExpr &expr) {
  auto binding = lookup(expr.name, expr.range);
  if (!binding)
    return {};
  auto *function = binding->value.as<FunctionReference>();
  if (function && !function->decl->hasParams && !function->decl->hasStatics)
    return callFunction(*function, {}, {}, expr);
  Value value = materialise(*binding, expr.name);
  // Initial values are computed in a function of their own.
  auto *tensor = value.tensor();
  mlir::Value ssa = tensor ? tensor->value : mlir::Value();
  if (ssa && fn == init.get() &&
      ssa.getParentRegion()->getParentOp() != fn->function.getOperation()) {
    diags
        .error(Code::BadInitialValue, expr.range,
               "an initial value depends on sizes and statics only")
        .here("a run-time value");
    return {};
  }
  return value;
}

//===--- Members ----------------------------------------------------------------===//

Value Elaborator::elaborateMember(const ast::MemberExpr &expr) {
  // `body.embed.table`: all names at once, as a net inside of a net is no value.
  llvm::SmallVector<const ast::MemberExpr *> path;
  const ast::Expr *base = &expr;
  for (; auto *member = llvm::dyn_cast<ast::MemberExpr>(base); base = member->base)
    path.insert(path.begin(), member);
  if (reportModule(*path.front()))
    return {};
  Value value = elaborateExpr(base);
  if (NetReference *net = value.net())
    return netMember(*net, path);
  for (const ast::MemberExpr *member : path)
    value = memberOf(value, *member);
  return value;
}

Value Elaborator::memberOf(const Value &base, const ast::MemberExpr &expr) {
  if (base.isPoison() || base.isAbsent())
    return base;
  if (auto *distribution = base.distribution())
    return distributionMember(*distribution, expr);
  if (auto *batch = base.as<Batch>())
    return batchMember(*batch, expr);
  if (auto *vocab = base.as<const VocabInfo *>())
    return vocabMember(**vocab, expr);
  auto error =
      diags.error(Code::UnknownMember, expr.member.range, base.describe() + " has no members");
  llvm::StringRef name = expr.member.text;
  for (Habit where : {Habit::Member, Habit::Name})
    if (llvm::StringRef known = habit(where, name); !known.empty()) {
      error.help(known);
      return {};
    }
  if (lookupQuietly(name))
    error.help("functions stand before their argument: `" + name + "(x)`");
  return {};
}

/// `torch.relu`: the name before the point is of another language.
bool Elaborator::reportModule(const ast::MemberExpr &expr) {
  auto *base = llvm::dyn_cast<ast::NameExpr>(expr.base);
  llvm::StringRef module = base ? habit(Habit::Module, base->name) : llvm::StringRef();
  if (module.empty() || lookupQuietly(base->name))
    return false;
  llvm::StringRef member = habit(Habit::Name, expr.member.text);
  diags.error(Code::UnknownName, expr.range, "there is no `" + base->name + "`")
      .here("not defined")
      .help(member.empty() ? module : member);
  return true;
}

Value Elaborator::batchMember(const Batch &batch, const ast::MemberExpr &expr) {
  const FieldInfo *field = batch.data->field(expr.member.text);
  if (!field) {
    auto error = diags.error(Code::UnknownMember, expr.member.range,
                             "the data set " + batch.data->name + " has no field `" +
                                 expr.member.text + "`");
    std::string names;
    for (const FieldInfo &other : batch.data->fields)
      names += (names.empty() ? "" : ", ") + other.name;
    error.help("its fields are " + names);
    return {};
  }
  Tensor tensor;
  static_cast<TensorType &>(tensor) = field->type;
  tensor.dims.insert(tensor.dims.begin(), batch.rows.begin(), batch.rows.end());
  tensor.value = fn->argument("input", field->name, build.type(tensor));
  return tensor;
}

Value Elaborator::vocabMember(const VocabInfo &vocab, const ast::MemberExpr &expr) {
  llvm::StringRef name = expr.member.text;
  static constexpr llvm::StringRef specials[] = {"pad", "unk", "bos", "eos", "mask"};
  auto *special = llvm::find(specials, name);
  if (special != std::end(specials) && vocab.hasSpecials)
    return Word{Dim(int64_t(special - std::begin(specials))), &vocab};
  if (name == "frequency")
    return build.make(
        Element::F32, {vocab.size},
        fn->argument("vocab.frequency", vocab.name, build.type(Element::F32, {vocab.size})));
  auto error = diags.error(Code::UnknownMember, expr.member.range,
                           "the vocab " + vocab.name + " has no `" + name + "`");
  if (special != std::end(specials))
    error.note("`bytes` has no special ids");
  return {};
}

//===--- Brackets and calls -------------------------------------------------------===//

Value Elaborator::elaborateBracket(const ast::BracketExpr &expr) {
  if (auto *name = llvm::dyn_cast<ast::NameExpr>(expr.base)) {
    auto binding = lookup(name->name, name->range);
    if (!binding)
      return {};
    if (auto *function = binding->value.as<FunctionReference>()) {
      if (!function->decl->hasParams)
        return callFunction(*function, expr.items, {}, expr);
      diags
          .error(Code::BadArguments, expr.range,
                 "`" + name->name + "` takes arguments in parentheses")
          .help("write " + name->name + "[...](...)");
      return {};
    }
    if (binding->value.is<BuiltinReference>()) {
      diags.error(Code::BadArguments, expr.range,
                  "`" + name->name + "` takes arguments in parentheses");
      return {};
    }
    return subscript(materialise(*binding, name->name), expr.items, expr.range);
  }
  return subscript(elaborateExpr(expr.base), expr.items, expr.range);
}

/// floor(a / b) of sizes: the quotient need not be exact.
static const ast::BinaryExpr *asFloor(const ast::CallExpr &expr) {
  auto *name = llvm::dyn_cast<ast::NameExpr>(expr.callee);
  if (!name || name->name != "floor" || expr.args.size() != 1)
    return nullptr;
  auto *quotient = llvm::dyn_cast<ast::BinaryExpr>(expr.args[0].value);
  return quotient && quotient->op == ast::BinaryOp::Div ? quotient : nullptr;
}

Value Elaborator::elaborateCall(const ast::CallExpr &expr) {
  if (const ast::BinaryExpr *quotient = asFloor(expr)) {
    Value above = elaborateExpr(quotient->lhs), below = elaborateExpr(quotient->rhs);
    auto *a = above.as<Dim>(), *b = below.as<Dim>();
    if (a && b && b->value() != 0)
      return dimTable.floorDivide(*a, *b);
  }
  const ast::Expr *callee = expr.callee;
  llvm::ArrayRef<ast::Item> items;
  if (auto *bracket = llvm::dyn_cast<ast::BracketExpr>(callee)) {
    items = bracket->items;
    callee = bracket->base;
  }
  Value head;
  if (auto *name = llvm::dyn_cast<ast::NameExpr>(callee)) {
    auto binding = lookup(name->name, name->range);
    if (!binding)
      return {};
    head = binding->value;
  } else {
    head = elaborateExpr(callee);
  }
  if (auto *function = head.as<FunctionReference>())
    return callFunction(*function, items, expr.args, expr);
  if (auto *net = head.as<std::shared_ptr<NetReference>>())
    return callNet(*net, items, expr);
  if (auto *builtin = head.as<BuiltinReference>())
    return callBuiltin(*findBuiltin(builtin->name), items, expr);
  if (!head.isPoison())
    diags.error(Code::NotCallable, callee->range,
                "this cannot be called: it is " + head.describe());
  return {};
}

//===--- Builtins -------------------------------------------------------------------===//

llvm::ArrayRef<Builtin> allBuiltins() {
  static const std::vector<Builtin> table = [] {
    std::vector<Builtin> all;
    for (llvm::ArrayRef<Builtin> part :
         {elementwiseBuiltins(), reductionBuiltins(), shapeBuiltins(), distributionBuiltins()})
      all.insert(all.end(), part.begin(), part.end());
    return all;
  }();
  return table;
}

const Builtin *Elaborator::findBuiltin(llvm::StringRef name) const {
  for (const Builtin &builtin : allBuiltins())
    if (builtin.name == name)
      return &builtin;
  return nullptr;
}

Value Elaborator::callBuiltin(const Builtin &builtin, llvm::ArrayRef<ast::Item> items,
                              const ast::CallExpr &expr) {
  SourceRange range = expr.range;
  BuiltinCall call;
  call.builtin = &builtin;
  call.expr = &expr;
  call.items = items;
  call.source = expr.args;
  call.range = range;
  for (const ast::Arg &arg : expr.args) {
    if (arg.name.text == "axis" && builtin.takesAxis) {
      call.axis = arg.value;
      continue;
    }
    // Parameters of distributions have names.
    if (arg.name && !llvm::isUpper(builtin.name.front())) {
      diags
          .error(Code::BadArguments, arg.range,
                 "`" + builtin.name + "` has no argument `" + arg.name.text + "`")
          .help(habit(Habit::Argument, arg.name.text));
      return {};
    }
    call.arguments.push_back({arg.name.text.str(), elaborateExpr(arg.value), arg.range});
    if (call.arguments.back().value.isPoison())
      return {};
  }
  if (!items.empty() && !builtin.takesBrackets) {
    diags.error(Code::BadStatics, range, "`" + builtin.name + "` takes nothing in brackets");
    return {};
  }
  return checkArguments(call) ? builtin.build(*this, call) : Value();
}

bool Elaborator::checkArguments(const BuiltinCall &call) {
  const Builtin &builtin = *call.builtin;
  bool many = builtin.maxArguments > 100;
  for (const Argument &argument : call.arguments) {
    if (many && (argument.value.asTuple() || argument.value.asList())) {
      diags
          .error(Code::BadArguments, argument.range,
                 "`" + builtin.name + "` takes its parts one by one")
          .help("write `" + builtin.name + "(a, b)`");
      return false;
    }
  }
  unsigned given = call.arguments.size();
  if (given >= builtin.minArguments && given <= builtin.maxArguments)
    return true;
  std::string wanted = std::to_string(builtin.minArguments);
  if (builtin.maxArguments > builtin.minArguments)
    wanted += many ? " or more" : " to " + std::to_string(builtin.maxArguments);
  auto error = diags.error(Code::BadArguments, call.range,
                           "`" + builtin.name + "` takes " + wanted +
                               (wanted == "1" ? " argument, " : " arguments, ") +
                               llvm::Twine(given) + (given == 1 ? " is given" : " are given"));
  if (given > builtin.maxArguments && builtin.takesAxis)
    error.help("an axis has its name: `axis = T`, or `axis = 1`");
  if (given > builtin.maxArguments && builtin.takesBrackets)
    error.help("sizes and counts stand in brackets: `" + builtin.name + "[...](x)`");
  return false;
}

} // namespace nnc
