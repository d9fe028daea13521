/// What no iteration of a scan waits for is computed for all iterations at once: contractions of
/// stacked inputs before the loop, contractions that only outputs need after it. What is left is
/// the recurrence.
///   0. Where index notation calls a function at each point, nothing waits: the loop goes.
///   1. A carry whose next value needs no carry (the symbol before, of a given text) is a stacked
///      input, one iteration late.
///   2. concat(x, h) w = x w1 + h w2, if x needs no carry.
///   3. Contractions that need no carry move before the loop, with what they read.
///   4. Contractions that no carry needs move after it, with what reads them.
#include "dialects/nn/Autodiff/Reverse.h"
#include "dialects/nn/IR/NN.h"
#include "dialects/nn/IR/ScanEdit.h"
#include "dialects/nn/IR/ShapeRules.h"
#include "dialects/nn/Transforms/Passes.h"
#include "dialects/nn/Transforms/ScanArguments.h"
#include "dialects/nn/Transforms/TurnBatch.h"

#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace nnc::nn {
#define GEN_PASS_DEF_SCANSPLIT
#include "dialects/nn/Transforms/Passes.h.inc"

namespace {
/// The values of a body that need no carry.
struct Ready {
  explicit Ready(ScanOp scan);
  bool contains(Value value) const { return values.contains(value); }
  bool varies(Value value) const { return !values.contains(value) || varying.contains(value); }

private:
  DenseSet<Value> values, varying; ///< varying: differ by iteration
};

/// A stacked output: the value of the body, and the result of the scan before that it replaces.
struct Output {
  Value inside, before;
};

class ScanSplit {
public:
  ScanSplit(ScanOp scan, bool remarks) : scan(scan), builder(scan), remarks(remarks) {}
  void run();

private:
  bool dissolve();
  void delayCarries();
  Value shift(Value all, Value first);
  void splitConcats();
  bool splitConcat(ContractOp op, const Ready &ready, unsigned side);
  void hoist();
  void sink();
  SetVector<Operation *> findSunk(const Ready &ready);
  SmallVector<Output> outputs();
  ScanOp replace(ArrayRef<unsigned> carries, ArrayRef<Output> outputs);
  ValueRange yields() { return scan.getBlock()->getTerminator()->getOperands(); }
  unsigned carryCount() { return scan.getInits().size(); }
  void say(Location loc, const Twine &text) {
    if (remarks)
      emitRemark(loc) << text;
  }

  ScanOp scan;
  OpBuilder builder;
  bool remarks;
};
} // namespace

Ready::Ready(ScanOp scan) {
  auto add = [&](Value value, bool isVarying) {
    values.insert(value);
    if (isVarying)
      varying.insert(value);
  };
  add(scan.getTurn(), true);
  for (Value piece : scan.getPieces())
    add(piece, true);
  for (Value constant : scan.getConstantArguments())
    add(constant, false);
  for (Operation &op : *scan.getBlock()) {
    if (!llvm::all_of(op.getOperands(), [&](Value v) { return values.contains(v); }) ||
        !TurnBatch::canBatch(&op, [&](Value v) { return varies(v); }))
      continue;
    bool isVarying = llvm::any_of(op.getOperands(), [&](Value v) { return varies(v); });
    for (Value result : op.getResults())
      add(result, isVarying);
  }
}

SmallVector<Output> ScanSplit::outputs() {
  SmallVector<Output> result;
  for (unsigned k = carryCount(); k < scan.getNumResults(); ++k)
    result.push_back({yields()[k], scan.getResult(k)});
  return result;
}

static RankedTensorType typeOfTurns(Type piece, int64_t turns) {
  auto type = cast<RankedTensorType>(piece);
  SmallVector<int64_t> shape = {turns};
  llvm::append_range(shape, type.getShape());
  return withShape(type, shape);
}

