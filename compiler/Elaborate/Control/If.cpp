/// `if`: of compile time, or as a region op.
#include "compiler/Elaborate/ScanState.h"
#include "mlir/Transforms/RegionUtils.h"

namespace nnc {

RegionScope::RegionScope(FunctionContext &fn) : region(std::make_unique<mlir::Region>()), fn(fn) {
  block = new mlir::Block();
  region->push_back(block);
  saved = fn.builder.saveInsertionPoint();
  fn.builder.setInsertionPointToEnd(block);
  fn.openBlocks.push_back(block);
  if (fn.evidence) {
    savedSum = fn.evidence->sum;
    fn.evidence->sum = {};
  }
}

RegionScope::~RegionScope() {
  fn.builder.restoreInsertionPoint(saved);
  fn.openBlocks.pop_back();
  if (fn.evidence)
    fn.evidence->sum = savedSum;
}

bool isInside(mlir::Region *inner, const mlir::Region &outer) {
  while (inner && inner != &outer) {
    mlir::Operation *parent = inner->getParentOp();
    inner = parent ? parent->getParentRegion() : nullptr;
  }
  return inner;
}

llvm::SmallVector<mlir::Value> captureInto(llvm::ArrayRef<mlir::Region *> regions) {
  llvm::SetVector<mlir::Value> outer;
  for (mlir::Region *region : regions)
    region->walk([&](mlir::Operation *op) {
      for (mlir::Value operand : op->getOperands())
        if (!isInside(operand.getParentRegion(), *region))
          outer.insert(operand);
    });
  llvm::SmallVector<mlir::Value> captured;
  for (mlir::Value value : outer) {
    auto constant = value.getDefiningOp<nn::ConstantOp>();
    if (!constant)
      captured.push_back(value);
    for (mlir::Region *region : regions) {
      mlir::Value inner;
      if (constant) {
        mlir::OpBuilder builder(constant);
        builder.setInsertionPointToStart(&region->front());
        inner = builder.clone(*constant)->getResult(0);
      } else {
        inner = region->front().addArgument(value.getType(), value.getLoc());
      }
      value.replaceUsesWithIf(inner, [&](mlir::OpOperand &use) {
        return isInside(use.getOwner()->getParentRegion(), *region);
      });
    }
  }
  return captured;
}

Value Elaborator::elaborateIf(const ast::IfExpr &expr) {
  bool saved = inCondition;
  inCondition = true;
  Value condition = elaborateExpr(expr.condition);
  inCondition = saved;
  if (condition.isPoison())
    return {};
  if (auto *truth = condition.as<bool>()) {
    if (*truth)
      tie(expr.condition);
    unsigned depth = std::exchange(bracketDepth, isStaticContext() ? 1 : 0);
    Value value = *truth           ? elaborateScoped(*expr.thenBlock)
                  : expr.elseBlock ? elaborateScoped(*expr.elseBlock)
                                   : Value(Absent{});
    bracketDepth = depth;
    return value;
  }
  auto *tensor = condition.tensor();
  if (tensor && tensor->element == Element::Bool && !tensor->rank())
    return runtimeIf(expr, *tensor);
  auto error = diags.error(Code::WrongKind, expr.condition->range,
                           "the condition of `if` is one truth value, not " + condition.describe());
  if (tensor)
    error.help("where(c, a, b) chooses element by element");
  return {};
}

/// A static a == b that holds makes the two sizes one from here on in this body.
void Elaborator::tie(const ast::Expr *condition) {
  auto *binaryExpr = llvm::dyn_cast<ast::BinaryExpr>(condition);
  if (!binaryExpr)
    return;
  if (binaryExpr->op == ast::BinaryOp::And) {
    tie(binaryExpr->lhs);
    tie(binaryExpr->rhs);
  }
  if (binaryExpr->op != ast::BinaryOp::Eq)
    return;
  Value lhs = elaborateExpr(binaryExpr->lhs), rhs = elaborateExpr(binaryExpr->rhs);
  auto *a = lhs.as<Dim>(), *b = rhs.as<Dim>();
  if (!a || !b)
    return;
  Dim left = tied(*a), right = tied(*b);
  if (left == right || left.isNameless() || right.isNameless())
    return;
  if (!left.asAtom())
    std::swap(left, right);
  const Atom *atom = left.asAtom();
  if (!atom || right.mentions(atom))
    return;
  DimMap one;
  one[atom] = right;
  for (auto &[other, dim] : frame->ties)
    dim = dimTable.substitute(dim, one);
  frame->ties[atom] = right;
}

/// The tensors of a branch: one, or those of a tuple.
static std::vector<Value> parts(const Value &value) {
  if (auto *tuple = value.asTuple())
    return tuple->elements;
  if (value.isAbsent())
    return {};
  return {value};
}

Value Elaborator::runtimeIf(const ast::IfExpr &expr, const Tensor &condition) {
  std::unique_ptr<mlir::Region> regions[2];
  std::vector<Value> values[2];
  std::vector<Tensor> tensors[2];
  mlir::Value scored[2];
  bool isTuple = false, poisoned = false;
  for (int side : {0, 1}) {
    RegionScope inside(*fn);
    const ast::Block *block = side ? expr.elseBlock : expr.thenBlock;
    Value value = block ? elaborateScoped(*block) : Value(Absent{});
    isTuple |= value.asTuple() != nullptr;
    poisoned |= value.isPoison();
    values[side] = parts(value);
    for (const Value &part : values[side]) {
      // A literal takes the element type of the other branch.
      std::optional<Element> like;
      if (side && tensors[0].size() > tensors[1].size())
        like = tensors[0][tensors[1].size()].element;
      auto tensor = toTensor(part, block ? block->range : expr.range,
                             part.isStaticScalar() ? like : std::nullopt);
      poisoned |= !tensor;
      tensors[side].push_back(tensor.value_or(Tensor()));
    }
    scored[side] = inside.scored();
    regions[side] = std::move(inside.region);
  }
  if (poisoned || !checkBranches(expr, tensors[0], tensors[1])) {
    for (auto &region : regions)
      region->dropAllReferences();
    return {};
  }
  return buildIf(expr, condition, regions, tensors, scored, isTuple);
}

bool Elaborator::checkBranches(const ast::IfExpr &expr, llvm::ArrayRef<Tensor> a,
                               llvm::ArrayRef<Tensor> b) {
  bool same = a.size() == b.size();
  for (size_t i = 0; same && i < a.size(); ++i)
    same = a[i].element == b[i].element && sameShape(a[i].dims, b[i].dims);
  if (same)
    return true;
  auto print = [](llvm::ArrayRef<Tensor> tensors) {
    std::string text;
    for (const Tensor &tensor : tensors)
      text += (text.empty() ? "" : ", ") + tensor.str();
    return text.empty() ? std::string("nothing") : text;
  };
  auto error = diags.error(Code::BranchesDiffer, expr.condition->range,
                           "this condition is known at run time only: both branches need one type");
  error.label(expr.thenBlock->range, print(a));
  if (expr.elseBlock)
    error.label(expr.elseBlock->range, print(b));
  return false;
}

Value Elaborator::buildIf(const ast::IfExpr &expr, const Tensor &condition,
                          llvm::MutableArrayRef<std::unique_ptr<mlir::Region>> regions,
                          llvm::ArrayRef<std::vector<Tensor>> tensors,
                          llvm::ArrayRef<mlir::Value> scored, bool isTuple) {
  auto outside = build.builder->saveInsertionPoint();
  llvm::SmallVector<mlir::Type> types;
  bool scores = scored[0] || scored[1];
  for (int side : {0, 1}) {
    build.builder->setInsertionPointToEnd(&regions[side]->front());
    llvm::SmallVector<mlir::Value> results;
    for (const Tensor &tensor : tensors[side])
      results.push_back(tensor.value);
    if (scores)
      results.push_back(scored[side]
                            ? scored[side]
                            : build.constant(0, Element::F32, {fn->evidence->batch}).value);
    nn::YieldOp::create(*build.builder, build.loc, results);
    if (!side)
      llvm::append_range(types, mlir::ValueRange(results).getTypes());
  }
  auto captured = captureInto({regions[0].get(), regions[1].get()});
  build.builder->restoreInsertionPoint(outside);
  mlir::OperationState state(location(expr.range), nn::IfOp::getOperationName());
  state.addOperands(condition.value);
  state.addOperands(captured);
  state.addTypes(types);
  for (auto &region : regions)
    state.addRegion(std::move(region));
  mlir::Operation *op = build.builder->create(state);
  std::vector<Value> results;
  for (size_t i = 0; i < tensors[0].size(); ++i) {
    Tensor result = build.make(tensors[0][i].element, tensors[0][i].dims, op->getResult(i));
    TensorBuilder::keepCommon(result, {tensors[0][i], tensors[1][i]});
    result.index = false;
    results.push_back(result);
  }
  if (scores)
    addEvidence(op->getResults().back());
  if (isTuple)
    return Value::tuple(std::move(results));
  return results.empty() ? Value(Absent{}) : results[0];
}

} // namespace nnc
