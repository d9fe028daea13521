/// Values that follow a contraction, computed on its sums before they are stored.
#include "compiler/Emit/Gemm/ContractionEpilogue.h"

#include "dialects/nn/IR/ShapeRules.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace nnc {

bool ContractionEpilogue::dependsOnSums(Value value) {
  if (value == contract.getY())
    return true;
  Operation *op = value.getDefiningOp();
  if (!op)
    return false;
  auto [known, isNew] = dependence.try_emplace(value, false);
  if (isNew) {
    bool depends = llvm::any_of(op->getOperands(), [&](Value v) { return dependsOnSums(v); });
    dependence[value] = depends;
    return depends;
  }
  return known->second;
}

bool ContractionEpilogue::isElementwiseInSums(Value value) {
  if (value == contract.getY() || !dependsOnSums(value))
    return true;
  Operation *op = value.getDefiningOp();
  return (op->hasTrait<nn::ElementwiseMap>()) &&
         llvm::all_of(op->getOperands(), [&](Value v) { return isElementwiseInSums(v); });
}

LogicalResult ContractionEpilogue::analyse(sched::KernelOp kernel, nn::ContractOp op) {
  contract = op;
  ArrayRef<int64_t> shape = nn::shapeOf(op.getY());
  if (dependsOnSums(op.getA()) || dependsOnSums(op.getB()))
    return failure();
  for (Value value : kernel.getYield().getOperands()) {
    SmallVector<int64_t> strides = nn::Layout::rowMajor(nn::shapeOf(value)).strides;
    while (Operation *layout = value.getDefiningOp()) {
      if (auto transpose = dyn_cast<nn::TransposeOp>(layout)) {
        SmallVector<int64_t> before(strides.size());
        for (auto [axis, from] : llvm::enumerate(transpose.getPermutation()))
          before[from] = strides[axis];
        strides = before;
      } else if (auto reshape = dyn_cast<nn::ReshapeOp>(layout)) {
        // Backwards: from the result to the operand.
        auto before = nn::reshapeStrides(nn::shapeOf(value), strides, nn::shapeOf(reshape.getX()));
        if (!before)
          return failure();
        strides = *before;
      } else {
        break;
      }
      value = layout->getOperand(0);
    }
    if (nn::shapeOf(value) != shape || !isElementwiseInSums(value))
      return failure();
    values.push_back(value);
    outputStrides.push_back(strides);
  }
  findMergeable();
  return success();
}

/// Where neighbouring axes may run as one: not if an op tells them apart or an output lies
/// otherwise.
void ContractionEpilogue::findMergeable() {
  ArrayRef<int64_t> shape = nn::shapeOf(contract.getY());
  mergeable.assign(shape.size(), true);
  if (!shape.empty())
    mergeable[0] = false;
  for (ArrayRef<int64_t> strides : outputStrides)
    for (size_t axis = 1; axis < shape.size(); ++axis)
      if (shape[axis] != 1 && shape[axis - 1] != 1 &&
          strides[axis - 1] != strides[axis] * shape[axis])
        mergeable[axis] = false;
  SmallVector<Value> open(values);
  llvm::DenseMap<Value, bool> seen;
  while (!open.empty()) {
    Value value = open.pop_back_val();
    Operation *op = value.getDefiningOp();
    if (!op || value == contract.getY() || !seen.try_emplace(value, true).second)
      continue;
    if (op->hasTrait<nn::ElementwiseMap>()) {
      llvm::append_range(open, op->getOperands());
    } else if (auto broadcast = dyn_cast<nn::BroadcastOp>(op)) {
      for (size_t axis = 1; axis < shape.size(); ++axis)
        if (llvm::is_contained(broadcast.getAxes(), int64_t(axis)) !=
            llvm::is_contained(broadcast.getAxes(), int64_t(axis) - 1))
          mergeable[axis] = false;
    } else if (auto iota = dyn_cast<nn::IotaOp>(op)) {
      for (size_t axis : {size_t(iota.getAxis()), size_t(iota.getAxis()) + 1})
        if (axis < shape.size())
          mergeable[axis] = false;
    } else if (auto constant = dyn_cast<nn::ConstantOp>(op);
               !(constant && constant.getValue().isSplat()) && !isa<nn::RandomOp>(op)) {
      mergeable.assign(shape.size(), false); // computed as it is, position by position
    }
  }
}

bool ContractionEpilogue::plain() { return values.size() == 1 && values[0] == contract.getY(); }

