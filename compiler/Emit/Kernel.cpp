#include "compiler/Emit/Kernel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace nnc {

KernelContext::KernelContext(nn::KernelOp kernel, func::FuncOp function, const Target &target)
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

} // namespace nnc
