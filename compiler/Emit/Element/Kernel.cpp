/// Where a kernel's function reads and writes its buffers.
#include "compiler/Emit/Element/Kernel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace nnc {

KernelContext::KernelContext(sched::KernelOp kernel, func::FuncOp function, const Target &target)
    : kernel(kernel), function(function), target(target),
      builder(OpBuilder::atBlockEnd(&function.getBody().front())), loc(kernel.getLoc()) {}

Value KernelContext::constant(int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}

Value KernelContext::scratch(Type element, int64_t count) {
  int64_t bytes = count * std::max(1u, element.getIntOrFloatBitWidth() / 8);
  Value offset = constant(scratchUsed);
  scratchUsed += llvm::alignTo(bytes, 64);
  return memref::ViewOp::create(builder, loc, MemRefType::get({count}, element), scratchMemory,
                                offset, ValueRange());
}

void KernelContext::loop(Value first, Value last, int64_t step,
                         llvm::function_ref<void(Value)> body) {
  auto loop = scf::ForOp::create(builder, loc, first, last, constant(step));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

void KernelContext::loop(int64_t first, int64_t last, int64_t step,
                         llvm::function_ref<void(Value)> body) {
  loop(constant(first), constant(last), step, body);
}

SmallVector<Value>
KernelContext::loop(Value first, Value last, int64_t step, ValueRange inits,
                    llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  auto loop = scf::ForOp::create(builder, loc, first, last, constant(step), inits);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> next = body(loop.getInductionVar(), loop.getRegionIterArgs());
  if (!inits.empty())
    scf::YieldOp::create(builder, loc, next);
  return SmallVector<Value>(loop.getResults());
}

int64_t PartialSums::termsOf(int64_t turns, int64_t terms) {
  if (turns * terms <= longest)
    return std::max<int64_t>(1, turns * terms);
  int64_t parts = llvm::divideCeil(turns, std::max<int64_t>(1, longest / terms));
  while (parts > longest)
    parts = llvm::divideCeil(parts, longest);
  return parts;
}

SmallVector<Value>
KernelContext::sumLoop(int64_t turns, int64_t step, int64_t terms, ValueRange inits,
                       const PartialSums &partial,
                       llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  const int64_t end = turns * step;
  if (turns * terms <= PartialSums::longest)
    return loop(constant(0), constant(end), step, inits, body);
  // Positions that one partial sum of each level covers.
  SmallVector<int64_t> spans{std::max<int64_t>(1, PartialSums::longest / terms) * step};
  while (spans.back() * PartialSums::longest < end)
    spans.push_back(spans.back() * PartialSums::longest);
  std::function<SmallVector<Value>(size_t, Value, Value, ValueRange)> level =
      [&](size_t levels, Value first, Value last, ValueRange carried) {
        if (levels == 0)
          return loop(first, last, step, carried, body);
        const int64_t span = spans[levels - 1];
        return loop(first, last, span, carried, [&](Value i, ValueRange sums) {
          Value next = arith::AddIOp::create(builder, loc, i, constant(span));
          if (end % span)
            next = arith::MinSIOp::create(builder, loc, next, last);
          return partial.join(sums, level(levels - 1, i, next, partial.start()));
        });
      };
  return level(spans.size(), constant(0), constant(end), inits);
}

} // namespace nnc
