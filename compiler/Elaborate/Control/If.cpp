/// `if`: of compile time, or as a region op.
#include "compiler/Elaborate/Chance/Chance.h"
#include "compiler/Elaborate/Control/Control.h"
#include "compiler/Elaborate/Region.h"

namespace nnc {

static Value conditionOf(Body &body, const ast::IfExpr &expr) {
  llvm::SaveAndRestore condition(body.inCondition, true);
  return elaborateExpr(body, expr.condition);
}

/// A static a == b that holds makes the two sizes one from here on in this body.
static void tie(Body &body, const ast::Expr *condition) {
  auto *binaryExpr = llvm::dyn_cast<ast::BinaryExpr>(condition);
  if (!binaryExpr)
    return;
  if (binaryExpr->op == ast::BinaryOp::And) {
    tie(body, binaryExpr->lhs);
    tie(body, binaryExpr->rhs);
  }
  if (binaryExpr->op != ast::BinaryOp::Eq)
    return;
  Value lhs = elaborateExpr(body, binaryExpr->lhs), rhs = elaborateExpr(body, binaryExpr->rhs);
  auto *a = lhs.as<Dim>(), *b = rhs.as<Dim>();
  if (!a || !b)
    return;
  Dim left = tied(body, *a), right = tied(body, *b);
  if (left == right || left.isNameless() || right.isNameless())
    return;
  if (!left.asAtom())
    std::swap(left, right);
  const Atom *atom = left.asAtom();
  if (!atom || right.mentions(atom))
    return;
  DimMap one;
  one[atom] = right;
  for (auto &[other, dim] : body.frame->ties)
    dim = body.dims.substitute(dim, one);
  body.frame->ties[atom] = right;
}

/// The tensors of a branch: one, or those of a tuple.
static std::vector<Value> parts(const Value &value) {
  if (auto *tuple = value.asTuple())
    return tuple->elements;
  if (value.isAbsent())
    return {};
  return {value};
}

static bool checkBranches(Body &body, const ast::IfExpr &expr, llvm::ArrayRef<Tensor> a,
                          llvm::ArrayRef<Tensor> b) {
  bool same = a.size() == b.size();
  for (size_t i = 0; same && i < a.size(); ++i)
    same = a[i].element == b[i].element && sameShape(body, a[i].dims, b[i].dims);
  if (same)
    return true;
  auto print = [](llvm::ArrayRef<Tensor> tensors) {
    std::string text;
    for (const Tensor &tensor : tensors)
      text += (text.empty() ? "" : ", ") + tensor.str();
    return text.empty() ? std::string("nothing") : text;
  };
  auto error =
      body.diags.error(Code::BranchesDiffer, expr.condition->range,
                       "this condition is known at run time only: both branches need one type");
  error.label(expr.thenBlock->range, print(a));
  if (expr.elseBlock)
    error.label(expr.elseBlock->range, print(b));
  return false;
}

static Value buildIf(Body &body, const ast::IfExpr &expr, const Tensor &condition,
                     llvm::MutableArrayRef<std::unique_ptr<mlir::Region>> regions,
                     llvm::ArrayRef<std::vector<Tensor>> tensors,
                     llvm::ArrayRef<mlir::Value> scored, bool isTuple) {
  auto outside = body.build.builder->saveInsertionPoint();
  llvm::SmallVector<mlir::Type> types;
  bool scores = scored[0] || scored[1];
  for (int side : {0, 1}) {
    body.build.builder->setInsertionPointToEnd(&regions[side]->front());
    llvm::SmallVector<mlir::Value> results;
    for (const Tensor &tensor : tensors[side])
      results.push_back(tensor.value);
    if (scores)
      results.push_back(
          scored[side] ? scored[side]
                       : body.build.constant(0, Element::F32, {body.fn->evidence->batch}).value);
    nn::YieldOp::create(*body.build.builder, body.build.loc, results);
    if (!side)
      llvm::append_range(types, mlir::ValueRange(results).getTypes());
  }
  auto captured = captureInto({regions[0].get(), regions[1].get()});
  body.build.builder->restoreInsertionPoint(outside);
  mlir::OperationState state(body.location(expr.range), nn::IfOp::getOperationName());
  state.addOperands(condition.value);
  state.addOperands(captured);
  state.addTypes(types);
  for (auto &region : regions)
    state.addRegion(std::move(region));
  mlir::Operation *op = body.build.builder->create(state);
  std::vector<Value> results;
  for (size_t i = 0; i < tensors[0].size(); ++i) {
    Tensor result = body.build.make(tensors[0][i].element, tensors[0][i].dims, op->getResult(i));
    TensorBuilder::keepCommon(result, {tensors[0][i], tensors[1][i]});
    result.index = false;
    results.push_back(result);
  }
  if (scores)
    addEvidence(body, op->getResults().back());
  if (isTuple)
    return Value::tuple(std::move(results));
  return results.empty() ? Value(Absent{}) : results[0];
}

static Value runtimeIf(Body &body, const ast::IfExpr &expr, const Tensor &condition) {
  std::unique_ptr<mlir::Region> regions[2];
  std::vector<Value> values[2];
  std::vector<Tensor> tensors[2];
  mlir::Value scored[2];
  bool isTuple = false, poisoned = false;
  for (int side : {0, 1}) {
    RegionScope inside(*body.fn);
    const ast::Block *block = side ? expr.elseBlock : expr.thenBlock;
    Value value = block ? elaborateScoped(body, *block) : Value(Absent{});
    isTuple |= value.asTuple() != nullptr;
    poisoned |= value.isPoison();
    values[side] = parts(value);
    for (const Value &part : values[side]) {
      // A literal takes the element type of the other branch.
      std::optional<Element> like;
      if (side && tensors[0].size() > tensors[1].size())
        like = tensors[0][tensors[1].size()].element;
      auto tensor = toTensor(body, part, block ? block->range : expr.range,
                             part.isStaticScalar() ? like : std::nullopt);
      poisoned |= !tensor;
      tensors[side].push_back(tensor.value_or(Tensor()));
    }
    scored[side] = inside.scored();
    regions[side] = std::move(inside.region);
  }
  if (poisoned || !checkBranches(body, expr, tensors[0], tensors[1])) {
    for (auto &region : regions)
      region->dropAllReferences();
    return {};
  }
  return buildIf(body, expr, condition, regions, tensors, scored, isTuple);
}

Value elaborateIf(Body &body, const ast::IfExpr &expr) {
  Value condition = conditionOf(body, expr);
  if (condition.isPoison())
    return {};
  if (auto *boolean = condition.as<bool>()) {
    if (*boolean)
      tie(body, expr.condition);
    const ast::Block *chosen = *boolean ? expr.thenBlock : expr.elseBlock;
    return chosen ? elaborateScoped(body, *chosen) : Value(Absent{});
  }
  auto *tensor = condition.tensor();
  if (tensor && tensor->element == Element::Bool && !tensor->rank())
    return runtimeIf(body, expr, *tensor);
  auto error =
      body.diags.error(Code::WrongKind, expr.condition->range,
                       "the condition of `if` is one boolean, not " + condition.describe());
  if (tensor)
    error.help("where(c, a, b) chooses element by element");
  return {};
}

} // namespace nnc
