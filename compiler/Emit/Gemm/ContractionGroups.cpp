/// From the labels of a contraction to batch, rows, columns and sums.
#include "compiler/Emit/Gemm/ContractionGroups.h"

#include <numeric>

using namespace mlir;

namespace nnc {

int64_t LabelGroup::size() const {
  return std::accumulate(sizes.begin(), sizes.end(), int64_t(1), std::multiplies<>());
}

int64_t ContractionFactor::stride(int64_t label) const {
  for (auto [axis, other] : llvm::enumerate(labels))
    if (other == label)
      return view->strides[axis];
  return 0;
}

std::optional<unsigned> vectorAxis(Value tensor, ElementEmitter &elements) {
  ArrayRef<int64_t> shape = nn::shapeOf(tensor);
  if (auto view = elements.resolveView(tensor)) {
    for (unsigned axis = shape.size(); axis-- > 0;)
      if (view->strides[axis] == 1 && shape[axis] > 1)
        return axis;
    return std::nullopt;
  }
  Operation *op = tensor.getDefiningOp();
  if (!op)
    return std::nullopt;
  if (op->hasTrait<nn::ElementwiseMap>()) {
    for (Value operand : op->getOperands())
      if (auto axis = vectorAxis(operand, elements))
        return axis;
    return std::nullopt;
  }
  if (auto pad = dyn_cast<nn::PadOp>(op)) {
    auto axis = vectorAxis(pad.getX(), elements);
    return axis && pad.getInterior()[*axis] == 0 ? axis : std::nullopt;
  }
  if (auto window = dyn_cast<nn::WindowOp>(op)) {
    auto axis = vectorAxis(window.getX(), elements);
    if (!axis)
      return std::nullopt;
    for (auto [k, windowed] : llvm::enumerate(window.getAxes()))
      if (windowed == int64_t(*axis) && window.getStrides()[k] != 1)
        return nn::shapeOf(window.getX()).size() + k;
    return axis;
  }
  if (auto broadcast = dyn_cast<nn::BroadcastOp>(op)) {
    auto axis = vectorAxis(broadcast.getX(), elements);
    return axis ? std::optional<unsigned>(broadcast.getAxes()[*axis]) : std::nullopt;
  }
  if (auto transpose = dyn_cast<nn::TransposeOp>(op)) {
    auto axis = vectorAxis(transpose.getX(), elements);
    for (unsigned k = 0; axis && k < shape.size(); ++k)
      if (transpose.getPermutation()[k] == int64_t(*axis))
        return k;
    return std::nullopt;
  }
  for (unsigned axis = shape.size(); axis-- > 0;)
    if (shape[axis] > 1)
      return axis;
  return std::nullopt;
}

namespace {

class Grouper {
public:
  Grouper(nn::ContractOp op, ElementEmitter &elements, const OutputStrides &strides,
          ArrayRef<bool> mayMerge, unsigned lanes)
      : op(op), elements(elements), strides(strides), mayMerge(mayMerge), lanes(lanes) {}

  ContractionGroups run() {
    const bool swap = columnsComeFromA();
    groups.a = makeFactor(swap ? op.getB() : op.getA(), swap ? op.getBLabels() : op.getALabels());
    groups.b = makeFactor(swap ? op.getA() : op.getB(), swap ? op.getALabels() : op.getBLabels());
    placeFreeLabels();
    orderSums();
    describe(groups.a, groups.m);
    describe(groups.b, groups.n);
    return groups;
  }

private:
  static bool has(ArrayRef<int64_t> labels, int64_t label) {
    return llvm::is_contained(labels, label);
  }
  int64_t sizeOf(int64_t label) {
    for (auto [labels, operand] :
         {std::pair{op.getALabels(), op.getA()}, {op.getBLabels(), op.getB()}})
      for (auto [axis, other] : llvm::enumerate(labels))
        if (other == label)
          return nn::shapeOf(operand)[axis];
    return 1;
  }

  /// Columns are what lies side by side in the outputs; where that is a batch index, what is
  /// longer.
  bool columnsComeFromA() {
    ArrayRef<int64_t> y = op.getYLabels();
    for (size_t axis = y.size(); axis-- > 0;)
      if (strides[0][axis] == 1 && sizeOf(y[axis]) > 1) {
        if (!has(op.getBLabels(), y[axis]))
          return true;
        if (!has(op.getALabels(), y[axis]))
          return false;
      }
    int64_t sizes[2] = {1, 1};
    for (int64_t label : y)
      if (has(op.getALabels(), label) != has(op.getBLabels(), label))
        sizes[has(op.getBLabels(), label)] *= sizeOf(label);
    return sizes[0] > sizes[1];
  }

  ContractionFactor makeFactor(Value tensor, ArrayRef<int64_t> labels) {
    ContractionFactor factor;
    factor.tensor = tensor, factor.labels = labels;
    factor.view = elements.resolveView(tensor);
    return factor;
  }

