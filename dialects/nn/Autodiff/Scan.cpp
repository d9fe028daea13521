/// The adjoint of a scan: a scan in the other direction. It is built in these steps:
///   1. an iteration of it: the forward iteration again, from saved carries, then reverse mode back
///   through it;
///   2. results of costly ops that the iteration reads, also through others, are saved by the
///   forward scan instead of computed again;
///   3. a constant's cotangent: what is a contraction or a sum of values of one iteration is
///   stacked and contracted once
///      after the loop, the rest is carried;
///   4. the forward scan is replaced by one that also stacks what is saved.
/// With the attribute `nn.recompute`, step 2 saves nothing but carries, and step 3 carries every
/// cotangent, so that the memory is that of the carries and of one iteration.
#include "dialects/nn/Autodiff/Reverse.h"
#include "dialects/nn/Build/Emit.h"
#include "dialects/nn/IR/ShapeRules.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace nnc::nn {

namespace {
/// An argument of the adjoint's body and the operand that it stands for; `saved` is the value of
/// the forward body that the operand stacks, if the operand does not exist yet.
struct Piece {
  BlockArgument argument;
  Value operand;
  Value saved;
};

/// A term of a constant's cotangent that is computed after the loop.
struct Deferred {
  unsigned constant;
  Operation *op; ///< a copy outside of any block: keeps what it reads alive
  SmallVector<SmallVector<int64_t>> permutations; ///< transposes of its result, from the innermost
  SmallVector<Value> stacks;           ///< its operands of all iterations, once they exist
  SmallVector<int64_t> stackedOutputs; ///< for each operand the adjoint's stacked output, or -1
};

class ScanAdjoint {
public:
  ScanAdjoint(ScanOp op, OpBuilder &builder, ValueRange resultGrads, ArrayRef<bool> needed)
      : op(op), builder(builder), emit(Emit::gradientOf(builder, op)), resultGrads(resultGrads),
        needed(needed) {}
  ~ScanAdjoint();
  LogicalResult build(SmallVectorImpl<Value> &operandGrads);

private:
  void findActive();
  void cloneTurn();
  LogicalResult reverseTurn();
  void collectConstants(Reverse &reverse);
  bool deferTerm(unsigned constant, Value term);
  void save(Value source, Value copy);
  void saveCostlyResults();
  void createForward();
  void stackDeferredOperands();
  ScanOp createAdjoint();
  Value evaluate(const Deferred &term, ScanOp adjoint);
  void collectResults(ScanOp adjoint, SmallVectorImpl<Value> &operandGrads);
  BlockArgument addArgument(Type type) { return block->addArgument(type, emit.loc); }
  bool isNeeded(unsigned operand) {
    return needed[operand] && isReal(op->getOperand(operand).getType());
  }
  bool recomputes() { return op->hasAttr(recomputeAttribute); }
  unsigned firstInput() { return op.getInits().size(); }
  unsigned firstConstant() { return op.getInits().size() + op.getInputs().size(); }

  ScanOp op;
  OpBuilder &builder;
  Emit emit;
  ValueRange resultGrads;
  ArrayRef<bool> needed;

  Region body; ///< of the adjoint, until its op exists
  Block *block = nullptr;
  IRMapping map; ///< from the forward body to its copy
  SmallVector<Operation *> copies;
  DenseSet<Value> activeForward; ///< arguments and values of the forward body that have a cotangent
  SmallVector<unsigned> activeCarries, neededInputs;
  BlockArgument turn;
  SmallVector<std::pair<BlockArgument, Value>>
      carries; ///< of the adjoint, with their starts; null is zero
  SmallVector<Piece> pieces;
  SmallVector<std::pair<BlockArgument, Value>> constants;
  SmallVector<Value> yields; ///< of the adjoint: carries, then stacked outputs
  SmallVector<std::pair<unsigned, unsigned>> accumulated; ///< constant, carry of the adjoint
  SmallVector<Deferred> deferred;
};
} // namespace

ScanAdjoint::~ScanAdjoint() {
  for (Deferred &term : deferred)
    if (term.op)
      term.op->destroy();
  body.dropAllReferences();
}

/// Carries depend on what the carries of the iteration before depend on: repeat until nothing is
/// added.
void ScanAdjoint::findActive() {
  Block &forward = *op.getBlock();
  SmallVector<Operation *> ops;
  for (Operation &each : forward.without_terminator())
    ops.push_back(&each);
  for (unsigned k = 0; k < op->getNumOperands(); ++k)
    if (isNeeded(k))
      activeForward.insert(forward.getArgument(k + 1));
  for (bool changed = true; changed;) {
    changed = false;
    addDependents(ops, activeForward);
    for (unsigned k = 0; k < firstInput(); ++k)
      if (activeForward.contains(forward.getTerminator()->getOperand(k)))
        changed |= activeForward.insert(forward.getArgument(k + 1)).second;
  }
  for (unsigned k = 0; k < firstInput(); ++k)
    if (activeForward.contains(forward.getArgument(k + 1)))
      activeCarries.push_back(k);
}

