/// Blocks, constants and region ops.
#include "test/nn/Interpreter.h"
#include "dialects/sched/IR/Sched.h"

using namespace mlir;

namespace nnc::test {

Tensor::Tensor(ArrayRef<int64_t> shape, double fill) : shape(shape) {
  int64_t size = 1;
  for (int64_t extent : shape)
    size *= extent;
  data.assign(size, fill);
}

Tensor::Tensor(Type type, double fill) : Tensor(cast<RankedTensorType>(type).getShape(), fill) {}

int64_t Tensor::offset(ArrayRef<int64_t> index) const {
  assert(index.size() == shape.size());
  int64_t result = 0;
  for (auto [extent, i] : llvm::zip_equal(shape, index))
    result = result * extent + i;
  return result;
}

void forEachIndex(ArrayRef<int64_t> shape, function_ref<void(ArrayRef<int64_t>)> visit) {
  int64_t size = 1;
  for (int64_t extent : shape)
    size *= extent;
  SmallVector<int64_t> index(shape.size());
  for (int64_t count = 0; count < size; ++count) {
    visit(index);
    for (int64_t axis = shape.size(); axis-- > 0;) {
      if (++index[axis] < shape[axis])
        break;
      index[axis] = 0;
    }
  }
}

static Tensor constantValue(nn::ConstantOp op) {
  Tensor result(op.getType());
  auto elements = cast<DenseElementsAttr>(op.getValue());
  size_t k = 0;
  if (isa<FloatType>(elements.getElementType())) {
    for (APFloat number : elements.getValues<APFloat>()) {
      bool lost = false;
      number.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
      result.data[k++] = number.convertToDouble();
    }
  } else {
    bool isTruth = elements.getElementType().isInteger(1);
    for (APInt number : elements.getValues<APInt>())
      result.data[k++] = isTruth ? double(number.getZExtValue()) : double(number.getSExtValue());
  }
  return result;
}

/// x[t] along axis 0.
static Tensor pieceOf(const Tensor &x, int64_t t) {
  Tensor piece(ArrayRef<int64_t>(x.shape).drop_front());
  std::copy_n(x.data.begin() + t * piece.data.size(), piece.data.size(), piece.data.begin());
  return piece;
}

static FailureOr<std::vector<Tensor>> evaluateScan(nn::ScanOp op, ArrayRef<Tensor> in) {
  size_t bounds = op.getBounds().size(), carries = op.getInits().size(),
         inputs = op.getInputs().size();
  int64_t first = bounds ? in[0].data[0] : 0, last = bounds ? in[1].data[0] : op.getLength();
  std::vector<Tensor> results(in.begin() + bounds, in.begin() + bounds + carries);
  for (Type type : llvm::drop_begin(op.getResultTypes(), carries))
    results.emplace_back(type);
  for (int64_t turn = first; turn < last; ++turn) {
    int64_t t = op.getReverse() ? last - 1 - (turn - first) : turn;
    std::vector<Tensor> arguments = {Tensor(ArrayRef<int64_t>(), t)};
    arguments.insert(arguments.end(), results.begin(), results.begin() + carries);
    for (const Tensor &input : in.slice(bounds + carries, inputs))
      arguments.push_back(pieceOf(input, t));
    arguments.insert(arguments.end(), in.begin() + bounds + carries + inputs, in.end());
    auto yields = evaluate(*op.getBlock(), arguments);
    if (failed(yields))
      return failure();
    for (size_t k = 0; k < results.size(); ++k) {
      Tensor &value = (*yields)[k];
      if (k < carries)
        results[k] = value;
      else
        std::copy(value.data.begin(), value.data.end(),
                  results[k].data.begin() + t * value.data.size());
    }
    if (op.getUntil() && yields->back().data[0] != 0)
      break;
  }
  return results;
}

/// The values of a block, and of the blocks around it: sched.loop and sched.branch see them.
struct Scope {
  const Scope *outer = nullptr;
  llvm::DenseMap<Value, Tensor> values;

