/// Kernels whose outputs are computed position by position: elementwise, and the generic family
/// that serves every other kernel as fallback and witness.
#include "compiler/Emit/Loops/Collapse.h"
#include "compiler/Emit/Loops/Loops.h"
#include "compiler/Emit/Loops/Nest.h"

using namespace mlir;

namespace nnc {

/// What a function counts as, in arithmetic ops of a vector.
static constexpr int64_t functionWork = 6;

/// Elements of work for each index.
static int64_t workOf(Block &body) {
  int64_t work = 1;
  for (Operation &op : body) {
    std::optional<nn::Cost> cost = nn::costOf(&op);
    bool isSimple = cost == nn::Cost::arithmetic || cost == nn::Cost::division;
    work += nn::isFunction(&op) ? functionWork : isSimple;
  }
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

namespace {
/// What is stored to an output: a value, or the piece of a put into the output's buffer.
struct Output {
  Value value;
  size_t axis = 0;
  std::optional<Index> position;

  Output(ElementEmitter &emitter, Value yielded) : value(yielded) {
    auto put = yielded.getDefiningOp<nn::PutOp>();
    if (!put)
      return;
    value = put.getPiece();
    axis = put.getAxis();
    position = emitter.positionFrom(emitter.emit(put.getIndex(), {}), nn::shapeOf(yielded)[axis]);
  }
  Indices placeOf(const Indices &at) const {
    Indices place(at);
    if (position)
      place.insert(place.begin() + axis, *position);
    return place;
  }
};
} // namespace

void emitElementwise(KernelContext &context) {
  collapseAxes(context.kernel);
  ElementEmitter emitter(context);
  SmallVector<Output> outputs;
  for (Value value : context.yielded())
    outputs.emplace_back(emitter, value);
  ArrayRef<int64_t> shape = nn::shapeOf(outputs[0].value);
  for (const Output &output : outputs)
    if (nn::shapeOf(output.value) != shape)
      return emitGeneric(context);
  Nest nest{shape, laneAxisOf(shape), lanesOf(context)};
  nest.work = workOf(context.body());
  nest.emit(emitter, [&](ArrayRef<Indices> positions) {
    for (const Indices &at : positions) {
      // Everything is read before anything is written: outputs may stand in place of inputs.
      SmallVector<Value> values;
      for (const Output &output : outputs)
        values.push_back(emitter.emit(output.value, at));
      for (auto [k, value] : llvm::enumerate(values))
        emitter.store(k, outputs[k].placeOf(at), value);
    }
  });
}

void emitGeneric(KernelContext &context) {
  bool alone = context.yielded().size() == 1;
  for (auto [k, value] : llvm::enumerate(context.yielded())) {
    ElementEmitter emitter(context);
    ArrayRef<int64_t> shape = nn::shapeOf(value);
    Nest nest{shape, laneAxisOf(shape), lanesOf(context)};
    nest.work = 64;
    nest.parallel = alone; // Several outputs differ in shape, and so would their tasks.
    nest.emit(emitter, [&](ArrayRef<Indices> positions) {
      for (const Indices &at : positions)
        emitter.emitAndStore(k, at);
    });
  }
}

} // namespace nnc