/// Step 1, first half: the arguments, and the forward iteration again.
void ScanAdjoint::cloneTurn() {
  Block &forward = *op.getBlock();
  turn = addArgument(op.getTurn().getType());
  map.map(op.getTurn(), turn);
  for (BlockArgument carry : op.getCarries()) {
    pieces.push_back({addArgument(carry.getType()), Value(), carry});
    map.map(carry, pieces.back().argument);
  }
  for (auto [piece, input] : llvm::zip_equal(op.getPieces(), op.getInputs())) {
    pieces.push_back({addArgument(piece.getType()), input, Value()});
    map.map(piece, pieces.back().argument);
  }
  for (auto [argument, constant] : llvm::zip_equal(op.getConstantArguments(), op.getConstants())) {
    constants.push_back({addArgument(argument.getType()), constant});
    map.map(argument, constants.back().first);
  }
  builder.setInsertionPointToEnd(block);
  for (Operation &each : forward.without_terminator())
    copies.push_back(builder.clone(each, map));
}

/// Step 1, second half: cotangents of the yields go back to the arguments.
LogicalResult ScanAdjoint::reverseTurn() {
  DenseSet<Value> active;
  for (Value value : activeForward)
    active.insert(map.lookup(value));
  Reverse reverse(builder, active, /*isInner=*/true);
  ValueRange results = op.getBlock()->getTerminator()->getOperands();
  for (unsigned k : activeCarries) {
    Value start = resultGrads[k];
    BlockArgument carry = addArgument(op.getInits()[k].getType());
    carries.push_back({carry, start});
    reverse.accumulate(map.lookup(results[k]), carry);
  }
  for (unsigned k = firstInput(); k < op->getNumResults(); ++k)
    if (Value cotangent = resultGrads[k]) {
      pieces.push_back({addArgument(results[k].getType()), cotangent, Value()});
      reverse.accumulate(map.lookup(results[k]), pieces.back().argument);
    }
  if (failed(reverse.run(copies)))
    return failure();
  for (unsigned k : activeCarries)
    yields.push_back(reverse.getOrZeros(map.lookup(op.getCarries()[k])));
  collectConstants(reverse);
  for (auto [k, piece] : llvm::enumerate(op.getPieces()))
    if (isNeeded(firstInput() + k)) {
      neededInputs.push_back(k);
      yields.push_back(reverse.getOrZeros(map.lookup(piece)));
    }
  YieldOp::create(builder, emit.loc, yields);
  return success();
}

/// Adds the terms of a sum.
static void collectTerms(Value value, SmallVectorImpl<Value> &terms) {
  auto add = value.getDefiningOp<AddOp>();
  if (!add) {
    terms.push_back(value);
    return;
  }
  collectTerms(add.getA(), terms);
  collectTerms(add.getB(), terms);
}

/// Step 3, in the body.
void ScanAdjoint::collectConstants(Reverse &reverse) {
  for (auto [k, argument] : llvm::enumerate(op.getConstantArguments())) {
    Value cotangent = isNeeded(firstConstant() + k) ? reverse.get(map.lookup(argument)) : Value();
    if (!cotangent)
      continue;
    SmallVector<Value> terms;
    collectTerms(cotangent, terms);
    Value rest;
    for (Value term : terms)
      if (recomputes() || !deferTerm(k, term))
        rest = rest ? emit.add(rest, term) : term;
    if (!rest)
      continue;
    BlockArgument carry = addArgument(rest.getType());
    accumulated.push_back({static_cast<unsigned>(k), static_cast<unsigned>(carries.size())});
    carries.push_back({carry, Value()});
    yields.push_back(emit.add(carry, rest));
  }
}

/// Defers a term if it is a contraction or a sum, transposed or not, of values that differ by
/// iteration.
bool ScanAdjoint::deferTerm(unsigned constant, Value term) {
  Deferred result{constant, nullptr, {}, {}, {}};
  while (auto transpose = term.getDefiningOp<TransposeOp>()) {
    result.permutations.insert(result.permutations.begin(),
                               llvm::to_vector(transpose.getPermutation()));
    term = transpose.getX();
  }
  Operation *source = term.getDefiningOp();
  auto reduce = dyn_cast_or_null<ReduceOp>(source);
  if (!isa_and_nonnull<ContractOp>(source) && !(reduce && reduce.getKind() == Reduction::sum))
    return false;
  auto isInvariant = [&](Value value) {
    return value.getDefiningOp<ConstantOp>() ||
           llvm::any_of(constants, [&](auto &entry) { return entry.first == value; });
  };
  if (llvm::any_of(source->getOperands(), isInvariant))
    return false;
  result.op = source->clone();
  deferred.push_back(std::move(result));
  return true;
}

