/// Replacement of what is recognised as attention by nn.attention.
#include "dialects/nn/Autodiff/Reverse.h"
#include "dialects/nn/Build/Emit.h"
#include "dialects/nn/Transforms/AttentionMatch.h"
#include "dialects/nn/Transforms/Passes.h"

#include <numeric>

using namespace mlir;

namespace nnc::nn {
#define GEN_PASS_DEF_RAISEATTENTION
#include "dialects/nn/Transforms/Passes.h.inc"

namespace {
/// Brings operands to the layout of nn.attention: axes are merged from parts, which are lists of
/// labels.
class Layout {
public:
  Layout(Emit &emit, const AttentionMatch &match) : emit(emit), match(match) {}

  /// The value with exactly the labels of the parts, one axis a part; labels that it lacks are
  /// repeated.
  Value full(Labelled value, ArrayRef<SmallVector<int64_t>> parts) {
    SmallVector<int64_t> labels, shape;
    for (ArrayRef<int64_t> part : parts) {
      llvm::append_range(labels, part);
      shape.push_back(sizeOf(part));
    }
    return emit.reshape(repeated(value, labels), shape);
  }

  /// As `full`, but parts that the value lacks altogether are left out; the others are listed in
  /// `present`.
  Value sparse(Labelled value, ArrayRef<SmallVector<int64_t>> parts,
               SmallVectorImpl<int64_t> &present) {
    SmallVector<SmallVector<int64_t>> kept;
    for (auto [k, part] : llvm::enumerate(parts))
      if (llvm::any_of(part,
                       [&](int64_t label) { return llvm::is_contained(value.labels, label); })) {
        kept.push_back(part);
        present.push_back(k);
      }
    return full(value, kept);
  }

private:
  int64_t sizeOf(ArrayRef<int64_t> part) {
    return std::accumulate(part.begin(), part.end(), int64_t(1), [&](int64_t size, int64_t label) {
      return size * match.sizes.lookup(label);
    });
  }
  /// Transposes to the order of `labels`, repeating the value along those that it lacks.
  Value repeated(Labelled value, ArrayRef<int64_t> labels) {
    SmallVector<int64_t> permutation, axes, shape;
    for (auto [k, label] : llvm::enumerate(labels)) {
      shape.push_back(match.sizes.lookup(label));
      auto found = llvm::find(value.labels, label);
      if (found == value.labels.end())
        continue;
      permutation.push_back(found - value.labels.begin());
      axes.push_back(k);
    }
    return emit.broadcast(emit.transpose(value.value, permutation), shape, axes);
  }

  Emit &emit;
  const AttentionMatch &match;
};

/// Builds the attention of a match.
class Builder {
public:
  Builder(Emit &emit, AttentionMatch &match) : emit(emit), match(match), layout(emit, match) {
    for (int64_t label : match.group)
      scores.push_back({label});
    scores.push_back(match.queries);
    scores.push_back({match.key});
  }
  Value build();

private:
  SmallVector<SmallVector<int64_t>> parts(ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
    SmallVector<SmallVector<int64_t>> result;
    for (int64_t label : match.group)
      result.push_back({label});
    result.push_back(SmallVector<int64_t>(rows));
    result.push_back(SmallVector<int64_t>(columns));
    return result;
  }
  void combineMasks();
  void combineBiases();
  Value restoreOutput(Value y);

