/// Expressions, except operators, subscripts, index notation and control.
#include "compiler/Elaborate/Builtin.h"
#include "compiler/Elaborate/Expr/Expr.h"
#include "compiler/Syntax/Habits.h"
#include "llvm/ADT/StringExtras.h"

namespace nnc {

static Value elaborateSequence(Body &body, const ast::Expr *expr) {
  bool isTuple = llvm::isa<ast::TupleExpr>(expr);
  const auto &parts = isTuple ? llvm::cast<ast::TupleExpr>(expr)->elements
                              : llvm::cast<ast::ListExpr>(expr)->elements;
  std::vector<Value> elements;
  for (const ast::Expr *part : parts)
    elements.push_back(elaborateExpr(body, part));
  return isTuple ? Value::tuple(std::move(elements)) : Value::list(std::move(elements));
}

static Value elaborateBinary(Body &body, const ast::BinaryExpr &expr) {
  auto spine = ast::leftSpine(&expr);
  Value value = elaborateExpr(body, spine.back()->lhs);
  for (const ast::BinaryExpr *one : llvm::reverse(spine)) {
    body.build.loc = body.location(one->range);
    // A condition of compile time that is decided already does not look at the rest: `present(m)
    // and rank(m) == 2`.
    auto *boolean = value.as<bool>();
    bool decides = boolean && ((one->op == ast::BinaryOp::And && !*boolean) ||
                               (one->op == ast::BinaryOp::Or && *boolean));
    if (decides && body.inCondition)
      continue;
    Value rhs = elaborateExpr(body, one->rhs);
    value = applyBinary(body, one->op, value, rhs, *one);
  }
  return value;
}

static Value elaborateName(Body &body, const ast::NameExpr &expr) {
  auto binding = lookup(body, expr.name, expr.range);
  if (!binding)
    return {};
  auto *function = binding->value.as<FunctionReference>();
  if (function && !function->decl->hasParams && !function->decl->hasStatics)
    return callFunction(body, *function, {}, {}, expr);
  Value value = materialise(body, *binding, expr.name);
  // Initial values are computed in a function of their own.
  auto *tensor = value.tensor();
  mlir::Value ssa = tensor ? tensor->value : mlir::Value();
  if (ssa && body.fn == &body.program.init &&
      ssa.getParentRegion()->getParentOp() != body.fn->function.getOperation()) {
    body.diags
        .error(Code::BadInitialValue, expr.range,
               "an initial value depends on sizes and statics only")
        .here("a run-time value");
    return {};
  }
  return value;
}

static Value elaborateBracket(Body &body, const ast::BracketExpr &expr) {
  if (auto *name = llvm::dyn_cast<ast::NameExpr>(expr.base)) {
    auto binding = lookup(body, name->name, name->range);
    if (!binding)
      return {};
    if (auto *function = binding->value.as<FunctionReference>()) {
      if (!function->decl->hasParams)
        return callFunction(body, *function, expr.items, {}, expr);
      body.diags
          .error(Code::BadArguments, expr.range,
                 "`" + name->name + "` takes arguments in parentheses")
          .help("write " + name->name + "[...](...)");
      return {};
    }
    if (binding->value.is<BuiltinReference>()) {
      body.diags.error(Code::BadArguments, expr.range,
                       "`" + name->name + "` takes arguments in parentheses");
      return {};
    }
    return subscript(body, materialise(body, *binding, name->name), expr.items, expr.range);
  }
  return subscript(body, elaborateExpr(body, expr.base), expr.items, expr.range);
}

/// floor(a / b) of sizes: the quotient need not be exact.
static const ast::BinaryExpr *asFloor(const ast::CallExpr &expr) {
  auto *name = llvm::dyn_cast<ast::NameExpr>(expr.callee);
  if (!name || name->name != "floor" || expr.args.size() != 1)
    return nullptr;
  auto *quotient = llvm::dyn_cast<ast::BinaryExpr>(expr.args[0].value);
  return quotient && quotient->op == ast::BinaryOp::Div ? quotient : nullptr;
}

static Value elaborateCall(Body &body, const ast::CallExpr &expr) {
  if (const ast::BinaryExpr *quotient = asFloor(expr)) {
    Value above = elaborateExpr(body, quotient->lhs), below = elaborateExpr(body, quotient->rhs);
    auto *a = above.as<Dim>(), *b = below.as<Dim>();
    if (a && b && b->value() != 0)
      return body.dims.floorDivide(*a, *b);
  }
  const ast::Expr *callee = expr.callee;
  llvm::ArrayRef<ast::Item> items;
  if (auto *bracket = llvm::dyn_cast<ast::BracketExpr>(callee)) {
    items = bracket->items;
    callee = bracket->base;
  }
  Value head;
  if (auto *name = llvm::dyn_cast<ast::NameExpr>(callee)) {
    auto binding = lookup(body, name->name, name->range);
    if (!binding)
      return {};
    head = binding->value;
  } else {
    head = elaborateExpr(body, callee);
  }
  if (auto *function = head.as<FunctionReference>())
    return callFunction(body, *function, items, expr.args, expr);
  if (auto *net = head.as<std::shared_ptr<NetReference>>())
    return callNet(body, *net, items, expr);
  if (auto *builtin = head.as<BuiltinReference>())
    return callBuiltin(body, *findBuiltin(builtin->name), items, expr);
  if (!head.isPoison())
    body.diags.error(Code::NotCallable, callee->range,
                     "this cannot be called: it is " + head.describe());
  return {};
}

static Value elaborateKind(Body &body, const ast::Expr *expr) {
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
    return elaborateName(body, *llvm::cast<ast::NameExpr>(expr));
  case ast::Kind::Tuple:
  case ast::Kind::List:
    return elaborateSequence(body, expr);
  case ast::Kind::Unary: {
    auto *unaryExpr = llvm::cast<ast::UnaryExpr>(expr);
    return applyUnary(body, unaryExpr->op, elaborateExpr(body, unaryExpr->operand), expr->range);
  }
  case ast::Kind::Binary: {
    auto *binaryExpr = llvm::cast<ast::BinaryExpr>(expr);
    return elaborateBinary(body, *binaryExpr);
  }
  case ast::Kind::Reduce:
    return elaborateReduce(body, *llvm::cast<ast::ReduceExpr>(expr));
  case ast::Kind::Call:
    return elaborateCall(body, *llvm::cast<ast::CallExpr>(expr));
  case ast::Kind::Bracket:
    return elaborateBracket(body, *llvm::cast<ast::BracketExpr>(expr));
  case ast::Kind::Member:
    return elaborateMember(body, *llvm::cast<ast::MemberExpr>(expr));
  case ast::Kind::If:
    return elaborateIf(body, *llvm::cast<ast::IfExpr>(expr));
  case ast::Kind::Scan:
    return elaborateScan(body, *llvm::cast<ast::ScanExpr>(expr), nullptr);
  case ast::Kind::Ellipsis:
    body.diags.error(Code::WrongKind, expr->range, "`..` cannot stand here");
    return {};
  default:
    return {};
  }
}

Value elaborateExpr(Body &body, const ast::Expr *expr) {
  llvm::SaveAndRestore place(body.build.loc, body.location(expr->range));
  Value value = elaborateKind(body, expr);
  return reportRefusal(body, expr->range) ? Value() : value;
}

} // namespace nnc