/// Gives the scan these carries of its own, and these outputs. Returns the scan before, to be
/// erased.
ScanOp ScanSplit::replace(ArrayRef<unsigned> carries, ArrayRef<Output> outputs) {
  Block *body = scan.getBlock();
  Operation *yield = body->getTerminator();
  SmallVector<Value> inits, next;
  for (unsigned k : carries) {
    inits.push_back(scan.getInits()[k]);
    next.push_back(yield->getOperand(k));
  }
  SmallVector<Type> types(ValueRange(inits).getTypes());
  for (const Output &output : outputs) {
    types.push_back(typeOfTurns(output.inside.getType(), scan.getLength()));
    next.push_back(output.inside);
  }
  if (scan.getUntil())
    next.push_back(yield->getOperands().back());
  yield->setOperands(next);
  for (unsigned k = carryCount(); k-- > 0;)
    if (!llvm::is_contained(carries, k))
      body->eraseArgument(1 + k);
  builder.setInsertionPoint(scan);
  auto reduced =
      ScanOp::create(builder, scan.getLoc(), types, scan.getLength(), ValueRange(), inits,
                     scan.getInputs(), scan.getConstants(), scan.getReverse(), scan.getUntil());
  reduced->setDiscardableAttrs(scan->getDiscardableAttrDictionary());
  reduced.getBody().takeBody(scan.getBody());
  for (auto [position, k] : llvm::enumerate(carries))
    scan.getResult(k).replaceAllUsesWith(reduced.getResult(position));
  for (auto [k, output] : llvm::enumerate(outputs))
    if (Value old = output.before)
      old.replaceAllUsesWith(reduced.getResult(carries.size() + k));
  return std::exchange(scan, reduced);
}

static Value sliceTurns(OpBuilder &builder, Location loc, Value all, int64_t first, int64_t count) {
  SmallVector<int64_t> shape(shapeOf(all)), offsets(shape.size(), 0), ones(shape.size(), 1);
  shape[0] = count;
  offsets[0] = first;
  return builder.createOrFold<SliceOp>(loc, withShape(tensorOf(all), shape), all, offsets, ones);
}

/// The values of all iterations, each one iteration later, after the first.
Value ScanSplit::shift(Value all, Value first) {
  Location loc = scan.getLoc();
  int64_t length = scan.getLength();
  Value start = ReshapeOp::create(builder, loc, typeOfTurns(first.getType(), 1), first);
  if (length == 1)
    return start;
  SmallVector<Value> parts = {start,
                              sliceTurns(builder, loc, all, scan.getReverse() ? 1 : 0, length - 1)};
  if (scan.getReverse())
    std::swap(parts[0], parts[1]);
  return ConcatOp::create(builder, loc, parts, 0);
}

/// Step 0. False if something has to be done point by point, as a check or a draw.
bool ScanSplit::dissolve() {
  Ready ready(scan);
  Block *body = scan.getBlock();
  bool whole = !carryCount() && llvm::all_of(body->without_terminator(), [&](Operation &op) {
    return llvm::all_of(op.getResults(), [&](Value v) { return ready.contains(v); }) &&
           isMemoryEffectFree(&op);
  });
  if (!whole)
    return false;
  say(scan.getLoc(), "computed for all points at once");
  builder.setInsertionPoint(scan);
  TurnBatch batch(scan, builder);
  for (Output output : outputs()) {
    batch.compute(output.inside);
    output.before.replaceAllUsesWith(batch.stacked(output.inside));
  }
  scan.erase();
  return true;
}

/// Step 1. From the start after each carry, since one that carries a delayed one can be delayed
/// too.
void ScanSplit::delayCarries() {
  for (unsigned k = 0; k < carryCount();) {
    Ready ready(scan);
    Value next = yields()[k];
    if (!ready.contains(next) || !ready.varies(next)) {
      ++k;
      continue;
    }
    Location loc = scan.getLoc();
    builder.setInsertionPoint(scan);
    TurnBatch batch(scan, builder);
    batch.compute(next);
    Value all = batch.stacked(next), carry = scan.getCarries()[k];
    carry.replaceAllUsesWith(addInput(scan, shift(all, scan.getInits()[k])));
    int64_t end = scan.getReverse() ? 0 : scan.getLength() - 1;
    Value last = sliceTurns(builder, loc, all, end, 1);
    scan.getResult(k).replaceAllUsesWith(
        Value(ReshapeOp::create(builder, loc, tensorOf(next), last)));
    SmallVector<unsigned> kept;
    for (unsigned j = 0; j < carryCount(); ++j)
      if (j != k)
        kept.push_back(j);
    replace(kept, outputs()).erase();
    say(loc,
        "carried value " + Twine(k + 1) + " is known before the loop: it is read, not carried");
    k = 0;
  }
}

