/// Memory behind layout ops.
#include "compiler/Emit/Element/Kernel.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace nnc {

/// Strides of the same elements under another shape, if they still have one stride an axis.
static std::optional<SmallVector<int64_t>>
reshapeStrides(ArrayRef<int64_t> from, ArrayRef<int64_t> strides, ArrayRef<int64_t> to) {
  SmallVector<std::pair<int64_t, int64_t>> axes; // Size and stride, neighbours in one run merged.
  for (auto [size, stride] : llvm::zip_equal(from, strides)) {
    if (size == 1)
      continue;
    if (!axes.empty() && axes.back().second == stride * size)
      axes.back() = {axes.back().first * size, stride};
    else
      axes.push_back({size, stride});
  }
  SmallVector<int64_t> result(to.size(), 0);
  for (size_t k = to.size(); k-- > 0;) {
    if (to[k] == 1)
      continue;
    if (axes.empty() || axes.back().first % to[k] != 0)
      return std::nullopt;
    auto &[size, stride] = axes.back();
    result[k] = stride;
    stride *= to[k];
    size /= to[k];
    if (size == 1)
      axes.pop_back();
  }
  return result;
}

static void permute(nn::TransposeOp op, StridedView &view) {
  SmallVector<int64_t> strides;
  for (int64_t axis : op.getPermutation())
    strides.push_back(view.strides[axis]);
  view.strides = strides;
}

static void cut(nn::SliceOp op, StridedView &view) {
  for (size_t k = 0; k < view.strides.size(); ++k) {
    view.offset.offset += op.getOffsets()[k] * view.strides[k];
    view.strides[k] *= op.getStrides()[k];
  }
}

/// All of a row-major tensor.
static StridedView wholeView(Value memref, ArrayRef<int64_t> shape) {
  StridedView view{memref, {}, Index()};
  int64_t stride = 1;
  for (int64_t size : llvm::reverse(shape)) {
    view.strides.insert(view.strides.begin(), stride);
    stride *= size;
  }
  return view;
}

std::optional<StridedView> ElementEmitter::resolveView(Value tensor) {
  if (sources.contains(tensor))
    return std::nullopt;
  if (auto argument = dyn_cast<BlockArgument>(tensor))
    return wholeView(context.input(argument.getArgNumber()), nn::shapeOf(tensor));
  Operation *op = tensor.getDefiningOp();
  if (!isa<nn::BroadcastOp, nn::TransposeOp, nn::SliceOp, nn::ReverseOp, nn::WindowOp,
           nn::ReshapeOp, nn::AtOp, nn::StopGradientOp>(op))
    return std::nullopt;
  auto view = resolveView(op->getOperand(0));
  if (!view)
    return std::nullopt;
  ArrayRef<int64_t> from = nn::shapeOf(op->getOperand(0)), to = nn::shapeOf(tensor);
  bool fits = true;
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](nn::BroadcastOp op) {
        SmallVector<int64_t> strides(to.size(), 0);
        for (auto [k, axis] : llvm::enumerate(op.getAxes()))
          strides[axis] = view->strides[k];
        view->strides = strides;
      })
      .Case([&](nn::TransposeOp op) { permute(op, *view); })
      .Case([&](nn::SliceOp op) { cut(op, *view); })
      .Case([&](nn::ReverseOp op) {
        for (int64_t axis : op.getAxes()) {
          view->offset.offset += (from[axis] - 1) * view->strides[axis];
          view->strides[axis] = -view->strides[axis];
        }
      })
      .Case([&](nn::WindowOp op) {
        for (auto [k, axis] : llvm::enumerate(op.getAxes())) {
          view->strides.push_back(view->strides[axis]);
          view->strides[axis] *= op.getStrides()[k];
        }
      })
      .Case([&](nn::ReshapeOp) {
        auto strides = reshapeStrides(from, view->strides, to);
        fits = strides.has_value();
        if (fits)
          view->strides = *strides;
      })
      .Case([&](nn::AtOp op) {
        Index position = positionFrom(emit(op.getIndex(), {}), from[op.getAxis()]);
        view->offset = view->offset + position * view->strides[op.getAxis()];
        view->strides.erase(view->strides.begin() + op.getAxis());
      });
  return fits ? view : std::nullopt;
}

} // namespace nnc
