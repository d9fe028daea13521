/// Recognition of attention.
#include "dialects/nn/Transforms/AttentionMatch.h"
#include "dialects/nn/IR/Numbers.h"

using namespace mlir;

namespace nnc::nn {

namespace {
/// The factor f of x * f or x / f, and x.
std::optional<std::pair<Value, double>> scaledValue(Value value) {
  if (auto mul = value.getDefiningOp<MulOp>())
    if (auto factor = repeatedNumber(mul.getB()))
      return std::pair(mul.getA(), *factor);
  if (auto div = value.getDefiningOp<DivOp>())
    if (auto factor = repeatedNumber(div.getB()))
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

/// True if the value is made of exponentials of scores: an exponential, and a product before it.
static bool isExponential(Value value, bool needsExp = true, int depth = 8) {
  Operation *op = value.getDefiningOp();
  if (!op || depth == 0)
    return false;
  if (isa<ContractOp>(op) && !needsExp)
    return true;
  if (!isa<ExpOp, ContractOp, BroadcastOp, TransposeOp, MulOp, DivOp, SelectOp, AddOp, SubOp>(op))
    return false;
  return llvm::any_of(op->getOperands(), [&](Value operand) {
    return isExponential(operand, needsExp && !isa<ExpOp>(op), depth - 1);
  });
}

/// True if a division on the way to the value is by a sum of exponentials of scores, whatever else
/// is in it: weights of an attention written out, but not as a softmax.
static bool isDividedBySum(Operation *op, int depth = 6) {
  if (!op || depth == 0 || !isa<DivOp, MulOp, TransposeOp, SelectOp>(op))
    return false;
  std::function<bool(Value, int)> isSum = [&](Value value, int depth) {
    Operation *op = value.getDefiningOp();
    if (auto reduce = dyn_cast_or_null<ReduceOp>(op))
      return reduce.getKind() == Reduction::sum && isExponential(reduce.getX());
    if (isa_and_nonnull<ContractOp>(op))
      return isExponential(value);
    return op && depth > 0 && isa<BroadcastOp, AddOp, MaxOp, SelectOp>(op) &&
           llvm::any_of(op->getOperands(), [&](Value v) { return isSum(v, depth - 1); });
  };
  if (auto div = dyn_cast<DivOp>(op); div && isSum(div.getB(), 3))
    return true;
  return llvm::any_of(op->getOperands(),
                      [&](Value v) { return isDividedBySum(v.getDefiningOp(), depth - 1); });
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
  void addMask(Labelled mask, bool isNegated);
  bool addKeep(Labelled keep);
  std::optional<int64_t> causalQuery(const Labelled &mask);
  void nameCausal();
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
    auto zero = repeatedNumber(select.getB());
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
    if (stepToSoftmax(weights))
      continue;
    bool isWrittenOut =
        isDividedBySum(weights.value.getDefiningOp()) ||
        (isExponential(weights.value) &&
         llvm::any_of(match.output->getUsers(), [](Operation *op) { return isDividedBySum(op); }));
    return isWrittenOut &&
           fail(
               "exponentials of the scores are divided by a sum, but it is not their own alone, or "
               "they are multiplied by numbers that need not be 0 and 1");
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
  while (auto cast = value.value.getDefiningOp<CastOp>()) {
    if (tensorOf(value.value).getElementType().isInteger(1))
      return std::nullopt; // Booleans count nothing.
    value = stripRepeats({cast.getX(), value.labels});
  }
  auto iota = value.value.getDefiningOp<IotaOp>();
  return iota ? std::optional<int64_t>(value.labels[iota.getAxis()]) : std::nullopt;
}

/// The axis i of a mask that says j <= i for the key j.
std::optional<int64_t> Matcher::causalQuery(const Labelled &mask) {
  auto compare = mask.value.getDefiningOp<CompareOp>();
  if (!compare)
    return std::nullopt;
  auto a = iotaLabel({compare.getA(), mask.labels}), b = iotaLabel({compare.getB(), mask.labels});
  if (compare.getPredicate() == Comparison::ge)
    std::swap(a, b);
  else if (compare.getPredicate() != Comparison::le)
    return std::nullopt;
  return a && b && *a == match.key && *b != match.key ? b : std::nullopt;
}

void Matcher::addMask(Labelled mask, bool isNegated) {
  mask = stripRepeats(mask);
  auto negation = mask.value.getDefiningOp<NotOp>();
  auto both = mask.value.getDefiningOp<AndOp>();
  if (negation) {
    addMask({negation.getX(), mask.labels}, !isNegated);
  } else if (both && !isNegated) {
    addMask({both.getA(), mask.labels}, false);
    addMask({both.getB(), mask.labels}, false);
  } else {
    match.masks.push_back({mask, isNegated});
  }
}

/// A mask that compares keys with the one axis of queries is the attention's own; one that compares
/// them with an axis of the group, or with one of several of queries, stays a mask.
void Matcher::nameCausal() {
  llvm::erase_if(match.masks, [&](const SeenWhere &mask) {
    auto query = mask.isNegated ? std::nullopt : causalQuery(mask.value);
    if (!query || match.queries.size() != 1 || match.queries.front() != *query)
      return false;
    return match.causal = true;
  });
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
    auto hidden = repeatedNumber(select.getB()), hiddenFirst = repeatedNumber(select.getA());
    bool negated = hiddenFirst.has_value() && !hidden;
    std::optional<double> number = negated ? hiddenFirst : hidden;
    if (!number)
      return fail("the scores are chosen from two tensors");
    if (!std::isinf(*number) || *number > 0)
      return fail(
          "hidden scores are a finite number, not -inf, so a query that sees no key would change");
    if (factor <= 0)
      return fail("hidden scores are multiplied by a number that is not positive");
    addMask({select.getCondition(), scores.labels}, negated);
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
  nameCausal();
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
