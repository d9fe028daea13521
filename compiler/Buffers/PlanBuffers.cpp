/// Rewrites a schedule on tensors to one on memory.
#include "compiler/Buffers/Arena.h"
#include "compiler/Buffers/Passes.h"
#include "dialects/learn/IR/Interface.h"
#include "dialects/nn/IR/SourceLines.h"

using namespace mlir;

namespace nnc {
#define GEN_PASS_DEF_PLANBUFFERS
#include "compiler/Buffers/Passes.h.inc"

namespace {

MemRefType bufferType(Type tensor) {
  auto type = cast<RankedTensorType>(tensor);
  return MemRefType::get(type.getShape(), type.getElementType());
}

/// Rewrites one function after its buffers were assigned.
class FunctionRewriter {
public:
  FunctionRewriter(func::FuncOp function, bool reuse)
      : function(function), body(function.getBody().front()),
        assignment(function, findDestinations(), reuse) {}
  void run();

private:
  ArrayRef<unsigned> findDestinations();
  void collectCopies(Block &block);
  void replaceArguments(int64_t arenaBytes);
  Value memoryOf(Value value);
  Value viewOf(unsigned buffer, RankedTensorType type);
  void rewrite(Block &block);
  void rewriteKernel(sched::KernelOp kernel);
  void rewriteLoop(sched::LoopOp loop);
  void rewriteBranch(sched::BranchOp branch);
  void copy(OpBuilder &builder, Location loc, Value from, Value to);
  void copyAll(Operation *before, ValueRange sources, ArrayRef<unsigned> targets);

