/// The contraction family: nn.contract with what is fused before and after it, as a matrix product.
#include "compiler/Emit/Gemm/Contraction.h"
#include "compiler/Emit/Gemm/ContractionEpilogue.h"
#include "compiler/Emit/Gemm/Gemm.h"
#include "compiler/Emit/Loops/Loops.h"

using namespace mlir;

namespace nnc {
namespace {

/// Tasks that a kernel of many equal products is cut into, and their least work.
constexpr int64_t kMostTasks = 16;
constexpr double kTaskFlops = 1e6;

/// A run of merged axes of y: its size and the group that it belongs to.
struct ResultAxis {
  int64_t size;
  const LabelGroup *group; ///< null: an axis of size 1
};

class ContractionEmitter {
public:
  ContractionEmitter(KernelContext &context, nn::ContractOp op, ContractionEpilogue &epilogue)
      : context(context), op(op), epilogue(epilogue), elements(context),
        b(context.builder, context.loc, nn::tensorOf(op.getY()).getElementType(),
          context.target.lanes(nn::tensorOf(op.getY()).getElementType())) {
    b.hasFma = context.target.hasFma;
  }

  void emit() {
    groups = groupLabels(op, elements, epilogue.strides(), epilogue.mayMerge(), b.width);
    mergeResultAxes();
    partial = epilogue.partialOutput(context);
    plan = planGemm(facts(), context.target);
    const int64_t copies = groups.copies.size();
    const int64_t copiesATask = chooseCopiesATask(copies);
    const int64_t chunks = llvm::divideCeil(copies, copiesATask);
    context.setTasks(chunks * plan.tasks());
    packA = scratch(plan.packedElementsA()), packB = scratch(plan.packedElementsB());
    Value task = context.getTasks() == 1 ? b.index(0) : context.task;
    Value part = b.remainder(task, plan.tasks()), chunk = b.divide(task, plan.tasks());
    Value first = b.multiply(chunk, copiesATask);
    Value count = b.index(copiesATask);
    if (copies % copiesATask)
      count = b.minimum(count, b.subtract(b.index(copies), first));
    b.loop(count, 1, [&](Value i) { emitCopy(b.add(first, i), part); });
  }

private:
  Value scratch(int64_t count) { return count ? context.scratch(b.element, count) : Value(); }

  GemmFacts facts() const {
    GemmFacts facts;
    facts.m = groups.m.size(), facts.n = groups.n.size(), facts.k = groups.k.size();
    facts.elementBytes = b.element.getIntOrFloatBitWidth() / 8;
    facts.a = groups.a.facts, facts.b = groups.b.facts;
    facts.copies = groups.copies.size();
    facts.canCutSum = partial.has_value();
    return facts;
  }

  int64_t chooseCopiesATask(int64_t copies) const {
    if (plan.tasks() > 1)
      return 1;
    const double flops = 2.0 * groups.m.size() * groups.n.size() * groups.k.size();
    const int64_t enough = std::max<int64_t>(1, std::llround(kTaskFlops / flops + 0.5));
    return std::min(copies, std::max(enough, int64_t(llvm::divideCeil(copies, kMostTasks))));
  }

  /// Neighbouring axes of y in one group become one axis wherever the epilogue allows it.
  void mergeResultAxes() {
    ArrayRef<int64_t> labels = op.getYLabels(), shape = nn::shapeOf(op.getY());
    SmallVector<bool> starts;
    for (auto [axis, label] : llvm::enumerate(labels)) {
      const LabelGroup *group = groupOf(label);
      bool joins = axis > 0 && epilogue.mayMerge()[axis] &&
                   (!group || !axes.back().group || group == axes.back().group);
      starts.push_back(!joins);
      if (!joins)
        axes.push_back({1, group});
      axes.back().size *= shape[axis];
      if (group)
        axes.back().group = group;
    }
    epilogue.merge(context, starts);
  }

  const LabelGroup *groupOf(int64_t label) const {
    for (const LabelGroup *group : {&groups.copies, &groups.m, &groups.n})
      if (llvm::is_contained(group->labels, label))
        return group;
    return nullptr;
  }

