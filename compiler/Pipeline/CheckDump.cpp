/// What a dump may hold: the ops and types of its stage, and the attributes that later stages read.
#include "compiler/LLVM/ProgramConstant.h"
#include "compiler/Pipeline/Dump.h"
#include "dialects/learn/IR/Learn.h"
#include "dialects/sched/IR/Sched.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace nnc {
namespace {

/// Sizes that the stages can count with: far from the ends of 64 bits.
constexpr int64_t mostPositions = std::numeric_limits<int32_t>::max();
constexpr int64_t mostElements = int64_t(1) << 47, mostLanes = 1 << 12;

bool isElement(Type type) {
  return type.isF32() || type.isF64() || type.isInteger(1) || type.isInteger(8) ||
         type.isInteger(32) || type.isInteger(64);
}

bool isShape(ShapedType type, int64_t mostOnAxis, int64_t most) {
  if (!type.hasStaticShape() || !isElement(type.getElementType()))
    return false;
  int64_t count = 1;
  for (int64_t size : type.getShape())
    if (size < 0 || size > mostOnAxis || (size && count > most / size))
      return false;
    else
      count *= size;
  return true;
}

/// A type that the nn dialect, the schedule or the emitters make.
bool isKnown(Type type) {
  if (auto tensor = dyn_cast<RankedTensorType>(type))
    return !tensor.getEncoding() && isShape(tensor, mostPositions, mostElements);
  if (auto memory = dyn_cast<MemRefType>(type))
    return !memory.getMemorySpace() && memory.getLayout().isIdentity() &&
           isShape(memory, mostElements, mostElements);
  if (auto vector = dyn_cast<VectorType>(type))
    return !vector.isScalable() && isShape(vector, mostLanes, mostLanes);
  return isElement(type) || isa<IndexType, LLVM::LLVMPointerType, FunctionType, NoneType>(type);
}

class DumpChecker {
public:
  DumpChecker(ModuleOp module, Stage stage) : module(module), stage(stage) {}

  LogicalResult run() {
    unsigned programs = 0;
    for (Operation &op : *module.getBody()) {
      bool isProgram = isa<learn::ProgramOp>(op);
      programs += isProgram;
      if (auto function = dyn_cast<func::FuncOp>(op);
          function && stage < Stage::llvm && failed(checkFunction(function)))
        return failure();
      if (!isProgram && !isa<func::FuncOp>(op) && !mayStand(&op))
        return refuse(&op);
    }
    if (programs > 1)
      return module.emitError("a dump has one learn.program, this one has ") << programs;
    WalkResult result = module.walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (op == module)
        return WalkResult::advance();
      if (isa<learn::ProgramOp>(op)) // Its verifier knows what may stand in it.
        return WalkResult::skip();
      return succeeded(checkOp(op)) ? WalkResult::advance() : WalkResult::interrupt();
    });
    return failure(result.wasInterrupted());
  }