/// Step 2 for one operand: parts that need no carry apart from those that do, neighbours together.
bool ScanSplit::splitConcat(ContractOp op, const Ready &ready, unsigned side) {
  auto concat = op->getOperand(side).getDefiningOp<ConcatOp>();
  Value other = op->getOperand(1 - side);
  if (!concat || !ready.contains(other))
    return false;
  ArrayRef<int64_t> labels[] = {op.getALabels(), op.getBLabels()};
  int64_t label = labels[side][concat.getAxis()];
  const int64_t *place = llvm::find(labels[1 - side], label);
  if (place == labels[1 - side].end() || llvm::is_contained(op.getYLabels(), label))
    return false;
  SmallVector<SmallVector<Value>> groups;
  for (auto [k, part] : llvm::enumerate(concat.getParts()))
    if (k && ready.contains(part) == ready.contains(groups.back().back()))
      groups.back().push_back(part);
    else
      groups.push_back({part});
  if (groups.size() == 1)
    return false;
  builder.setInsertionPoint(op);
  Location loc = op.getLoc();
  SmallVector<int64_t> shape(shapeOf(other)), offsets(shape.size(), 0), ones(shape.size(), 1);
  int64_t axis = place - labels[1 - side].begin();
  Value sum;
  for (ArrayRef<Value> group : groups) {
    Value part = group.size() == 1 ? group[0]
                                   : Value(ConcatOp::create(builder, loc, group, concat.getAxis()));
    shape[axis] = shapeOf(part)[concat.getAxis()];
    Value rows =
        SliceOp::create(builder, loc, withShape(tensorOf(other), shape), other, offsets, ones);
    offsets[axis] += shape[axis];
    Value a = side ? rows : part, b = side ? part : rows;
    Value term =
        ContractOp::create(builder, loc, a, b, op.getALabels(), op.getBLabels(), op.getYLabels());
    sum = sum ? Value(AddOp::create(builder, loc, sum, term)) : term;
  }
  op.replaceAllUsesWith(sum);
  op.erase();
  return true;
}

void ScanSplit::splitConcats() {
  for (auto op : llvm::make_early_inc_range(scan.getBlock()->getOps<ContractOp>())) {
    Ready ready(scan);
    if (!splitConcat(op, ready, 0))
      splitConcat(op, ready, 1);
  }
}

/// Step 3. What does not differ by iteration and is contracted in the loop moves too (a part of a
/// weight), so that its gradient is taken once.
void ScanSplit::hoist() {
  Ready ready(scan);
  SetVector<Operation *> wanted;
  for (Operation &op : llvm::reverse(*scan.getBlock())) {
    if (op.hasTrait<OpTrait::IsTerminator>() || op.getNumRegions() || !op.getNumOperands() ||
        !llvm::all_of(op.getResults(), [&](Value v) { return ready.contains(v); }))
      continue;
    bool isSame = llvm::none_of(op.getResults(), [&](Value v) { return ready.varies(v); });
    if (isa<ContractOp>(op) || llvm::any_of(op.getUsers(), [&](Operation *user) {
          return wanted.contains(user) || (isSame && isa<ContractOp>(user));
        }))
      wanted.insert(&op);
  }
  builder.setInsertionPoint(scan);
  TurnBatch batch(scan, builder);
  for (Operation *op : llvm::reverse(wanted))
    for (Value result : op->getResults()) {
      batch.compute(result);
      bool isRead =
          llvm::any_of(result.getUsers(), [&](Operation *user) { return !wanted.contains(user); });
      if (!isRead)
        continue;
      if (isa<ContractOp>(op))
        say(op->getLoc(), "computed before the loop, for all iterations at once");
      Value argument = batch.isInvariant(result) ? addConstant(scan, batch.invariant(result))
                                                 : addInput(scan, batch.stacked(result));
      result.replaceUsesWithIf(argument, [&](OpOperand &use) {
        return !wanted.contains(use.getOwner()) && use.getOwner()->getBlock() == scan.getBlock();
      });
    }
  for (Operation *op : wanted)
    op->erase();
}

