/// Recognition of attention.
#include "dialects/nn/Transforms/AttentionMatch.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace nnc::nn {

namespace {
/// The repeated number of a constant of floats, through broadcasts.
std::optional<double> splatNumber(Value value) {
  while (auto broadcast = value.getDefiningOp<BroadcastOp>())
    value = broadcast.getX();
  DenseElementsAttr elements;
  if (!matchPattern(value, m_Constant(&elements)) || !elements.isSplat() ||
      !isa<FloatType>(elements.getElementType()))
    return std::nullopt;
  APFloat number = elements.getSplatValue<APFloat>();
  bool lost = false;
  number.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
  return number.convertToDouble();
}

/// The factor f of x * f or x / f, and x.
std::optional<std::pair<Value, double>> scaledValue(Value value) {
  if (auto mul = value.getDefiningOp<MulOp>()) {
    if (auto factor = splatNumber(mul.getB()))
      return std::pair(mul.getA(), *factor);
    if (auto factor = splatNumber(mul.getA()))
      return std::pair(mul.getB(), *factor);
  }
  if (auto div = value.getDefiningOp<DivOp>())
    if (auto factor = splatNumber(div.getB()))
      return std::pair(div.getA(), 1 / *factor);
  return std::nullopt;
}

/// The operand of a transpose, with its labels.
Labelled beforeTranspose(TransposeOp transpose, ArrayRef<int64_t> labels) {
  Labelled result{transpose.getX(), SmallVector<int64_t>(labels.size())};
  for (auto [k, axis] : llvm::enumerate(transpose.getPermutation()))
    result.labels[axis] = labels[k];
  return result;
}

/// Strips transposes and broadcasts: the axes along which a value differs.
Labelled stripRepeats(Labelled value) {
  for (;;) {
    if (auto transpose = value.value.getDefiningOp<TransposeOp>()) {
      value = beforeTranspose(transpose, value.labels);
    } else if (auto broadcast = value.value.getDefiningOp<BroadcastOp>()) {
      SmallVector<int64_t> labels;
      for (int64_t axis : broadcast.getAxes())
        labels.push_back(value.labels[axis]);
      value = {broadcast.getX(), labels};
    } else {
      return value;
    }
  }
}

class Matcher {
public:
  Matcher(AttentionMatch &match) : match(match) {}
  bool run(ContractOp output, bool weightsAreA);

private:
  bool toSoftmax(Labelled weights);
  bool stepToSoftmax(Labelled &weights);
  bool toScores(Labelled scores);
  bool stepToScores(Labelled &scores, double &factor);
  void addMask(Labelled mask);
  bool addKeep(Labelled keep);
  bool isCausal(Labelled mask);
  std::optional<int64_t> iotaLabel(Labelled value);
  bool takeQueriesAndKeys(ContractOp product, ArrayRef<int64_t> labels);
  void absorbScale(Labelled &operand);
  bool assignParts();
  bool fail(const Twine &why) {
    match.whyNot = why.str();
    return false;
  }
  void recordSizes(const Labelled &value) {
    for (auto [label, size] : llvm::zip_equal(value.labels, shapeOf(value.value)))
      match.sizes[label] = size;
  }

  AttentionMatch &match;
  int64_t nextLabel = 0;
};
} // namespace

/// One step from the weights towards the softmax: transposes, dropout, factors.
bool Matcher::stepToSoftmax(Labelled &weights) {
  if (auto transpose = weights.value.getDefiningOp<TransposeOp>()) {
    weights = beforeTranspose(transpose, weights.labels);
    return true;
  }
  if (auto scaled = scaledValue(weights.value)) {
    match.keepScale *= scaled->second;
    weights.value = scaled->first;
    return true;
  }
  if (auto select = weights.value.getDefiningOp<SelectOp>()) {
    auto zero = splatNumber(select.getB());
    if (!zero || *zero != 0)
      return false;
    weights.value = select.getA();
    return addKeep({select.getCondition(), weights.labels});
  }
  auto mul = weights.value.getDefiningOp<MulOp>();
  if (!mul)
    return false;
  for (auto [mask, rest] : {std::pair(mul.getB(), mul.getA()), std::pair(mul.getA(), mul.getB())})
    if (auto cast = mask.getDefiningOp<CastOp>();
        cast && tensorOf(cast.getX()).getElementType().isInteger(1)) {
      weights.value = rest;
      return addKeep({cast.getX(), weights.labels});
    }
  return false;
}

bool Matcher::addKeep(Labelled keep) {
  if (match.keep.value)
    return false;
  match.keep = keep;
  return true;
}