  //===--------------------------------------------------------------------===//
  // One product
  //===--------------------------------------------------------------------===//

  void emitCopy(Value copy, Value part) {
    LabelPositions fixed;
    split(groups.copies, copy, fixed);
    Gemm gemm{groups.m.size(), groups.n.size(), groups.k.size(), {}, {}, {}};
    gemm.a = factor(groups.a, groups.m, fixed);
    gemm.b = factor(groups.b, groups.n, fixed);
    gemm.c = result(copy);
    emitGemm(b, gemm, plan, part, packA, packB);
  }

  using LabelPositions = llvm::SmallDenseMap<int64_t, Index, 8>;

  /// The positions along a group's labels of a flat index.
  void split(const LabelGroup &group, Value flat, LabelPositions &positions) {
    Index rest(flat, 0, group.size() - 1);
    if (auto constant = constantIndex(flat))
      rest = Index(*constant);
    for (size_t k = group.labels.size(); k-- > 0;) {
      if (k == 0) {
        positions[group.labels[0]] = rest;
        return;
      }
      auto [quotient, remainder] = elements.divide(rest, group.sizes[k]);
      positions[group.labels[k]] = remainder;
      rest = quotient;
    }
  }

  /// The element of a view that the labels' positions name, without lanes.
  Value addressOf(const ContractionFactor &factor, const LabelPositions &positions) {
    Index at = factor.view->offset;
    for (const auto &[label, position] : positions)
      at = at + position * factor.stride(label);
    return elements.materialize(at);
  }

  GemmFactor factor(const ContractionFactor &factor, const LabelGroup &outer,
                    const LabelPositions &fixed) {
    if (factor.facts.direct) {
      GemmFactor result =
          memoryFactor(b, factor.view->memref, addressOf(factor, fixed), factor.outerStride,
                       factor.sumStride, outer.size(), groups.k.size());
      result.facts = factor.facts;
      return result;
    }
    GemmFactor result;
    result.facts = factor.facts;
    result.read = [this, &factor, &outer, fixed](Value m, Value k, int64_t lanes) {
      ElementEmitter::Scope scope(elements);
      LabelPositions positions = fixed;
      split(outer, m, positions);
      split(groups.k, k, positions);
      return factor.view ? b.load(factor.view->memref, addressOf(factor, positions), lanes)
                         : compute(factor, outer, positions, lanes);
    };
    return result;
  }

  /// Elements of a fused prologue: lanes go along the last axis of the contiguous index.
  Value compute(const ContractionFactor &factor, const LabelGroup &outer,
                const LabelPositions &positions, int64_t lanes) {
    const bool alongOuter = factor.facts.contiguous == FactorFacts::Contiguous::Outer;
    const LabelGroup &along = alongOuter ? outer : groups.k;
    Indices at;
    for (int64_t label : factor.labels) {
      auto known = positions.find(label);
      Index index = known == positions.end() ? Index() : known->second;
      at.push_back(lanes > 1 && label == along.labels.back() ? index.lanes() : index);
    }
    elements.width = lanes;
    return elements.emitVector(factor.tensor, at);
  }

  //===--------------------------------------------------------------------===//
  // The result
  //===--------------------------------------------------------------------===//

  GemmResult result(Value copy) {
    GemmResult result;
    if (partial)
      result = partialHome(copy);
    result.plain = result.plain && epilogue.plain();
    result.finish = [this, copy](Value sums, Value m, Value n, int64_t lanes) {
      ElementEmitter::Scope scope(elements);
      elements.width = lanes;
      epilogue.emit(elements, positions(copy, m, n, lanes), sums);
    };
    return result;
  }