std::optional<unsigned> ContractionEpilogue::partialOutput(KernelContext &context) {
  for (unsigned k = 0; k < outputStrides.size(); ++k) {
    Value memory = context.output(k);
    const bool alsoInput = llvm::is_contained(context.inputs, memory);
    Type element = cast<MemRefType>(memory.getType()).getElementType();
    if (!alsoInput && element == nn::tensorOf(contract.getY()).getElementType())
      return k;
  }
  return std::nullopt;
}

void ContractionEpilogue::merge(KernelContext &context, ArrayRef<bool> wanted) {
  ArrayRef<int64_t> shape = nn::shapeOf(contract.getY());
  starts.assign(wanted.begin(), wanted.end());
  strideOfMerged.assign(outputStrides.size(), {});
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    if (starts[axis])
      mergedShape.push_back(shape[axis]);
    else
      mergedShape.back() *= shape[axis];
    for (auto [merged, strides] : llvm::zip_equal(strideOfMerged, outputStrides)) {
      if (starts[axis])
        merged.push_back(strides[axis]);
      else if (shape[axis] != 1)
        merged.back() = strides[axis];
    }
  }
  OpBuilder builder(contract->getBlock()->getTerminator());
  for (Value &value : values)
    value = rebuild(value, context, builder);
}

/// The same values under the merged shape. What the epilogue shares with the operands of the
/// contraction stays as it was.
Value ContractionEpilogue::rebuild(Value value, KernelContext &context, OpBuilder &builder) {
  if (Value done = rebuilt.lookup(value))
    return done;
  auto type = RankedTensorType::get(mergedShape, nn::tensorOf(value).getElementType());
  Value result;
  Operation *op = value.getDefiningOp();
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    // The same memory under the merged shape.
    result = context.body().addArgument(type, value.getLoc());
    context.inputs.push_back(context.input(argument.getArgNumber()));
  } else if (op->hasTrait<nn::ElementwiseMap>() || isa<nn::RandomOp>(op)) {
    IRMapping map;
    if (!isa<nn::RandomOp>(op))
      for (Value operand : op->getOperands())
        map.map(operand, rebuild(operand, context, builder));
    Operation *copy = builder.clone(*op, map);
    copy->getResult(0).setType(type);
    result = copy->getResult(0);
  } else if (auto constant = dyn_cast<nn::ConstantOp>(op);
             constant && constant.getValue().isSplat()) {
    auto splat = cast<DenseElementsAttr>(constant.getValue()).resizeSplat(type);
    result = nn::ConstantOp::create(builder, op->getLoc(), type, splat);
  } else if (auto broadcast = dyn_cast<nn::BroadcastOp>(op)) {
    result = rebuildBroadcast(broadcast, builder);
  } else if (nn::tensorOf(value) == type && value != contract.getY()) {
    result = value;
  } else {
    result = nn::ReshapeOp::create(builder, op->getLoc(), type, value);
    if (value == contract.getY())
      sumsValue = result;
  }
  rebuilt[value] = result;
  return result;
}

Value ContractionEpilogue::rebuildBroadcast(nn::BroadcastOp op, OpBuilder &builder) {
  SmallVector<int64_t> axes, sizes, mergedAxis;
  for (bool start : starts)
    mergedAxis.push_back(mergedAxis.empty() ? 0 : mergedAxis.back() + start);
  for (auto [k, axis] : llvm::enumerate(op.getAxes())) {
    if (axes.empty() || axes.back() != mergedAxis[axis]) {
      axes.push_back(mergedAxis[axis]);
      sizes.push_back(1);
    }
    sizes.back() *= nn::shapeOf(op.getX())[k];
  }
  Type element = nn::tensorOf(op.getX()).getElementType();
  Value x = op.getX();
  if (nn::shapeOf(x) != ArrayRef<int64_t>(sizes))
    x = nn::ReshapeOp::create(builder, op.getLoc(), RankedTensorType::get(sizes, element), x);
  return nn::BroadcastOp::create(builder, op.getLoc(), RankedTensorType::get(mergedShape, element),
                                 x, builder.getDenseI64ArrayAttr(axes));
}

void ContractionEpilogue::emit(ElementEmitter &elements, ArrayRef<Index> at, Value sums) {
  ElementEmitter::Scope scope(elements);
  if (sumsValue)
    elements.bind(sumsValue, [sums](ArrayRef<Index>) { return sums; });
  for (unsigned k = 0; k < values.size(); ++k) {
    Index position;
    for (auto [axis, index] : llvm::enumerate(at))
      position = elements.add(position, elements.scale(index, strideOfMerged[k][axis]));
    elements.storeTo(elements.context.output(k), position, elements.emit(values[k], at));
  }
}

} // namespace nnc
