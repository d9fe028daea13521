/// Memory behind layout ops.
#include "compiler/Emit/Element/Kernel.h"

using namespace mlir;

namespace nnc {

std::optional<std::pair<Value, nn::Layout>> ElementEmitter::layoutOf(Value tensor) {
  if (sources.contains(tensor))
    return std::nullopt;
  if (auto argument = dyn_cast<BlockArgument>(tensor))
    return std::pair(context.input(argument.getArgNumber()),
                     nn::Layout::rowMajor(nn::shapeOf(tensor)));
  auto view = tensor.getDefiningOp<nn::StridedView>();
  auto layout = view ? layoutOf(view->getOperand(0)) : std::nullopt;
  return layout && view.view(layout->second) ? layout : std::nullopt;
}

std::optional<MemoryView> ElementEmitter::resolveView(Value tensor) {
  auto found = layoutOf(tensor);
  if (!found)
    return std::nullopt;
  auto &[memref, layout] = *found;
  MemoryView view{memref, layout.strides, Index(layout.offset)};
  for (const nn::Layout::RunTimeIndex &each : layout.indices)
    view.offset = view.offset + positionFrom(emit(each.index, {}), each.size) * each.stride;
  return view;
}

} // namespace nnc
