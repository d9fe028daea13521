/// The pass that turns a schedule of kernels into functions and launches.
#include "compiler/Emit/Families.h"
#include "compiler/Emit/Outline.h"
#include "compiler/Emit/Passes.h"
#include "dialects/learn/IR/Interface.h"

using namespace mlir;

namespace nnc {
#define GEN_PASS_DEF_EMITKERNELS
#include "compiler/Emit/Passes.h.inc"

namespace {

Type byteType(Type element) {
  return element.isInteger(1) ? IntegerType::get(element.getContext(), 8) : element;
}

/// Rewrites the schedule of one function.
class ScheduleEmitter {
public:
  ScheduleEmitter(func::FuncOp function, Outliner &outliner)
      : function(function), outliner(outliner) {}
  void run();

private:
  void changeSignature();
  Value flat(Value memref);
  void emitBlock(Block &block);
  void emitKernel(sched::KernelOp kernel);
  void emitLoop(sched::LoopOp loop);
  scf::WhileOp emitWhile(OpBuilder &b, sched::LoopOp loop, Value first, Value last, Value one);
  void emitBranch(sched::BranchOp branch);
  void emitCheck(sched::CheckOp check);
  Value loadBound(OpBuilder &builder, Location loc, Value bound);
  Value loadTruth(OpBuilder &builder, Location loc, Value byte);