  Tensor lookup(Value value) const {
    for (const Scope *scope = this; scope; scope = scope->outer)
      if (auto found = scope->values.find(value); found != scope->values.end())
        return found->second;
    return Tensor();
  }
};

static FailureOr<std::vector<Tensor>> evaluateIn(Block &block, ArrayRef<Tensor> arguments,
                                                 const Scope *outer);

static FailureOr<std::vector<Tensor>> evaluateLoop(sched::LoopOp op, ArrayRef<Tensor> in,
                                                   const Scope &scope) {
  size_t bounds = op.getBounds().size();
  int64_t first = bounds ? in[0].data[0] : 0, last = bounds ? in[1].data[0] : op.getLength();
  std::vector<Tensor> carried(in.begin() + bounds, in.begin() + bounds + op.getInits().size());
  for (int64_t turn = first; turn < last; ++turn) {
    int64_t t = op.getReverse() ? last - 1 - (turn - first) : turn;
    std::vector<Tensor> arguments = {Tensor(ArrayRef<int64_t>(), t)};
    arguments.insert(arguments.end(), carried.begin(), carried.end());
    auto yields = evaluateIn(*op.getBlock(), arguments, &scope);
    if (failed(yields))
      return failure();
    carried.assign(yields->begin(), yields->begin() + carried.size());
    if (op.getUntil() && yields->back().data[0] != 0)
      break;
  }
  return carried;
}

/// One op; those of the schedule are on tensors, as in stage fused.
static FailureOr<std::vector<Tensor>> evaluateOp(Operation *op, ArrayRef<Tensor> in,
                                                 const Scope &scope) {
  if (auto scan = dyn_cast<nn::ScanOp>(op))
    return evaluateScan(scan, in);
  if (auto loop = dyn_cast<sched::LoopOp>(op))
    return evaluateLoop(loop, in, scope);
  if (auto kernel = dyn_cast<sched::KernelOp>(op))
    return evaluate(*kernel.getBlock(), in);
  if (auto branch = dyn_cast<nn::IfOp>(op))
    return evaluate((in[0].data[0] != 0 ? branch.getThenRegion() : branch.getElseRegion()).front(),
                    in.drop_front());
  if (auto branch = dyn_cast<sched::BranchOp>(op)) {
    Region &chosen = in[0].data[0] != 0 ? branch.getThenRegion() : branch.getElseRegion();
    return evaluateIn(chosen.front(), {}, &scope);
  }
  if (auto constant = dyn_cast<nn::ConstantOp>(op))
    return std::vector<Tensor>{constantValue(constant)};
  if (isa<nn::AssertOp>(op))
    return std::vector<Tensor>();
  std::vector<Tensor> out;
  for (Type type : op->getResultTypes())
    out.emplace_back(type);
  if (succeeded(evaluateElementwise(op, in, out)) || succeeded(evaluateMovement(op, in, out)) ||
      succeeded(evaluateReduction(op, in, out)) || succeeded(evaluateRandom(op, in, out)) ||
      succeeded(evaluateAttention(op, in, out)))
    return out;
  return op->emitError("the reference evaluator does not know this op");
}

static FailureOr<std::vector<Tensor>> evaluateIn(Block &block, ArrayRef<Tensor> arguments,
                                                 const Scope *outer) {
  Scope scope;
  scope.outer = outer;
  for (auto [argument, value] : llvm::zip_equal(block.getArguments(), arguments))
    scope.values[argument] = value;
  auto read = [&](Operation &op) {
    std::vector<Tensor> in;
    for (Value operand : op.getOperands())
      in.push_back(scope.lookup(operand));
    return in;
  };
  for (Operation &op : block.without_terminator()) {
    auto out = evaluateOp(&op, read(op), scope);
    if (failed(out))
      return failure();
    for (auto [result, value] : llvm::zip_equal(op.getResults(), *out))
      scope.values[result] = std::move(value);
  }
  return read(block.back());
}

FailureOr<std::vector<Tensor>> evaluate(Block &block, ArrayRef<Tensor> arguments) {
  return evaluateIn(block, arguments, nullptr);
}

} // namespace nnc::test