/// The contractions that no carry needs, and what reads them, in program order.
SetVector<Operation *> ScanSplit::findSunk(const Ready &ready) {
  DenseSet<Operation *> stays;
  for (Value next : yields().take_front(carryCount()))
    if (Operation *op = next.getDefiningOp())
      stays.insert(op);
  for (Operation &op : llvm::reverse(scan.getBlock()->without_terminator()))
    if (llvm::any_of(op.getUsers(), [&](Operation *user) { return stays.contains(user); }) ||
        !TurnBatch::canBatch(&op, [&](Value v) { return ready.varies(v); }))
      stays.insert(&op);
  SetVector<Operation *> sunk;
  for (Operation &op : scan.getBlock()->without_terminator()) {
    bool follows = llvm::any_of(op.getOperands(), [&](Value operand) {
      return operand.getDefiningOp() && sunk.contains(operand.getDefiningOp());
    });
    if (!stays.contains(&op) && (follows || isa<ContractOp>(op)))
      sunk.insert(&op);
  }
  return sunk;
}

/// Step 4. What the moved ops read is known outside, or becomes an output; outputs that nothing
/// reads go.
void ScanSplit::sink() {
  Ready ready(scan);
  SetVector<Operation *> sunk = findSunk(ready);
  SetVector<Value> stacked;
  for (Operation *op : sunk)
    for (Value operand : op->getOperands())
      if (!ready.contains(operand) && !sunk.contains(operand.getDefiningOp()))
        stacked.insert(operand);
  SmallVector<Output> kept, replaced;
  for (Output output : outputs()) {
    bool isOutside = sunk.contains(output.inside.getDefiningOp()) ||
                     llvm::is_contained(scan.getPieces(), output.inside);
    if (isOutside)
      replaced.push_back(output);
    else if (!output.before.use_empty() || stacked.contains(output.inside))
      kept.push_back(output);
    stacked.remove(output.inside);
  }
  if (sunk.empty() && kept.size() == outputs().size())
    return;
  for (Value value : stacked)
    kept.push_back({value, Value()});
  ScanOp before = replace(llvm::to_vector(llvm::seq<unsigned>(0, carryCount())), kept);
  builder.setInsertionPointAfter(scan);
  TurnBatch batch(scan, builder);
  for (auto [k, output] : llvm::enumerate(kept))
    batch.setStacked(output.inside, scan.getResult(carryCount() + k));
  for (Output output : replaced) {
    batch.compute(output.inside);
    output.before.replaceAllUsesWith(batch.stacked(output.inside));
  }
  before.erase();
  for (Operation *op : llvm::reverse(sunk)) {
    if (isa<ContractOp>(op))
      say(op->getLoc(), "computed after the loop, for all iterations at once");
    op->erase();
  }
}

void ScanSplit::run() {
  if (scan->hasAttr(pointsAttribute) && dissolve())
    return;
  delayCarries();
  splitConcats();
  hoist();
  sink();
  eraseDeadOps(*scan.getBlock());
  eraseUnread(scan);
}

namespace {
struct ScanSplitPass : impl::ScanSplitBase<ScanSplitPass> {
  using ScanSplitBase::ScanSplitBase;

  void runOnOperation() override {
    SmallVector<ScanOp> scans; // Inner ones first: what leaves them may leave the outer one too.
    getOperation().walk([&](ScanOp scan) {
      // Where iterations are computed again, nothing may grow with their number.
      if (scan.getBounds().empty() && !scan.getUntil() && scan.getLength() &&
          !scan->hasAttr(recomputeAttribute))
        scans.push_back(scan);
    });
    for (ScanOp scan : scans)
      ScanSplit(scan, remarks).run();
  }
};
} // namespace

} // namespace nnc::nn