  Emit &emit;
  AttentionMatch &match;
  Layout layout;
  SmallVector<SmallVector<int64_t>> scores; ///< the parts of the scores' axes
  Value mask, bias;
  SmallVector<int64_t> maskAxes, biasAxes;
};

/// One mask keeps its few axes; several are joined on all axes of the scores.
void Builder::combineMasks() {
  for (auto &[each, isNegated] : match.masks)
    if (isNegated)
      each.value = emit.make<NotOp>(each.value);
  if (match.masks.size() == 1) {
    mask = layout.sparse(match.masks.front().value, scores, maskAxes);
    return;
  }
  for (const SeenWhere &each : match.masks) {
    Value whole = layout.full(each.value, scores);
    mask = mask ? emit.make<AndOp>(mask, whole) : whole;
  }
  if (mask)
    maskAxes = llvm::to_vector(llvm::seq<int64_t>(0, scores.size()));
}

void Builder::combineBiases() {
  for (auto &[each, factor] : match.biases)
    if (factor != 1)
      each.value = emit.mul(each.value, emit.constant(each.value.getType(), factor));
  if (match.biases.size() == 1) {
    bias = layout.sparse(match.biases.front().first, scores, biasAxes);
    return;
  }
  for (auto &[each, factor] : match.biases) {
    Value whole = layout.full(each, scores);
    bias = bias ? emit.add(bias, whole) : whole;
  }
  if (bias)
    biasAxes = llvm::to_vector(llvm::seq<int64_t>(0, scores.size()));
}

/// From [group.., queries, outputs] to the axes of the contraction.
Value Builder::restoreOutput(Value y) {
  SmallVector<int64_t> labels(match.group), shape, permutation;
  llvm::append_range(labels, match.queries);
  llvm::append_range(labels, match.outputs);
  for (int64_t label : labels)
    shape.push_back(match.sizes.lookup(label));
  for (int64_t label : match.outputLabels)
    permutation.push_back(llvm::find(labels, label) - labels.begin());
  return emit.transpose(emit.reshape(y, shape), permutation);
}

Value Builder::build() {
  Value q = layout.full(match.q, parts(match.queries, match.features));
  Value k = layout.full(match.k, parts({match.key}, match.features));
  Value v = layout.full(match.v, parts({match.key}, match.outputs));
  combineMasks();
  combineBiases();
  Value keep = match.keep.value ? layout.full(match.keep, scores) : Value();
  SmallVector<int64_t> yShape(shapeOf(q)), lseShape(shapeOf(q).drop_back());
  yShape.back() = shapeOf(v).back();
  Type element = tensorOf(q).getElementType();
  OpBuilder &b = emit.builder;
  auto axesAttr = [&](Value value, ArrayRef<int64_t> axes) {
    return value ? b.getDenseI64ArrayAttr(axes) : DenseI64ArrayAttr();
  };
  auto op = AttentionOp::create(
      b, emit.loc, RankedTensorType::get(yShape, element), RankedTensorType::get(lseShape, element),
      q, k, v, mask, bias, keep, b.getF64FloatAttr(match.scale),
      match.causal ? b.getUnitAttr() : UnitAttr(), axesAttr(mask, maskAxes),
      axesAttr(bias, biasAxes), b.getF64FloatAttr(match.keepScale));
  return restoreOutput(op.getY());
}

struct RaiseAttentionPass : impl::RaiseAttentionBase<RaiseAttentionPass> {
  using RaiseAttentionBase::RaiseAttentionBase;

  void runOnOperation() override {
    SmallVector<ContractOp> contractions;
    getOperation().walk([&](ContractOp op) { contractions.push_back(op); });
    SmallVector<Block *> touched;
    for (ContractOp op : contractions)
      if (raise(op))
        touched.push_back(op->getBlock());
    for (Block *block : touched)
      eraseDeadOps(*block);
  }

private:
  bool raise(ContractOp op) {
    for (bool weightsAreA : {true, false}) {
      AttentionMatch match;
      if (!matchAttention(op, weightsAreA, match)) {
        if (remarks && !match.whyNot.empty())
          op.emitRemark() << "not raised to attention: " << match.whyNot;
        continue;
      }
      OpBuilder builder(op);
      Emit emit(builder, op.getLoc());
      op.getY().replaceAllUsesWith(Builder(emit, match).build());
      if (remarks)
        op.emitRemark() << "raised to attention: the scores are not stored";
      return true;
    }
    return false;
  }
};
} // namespace

} // namespace nnc::nn