  func::FuncOp function;
  Block &body;
  SmallVector<unsigned> destinations;
  SmallVector<DictionaryAttr> bindings; ///< of the new arguments
  Assignment assignment;
  Value arena;
  DenseMap<std::pair<unsigned, Type>, Value> views;
  SmallVector<Attribute> asserts;
  /// Temporaries for copies that exchange buffers, in the order of the rewrite.
  DenseMap<Operation *, SmallVector<unsigned>> temporaries;
};

/// The argument that each result overwrites, or a number of its own after the arguments.
ArrayRef<unsigned> FunctionRewriter::findDestinations() {
  unsigned next = function.getNumArguments();
  for (unsigned k = 0; k < function.getNumResults(); ++k) {
    std::optional<learn::Binding> mine = learn::resultBinding(function, k);
    std::optional<unsigned> found;
    for (unsigned j = 0; mine && j < function.getNumArguments(); ++j)
      if (auto other = learn::argumentBinding(function, j); other && mine->sameSlot(*other))
        found = j;
    destinations.push_back(found ? *found : next++);
  }
  return destinations;
}

static bool isConstant(Value value) { return value.getDefiningOp<nn::ConstantOp>() != nullptr; }

/// Values on their way into buffers at a block's end. Where a source is itself overwritten, all go
/// through temporaries, whose places must be known before the arena is planned.
static bool exchanges(Assignment &assignment, ValueRange sources, ArrayRef<unsigned> targets) {
  for (auto [k, source] : llvm::enumerate(sources))
    for (auto [j, target] : llvm::enumerate(targets))
      if (j != k && !isConstant(source) && assignment.idOf(source) == target &&
          (isConstant(sources[j]) || assignment.idOf(sources[j]) != target))
        return true;
  return false;
}

static SmallVector<unsigned> targetsOf(Assignment &assignment, ValueRange values) {
  SmallVector<unsigned> targets;
  for (Value value : values)
    targets.push_back(assignment.idOf(value));
  return targets;
}

void FunctionRewriter::collectCopies(Block &block) {
  auto prepare = [&](Operation *end, ValueRange sources, ArrayRef<unsigned> targets) {
    if (!exchanges(assignment, sources, targets))
      return;
    for (Value source : sources)
      temporaries[end].push_back(
          assignment.temporary(cast<RankedTensorType>(source.getType()), end));
  };
  for (Operation &op : block) {
    if (auto loop = dyn_cast<sched::LoopOp>(op)) {
      SmallVector<unsigned> targets = targetsOf(assignment, loop.getResults());
      prepare(loop, loop.getInits(), targets);
      Operation *end = loop.getBlock()->getTerminator();
      prepare(end, end->getOperands().take_front(targets.size()), targets);
      collectCopies(*loop.getBlock());
    } else if (auto branch = dyn_cast<sched::BranchOp>(op)) {
      for (Region *region : {&branch.getThenRegion(), &branch.getElseRegion()})
        collectCopies(region->front());
    }
  }
  if (&block == &body)
    prepare(block.getTerminator(), block.getTerminator()->getOperands(), destinations);
}

/// Tensor arguments become the arena and buffers; each says what it is bound to.
void FunctionRewriter::replaceArguments(int64_t arenaBytes) {
  MLIRContext *context = function.getContext();
  SmallVector<Type> types{MemRefType::get({arenaBytes}, IntegerType::get(context, 8))};
  bindings.push_back(DictionaryAttr::get(context));
  auto describe = [&](std::optional<learn::Binding> binding, Type type) {
    bindings.push_back(
        binding ? learn::bindingAttributes(context, binding->kind, binding->name, binding->combiner)
                : DictionaryAttr::get(context));
    types.push_back(bufferType(type));
  };
  for (unsigned k = 0; k < function.getNumArguments(); ++k)
    describe(learn::argumentBinding(function, k), function.getArgument(k).getType());
  for (auto [k, destination] : llvm::enumerate(destinations))
    if (destination >= function.getNumArguments())
      describe(learn::resultBinding(function, k), function.getResultTypes()[k]);
  unsigned old = function.getNumArguments();
  Location loc = function.getLoc();
  for (Type type : types)
    body.addArgument(type, loc);
  arena = body.getArgument(old);
  for (unsigned k = 1; k < types.size(); ++k)
    views[{k - 1, types[k]}] = body.getArgument(old + k);
  learn::setArenaBytes(function, arenaBytes);
}

/// A buffer under a tensor's shape; made once, at the function's start.
Value FunctionRewriter::viewOf(unsigned id, RankedTensorType tensor) {
  MemRefType type = bufferType(tensor);
  Value &view = views[{id, type}];
  if (view)
    return view;
  OpBuilder builder = OpBuilder::atBlockBegin(&body);
  Location loc = function.getLoc();
  const Buffer &buffer = assignment.all()[id];
  if (!buffer.argument) {
    Value offset = arith::ConstantIndexOp::create(builder, loc, buffer.offset);
    return view = memref::ViewOp::create(builder, loc, type, arena, offset, ValueRange());
  }
  // An argument under another shape.
  Value whole = body.getArgument(body.getNumArguments() - 1);
  for (BlockArgument argument : body.getArguments())
    if (views.lookup({id, argument.getType()}) == argument)
      whole = argument;
  SmallVector<int64_t> strides;
  int64_t offset;
  (void)type.getStridesAndOffset(strides, offset);
  view = memref::ReinterpretCastOp::create(builder, loc, type, whole, 0, type.getShape(), strides);
  return view;
}

Value FunctionRewriter::memoryOf(Value value) {
  return viewOf(assignment.idOf(value), cast<RankedTensorType>(value.getType()));
}

void FunctionRewriter::copy(OpBuilder &builder, Location loc, Value from, Value to) {
  if (from == to)
    return;
  auto type = cast<MemRefType>(from.getType());
  auto kernel = sched::KernelOp::create(builder, loc, TypeRange(), "copy",
                                        sched::KernelFamily::elementwise, from, to);
  Block *block = new Block();
  kernel.getBody().push_back(block);
  Value argument =
      block->addArgument(RankedTensorType::get(type.getShape(), type.getElementType()), loc);
  OpBuilder inner = OpBuilder::atBlockEnd(block);
  sched::YieldOp::create(inner, loc, argument);
}

/// Copies what is not in its place yet.
void FunctionRewriter::copyAll(Operation *before, ValueRange sources, ArrayRef<unsigned> targets) {
  OpBuilder builder(before);
  auto found = temporaries.find(before);
  SmallVector<std::pair<unsigned, Value>> moves;
  for (auto [k, source] : llvm::enumerate(sources)) {
    if (source.getDefiningOp<nn::ConstantOp>())
      continue; // What a tensor starts as that is filled before it is read.
    auto type = cast<RankedTensorType>(source.getType());
    Value from = memoryOf(source);
    if (assignment.idOf(source) == targets[k])
      continue;
    if (found != temporaries.end()) {
      Value middle = viewOf(found->second[k], type);
      copy(builder, before->getLoc(), from, middle);
      from = middle;
    }
    moves.push_back({targets[k], from});
  }
  for (auto [target, from] : moves) {
    auto type = cast<MemRefType>(from.getType());
    copy(builder, before->getLoc(), from,
         viewOf(target, RankedTensorType::get(type.getShape(), type.getElementType())));
  }
}

void FunctionRewriter::rewriteKernel(sched::KernelOp kernel) {
  OpBuilder builder(kernel);
  SmallVector<Value> inputs, outputs;
  for (Value input : kernel.getInputs())
    inputs.push_back(memoryOf(input));
  for (Value result : kernel.getResults())
    outputs.push_back(memoryOf(result));
  // The rest of a tensor must be there before a piece is written.
  for (auto [yielded, output] : llvm::zip_equal(kernel.getYield().getValues(), outputs)) {
    auto put = yielded.getDefiningOp<nn::PutOp>();
    auto whole = put ? dyn_cast<BlockArgument>(put.getX()) : BlockArgument();
    if (!whole || inputs[whole.getArgNumber()] == output)
      continue;
    copy(builder, kernel.getLoc(), inputs[whole.getArgNumber()], output);
    inputs[whole.getArgNumber()] = output;
  }
  auto replacement = sched::KernelOp::create(builder, kernel.getLoc(), TypeRange(),
                                             kernel.getName(), kernel.getFamily(), inputs, outputs);
  replacement.getBody().takeBody(kernel.getBody());
}

void FunctionRewriter::rewriteLoop(sched::LoopOp loop) {
  SmallVector<unsigned> targets = targetsOf(assignment, loop.getResults());
  copyAll(loop, loop.getInits(), targets);
  Block &block = *loop.getBlock();
  Operation *end = block.getTerminator();
  OpBuilder builder(loop);
  auto memories = [&](ValueRange values) {
    SmallVector<Value> result;
    for (Value value : values)
      result.push_back(memoryOf(value));
    return result;
  };
  Value stop = loop.getUntil() ? memoryOf(end->getOperands().back()) : Value();
  auto iterationType = cast<RankedTensorType>(block.getArgument(0).getType());
  SmallVector<Value> bounds = memories(loop.getBounds());
  auto replacement =
      sched::LoopOp::create(builder, loop.getLoc(), TypeRange(), loop.getLengthAttr(), bounds,
                            ValueRange(), viewOf(assignment.iterationOf(loop), iterationType), stop,
                            loop.getReverseAttr(), loop.getUntilAttr());
  copyAll(end, end->getOperands().take_front(targets.size()), targets);
  rewrite(block);
  end->setOperands({});
  replacement.getBody().takeBody(loop.getBody());
}

void FunctionRewriter::rewriteBranch(sched::BranchOp branch) {
  SmallVector<unsigned> targets = targetsOf(assignment, branch.getResults());
  OpBuilder builder(branch);
  auto replacement = sched::BranchOp::create(builder, branch.getLoc(), TypeRange(),
                                             memoryOf(branch.getCondition()));
  for (auto [from, to] : {std::pair(&branch.getThenRegion(), &replacement.getThenRegion()),
                          std::pair(&branch.getElseRegion(), &replacement.getElseRegion())}) {
    Operation *end = from->front().getTerminator();
    copyAll(end, end->getOperands(), targets);
    rewrite(from->front());
    end->setOperands({});
    to->takeBody(*from);
  }
}

/// Rewrites the block's ops; what is replaced is erased when everything has been rewritten.
void FunctionRewriter::rewrite(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(block)) {
    OpBuilder builder(&op);
    if (auto kernel = dyn_cast<sched::KernelOp>(op)) {
      if (!kernel.getInputs().empty() && isa<MemRefType>(kernel.getInputs()[0].getType()))
        continue; // A copy.
      rewriteKernel(kernel);
    } else if (auto loop = dyn_cast<sched::LoopOp>(op)) {
      rewriteLoop(loop);
    } else if (auto branch = dyn_cast<sched::BranchOp>(op)) {
      rewriteBranch(branch);
    } else if (auto check = dyn_cast<nn::AssertOp>(op)) {
      FileLineColLoc line = nn::findSourceLine(op.getLoc());
      asserts.push_back(builder.getDictionaryAttr(
          {builder.getNamedAttr("message", check.getMessageAttr()),
           builder.getNamedAttr("line", builder.getI64IntegerAttr(line ? line.getLine() : 0))}));
      sched::CheckOp::create(builder, op.getLoc(), memoryOf(check.getCondition()),
                             int32_t(asserts.size()));
    }
  }
}

void FunctionRewriter::run() {
  collectCopies(body);
  int64_t bytes = placeInArena(assignment.all());
  unsigned old = function.getNumArguments();
  replaceArguments(bytes);
  Operation *end = body.getTerminator();
  copyAll(end, end->getOperands(), destinations);
  rewrite(body);
  OpBuilder builder(end);
  func::ReturnOp::create(builder, end->getLoc());
  end->erase();
  // Old ops are read by old ops only.
  SmallVector<Operation *> dead;
  function.walk([&](Operation *op) {
    bool isTensorOp = llvm::any_of(op->getResultTypes(), llvm::IsaPred<RankedTensorType>) ||
                      llvm::any_of(op->getOperandTypes(), llvm::IsaPred<RankedTensorType>);
    if (isTensorOp && !op->getParentOfType<sched::KernelOp>())
      dead.push_back(op);
  });
  for (Operation *op : dead)
    op->dropAllUses(), op->dropAllReferences();
  for (Operation *op : llvm::reverse(dead))
    op->erase();
  function.walk([&](sched::LoopOp loop) {
    loop.getBlock()->eraseArguments(0, loop.getBlock()->getNumArguments());
  });
  body.eraseArguments(0, old);
  SmallVector<Type> types(body.getArgumentTypes());
  function.removeResAttrsAttr();
  function.setFunctionType(builder.getFunctionType(types, {}));
  function.setAllArgAttrs(bindings);
  if (!asserts.empty())
    function->setAttr("nn.asserts", builder.getArrayAttr(asserts));
}

struct PlanBuffers : impl::PlanBuffersBase<PlanBuffers> {
  using PlanBuffersBase::PlanBuffersBase;
  void runOnOperation() override {
    if (getOperation().isExternal() || learn::arenaBytes(getOperation()))
      return;
    FunctionRewriter(getOperation(), reuse).run();
  }
};

} // namespace
} // namespace nnc