  /// Rows may run over any axes of A; columns only over axes that are one in the outputs, the rest
  /// of B's become copies.
  void placeFreeLabels() {
    ArrayRef<int64_t> y = op.getYLabels();
    SmallVector<int64_t> columns; // axes of y
    for (size_t axis = y.size(); axis-- > 0;) {
      const int64_t label = y[axis], size = sizeOf(label);
      if (size == 1 || has(groups.a.labels, label) || !has(groups.b.labels, label))
        continue;
      if (columns.empty() || mergesWithNext(axis, columns.back()))
        columns.push_back(axis);
    }
    for (auto [axis, label] : llvm::enumerate(y)) {
      if (sizeOf(label) == 1)
        continue;
      const bool inA = has(groups.a.labels, label), inB = has(groups.b.labels, label);
      if (inA && !inB)
        groups.m.append(label, sizeOf(label));
      else if (has(columns, axis))
        groups.n.append(label, sizeOf(label));
      else
        groups.copies.append(label, sizeOf(label));
    }
  }

  /// Axes `axis` and `next` of y are one, but for axes of size 1 between them.
  bool mergesWithNext(size_t axis, size_t next) {
    for (size_t k = axis + 1; k <= next; ++k)
      if (!mayMerge[k] || (k < next && sizeOf(op.getYLabels()[k]) != 1))
        return false;
    return llvm::all_of(strides, [&](ArrayRef<int64_t> s) {
      return s[axis] == s[next] * sizeOf(op.getYLabels()[next]);
    });
  }

  /// Insertion sort: there are a handful of labels, and equal ones must stay in order.
  static void sortByStride(SmallVector<int64_t> &labels, const ContractionFactor &factor) {
    for (size_t i = 1; i < labels.size(); ++i)
      for (size_t j = i; j > 0 && factor.stride(labels[j - 1]) < factor.stride(labels[j]); --j)
        std::swap(labels[j - 1], labels[j]);
  }

  /// The order of the sum is free: B's order in memory, A's where B does not tell.
  void orderSums() {
    SmallVector<int64_t> sums;
    for (const ContractionFactor *factor : {&groups.b, &groups.a})
      for (int64_t label : factor->labels)
        if (!has(op.getYLabels(), label) && !has(sums, label) && sizeOf(label) > 1)
          sums.push_back(label);
    for (const ContractionFactor *factor : {&groups.a, &groups.b})
      if (factor->view)
        sortByStride(sums, *factor);
    for (int64_t label : sums)
      groups.k.append(label, sizeOf(label));
  }

  /// The stride of a group's flat index, or 0 if it has none; `run`: the length of its last stretch
  /// of stride 1.
  int64_t flatStride(const ContractionFactor &factor, const LabelGroup &group, int64_t &run) {
    run = 1;
    bool one = true;
    int64_t stride = 0;
    for (size_t k = group.labels.size(); k-- > 0;) {
      const int64_t here = factor.stride(group.labels[k]);
      if (k + 1 == group.labels.size())
        stride = here;
      else if (here != factor.stride(group.labels[k + 1]) * group.sizes[k + 1])
        one = false;
      if (one)
        run *= group.sizes[k];
    }
    if (stride != 1)
      run = 1;
    return one ? stride : 0;
  }

  void describe(ContractionFactor &factor, const LabelGroup &outer) {
    using Contiguous = FactorFacts::Contiguous;
    int64_t outerRun = 1, sumRun = 1;
    if (factor.view) {
      factor.outerStride = flatStride(factor, outer, outerRun);
      factor.sumStride = flatStride(factor, groups.k, sumRun);
      factor.facts.direct =
          (factor.outerStride || outer.size() == 1) && (factor.sumStride || groups.k.size() == 1);
    } else if (auto axis = vectorAxis(factor.tensor, elements)) {
      const int64_t label = factor.labels[*axis];
      if (!outer.labels.empty() && outer.labels.back() == label)
        outerRun = outer.sizes.back();
      if (!groups.k.labels.empty() && groups.k.labels.back() == label)
        sumRun = groups.k.sizes.back();
    }
    // Rows are the natural order of a pack; short ones lose to transposing longer columns.
    if (outerRun > 1 && (outerRun >= int64_t(lanes) / 2 || outerRun >= sumRun))
      factor.facts.contiguous = Contiguous::Outer, factor.facts.run = outerRun;
    else if (sumRun > 1)
      factor.facts.contiguous = Contiguous::Sum, factor.facts.run = sumRun;
  }

  nn::ContractOp op;
  ElementEmitter &elements;
  const OutputStrides &strides;
  ArrayRef<bool> mayMerge;
  unsigned lanes;
  ContractionGroups groups;
};

} // namespace

ContractionGroups groupLabels(nn::ContractOp op, ElementEmitter &elements,
                              const OutputStrides &strides, ArrayRef<bool> mayMerge,
                              unsigned lanes) {
  return Grouper(op, elements, strides, mayMerge, lanes).run();
}

} // namespace nnc
