/// The attention families: nn.attention and nn.attention_grad of a kernel, with what their operands
/// read through.
#include "compiler/Emit/Attention/Attention.h"
#include "compiler/Emit/Attention/AttentionFamily.h"
#include "compiler/Emit/Gemm/GemmBuilder.h"

using namespace mlir;

namespace nnc {
namespace {

/// Translates a kernel's attention into a problem over its buffers.
class AttentionKernel {
public:
  explicit AttentionKernel(KernelContext &context) : context(context), elements(context) {}

  template <typename Op> void emit();

private:
  template <typename Op> void fill(Op op);
  void fillResults(nn::AttentionOp op);
  void fillResults(nn::AttentionGradOp op);
  void fillInputs(nn::AttentionGradOp op);
  void fillInputs(nn::AttentionOp) {}
  AttentionOperand inputOf(Value tensor);
  void fillResult(Value tensor, AttentionOperand &operand);
  AttentionReader readerOf(Value tensor, ArrayRef<int64_t> axes);
  static int64_t tasksOf(nn::AttentionOp, const AttentionProblem &p) { return attentionTasks(p); }
  static int64_t tasksOf(nn::AttentionGradOp, const AttentionProblem &p) {
    return attentionGradTasks(p);
  }

  KernelContext &context;
  ElementEmitter elements;
  AttentionProblem problem;
};

} // namespace

/// Axis k of the tensor is positioned by position axes[k]; an axis of size 1 has one position.
AttentionReader AttentionKernel::readerOf(Value tensor, ArrayRef<int64_t> axes) {
  SmallVector<int64_t> map(axes);
  return [this, tensor, map](ArrayRef<Value> position, int64_t lanes) -> Value {
    ElementEmitter::Scope scope(elements);
    ArrayRef<int64_t> shape = nn::shapeOf(tensor);
    Indices at;
    for (auto [axis, size] : llvm::zip(map, shape)) {
      Value value = position[axis];
      const bool wide = lanes > 1 && axis + 1 == int64_t(position.size()) && size != 1;
      auto constant = constantIndex(value);
      Index index;
      if (size != 1)
        index = constant ? Index(*constant)
                         : Index(value, 0, std::max<int64_t>(0, size - (wide ? lanes : 1)));
      at.push_back(wide ? index.lanes() : index);
    }
    const unsigned before = elements.width;
    elements.width = lanes;
    Value result = elements.emitVector(tensor, at);
    elements.width = before;
    return result;
  };
}

/// By strides if the tensor lies in memory, else element by element.
AttentionOperand AttentionKernel::inputOf(Value tensor) {
  AttentionOperand operand;
  auto view = elements.resolveView(tensor);
  const bool forward = view && llvm::all_of(view->strides, [](int64_t s) { return s >= 0; });
  if (forward) {
    operand.memref = view->memref;
    operand.strides = view->strides;
    operand.offset = elements.materialize(view->offset);
    return operand;
  }
  operand.read = readerOf(tensor, llvm::to_vector(llvm::seq<int64_t>(nn::shapeOf(tensor).size())));
  return operand;
}

/// The output that a result is stored to; none if the kernel does not yield it.
void AttentionKernel::fillResult(Value tensor, AttentionOperand &operand) {
  for (auto [k, yielded] : llvm::enumerate(context.yielded())) {
    if (yielded != tensor)
      continue;
    operand.memref = context.output(k);
    int64_t stride = 1;
    for (int64_t size : llvm::reverse(nn::shapeOf(tensor))) {
      operand.strides.insert(operand.strides.begin(), stride);
      stride *= size;
    }
  }
}

void AttentionKernel::fillResults(nn::AttentionOp op) {
  fillResult(op.getY(), problem.y);
  fillResult(op.getLse(), problem.lse);
}

void AttentionKernel::fillResults(nn::AttentionGradOp op) {
  fillResult(op.getDq(), problem.dq);
  fillResult(op.getDk(), problem.dk);
  fillResult(op.getDv(), problem.dv);
}

void AttentionKernel::fillInputs(nn::AttentionGradOp op) {
  problem.y = inputOf(op.getY());
  problem.lse = inputOf(op.getLse());
  problem.dy = inputOf(op.getDy());
}

template <typename Op> void AttentionKernel::fill(Op op) {
  ArrayRef<int64_t> q = nn::shapeOf(op.getQ()), k = nn::shapeOf(op.getK());
  const size_t groups = q.size() - 2;
  problem.element = cast<FloatType>(nn::tensorOf(op.getQ()).getElementType());
  problem.groups = llvm::to_vector(q.take_front(groups));
  problem.queries = q[groups], problem.features = q[groups + 1];
  problem.keys = k[groups], problem.valueFeatures = nn::shapeOf(op.getV())[groups + 1];
  problem.scale = op.getScale().convertToDouble();
  problem.keepScale = op.getKeepScale().convertToDouble();
  problem.causal = op.getCausal();
  auto all = llvm::to_vector(llvm::seq<int64_t>(groups + 2));
  auto axesOf = [&](std::optional<ArrayRef<int64_t>> axes) { return axes.value_or(all); };
  if (op.getMask())
    problem.mask = readerOf(op.getMask(), axesOf(op.getMaskAxes()));
  if (op.getBias())
    problem.bias = readerOf(op.getBias(), axesOf(op.getBiasAxes()));
  if (op.getKeep())
    problem.keep = readerOf(op.getKeep(), all);
  problem.q = inputOf(op.getQ());
  problem.k = inputOf(op.getK());
  problem.v = inputOf(op.getV());
  fillInputs(op);
  fillResults(op);
}

template <typename Op> void AttentionKernel::emit() {
  Op op = *context.body().getOps<Op>().begin();
  context.loc = op.getLoc();
  fill(op);
  context.setTasks(tasksOf(op, problem));
  AttentionSite site{context.builder, context.loc, context.target,
                     [&](int64_t count) { return context.scratch(problem.element, count); }};
  if constexpr (std::is_same_v<Op, nn::AttentionOp>)
    emitAttentionTask(site, problem, context.task);
  else
    emitAttentionGradTask(site, problem, context.task);
}

void emitAttention(KernelContext &context) { AttentionKernel(context).emit<nn::AttentionOp>(); }

void emitAttentionGrad(KernelContext &context) {
  AttentionKernel(context).emit<nn::AttentionGradOp>();
}

} // namespace nnc