  func::FuncOp function;
  Outliner &outliner;
  Value context;
  Value status; ///< number of the assertion that failed in a loop; made when needed
  DenseMap<Value, Value> flats;
};

/// Inserts the context, makes booleans bytes and buffers of nothing flat (MLIR's conversion to
/// LLVM has no strides for others), returns a number.
void ScheduleEmitter::changeSignature() {
  Block &body = function.getBody().front();
  auto pointer = LLVM::LLVMPointerType::get(function.getContext());
  SmallVector<DictionaryAttr> attributes;
  for (unsigned k = 0; k < function.getNumArguments(); ++k) {
    std::optional<learn::Binding> binding = learn::argumentBinding(function, k);
    attributes.push_back(binding ? learn::bufferAttributes(function.getContext(), *binding)
                                 : DictionaryAttr::get(function.getContext()));
  }
  attributes.insert(attributes.begin() + 1, DictionaryAttr::get(function.getContext()));
  context = body.insertArgument(1u, pointer, function.getLoc());
  auto isEmpty = [](Value value) {
    return cast<MemRefType>(value.getType()).getNumElements() == 0;
  };
  auto retype = [&](Value value) {
    auto type = dyn_cast<MemRefType>(value.getType());
    if (!type)
      return;
    SmallVector<int64_t> shape(type.getShape());
    if (isEmpty(value))
      shape = {0};
    value.setType(MemRefType::get(shape, byteType(type.getElementType())));
  };
  for (Value argument : body.getArguments())
    retype(argument);
  for (Operation &op : llvm::make_early_inc_range(body)) {
    auto cast = dyn_cast<memref::ReinterpretCastOp>(op);
    if (cast && isEmpty(cast.getResult())) {
      cast.getResult().replaceAllUsesWith(cast.getSource());
      op.erase();
    } else if (cast || isa<memref::ViewOp>(op)) {
      retype(op.getResult(0));
    }
  }
  Builder builder(function.getContext());
  function.setFunctionType(builder.getFunctionType(body.getArgumentTypes(), builder.getI32Type()));
  function.setAllArgAttrs(attributes);
}

/// A buffer in one dimension, as kernels take it.
Value ScheduleEmitter::flat(Value memref) {
  auto type = cast<MemRefType>(memref.getType());
  if (type.getRank() == 1)
    return memref;
  Value &result = flats[memref];
  if (result)
    return result;
  OpBuilder builder(function.getContext());
  builder.setInsertionPointAfterValue(memref);
  auto flatType = MemRefType::get({type.getNumElements()}, type.getElementType());
  SmallVector<int64_t> sizes{type.getNumElements()}, strides{1};
  return result = memref::ReinterpretCastOp::create(builder, function.getLoc(), flatType, memref, 0,
                                                    sizes, strides);
}

/// What a buffer is, whatever its shape: an argument, or a place in the arena.
static std::pair<Value, int64_t> memoryOf(Value memref) {
  if (auto cast = memref.getDefiningOp<memref::ReinterpretCastOp>())
    return memoryOf(cast.getSource());
  if (auto view = memref.getDefiningOp<memref::ViewOp>())
    if (auto offset = view.getByteShift().getDefiningOp<arith::ConstantIndexOp>())
      return {view.getSource(), offset.value()};
  return {memref, 0};
}

void ScheduleEmitter::emitKernel(sched::KernelOp kernel) {
  SmallVector<Value> buffers;
  SmallVector<unsigned> parameterOf;
  SmallVector<std::pair<Value, int64_t>> memories;
  for (Value memref : kernel.getOperands()) {
    auto memory = memoryOf(memref);
    auto same = llvm::find(memories, memory);
    parameterOf.push_back(same - memories.begin());
    if (same != memories.end())
      continue;
    memories.push_back(memory);
    buffers.push_back(flat(memref));
  }
  SmallVector<Type> types(ValueRange(buffers).getTypes());
  OutlinedKernel outlined = outliner.outline(kernel, types, parameterOf);
  OpBuilder builder(kernel);
  sched::LaunchOp::create(builder, kernel.getLoc(), context, outlined.function.getSymName(),
                          outlined.tasks, outlined.scratch, buffers);
  kernel.erase();
}

Value ScheduleEmitter::loadBound(OpBuilder &builder, Location loc, Value bound) {
  Value number = memref::LoadOp::create(builder, loc, bound);
  return arith::IndexCastOp::create(builder, loc, builder.getIndexType(), number);
}

Value ScheduleEmitter::loadTruth(OpBuilder &builder, Location loc, Value byte) {
  Value raw = memref::LoadOp::create(builder, loc, byte);
  Value zero = arith::ConstantOp::create(builder, loc, builder.getI8IntegerAttr(0));
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, raw, zero);
}

void ScheduleEmitter::emitLoop(sched::LoopOp loop) {
  OpBuilder b(loop);
  Location loc = loop.getLoc();
  Value first = arith::ConstantIndexOp::create(b, loc, 0);
  Value last = arith::ConstantIndexOp::create(b, loc, loop.getLength());
  if (!loop.getBounds().empty()) {
    Value most = last;
    first = loadBound(b, loc, loop.getBounds()[0]);
    last = loadBound(b, loc, loop.getBounds()[1]);
    last = arith::MinSIOp::create(b, loc, last, arith::AddIOp::create(b, loc, first, most));
  }
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  Block *body = loop.getBlock();
  body->getTerminator()->erase();
  auto fill = [&](OpBuilder &b, Value i, Block *target) {
    Value turn = i;
    if (loop.getReverse()) {
      Value end = arith::SubIOp::create(b, loc, last, one);
      turn = arith::AddIOp::create(b, loc, first, arith::SubIOp::create(b, loc, end, i));
    }
    turn = arith::IndexCastOp::create(b, loc, b.getI32Type(), turn);
    memref::StoreOp::create(b, loc, turn, loop.getIteration());
    target->getOperations().splice(b.getInsertionPoint(), body->getOperations());
  };
  if (!loop.getUntil()) {
    auto turns = scf::ForOp::create(b, loc, first, last, one);
    OpBuilder inner(turns.getBody()->getTerminator());
    fill(inner, turns.getInductionVar(), turns.getBody());
    loop.erase();
    return emitBlock(*turns.getBody());
  }
  scf::WhileOp turns = emitWhile(b, loop, first, last, one);
  Block *after = turns.getAfterBody();
  OpBuilder inner = OpBuilder::atBlockBegin(after);
  fill(inner, after->getArgument(0), after);
  loop.erase();
  return emitBlock(*after);
}

/// while (i < last && goes on): its body is still empty.
scf::WhileOp ScheduleEmitter::emitWhile(OpBuilder &b, sched::LoopOp loop, Value first, Value last,
                                        Value one) {
  Location loc = loop.getLoc();
  Value yes = arith::ConstantOp::create(b, loc, b.getBoolAttr(true));
  return scf::WhileOp::create(
      b, loc, TypeRange{b.getIndexType()}, ValueRange{first, yes},
      [&](OpBuilder &b, Location loc, ValueRange state) {
        Value more = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, state[0], last);
        scf::ConditionOp::create(b, loc, arith::AndIOp::create(b, loc, more, state[1]), state[0]);
      },
      [&](OpBuilder &b, Location loc, ValueRange state) {
        Value next = arith::AddIOp::create(b, loc, state[0], one);
        Value stop = loadTruth(b, loc, loop.getStop());
        Value goes = arith::XOrIOp::create(b, loc, stop,
                                           arith::ConstantOp::create(b, loc, b.getBoolAttr(true)));
        scf::YieldOp::create(b, loc, ValueRange{next, goes});
      });
}

