/// The interface of emitters: the function that a kernel becomes, and the element emitter through
/// which every fused prologue and epilogue is computed.
#ifndef NNC_COMPILER_EMIT_ELEMENT_KERNEL_H
#define NNC_COMPILER_EMIT_ELEMENT_KERNEL_H

#include "compiler/Emit/Element/Index.h"
#include "compiler/Target/Target.h"
#include "dialects/sched/IR/Sched.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"
#include <functional>

namespace nnc {

/// How a long sum is cut: a partial sum starts as what `start` gives, and `join` adds it to what
/// there is.
struct PartialSums {
  std::function<llvm::SmallVector<mlir::Value>()> start;
  std::function<llvm::SmallVector<mlir::Value>(mlir::ValueRange, mlir::ValueRange)> join;

  /// Terms that are added one after the other, before and after a cut.
  static constexpr int64_t longest = 32;
  /// How many terms a carried value gets from `turns` turns of `terms` terms each.
  static int64_t termsOf(int64_t turns, int64_t terms);
};

/// One kernel being emitted: `func.func private @kernel_N(memrefs.., %task: index, %scratch)`. All
/// buffers are flat: `memref<Nxf32>` in row-major order of the tensor; booleans are bytes (i8).
/// An output that is written in place shares its memref with the input; otherwise no two overlap.
class KernelContext {
public:
  KernelContext(sched::KernelOp kernel, mlir::func::FuncOp function, const Target &target);

  sched::KernelOp kernel;
  mlir::func::FuncOp function;
  const Target &target;
  /// At the end of the function's only block; the caller adds the return.
  mlir::OpBuilder builder;
  mlir::Location loc;

  /// The body; its arguments are tensors and stand for the inputs.
  mlir::Block &body() { return *kernel.getBlock(); }
  /// The values that are stored to the outputs.
  mlir::ValueRange yielded() { return body().getTerminator()->getOperands(); }
  /// Flat memrefs.
  mlir::Value input(unsigned k) { return inputs[k]; }
  mlir::Value output(unsigned k) { return outputs[k]; }

  /// The number of tasks, 1 at first. It may depend on shapes and target only. Tasks run in any
  /// order and at the same time.
  void setTasks(int64_t count) { tasks = count; }
  int64_t getTasks() const { return tasks; }
  /// The task's number, of type index, in [0, tasks).
  mlir::Value task;
  Index taskIndex() const { return Index(task, 0, tasks - 1); }

  /// A piece of the running thread's scratch, aligned to 64 bytes: memref<count x element>.
  mlir::Value scratch(mlir::Type element, int64_t count);
  int64_t scratchBytes() const { return scratchUsed; }

  mlir::Value constant(int64_t value); ///< of type index
  /// for (i = first; i < last; i += step) body(i); the builder stands inside during `body`.
  void loop(mlir::Value first, mlir::Value last, int64_t step,
            llvm::function_ref<void(mlir::Value)> body);
  void loop(int64_t first, int64_t last, int64_t step, llvm::function_ref<void(mlir::Value)> body);
  /// The same with carried values: body returns the next ones; gives the last ones.
  llvm::SmallVector<mlir::Value>
  loop(mlir::Value first, mlir::Value last, int64_t step, mlir::ValueRange inits,
       llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value, mlir::ValueRange)> body);
  /// A loop of i = 0, step, .. below turns * step whose turns add `terms` terms each to the carried
  /// values. Many turns are cut into partial sums of partial sums, so that the rounding error grows
  /// with the logarithm of their number.
  llvm::SmallVector<mlir::Value>
  sumLoop(int64_t turns, int64_t step, int64_t terms, mlir::ValueRange inits,
          const PartialSums &partial,
          llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value, mlir::ValueRange)> body);

  /// Set by the outliner: the function's buffers and its last argument.
  llvm::SmallVector<mlir::Value> inputs, outputs;
  mlir::Value scratchMemory;

private:
  int64_t tasks = 1;
  int64_t scratchUsed = 0;
};

/// Where the elements of a tensor lie: element (i0, i1, ..) at offset + sum of strides[k] * i_k of
/// the flat memref.
struct MemoryView {
  mlir::Value memref;
  llvm::SmallVector<int64_t> strides;
  Index offset;
};

/// Computes any tensor value of a kernel's region at given positions, one element or one vector of
/// elements, through all elementwise, layout and (as loops) reducing ops.
///
/// Positions are one Index an axis. If all are uniform the result is a scalar; if one varies with
/// the lane the result is a vector of `width` lanes. Code goes where the context's builder stands.
/// What was computed is remembered by value and position; a Scope forgets it at the end of a loop.
class ElementEmitter {
public:
  using Source = std::function<mlir::Value(llvm::ArrayRef<Index>)>;

  explicit ElementEmitter(KernelContext &context) : context(context), builder(context.builder) {}

  unsigned width = 1;

  mlir::Value emit(mlir::Value tensor, llvm::ArrayRef<Index> at);
  /// As emit, splat to a vector if it is a scalar and `width` > 1.
  mlir::Value emitVector(mlir::Value tensor, llvm::ArrayRef<Index> at);
  /// Stores an element or a vector to output k at positions of the yielded tensor.
  void store(unsigned output, llvm::ArrayRef<Index> at, mlir::Value element);
  /// Emits the k-th yielded value and stores it.
  void emitAndStore(unsigned output, llvm::ArrayRef<Index> at) {
    store(output, at, emit(context.yielded()[output], at));
  }

  /// From now on the tensor's elements come from `source` (an accumulator, a tile, scratch), which
  /// is given the positions and returns a scalar or, where they vary, a vector of `width` lanes.
  void bind(mlir::Value tensor, Source source);
  void unbind(mlir::Value tensor);