private:
  LogicalResult refuse(Operation *op) {
    return op->emitError() << "'" << op->getName() << "' does not stand here in a dump of stage "
                           << infoOf(stage).name;
  }

  /// What the stage's row of Stages.def says; and a module holds functions, from stage loops on
  /// tables too. What is in a kernel was verified with it.
  bool mayStand(Operation *op) {
    if (op->getParentOfType<sched::KernelOp>())
      return true;
    if (!isLegal(stage, op->getName().getStringRef()))
      return false;
    if (isa<func::ReturnOp>(op))
      return isa<func::FuncOp>(op->getParentOp());
    bool inModule = op->getParentOp() == module;
    return isa<func::FuncOp>(op) ? inModule : !inModule || stage >= Stage::loops;
  }

  LogicalResult checkOp(Operation *op) {
    if (!mayStand(op))
      return refuse(op);
    if (stage == Stage::llvm)
      return success();
    auto bad = [&](Type type) { return !isKnown(type); };
    for (auto types : {TypeRange(op->getOperandTypes()), TypeRange(op->getResultTypes())})
      if (auto found = llvm::find_if(types, bad); found != types.end())
        return op->emitError() << "no stage makes the type " << *found;
    for (Region &region : op->getRegions())
      for (Block &block : region)
        for (Type type : block.getArgumentTypes())
          if (bad(type))
            return op->emitError() << "no stage makes the type " << type;
    return checkMemory(op);
  }

  /// The schedule's ops on tensors take tensors, those on buffers memrefs.
  LogicalResult checkMemory(Operation *op) {
    if (stage != Stage::fused && stage != Stage::buffers)
      return success();
    bool inKernel = op->getParentOfType<sched::KernelOp>() != nullptr;
    bool buffers = stage == Stage::buffers && !inKernel;
    if (isa<sched::YieldOp>(op) && buffers && op->getNumOperands())
      return op->emitError("on buffers nothing is yielded");
    auto fits = [&](Type type) {
      return buffers ? !isa<RankedTensorType>(type) : !isa<MemRefType>(type);
    };
    if (llvm::all_of(op->getOperandTypes(), fits) && llvm::all_of(op->getResultTypes(), fits))
      return success();
    return op->emitError("in stage ")
           << infoOf(stage).name << " values are " << (buffers ? "buffers" : "tensors");
  }

  LogicalResult checkFunction(func::FuncOp function) {
    if (function.isExternal())
      return stage == Stage::loops ? success()
                                   : LogicalResult(function.emitError("a function has a body"));
    if (stage < Stage::loops && !llvm::hasSingleElement(function.getBody()))
      return function.emitError("a function has one block until stage loops");
    if (stage < Stage::buffers)
      return checkInterface(function);
    if (function->hasAttr("nn.kernel") && stage == Stage::loops)
      return checkKernel(function);
    return checkBuffers(function);
  }

  LogicalResult checkInterface(func::FuncOp function) {
    for (unsigned k = 0; k < function.getNumArguments(); ++k)
      if (!learn::argumentBinding(function, k))
        return function.emitError("argument ") << k << " has no learn.kind and learn.name";
    for (unsigned k = 0; k < function.getNumResults(); ++k)
      if (!learn::resultBinding(function, k))
        return function.emitError("result ") << k << " has no learn.kind and learn.name";
    auto isTensor = [](Type type) { return isa<RankedTensorType>(type); };
    if (!llvm::all_of(function.getArgumentTypes(), isTensor) ||
        !llvm::all_of(function.getResultTypes(), isTensor))
      return function.emitError("arguments and results are tensors until stage buffers");
    return success();
  }

  /// What nn-plan-buffers leaves: the arena, (the runtime's context,) and a buffer for each
  /// argument and result.
  LogicalResult checkBuffers(func::FuncOp function) {
    std::optional<int64_t> bytes = learn::arenaBytes(function);
    if (!bytes)
      return function.emitError("a function on buffers has nn.arena_bytes");
    unsigned first = stage == Stage::loops ? 2 : 1;
    if (function.getNumArguments() < first)
      return function.emitError("a function on buffers takes its arena");
    for (unsigned k = first; k < function.getNumArguments(); ++k)
      if (!isa<MemRefType>(function.getArgument(k).getType()) ||
          !learn::argumentBinding(function, k))
        return function.emitError("argument ")
               << k << " is no buffer with learn.kind and learn.name";
    auto arena = dyn_cast<MemRefType>(function.getArgument(0).getType());
    bool isArena = arena && arena.getRank() == 1 && arena.getElementType().isInteger(8) &&
                   arena.getDimSize(0) == *bytes;
    bool isContext = first == 1 || isa<LLVM::LLVMPointerType>(function.getArgument(1).getType());
    if (!isArena || !isContext)
      return function.emitError("the first arguments are the arena of nn.arena_bytes")
             << (first == 2 ? " and the runtime's context" : "");
    bool number = function.getNumResults() == 1 && function.getResultTypes()[0].isInteger(32);
    if (stage == Stage::loops ? !number : function.getNumResults() != 0)
      return function.emitError(stage == Stage::loops ? "a function returns an i32"
                                                      : "a function on buffers returns nothing");
    return checkAsserts(function);
  }

  LogicalResult checkAsserts(func::FuncOp function) {
    Attribute asserts = function->getAttr("nn.asserts");
    auto list = dyn_cast_or_null<ArrayAttr>(asserts);
    bool good = !asserts || (list && llvm::all_of(list, [](Attribute entry) {
                               auto dictionary = dyn_cast<DictionaryAttr>(entry);
                               auto line = dictionary ? dictionary.getAs<IntegerAttr>("line")
                                                      : IntegerAttr();
                               return line && line.getValue().getBitWidth() <= 64 &&
                                      dictionary.getAs<StringAttr>("message");
                             }));
    return good ? success()
                : LogicalResult(function.emitError("nn.asserts is a list of messages and lines"));
  }

  /// A kernel takes flat buffers, its task and scratch memory.
  LogicalResult checkKernel(func::FuncOp function) {
    unsigned count = function.getNumArguments();
    auto isFlat = [](Type type) {
      auto memory = dyn_cast<MemRefType>(type);
      return memory && memory.getRank() == 1;
    };
    bool good = count >= 2 && function.getArgument(count - 2).getType().isIndex() &&
                llvm::all_of(function.getArgumentTypes().drop_back(2), isFlat) &&
                isFlat(function.getArgument(count - 1).getType()) && !function.getNumResults() &&
                isa<StringAttr>(function->getAttr("nn.kernel"));
    return good ? success()
                : LogicalResult(
                      function.emitError("a kernel takes flat buffers, a task and scratch memory"));
  }

  ModuleOp module;
  Stage stage;
};

} // namespace

LogicalResult checkDump(ModuleOp module, Stage stage) { return DumpChecker(module, stage).run(); }

} // namespace nnc