void ScheduleEmitter::emitBranch(sched::BranchOp branch) {
  OpBuilder b(branch);
  Value condition = loadTruth(b, branch.getLoc(), branch.getCondition());
  auto result = scf::IfOp::create(b, branch.getLoc(), condition, /*withElseRegion=*/true);
  auto move = [&](Region &from, Block *to) {
    from.front().getTerminator()->erase();
    to->getOperations().splice(to->begin(), from.front().getOperations());
  };
  move(branch.getThenRegion(), result.thenBlock());
  move(branch.getElseRegion(), result.elseBlock());
  branch.erase();
  emitBlock(*result.thenBlock());
  emitBlock(*result.elseBlock());
}

/// In a loop the number is noted and returned at the end; in the function's own block it returns.
void ScheduleEmitter::emitCheck(sched::CheckOp check) {
  OpBuilder b(check);
  Location loc = check.getLoc();
  Value number = arith::ConstantOp::create(b, loc, check.getNumberAttr());
  Value holds = loadTruth(b, loc, check.getCondition());
  if (check->getParentOp() != function) {
    if (!status) {
      OpBuilder start = OpBuilder::atBlockBegin(&function.getBody().front());
      status = memref::AllocaOp::create(start, loc, MemRefType::get({}, b.getI32Type()));
      memref::StoreOp::create(
          start, loc, arith::ConstantOp::create(start, loc, start.getI32IntegerAttr(0)), status);
    }
    Value now = memref::LoadOp::create(b, loc, status);
    Value zero = arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(0));
    Value isFirst = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, now, zero);
    Value failed = arith::SelectOp::create(b, loc, isFirst, number, now);
    memref::StoreOp::create(b, loc, arith::SelectOp::create(b, loc, holds, now, failed), status);
    check.erase();
    return;
  }
  Block *here = check->getBlock();
  Block *rest = here->splitBlock(check);
  Block *failed = new Block();
  function.getBody().push_back(failed);
  b.setInsertionPointToEnd(here);
  cf::CondBranchOp::create(b, loc, holds, rest, failed);
  b.setInsertionPointToEnd(failed);
  func::ReturnOp::create(b, loc, number);
  check.erase();
}

void ScheduleEmitter::emitBlock(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (auto kernel = dyn_cast<sched::KernelOp>(op))
      emitKernel(kernel);
    else if (auto loop = dyn_cast<sched::LoopOp>(op))
      emitLoop(loop);
    else if (auto branch = dyn_cast<sched::BranchOp>(op))
      emitBranch(branch);
  }
}

void ScheduleEmitter::run() {
  changeSignature();
  Block &body = function.getBody().front();
  emitBlock(body);
  SmallVector<sched::CheckOp> checks;
  function.walk([&](sched::CheckOp check) { checks.push_back(check); });
  Operation *end = body.getTerminator();
  for (sched::CheckOp check : checks)
    emitCheck(check);
  OpBuilder b(end);
  Value number = status ? memref::LoadOp::create(b, end->getLoc(), status).getResult()
                        : arith::ConstantOp::create(b, end->getLoc(), b.getI32IntegerAttr(0));
  func::ReturnOp::create(b, end->getLoc(), number);
  end->erase();
}

struct EmitKernels : impl::EmitKernelsBase<EmitKernels> {
  using EmitKernelsBase::EmitKernelsBase;

  void runOnOperation() override {
    Target target = Target::forCpu(cpu);
    Outliner outliner(getOperation(), target, microkernels);
    for (auto function : llvm::to_vector(getOperation().getOps<func::FuncOp>())) {
      if (function.isExternal() || !learn::arenaBytes(function))
        continue;
      ScheduleEmitter(function, outliner).run();
    }
  }
};

} // namespace
} // namespace nnc
