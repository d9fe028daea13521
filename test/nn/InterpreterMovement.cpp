/// Ops of the reference evaluator that move elements, and the contraction.
#include "test/nn/Interpreter.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace nnc::test {

/// For each element of y, the element of x at `source(index)`; an empty source leaves what is
/// there.
static LogicalResult
gatherFrom(const Tensor &x, Tensor &y,
           function_ref<std::optional<SmallVector<int64_t>>(ArrayRef<int64_t>)> source) {
  forEachIndex(y.shape, [&](ArrayRef<int64_t> index) {
    if (auto from = source(index))
      y[index] = x[*from];
  });
  return success();
}

static LogicalResult pad(nn::PadOp op, const Tensor &x, Tensor &y) {
  std::fill(y.data.begin(), y.data.end(), op.getValue().convertToDouble());
  forEachIndex(x.shape, [&](ArrayRef<int64_t> index) {
    SmallVector<int64_t> to;
    for (auto [axis, i] : llvm::enumerate(index))
      to.push_back(op.getLow()[axis] + i * (op.getInterior()[axis] + 1));
    y[to] = x[index];
  });
  return success();
}

static LogicalResult concat(nn::ConcatOp op, ArrayRef<Tensor> in, Tensor &y) {
  int64_t start = 0, axis = op.getAxis();
  for (const Tensor &part : in) {
    forEachIndex(part.shape, [&](ArrayRef<int64_t> index) {
      SmallVector<int64_t> to(index);
      to[axis] += start;
      y[to] = part[index];
    });
    start += part.shape[axis];
  }
  return success();
}

/// The index without `axis`, and with `value` there.
static SmallVector<int64_t> inserted(ArrayRef<int64_t> index, int64_t axis, int64_t value) {
  SmallVector<int64_t> result(index);
  result.insert(result.begin() + axis, value);
  return result;
}

/// The place in x of an element of gather's result, whose axes [axis, axis + rank of indices) look
/// up the index.
static SmallVector<int64_t> lookedUp(ArrayRef<int64_t> index, int64_t axis, const Tensor &indices) {
  SmallVector<int64_t> result(index.take_front(axis));
  result.push_back(indices[index.slice(axis, indices.shape.size())]);
  llvm::append_range(result, index.drop_front(axis + indices.shape.size()));
  return result;
}

/// The place in the tensor of an element of its windows.
template <typename Op>
static SmallVector<int64_t> windowed(Op op, ArrayRef<int64_t> index, size_t rank) {
  SmallVector<int64_t> result(index.take_front(rank));
  for (auto [k, axis] : llvm::enumerate(op.getAxes()))
    result[axis] = index[axis] * op.getStrides()[k] + index[rank + k];
  return result;
}

static LogicalResult contract(nn::ContractOp op, const Tensor &a, const Tensor &b, Tensor &y) {
  SmallVector<int64_t> labels, extents;
  auto collect = [&](ArrayRef<int64_t> own, const Tensor &x) {
    for (auto [label, extent] : llvm::zip_equal(own, x.shape))
      if (!llvm::is_contained(labels, label)) {
        labels.push_back(label);
        extents.push_back(extent);
      }
  };
  collect(op.getALabels(), a);
  collect(op.getBLabels(), b);
  auto pick = [&](ArrayRef<int64_t> own, ArrayRef<int64_t> index) {
    SmallVector<int64_t> result;
    for (int64_t label : own)
      result.push_back(index[llvm::find(labels, label) - labels.begin()]);
    return result;
  };
  forEachIndex(extents, [&](ArrayRef<int64_t> index) {
    y[pick(op.getYLabels(), index)] +=
        a[pick(op.getALabels(), index)] * b[pick(op.getBLabels(), index)];
  });
  return success();
}

using Index = std::optional<SmallVector<int64_t>>;

static LogicalResult evaluateIndexed(Operation *op, ArrayRef<Tensor> in, Tensor &y) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](nn::AtOp at) {
        return gatherFrom(
            in[0], y, [&](auto i) -> Index { return inserted(i, at.getAxis(), in[1].data[0]); });
      })
      .Case([&](nn::PutOp put) {
        y = in[0];
        forEachIndex(in[2].shape, [&](ArrayRef<int64_t> index) {
          y[inserted(index, put.getAxis(), in[1].data[0])] = in[2][index];
        });
        return success();
      })
      .Case([&](nn::GatherOp gather) {
        return gatherFrom(in[0], y,
                          [&](auto i) -> Index { return lookedUp(i, gather.getAxis(), in[1]); });
      })
      .Case([&](nn::ScatterAddOp scatter) {
        forEachIndex(in[0].shape,
                     [&](auto i) { y[lookedUp(i, scatter.getAxis(), in[1])] += in[0][i]; });
        return success();
      })
      .Case([&](nn::WindowOp window) {
        return gatherFrom(in[0], y,
                          [&](auto i) -> Index { return windowed(window, i, in[0].shape.size()); });
      })
      .Case([&](nn::UnwindowOp unwindow) {
        forEachIndex(in[0].shape,
                     [&](auto i) { y[windowed(unwindow, i, y.shape.size())] += in[0][i]; });
        return success();
      })
      .Default([](Operation *) { return failure(); });
}

LogicalResult evaluateMovement(Operation *op, ArrayRef<Tensor> in, std::vector<Tensor> &out) {
  if (out.empty())
    return failure();
  Tensor &y = out[0];
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](nn::IotaOp iota) {
        forEachIndex(y.shape, [&](ArrayRef<int64_t> index) { y[index] = index[iota.getAxis()]; });
        return success();
      })
      .Case([&](nn::BroadcastOp broadcast) {
        return gatherFrom(in[0], y, [&](ArrayRef<int64_t> index) -> Index {
          SmallVector<int64_t> from;
          for (int64_t axis : broadcast.getAxes())
            from.push_back(index[axis]);
          return from;
        });
      })
      .Case([&](nn::ReshapeOp) {
        y.data = in[0].data;
        return success();
      })
      .Case([&](nn::TransposeOp transpose) {
        return gatherFrom(in[0], y, [&](ArrayRef<int64_t> index) -> Index {
          SmallVector<int64_t> from(index.size());
          for (auto [k, axis] : llvm::enumerate(transpose.getPermutation()))
            from[axis] = index[k];
          return from;
        });
      })
      .Case([&](nn::ReverseOp reverse) {
        return gatherFrom(in[0], y, [&](ArrayRef<int64_t> index) -> Index {
          SmallVector<int64_t> from(index);
          for (int64_t axis : reverse.getAxes())
            from[axis] = y.shape[axis] - 1 - from[axis];
          return from;
        });
      })
      .Case([&](nn::SliceOp slice) {
        return gatherFrom(in[0], y, [&](ArrayRef<int64_t> index) -> Index {
          SmallVector<int64_t> from;
          for (auto [axis, i] : llvm::enumerate(index))
            from.push_back(slice.getOffsets()[axis] + slice.getStrides()[axis] * i);
          return from;
        });
      })
      .Case([&](nn::PadOp each) { return pad(each, in[0], y); })
      .Case([&](nn::ConcatOp each) { return concat(each, in, y); })
      .Case([&](nn::ContractOp each) { return contract(each, in[0], in[1], y); })
      .Default([&](Operation *) { return evaluateIndexed(op, in, y); });
}

} // namespace nnc::test
