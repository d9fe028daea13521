/// The gradient of a convolution's input, as a convolution.
#include "compiler/Schedule/Passes.h"

using namespace mlir;

namespace nnc {
#define GEN_PASS_DEF_GATHERWINDOWS
#include "compiler/Schedule/Passes.h.inc"

namespace {

using Labels = SmallVector<int64_t>;

/// y[t * a + r] = sum over m of dy[a - m] * w[t * m + r]: one contraction over m, with phases r.
class Gathering {
public:
  Gathering(nn::UnwindowOp op, nn::ContractOp contract)
      : op(op), contract(contract), b(op), loc(op.getLoc()) {}

  /// False, and nothing is built, if windows and positions are not apart.
  bool run();

private:
  struct Axis {
    int64_t position, place; ///< labels
    int64_t size, stride, windows, length;
    int64_t first = 0; ///< of what is asked for
    int64_t steps() const { return llvm::divideCeil(size, stride); }
    int64_t turns() const { return llvm::divideCeil(length, stride); }
  };

  bool collect();
  void takeSlice();
  Value paddedWindows();
  Value turnedFilter();
  void build();
  size_t axisOf(ArrayRef<int64_t> labels, int64_t label) {
    return llvm::find(labels, label) - labels.begin();
  }

  nn::UnwindowOp op;
  nn::ContractOp contract;
  OpBuilder b;
  Location loc;
  Value dy, w;
  Labels dyLabels, wLabels, yLabels; ///< as they are being changed
  SmallVector<Axis> axes;
  SmallVector<int64_t> phases; ///< labels of r, one per axis; -1 where the stride is 1
  nn::SliceOp slice;
};

bool Gathering::collect() {
  ArrayRef<int64_t> labels = contract.getYLabels();
  const size_t rank = nn::shapeOf(op.getY()).size();
  yLabels.assign(labels.begin(), labels.begin() + rank);
  for (auto [k, axis] : llvm::enumerate(op.getAxes()))
    axes.push_back({labels[axis], labels[rank + k], op.getSizes()[k], op.getStrides()[k],
                    nn::shapeOf(op.getX())[axis], nn::shapeOf(op.getY())[axis]});
  for (bool swap : {false, true}) {
    dy = swap ? contract.getB() : contract.getA(), w = swap ? contract.getA() : contract.getB();
    dyLabels = Labels(swap ? contract.getBLabels() : contract.getALabels());
    wLabels = Labels(swap ? contract.getALabels() : contract.getBLabels());
    auto apart = [&](const Axis &axis) {
      return llvm::is_contained(dyLabels, axis.position) &&
             !llvm::is_contained(wLabels, axis.position) &&
             llvm::is_contained(wLabels, axis.place) && !llvm::is_contained(dyLabels, axis.place);
    };
    if (llvm::all_of(axes, apart))
      return true;
  }
  return false;
}

/// A piece of the result is the same product over less padding.
void Gathering::takeSlice() {
  auto piece = op->hasOneUse() ? dyn_cast<nn::SliceOp>(*op->user_begin()) : nn::SliceOp();
  if (!piece || llvm::any_of(piece.getStrides(), [](int64_t s) { return s != 1; }))
    return;
  ArrayRef<int64_t> whole = nn::shapeOf(op.getY()), part = nn::shapeOf(piece.getY());
  for (size_t axis = 0; axis < whole.size(); ++axis)
    if (whole[axis] != part[axis] && !llvm::is_contained(op.getAxes(), int64_t(axis)))
      return;
  for (auto [k, axis] : llvm::enumerate(op.getAxes())) {
    const int64_t low = axes[k].size - 1 - piece.getOffsets()[axis];
    if (axes[k].stride != 1 || low < 0 || part[axis] + axes[k].size - 1 - axes[k].windows - low < 0)
      return;
  }
  for (auto [k, axis] : llvm::enumerate(op.getAxes()))
    axes[k].first = piece.getOffsets()[axis], axes[k].length = part[axis];
  slice = piece;
}

Value Gathering::paddedWindows() {
  const size_t rank = dyLabels.size();
  SmallVector<int64_t> low(rank, 0), high(rank, 0), none(rank, 0), at, sizes, ones;
  for (const Axis &axis : axes) {
    const size_t k = axisOf(dyLabels, axis.position);
    low[k] = axis.steps() - 1 - axis.first;
    high[k] = axis.turns() + axis.steps() - 1 - axis.windows - low[k];
    at.push_back(k), sizes.push_back(axis.steps()), ones.push_back(1);
    dyLabels.push_back(axis.place);
  }
  Value padded = nn::PadOp::create(b, loc, dy, low, high, none, APFloat(0.0));
  return nn::WindowOp::create(b, loc, padded, at, sizes, ones);
}

/// The filter with positions reversed, strides as axes of their own; what is summed comes last,
/// in the order of the windows.
Value Gathering::turnedFilter() {
  int64_t fresh = 0;
  for (ArrayRef<int64_t> labels : {ArrayRef<int64_t>(dyLabels), ArrayRef<int64_t>(wLabels)})
    for (int64_t label : labels)
      fresh = std::max(fresh, label + 1);
  Value filter = w;
  for (const Axis &axis : axes) {
    const size_t k = axisOf(wLabels, axis.place);
    phases.push_back(axis.stride == 1 ? -1 : fresh++);
    if (axis.stride > 1) {
      SmallVector<int64_t> none(wLabels.size(), 0), high(none);
      high[k] = axis.steps() * axis.stride - axis.size;
      if (high[k])
        filter = nn::PadOp::create(b, loc, filter, none, high, none, APFloat(0.0));
      SmallVector<int64_t> shape(nn::shapeOf(filter));
      shape[k] = axis.steps();
      shape.insert(shape.begin() + k + 1, axis.stride);
      filter = nn::ReshapeOp::create(b, loc, nn::tensorOf(w).clone(shape), filter);
      wLabels.insert(wLabels.begin() + k + 1, phases.back());
    }
  }
  SmallVector<int64_t> turned, order;
  for (const Axis &axis : axes)
    turned.push_back(axisOf(wLabels, axis.place));
  filter = nn::ReverseOp::create(b, loc, filter, turned);
  auto isSummed = [&](int64_t label) {
    return llvm::is_contained(dyLabels, label) && !llvm::is_contained(yLabels, label);
  };
  for (auto [k, label] : llvm::enumerate(wLabels))
    if (!isSummed(label))
      order.push_back(k);
  for (int64_t label : dyLabels)
    if (llvm::is_contained(wLabels, label) && isSummed(label))
      order.push_back(axisOf(wLabels, label));
  SmallVector<int64_t> shape;
  Labels labels;
  for (int64_t k : order)
    shape.push_back(nn::shapeOf(filter)[k]), labels.push_back(wLabels[k]);
  wLabels = labels;
  return nn::TransposeOp::create(b, loc, nn::tensorOf(w).clone(shape), filter, order);
}

void Gathering::build() {
  Value windows = paddedWindows(), filter = turnedFilter();
  Value result = slice ? slice.getY() : op.getY();
  SmallVector<int64_t> shape(nn::shapeOf(result)), whole(shape), offsets(shape.size(), 0),
      ones(shape.size(), 1);
  // From the last axis on, so that the indices of the earlier ones stay.
  for (size_t k = axes.size(); k-- > 0;) {
    const size_t at = axisOf(yLabels, axes[k].position);
    if (phases[k] < 0)
      continue;
    whole[op.getAxes()[k]] = axes[k].turns() * axes[k].stride;
    shape[at] = axes[k].turns();
    shape.insert(shape.begin() + at + 1, axes[k].stride);
    yLabels.insert(yLabels.begin() + at + 1, phases[k]);
  }
  auto type = nn::tensorOf(result);
  Value y = nn::ContractOp::create(b, loc, type.clone(shape), filter, windows, wLabels, dyLabels,
                                   yLabels);
  if (shape.size() != whole.size())
    y = nn::ReshapeOp::create(b, loc, type.clone(whole), y);
  if (ArrayRef<int64_t>(whole) != type.getShape())
    y = nn::SliceOp::create(b, loc, type, y, offsets, ones);
  result.replaceAllUsesWith(y);
  if (slice)
    slice.erase();
}

bool Gathering::run() {
  if (!collect())
    return false;
  takeSlice();
  build();
  return true;
}

struct GatherWindows : impl::GatherWindowsBase<GatherWindows> {
  void runOnOperation() override {
    SmallVector<nn::UnwindowOp> ops;
    getOperation().walk([&](nn::UnwindowOp op) { ops.push_back(op); });
    for (nn::UnwindowOp op : ops) {
      auto contract = op.getX().getDefiningOp<nn::ContractOp>();
      if (!contract || !contract->hasOneUse() || !Gathering(op, contract).run())
        continue;
      op.erase();
      contract.erase();
    }
  }
};

} // namespace
} // namespace nnc