bool Matcher::toSoftmax(Labelled weights) {
  SmallVector<Value> passed;
  while (!weights.value.getDefiningOp<SoftmaxOp>()) {
    passed.push_back(weights.value);
    if (!stepToSoftmax(weights))
      return false;
  }
  match.softmax = weights.value.getDefiningOp<SoftmaxOp>();
  match.key = weights.labels[match.softmax.getAxis()];
  if (!toScores({match.softmax.getX(), weights.labels}))
    return false;
  passed.push_back(weights.value);
  for (Value value : passed)
    if (!value.hasOneUse())
      return fail("the weights are used elsewhere too, so they are computed and stored anyway");
  return true;
}

/// The axis that a value counts, if it is an iota.
std::optional<int64_t> Matcher::iotaLabel(Labelled value) {
  value = stripRepeats(value);
  while (auto cast = value.value.getDefiningOp<CastOp>())
    value = stripRepeats({cast.getX(), value.labels});
  auto iota = value.value.getDefiningOp<IotaOp>();
  return iota ? std::optional<int64_t>(value.labels[iota.getAxis()]) : std::nullopt;
}

/// True if the mask says j <= i for the key j and one other axis i; i is remembered by its place in
/// `queries`.
bool Matcher::isCausal(Labelled mask) {
  mask = stripRepeats(mask);
  auto compare = mask.value.getDefiningOp<CompareOp>();
  if (!compare)
    return false;
  auto a = iotaLabel({compare.getA(), mask.labels}), b = iotaLabel({compare.getB(), mask.labels});
  if (!a || !b)
    return false;
  if (compare.getPredicate() == Comparison::ge)
    std::swap(a, b);
  else if (compare.getPredicate() != Comparison::le)
    return false;
  if (*a != match.key || *b == match.key)
    return false;
  match.queries.assign(1, *b);
  return true;
}

void Matcher::addMask(Labelled mask) {
  mask = stripRepeats(mask);
  if (auto both = mask.value.getDefiningOp<AndOp>()) {
    addMask({both.getA(), mask.labels});
    addMask({both.getB(), mask.labels});
  } else if (isCausal(mask)) {
    match.causal = true;
  } else {
    match.masks.push_back(mask);
  }
}

/// One step from the softmax towards the product of queries and keys. `factor` is what multiplies
/// all that comes before.
bool Matcher::stepToScores(Labelled &scores, double &factor) {
  if (auto transpose = scores.value.getDefiningOp<TransposeOp>()) {
    scores = beforeTranspose(transpose, scores.labels);
    return true;
  }
  if (auto scaled = scaledValue(scores.value)) {
    factor *= scaled->second;
    scores.value = scaled->first;
    return true;
  }
  if (auto select = scores.value.getDefiningOp<SelectOp>()) {
    auto hidden = splatNumber(select.getB()), hiddenFirst = splatNumber(select.getA());
    bool negated = hiddenFirst.has_value() && !hidden;
    std::optional<double> number = negated ? hiddenFirst : hidden;
    if (!number)
      return fail("the scores are chosen from two tensors");
    if (!std::isinf(*number) || *number > 0)
      return fail(
          "hidden scores are a finite number, not -inf, so a query that sees no key would change");
    if (factor <= 0)
      return fail("hidden scores are multiplied by a number that is not positive");
    Value mask = select.getCondition();
    if (negated) {
      OpBuilder builder(select);
      mask = builder.createOrFold<NotOp>(select.getLoc(), mask);
    }
    addMask({mask, scores.labels});
    scores.value = negated ? select.getB() : select.getA();
    return true;
  }
  if (auto add = scores.value.getDefiningOp<AddOp>()) {
    // The operand that leads to a contraction holds the scores.
    auto leads = [](Value value) {
      while (Operation *op = value.getDefiningOp()) {
        if (isa<ContractOp>(op))
          return true;
        if (!isa<TransposeOp, MulOp, DivOp, SelectOp, AddOp>(op))
          return false;
        value = op->getOperand(isa<SelectOp>(op) ? 1 : 0);
      }
      return false;
    };
    bool first = leads(add.getA());
    Value bias = first ? add.getB() : add.getA();
    match.biases.push_back({stripRepeats({bias, scores.labels}), factor});
    scores.value = first ? add.getA() : add.getB();
    return true;
  }
  return false;
}

