/// The program, its parameters and objectives: what has to hold.
#include "dialects/learn/IR/References.h"

using namespace mlir;

namespace nnc::learn {

LogicalResult checkBody(Operation *op) {
  for (Region &region : op->getRegions())
    for (Operation &child : region.getOps())
      if (!isa_and_nonnull<LearnDialect>(child.getDialect()) || isa<GradientOp>(child))
        return child.emitOpError("does not stand in a program");
  return success();
}

LogicalResult ProgramOp::verify() { return checkBody(*this); }

/// `init.params` makes each parameter and state.
LogicalResult ProgramOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto name = FlatSymbolRefAttr::get(getContext(), initialiser);
  std::optional<Callee> init = findCallee(*this, name, Role::Initialise, symbols);
  if (!init)
    return failure();
  for (Operation &op : getBody().getOps()) {
    bool isParam = isa<ParamOp>(op);
    if (!init->function || (!isParam && !isa<StateOp>(op)))
      continue;
    StringRef variable = mlir::SymbolTable::getSymbolName(&op).getValue();
    if (!init->find(isParam ? ArgKind::param : ArgKind::state, variable))
      return op.emitOpError("is not made by ") << name;
  }
  return success();
}

/// A tensor is loaded by a path and a key, or not at all.
template <typename Variable> static LogicalResult checkVariable(Variable op) {
  if (op.getPath().has_value() != op.getKey().has_value() ||
      op.getPath().has_value() != op.getFlag().has_value())
    return op.emitOpError("is loaded from a path, at a key, with a flag");
  return success();
}

LogicalResult ParamOp::verify() {
  if (!isa<FloatType>(cast<ShapedType>(getType()).getElementType()))
    return emitOpError("is of floats, not ") << getType();
  return checkVariable(*this);
}

LogicalResult StateOp::verify() { return checkVariable(*this); }

LogicalResult ObjectiveOp::verify() {
  if (getEvaluate().has_value() != getRows().has_value())
    return emitOpError("is evaluated on a number of rows");
  if (!getEvaluate() && (getSingle() || getFinish()))
    return emitOpError("has parts of an evaluation, and no evaluation");
  return success();
}

LogicalResult ObjectiveOp::verifySymbolUses(SymbolTableCollection &symbols) {
  DataOp data;
  if (getDataAttr() && !(data = findOp<DataOp>(*this, getDataAttr(), symbols)))
    return failure();
  auto check = [&](FlatSymbolRefAttr name, Role role, int64_t rows) -> LogicalResult {
    if (!name)
      return success();
    std::optional<Callee> callee = findCallee(*this, name, role, symbols);
    if (!callee)
      return failure();
    bool ends = role == Role::Finish || !getFinish();
    if (callee->function && ends != (callee->count(ArgKind::loss) > 0))
      return emitOpError("calls ")
             << name << ", which gives " << (ends ? "no loss" : "a loss and no statistics");
    return data && role == Role::Evaluate ? checkRows(*this, *callee, data, rows) : success();
  };
  if (failed(check(getEvaluateAttr(), Role::Evaluate, getRows().value_or(1))) ||
      failed(check(getSingleAttr(), Role::Evaluate, 1)))
    return failure();
  return check(getFinishAttr(), Role::Finish, 0);
}

} // namespace nnc::learn