/// True for ops whose results are worth memory rather than a second computation: sums, searches,
/// functions, other regions. The rest is computed again from them, random numbers from their
/// counters.
static bool isWorthSaving(Operation *op) {
  std::optional<Cost> cost = costOf(op);
  return cost == Cost::function || cost == Cost::many;
}

/// Saves a value of the forward body, or reads it from the output that already stacks it.
void ScanAdjoint::save(Value source, Value copy) {
  Piece piece{addArgument(copy.getType()), Value(), source};
  ValueRange results = op.getBlock()->getTerminator()->getOperands();
  for (unsigned k = firstInput(); k < op->getNumResults() && piece.saved; ++k)
    if (results[k] == source)
      piece = {piece.argument, op.getResult(k), Value()};
  copy.replaceAllUsesWith(piece.argument);
  pieces.push_back(piece);
}

/// Step 2. Also erases from the body what only the forward needs.
void ScanAdjoint::saveCostlyResults() {
  eraseDeadOps(*block);
  DenseSet<Operation *> alive, unread; // unread: copies that nothing that stays reads, so far.
  for (Operation &each : *block)
    alive.insert(&each);
  SmallVector<std::pair<Operation *, Operation *>> pairs;
  for (auto [source, copy] : llvm::zip(*op.getBlock(), copies))
    if (alive.contains(copy)) {
      pairs.push_back({&source, copy});
      unread.insert(copy);
    }
  for (auto [source, copy] : llvm::reverse(pairs))
    for (auto [value, again] : llvm::zip_equal(source->getResults(), copy->getResults())) {
      if (llvm::all_of(again.getUsers(), [&](Operation *user) { return unread.contains(user); }))
        continue;
      if (isWorthSaving(copy))
        save(value, again);
      else
        unread.erase(copy); // It is computed again: what it reads is read.
    }
  eraseDeadOps(*block);
}

/// Step 4. The old scan is left without uses.
void ScanAdjoint::createForward() {
  llvm::erase_if(pieces, [](Piece &piece) { return piece.argument.use_empty(); });
  SmallVector<Piece *> saved;
  SmallVector<Type> types(op.getResultTypes());
  for (Piece &piece : pieces)
    if (piece.saved) {
      saved.push_back(&piece);
      types.push_back(stackedType(piece.saved.getType(), op.getLength()));
    }
  if (saved.empty())
    return;
  builder.setInsertionPoint(op);
  auto forward =
      ScanOp::create(builder, op.getLoc(), types, op.getLength(), op.getBounds(), op.getInits(),
                     op.getInputs(), op.getConstants(), op.getReverse(), op.getUntil());
  forward->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  IRMapping toForward;
  op.getBody().cloneInto(&forward.getBody(), toForward);
  Operation *yield = forward.getBlock()->getTerminator();
  for (auto [k, piece] : llvm::enumerate(saved)) {
    yield->insertOperands(yield->getNumOperands(), toForward.lookup(piece->saved));
    piece->operand = forward.getResult(op->getNumResults() + k);
  }
  for (Piece &piece : pieces)
    if (piece.operand && piece.operand.getDefiningOp() == op)
      piece.operand = forward.getResult(cast<OpResult>(piece.operand).getResultNumber());
  op->replaceAllUsesWith(forward.getResults().take_front(op->getNumResults()));
}

/// Finds or stacks the operands of deferred terms.
void ScanAdjoint::stackDeferredOperands() {
  Operation *yield = block->getTerminator();
  DenseMap<Value, int64_t> outputs;
  for (Deferred &term : deferred) {
    for (Value operand : term.op->getOperands()) {
      Piece *piece = llvm::find_if(pieces, [&](Piece &each) { return each.argument == operand; });
      bool exists = piece != pieces.end();
      term.stacks.push_back(exists ? piece->operand : Value());
      term.stackedOutputs.push_back(-1);
      if (exists)
        continue;
      // The cotangent of a stacked input may be stacked already.
      for (unsigned k = carries.size(); k < yields.size(); ++k)
        if (yields[k] == operand)
          outputs.try_emplace(operand, k);
      auto [entry, isNew] = outputs.try_emplace(operand, yield->getNumOperands());
      if (isNew)
        yield->insertOperands(yield->getNumOperands(), operand);
      term.stackedOutputs.back() = entry->second;
    }
    term.op->dropAllReferences();
  }
}