bool Matcher::toScores(Labelled scores) {
  double factor = 1;
  SmallVector<Value> passed;
  while (!scores.value.getDefiningOp<ContractOp>()) {
    passed.push_back(scores.value);
    if (!stepToScores(scores, factor))
      return false;
  }
  passed.push_back(scores.value);
  match.scale = factor;
  if (!takeQueriesAndKeys(scores.value.getDefiningOp<ContractOp>(), scores.labels))
    return false;
  for (Value value : passed)
    if (!value.hasOneUse())
      return fail("the scores are used elsewhere too, so they are computed and stored anyway");
  return true;
}

/// A factor of queries or keys belongs to the scores.
void Matcher::absorbScale(Labelled &operand) {
  while (auto scaled = scaledValue(operand.value)) {
    match.scale *= scaled->second;
    operand.value = scaled->first;
  }
}

bool Matcher::takeQueriesAndKeys(ContractOp product, ArrayRef<int64_t> labels) {
  llvm::DenseMap<int64_t, int64_t> rename;
  for (auto [own, label] : llvm::zip_equal(product.getYLabels(), labels))
    rename[own] = label;
  auto take = [&](Value value, ArrayRef<int64_t> own) {
    Labelled result{value, {}};
    for (int64_t label : own) {
      auto [entry, isNew] = rename.try_emplace(label, nextLabel);
      nextLabel += isNew;
      result.labels.push_back(entry->second);
    }
    recordSizes(result);
    return result;
  };
  match.q = take(product.getA(), product.getALabels());
  match.k = take(product.getB(), product.getBLabels());
  bool inA = llvm::is_contained(match.q.labels, match.key),
       inB = llvm::is_contained(match.k.labels, match.key);
  if (inA == inB)
    return fail("the softmax does not run along an axis of the keys alone");
  if (inA)
    std::swap(match.q, match.k);
  absorbScale(match.q);
  absorbScale(match.k);
  return true;
}

/// Sorts the labels into group, queries, features and outputs.
bool Matcher::assignParts() {
  std::optional<int64_t> causalQuery;
  if (match.causal)
    causalQuery = match.queries.front();
  match.queries.clear();
  auto has = [](const Labelled &value, int64_t label) {
    return llvm::is_contained(value.labels, label);
  };
  for (int64_t label : match.outputLabels) {
    if (has(match.v, label) && !has(match.q, label) && !has(match.k, label))
      match.outputs.push_back(label);
    else if (has(match.v, label) || has(match.k, label))
      match.group.push_back(label);
    else
      match.queries.push_back(label);
  }
  for (int64_t label : match.q.labels)
    if (has(match.k, label) && !llvm::is_contained(match.group, label))
      match.features.push_back(label);
  auto isKnown = [&](int64_t label) {
    return label == match.key || llvm::is_contained(match.group, label) ||
           llvm::is_contained(match.queries, label) || llvm::is_contained(match.features, label) ||
           llvm::is_contained(match.outputs, label);
  };
  for (const Labelled *value : {&match.q, &match.k, &match.v})
    if (!llvm::all_of(value->labels, isKnown))
      return fail("an axis is summed that belongs to one operand alone");
  for (int64_t label : match.features)
    if (llvm::is_contained(match.outputLabels, label))
      return fail("an axis of the products stays in the result");
  if (match.features.empty())
    return fail("queries and keys share no feature axis");
  if (causalQuery && (match.queries.size() != 1 || match.queries.front() != *causalQuery))
    return fail("the causal mask does not compare keys with the one axis of queries");
  return true;
}

bool Matcher::run(ContractOp output, bool weightsAreA) {
  match.output = output;
  Labelled weights{output.getA(), SmallVector<int64_t>(output.getALabels())};
  match.v = {output.getB(), SmallVector<int64_t>(output.getBLabels())};
  if (!weightsAreA)
    std::swap(weights, match.v);
  match.outputLabels.assign(output.getYLabels().begin(), output.getYLabels().end());
  for (int64_t label : llvm::concat<int64_t>(weights.labels, match.v.labels))
    nextLabel = std::max(nextLabel, label + 1);
  recordSizes(weights);
  recordSizes(match.v);
  if (!toSoftmax(weights))
    return false;
  if (llvm::is_contained(match.outputLabels, match.key) ||
      !llvm::is_contained(match.v.labels, match.key))
    return fail("the softmax runs along another axis than the sum over the values");
  for (int64_t label : weights.labels)
    if (label != match.key && !llvm::is_contained(match.outputLabels, label))
      return fail("the weights are summed along an axis other than that of the softmax");
  if (!match.keep.value && match.keepScale != 1)
    return fail("the weights are scaled after the softmax");
  return assignParts();
}

bool matchAttention(ContractOp output, bool weightsAreA, AttentionMatch &match) {
  return Matcher(match).run(output, weightsAreA);
}

} // namespace nnc::nn