  /// Positions along the merged axes of y.
  Indices positions(Value copy, Value m, Value n, int64_t lanes) {
    llvm::SmallDenseMap<const LabelGroup *, Index> rest;
    for (auto [group, flat] : {std::pair<const LabelGroup *, Value>{&groups.copies, copy},
                               {&groups.m, m},
                               {&groups.n, n}})
      rest[group] = flatIndex(*group, flat, lanes);
    Indices at(axes.size());
    for (size_t k = axes.size(); k-- > 0;) {
      const LabelGroup *group = axes[k].group;
      if (!group)
        continue;
      if (isFirstOf(k)) {
        at[k] = rest[group];
      } else {
        auto [quotient, remainder] = elements.divide(rest[group], axes[k].size);
        at[k] = remainder, rest[group] = quotient;
      }
    }
    if (lanes > 1)
      for (size_t k = 0; k < axes.size(); ++k)
        if (axes[k].group == &groups.n)
          at[k] = at[k].lanes();
    return at;
  }

  /// The index of a group with its range; of columns also that vectors start at their multiples,
  /// which random numbers and divisions profit from.
  Index flatIndex(const LabelGroup &group, Value flat, int64_t lanes) {
    if (auto constant = constantIndex(flat))
      return Index(*constant);
    const int64_t size = group.size();
    constexpr int64_t quad = 4;
    const bool aligned =
        plan.taskColumns % quad == 0 && (plan.nc % quad == 0 || plan.nc >= plan.taskColumns);
    if (&group == &groups.n && lanes % quad == 0 && aligned)
      return Index(b.divide(flat, quad), 0, (size - 1) / quad) * quad;
    return Index(flat, 0, size - 1);
  }

  bool isFirstOf(size_t axis) const {
    for (size_t k = 0; k < axis; ++k)
      if (axes[k].group == axes[axis].group)
        return false;
    return true;
  }

  /// Partial sums wait where the finished ones will stand.
  GemmResult partialHome(Value copy) {
    const auto &strides = epilogue.mergedStrides()[*partial];
    Index offset;
    int64_t column = 1;
    Indices at = positions(copy, b.index(0), b.index(0), 1);
    for (auto [k, axis] : llvm::enumerate(axes)) {
      if (axis.group == &groups.copies)
        offset = offset + at[k] * strides[k];
      if (axis.group == &groups.n)
        column = strides[k];
    }
    // Rows of one stride have a linear address; others go through their positions.
    Value memory = context.output(*partial);
    if (auto row = rowStride(strides))
      return memoryResult(b, {memory, elements.materialize(offset), *row, column});
    GemmResult result;
    auto address = [this, copy, strides](Value m, Value n) {
      Index place;
      for (auto [index, stride] : llvm::zip_equal(positions(copy, m, n, 1), strides))
        place = place + index * stride;
      return elements.materialize(place);
    };
    result.savePartial = [=, this](Value sums, Value m, Value n, int64_t lanes) {
      memoryResult(b, {memory, address(m, n), 0, column})
          .savePartial(sums, b.index(0), b.index(0), lanes);
    };
    result.readPartial = [=, this](Value m, Value n, int64_t lanes) {
      return memoryResult(b, {memory, address(m, n), 0, column})
          .readPartial(b.index(0), b.index(0), lanes);
    };
    result.plain = true;
    return result;
  }

  std::optional<int64_t> rowStride(ArrayRef<int64_t> strides) const {
    std::optional<int64_t> row;
    for (auto [k, axis] : llvm::enumerate(axes))
      if (axis.group == &groups.m) {
        if (row)
          return std::nullopt;
        row = strides[k];
      }
    return row ? row : 0;
  }

  KernelContext &context;
  nn::ContractOp op;
  ContractionEpilogue &epilogue;
  ElementEmitter elements;
  GemmBuilder b;
  ContractionGroups groups;
  SmallVector<ResultAxis> axes;
  std::optional<unsigned> partial;
  GemmPlan plan;
  Value packA, packB;
};

} // namespace

void emitContraction(KernelContext &context) {
  auto contracts = llvm::to_vector(context.body().getOps<nn::ContractOp>());
  ContractionEpilogue epilogue;
  auto isEmpty = [](Value tensor) { return nn::tensorOf(tensor).getNumElements() == 0; };
  if (contracts.size() != 1 || llvm::any_of(contracts[0]->getOperands(), isEmpty) ||
      failed(epilogue.analyse(context.kernel, contracts[0])))
    return emitGeneric(context);
  ContractionEmitter(context, contracts[0], epilogue).emit();
}

} // namespace nnc