/// The adjoint, with its arguments in the order of a scan's.
ScanOp ScanAdjoint::createAdjoint() {
  llvm::erase_if(pieces, [](Piece &piece) { return piece.argument.use_empty(); });
  llvm::erase_if(constants, [](auto &constant) { return constant.first.use_empty(); });
  SmallVector<Value> starts, inputs, invariants;
  SmallVector<BlockArgument> order = {turn};
  for (auto [argument, start] : carries) {
    starts.push_back(start ? start : emit.zeros(argument.getType()));
    order.push_back(argument);
  }
  for (Piece &piece : pieces) {
    inputs.push_back(piece.operand);
    order.push_back(piece.argument);
  }
  for (auto [argument, constant] : constants) {
    invariants.push_back(constant);
    order.push_back(argument);
  }
  SmallVector<Type> types(ValueRange(starts).getTypes());
  for (Value value : block->getTerminator()->getOperands().drop_front(starts.size()))
    types.push_back(stackedType(value.getType(), op.getLength()));
  auto adjoint = ScanOp::create(builder, emit.loc, types, op.getLength(), ValueRange(), starts,
                                inputs, invariants, !op.getReverse(), /*until=*/false);
  auto *ordered = new Block();
  adjoint.getBody().push_back(ordered);
  for (BlockArgument argument : order)
    argument.replaceAllUsesWith(ordered->addArgument(argument.getType(), emit.loc));
  ordered->getOperations().splice(ordered->end(), block->getOperations());
  return adjoint;
}

/// Step 3, after the loop: the term on stacked operands, summed over the iterations too.
Value ScanAdjoint::evaluate(const Deferred &term, ScanOp adjoint) {
  SmallVector<Value> operands(term.stacks);
  for (auto [operand, output] : llvm::zip_equal(operands, term.stackedOutputs))
    if (output >= 0)
      operand = adjoint.getResult(output);
  Value result;
  if (auto contract = dyn_cast<ContractOp>(term.op)) {
    int64_t turnLabel = 0;
    for (int64_t label : llvm::concat<const int64_t>(contract.getALabels(), contract.getBLabels()))
      turnLabel = std::max(turnLabel, label + 1);
    SmallVector<int64_t> a = {turnLabel}, b = {turnLabel};
    llvm::append_range(a, contract.getALabels());
    llvm::append_range(b, contract.getBLabels());
    result = emit.contract(operands[0], a, operands[1], b, contract.getYLabels());
  } else {
    SmallVector<int64_t> axes = {0};
    for (int64_t axis : cast<ReduceOp>(term.op).getAxes())
      axes.push_back(axis + 1);
    result = emit.sum(operands[0], axes);
  }
  for (ArrayRef<int64_t> permutation : term.permutations)
    result = emit.transpose(result, permutation);
  return result;
}

void ScanAdjoint::collectResults(ScanOp adjoint, SmallVectorImpl<Value> &operandGrads) {
  for (auto [k, carry] : llvm::enumerate(activeCarries))
    if (isNeeded(carry))
      operandGrads[carry] = adjoint.getResult(k);
  for (auto [k, input] : llvm::enumerate(neededInputs))
    operandGrads[firstInput() + input] = adjoint.getResult(carries.size() + k);
  auto addTo = [&](unsigned constant, Value term) {
    Value &sum = operandGrads[firstConstant() + constant];
    sum = sum ? emit.add(sum, term) : term;
  };
  for (auto [constant, carry] : accumulated)
    addTo(constant, adjoint.getResult(carry));
  for (Deferred &term : deferred)
    addTo(term.constant, evaluate(term, adjoint));
}

LogicalResult ScanAdjoint::build(SmallVectorImpl<Value> &operandGrads) {
  OpBuilder::InsertionGuard guard(builder);
  auto place = builder.saveInsertionPoint();
  block = new Block();
  body.push_back(block);
  findActive();
  cloneTurn();
  if (failed(reverseTurn()))
    return failure();
  if (recomputes())
    eraseDeadOps(*block);
  else
    saveCostlyResults();
  createForward();
  stackDeferredOperands();
  builder.restoreInsertionPoint(place);
  collectResults(createAdjoint(), operandGrads);
  return success();
}

LogicalResult ScanOp::backward(OpBuilder &builder, ValueRange resultGrads, ArrayRef<bool> needed,
                               SmallVectorImpl<Value> &operandGrads) {
  if (getUntil())
    return emitError("a scan that may stop early (until) has no derivative");
  if (!getBounds().empty())
    return emitError("a scan over a range known at run time has no derivative");
  return ScanAdjoint(*this, builder, resultGrads, needed).build(operandGrads);
}

} // namespace nnc::nn
