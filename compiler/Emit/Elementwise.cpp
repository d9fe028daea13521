/// Kernels whose outputs are computed position by position: elementwise, and the generic family
/// that serves every other kernel as fallback and witness.
#include "compiler/Emit/Collapse.h"
#include "compiler/Emit/Families.h"
#include "compiler/Emit/Nest.h"

using namespace mlir;

namespace nnc {

/// Elements of work a position: arithmetic ops count 1, functions more.
static int64_t workOf(Block &body) {
  int64_t work = 1;
  for (Operation &op : body)
    work += isa<nn::ExpOp, nn::TanhOp, nn::LogOp, nn::ErfOp, nn::SigmoidOp, nn::SoftplusOp,
                nn::SinOp, nn::CosOp, nn::RandomOp, nn::PowOp>(op)
                ? 6
                : op.hasTrait<nn::ElementwiseMap>();
  return std::max<int64_t>(1, work / 4);
}

static std::optional<unsigned> laneAxisOf(ArrayRef<int64_t> shape) {
  for (size_t k = shape.size(); k-- > 0;)
    if (shape[k] > 1)
      return k;
  return std::nullopt;
}

static unsigned lanesOf(KernelContext &context) {
  Type real = Float32Type::get(context.kernel.getContext());
  context.body().walk([&](Operation *op) {
    for (Type type : op->getResultTypes())
      if (getElementTypeOrSelf(type).isF64())
        real = getElementTypeOrSelf(type);
  });
  return context.target.lanes(real);
}

LogicalResult emitElementwise(KernelContext &context) {
  collapseAxes(context.kernel);
  ElementEmitter emitter(context);
  ArrayRef<int64_t> shape = nn::shapeOf(context.yielded()[0]);
  for (Value value : context.yielded())
    if (nn::shapeOf(value) != shape)
      return emitGeneric(context);
  Nest nest{shape, laneAxisOf(shape), lanesOf(context)};
  nest.work = workOf(context.body());
  nest.emit(emitter, [&](ArrayRef<Indices> positions) {
    for (const Indices &at : positions) {
      // Everything is read before anything is written: outputs may stand in place of inputs.
      SmallVector<Value> values;
      for (Value value : context.yielded())
        values.push_back(emitter.emit(value, at));
      for (auto [k, value] : llvm::enumerate(values))
        emitter.store(k, at, value);
    }
  });
  return success();
}

LogicalResult emitGeneric(KernelContext &context) {
  bool alone = context.yielded().size() == 1;
  for (auto [k, value] : llvm::enumerate(context.yielded())) {
    ElementEmitter emitter(context);
    ArrayRef<int64_t> shape = nn::shapeOf(value);
    Nest nest{shape, laneAxisOf(shape), lanesOf(context)};
    nest.work = 64;
    nest.parallel = alone; // Several outputs differ in shape, and so would their tasks.
    bool failed = false;
    nest.emit(emitter, [&](ArrayRef<Indices> positions) {
      for (const Indices &at : positions) {
        Value element = emitter.emit(value, at);
        if (!element)
          failed = true;
        else
          emitter.store(k, at, element);
      }
    });
    if (failed)
      return context.kernel.emitError("kernel '") << context.kernel.getName() << "' has no code";
  }
  return success();
}

} // namespace nnc