  /// Loads from (stores to) a flat memref; booleans are bytes in memory and i1 here. Loads honour
  /// the mask of an enclosing pad or concat.
  mlir::Value load(mlir::Value memref, mlir::Type element, const Index &position);
  void storeTo(mlir::Value memref, const Index &position, mlir::Value element);
  /// The memory behind a value, through ops that are views; none if an element must be computed.
  std::optional<MemoryView> resolveView(mlir::Value tensor);

  /// Forgets at its end what was emitted since its start; to be opened inside each loop body.
  class Scope {
  public:
    explicit Scope(ElementEmitter &emitter) : emitter(emitter), mark(emitter.log.size()) {}
    ~Scope();

  private:
    ElementEmitter &emitter;
    size_t mark;
  };

  /// A uniform position as a value of type index; any position as a vector<width x i32>.
  mlir::Value materialize(const Index &index);
  mlir::Value materializeVector(const Index &index);
  /// a + b and a * factor for any positions, `vector` ones too.
  Index add(const Index &a, const Index &b);
  Index scale(const Index &a, int64_t factor);
  /// The row-major position of an element of a tensor of `shape`.
  Index flatten(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<Index> at);
  /// Quotient and remainder by a positive constant, without a division where ranges allow it.
  std::pair<Index, Index> divide(const Index &index, int64_t divisor);
  /// An element's i32 or i64 value(s) as a position in [0, size).
  Index positionFrom(mlir::Value element, int64_t size);
  mlir::Value splat(mlir::Value scalar);
  mlir::Type typeAt(mlir::Type element, llvm::ArrayRef<Index> at);

  KernelContext &context;

private:
  struct Memo {
    mlir::Value tensor;
    unsigned width;
    Indices at;
    mlir::Value mask;
    mlir::Value result;
  };
  /// The buffer that a value is a view of, and its layout there.
  std::optional<std::pair<mlir::Value, nn::Layout>> layoutOf(mlir::Value tensor);
  mlir::Value emitUncached(mlir::Value tensor, llvm::ArrayRef<Index> at);
  mlir::Value emitLayout(mlir::Operation *op, llvm::ArrayRef<Index> at);   // ElementLayout.cpp
  mlir::Value emitReducing(mlir::Operation *op, llvm::ArrayRef<Index> at); // ElementReduce.cpp
  mlir::Value emitRandom(nn::RandomOp op, llvm::ArrayRef<Index> at);       // Random.cpp
  mlir::Value emitPad(nn::PadOp op, llvm::ArrayRef<Index> at);
  mlir::Value emitConcat(nn::ConcatOp op, llvm::ArrayRef<Index> at);
  mlir::Value emitConstant(nn::ConstantOp op, llvm::ArrayRef<Index> at);
  mlir::Value emitGather(nn::GatherOp op, llvm::ArrayRef<Index> at);
  mlir::Value emitPut(nn::PutOp op, llvm::ArrayRef<Index> at);
  mlir::Value emitContract(nn::ContractOp op, llvm::ArrayRef<Index> at);
  mlir::Value emitReduce(nn::ReduceOp op, llvm::ArrayRef<Index> at);
  mlir::Value emitCumulative(nn::CumulativeOp op, llvm::ArrayRef<Index> at);
  mlir::Value emitScatterAdd(nn::ScatterAddOp op, llvm::ArrayRef<Index> at);
  mlir::Value emitUnwindow(nn::UnwindowOp op, llvm::ArrayRef<Index> at);
  mlir::Value emitDisjointUnwindow(nn::UnwindowOp op, llvm::ArrayRef<Index> at);
  mlir::Value loadEverySecond(mlir::Value memref, mlir::VectorType type, Index first);
  /// Truth (i1 or a vector of them) of first <= position <= last; null if it always holds.
  mlir::Value within(const Index &position, int64_t first, int64_t last);
  mlir::Value both(mlir::Value a, mlir::Value b);
  /// i32, or i64 where a position may be as large as `last`.
  mlir::Type positionType(int64_t last);
  /// A vector of at least as many bits as `element` has.
  mlir::Value lanesOf(const Index &index, mlir::Type element);
  std::pair<mlir::Value, mlir::Value> splitLanes(const Index &index);
  mlir::Value widen(mlir::Value vector, mlir::Type element);
  using Values = llvm::SmallVector<mlir::Value>;
  /// Folds `step` over all positions of a box, in row-major order: unrolled if it is small. With
  /// `partial` it is a sum, and cut.
  Values fold(llvm::ArrayRef<int64_t> extents, Values inits,
              llvm::function_ref<Values(llvm::ArrayRef<Index>, Values)> step,
              const PartialSums *partial = nullptr);
  /// The same with one value; cut if it is a sum of f32 or f64.
  mlir::Value foldOne(nn::Reduction kind, llvm::ArrayRef<int64_t> extents, mlir::Value init,
                      llvm::function_ref<mlir::Value(llvm::ArrayRef<Index>, mlir::Value)> step);
  /// A scalar as a vector where any of the positions has lanes.
  mlir::Value widened(mlir::Value value, llvm::ArrayRef<Index> at);
  mlir::Value emitUnder(mlir::Value condition, mlir::Value tensor, llvm::ArrayRef<Index> at,
                        mlir::Value otherwise);

  mlir::OpBuilder &builder;
  llvm::DenseMap<mlir::Value, Source> sources;
  llvm::DenseMap<mlir::Value, llvm::SmallVector<Memo, 2>> memo;
  llvm::SmallVector<mlir::Value> log; ///< tensors in the order of their memo entries
  mlir::Value mask;                   ///< lanes that may touch memory; null: all
};

} // namespace nnc

#endif
