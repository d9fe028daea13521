/// `scan`: a region op with carried values, stacked inputs and stacked outputs.
#include "compiler/Elaborate/Control/Scan.h"
#include "compiler/Elaborate/Chance/Chance.h"
#include "mlir/IR/Matchers.h"

namespace nnc {

bool ScanBuilder::readRange() {
  const ast::Binder &binder = *scan.binder;
  if (!binder.upper) {
    body.diags.error(Code::BadScan, binder.range,
                     "a scan needs a range: `scan t < T` or `scan t in a:b`");
    return false;
  }
  Value low = binder.lower ? evalInBrackets(body, binder.lower) : Value::integer(0);
  Value high = evalInBrackets(body, binder.upper);
  if (low.isPoison() || high.isPoison())
    return false;
  auto *a = low.as<Dim>(), *b = high.as<Dim>();
  if (a && b) {
    start = a->value();
    length = *b - *a;
    if (start < 0 || length->value() < 0) {
      body.diags.error(Code::BadScan, binder.range,
                       "the range " + a->describe() + " : " + b->describe() +
                           " is empty or negative");
      return false;
    }
    if (b->value() > maxAxis) {
      body.diags.error(Code::BadScan, binder.range,
                       "iterations are counted by an i32, and " + b->describe() + " is more");
      return false;
    }
    iterations = length->value();
    range = {start, b->value() - 1};
    return true;
  }
  return readRuntimeRange(low, high);
}

bool ScanBuilder::readRuntimeRange(const Value &low, const Value &high) {
  const ast::Binder &binder = *scan.binder;
  SourceRange lowRange = binder.lower ? binder.lower->range : binder.range;
  auto a = toTensor(body, low, lowRange, Element::I32),
       b = toTensor(body, high, binder.upper->range, Element::I32);
  if (!a || !b)
    return false;
  for (const Tensor *end : {&*a, &*b})
    if (end->rank() || end->element != Element::I32) {
      body.diags.error(Code::BadScan, binder.range,
                       "the ends of a scan are integers, not " + end->str());
      return false;
    }
  auto lowest = a->limits(), highest = b->limits();
  if (!highest) {
    body.diags
        .error(Code::BadScan, binder.upper->range, "no bound of this end is known at compile time")
        .help("min(n, LIMIT) gives it one");
    return false;
  }
  if (!lowest || lowest->low < 0)
    emitAssert(body, body.build.compare(nn::Comparison::ge, *a, body.build.integer(0)),
               "the scan starts before 0", lowRange);
  if (!lowest || lowest->high > highest->low)
    emitAssert(body, body.build.compare(nn::Comparison::le, *a, *b),
               "the scan ends before it starts", binder.range);
  bounds = {a->value, b->value};
  iterations = std::max<int64_t>(highest->high, 1);
  range = {std::max<int64_t>(0, lowest ? lowest->low : 0), highest->high - 1};
  return true;
}

bool ScanBuilder::readCarries() {
  for (const ast::Carry &carry : scan.carries) {
    Value value = elaborateExpr(body, carry.init);
    std::optional<Tensor> init;
    if (carry.type) {
      auto type = resolveType(body, *carry.type);
      if (type && !value.isPoison())
        init = convert(body, value, *type, carry.init->range, "carry " + carry.name.text);
      // What is known of the first value need not hold for the next ones.
      if (init)
        init->bound = type->bound;
    } else {
      init = toTensor(body, value, carry.init->range);
    }
    if (!init)
      return false;
    init->range.reset();
    init->index = false;
    init->base = {};
    carries.push_back(*init);
  }
  return true;
}

void ScanBuilder::bindInside(mlir::Block *block) {
  auto scalar = body.build.type(Element::I32, {});
  mlir::Value iteration = block->addArgument(scalar, body.location(scan.range));
  Tensor t = body.build.make(Element::I32, {}, iteration);
  if (start)
    t = body.build.add(t, body.build.integer(start));
  t.range = range;
  t.index = true;
  mlir::Value outer = body.fn->currentIteration;
  body.fn->currentIteration = t.value;
  if (outer) {
    Tensor around = body.build.make(Element::I32, {}, outer);
    body.fn->currentIteration =
        body.build.add(body.build.mul(around, body.build.integer(int32_t(iterations + start))), t)
            .value;
  }
  body.scope->bind(scan.binder->name.text,
                   {BindingKind::Index, t, scan.binder->name.range, nullptr});
  for (auto [carry, init] : llvm::zip(scan.carries, carries)) {
    Tensor inside = init;
    inside.value = block->addArgument(init.value.getType(), body.location(carry.range));
    body.scope->bind(carry.name.text, {BindingKind::Value, inside, carry.name.range, nullptr});
  }
}

/// The body; fills in next, outputs and stop. False after errors.
bool ScanBuilder::elaborateBody() {
  ScanState state;
  state.frame = body.frame;
  unsigned before = body.diags.errorCount();
  {
    llvm::SaveAndRestore open(body.scan, &state);
    for (const ast::Stmt *statement : scan.body->statements)
      elaborateStatement(body, *statement);
  }
  for (auto [carry, init] : llvm::zip(scan.carries, carries))
    nextValue(carry, init);
  bool poisoned = llvm::any_of(scan.carries, [&](const ast::Carry &carry) {
    return body.scope->findHere(carry.name.text)->value.isPoison();
  });
  for (auto &yield : state.yields) {
    poisoned |= yield.value.isPoison();
    if (auto tensor = toTensor(body, yield.value, yield.range))
      outputs.push_back(*tensor);
  }
  if (scan.until) {
    Value condition = elaborateExpr(body, scan.until);
    auto x = condition.isPoison() ? std::nullopt : toTensor(body, condition, scan.until->range);
    if (x && (x->element != Element::Bool || x->rank()))
      body.diags
          .error(Code::WrongKind, scan.until->range,
                 "`until` takes one boolean, this is " + x->str())
          .help("all(c) makes one of many");
    else if (x)
      stop = x->value;
  }
  // What was reported outside leaves nothing to build here.
  return body.diags.errorCount() == before && !poisoned;
}

void ScanBuilder::nextValue(const ast::Carry &carry, const Tensor &init) {
  Binding *binding = body.scope->findHere(carry.name.text);
  Value value = binding->value;
  SourceRange where = binding->where;
  if (value.isPoison())
    return;
  auto *tensor = value.tensor();
  bool fits = !tensor ||
              (tensor->element == init.element && sameShape(body, tensor->dims, init.dims)) ||
              (tensor->index && init.element == Element::F32);
  if (!fits) {
    body.diags
        .error(Code::CarryChanged, where,
               "`" + carry.name.text + "` is carried as " + init.str() + " and becomes " +
                   tensor->str())
        .here("the value for the next iteration")
        .label(carry.range, "the first value");
    return;
  }
  auto converted = convert(body, value, init, where, "carry " + carry.name.text);
  next.push_back(converted.value_or(init));
}

/// index = iteration + offset, or, reversed, last - iteration + offset.
struct IterationIndex {
  int64_t offset = 0;
  bool reversed = false;
};

static std::optional<int64_t> constantOf(mlir::Value value) {
  auto constant = value.getDefiningOp<nn::ConstantOp>();
  auto dense = constant ? mlir::dyn_cast<mlir::DenseIntElementsAttr>(constant.getValue())
                        : mlir::DenseIntElementsAttr();
  if (!dense || !dense.isSplat())
    return std::nullopt;
  return dense.getSplatValue<llvm::APInt>().getSExtValue();
}

static std::optional<IterationIndex> matchIteration(mlir::Value index, mlir::Value iteration,
                                                    int64_t length) {
  if (index == iteration)
    return IterationIndex{};
  if (auto add = index.getDefiningOp<nn::AddOp>())
    for (auto [x, y] : {std::pair(add.getA(), add.getB()), std::pair(add.getB(), add.getA())})
      if (auto inner = matchIteration(x, iteration, length))
        if (auto shift = constantOf(y); shift && !inner->reversed)
          return IterationIndex{inner->offset + *shift, false};
  if (auto sub = index.getDefiningOp<nn::SubOp>()) {
    auto left = matchIteration(sub.getA(), iteration, length),
         right = matchIteration(sub.getB(), iteration, length);
    if (auto shift = constantOf(sub.getB()); shift && left && !left->reversed)
      return IterationIndex{left->offset - *shift, false};
    if (auto shift = constantOf(sub.getA()); shift && right && !right->reversed)
      return IterationIndex{*shift - right->offset - (length - 1), true};
  }
  return std::nullopt;
}

/// What the body reads at the iteration's index is passed piece by piece: x[:, t] of a captured x
/// becomes a stacked input.
void ScanBuilder::findInputs(mlir::Region &region) {
  if (!bounds.empty() || !iterations)
    return;
  mlir::Block &block = region.front();
  mlir::Value iteration = block.getArgument(0);
  for (mlir::Operation &op : llvm::make_early_inc_range(block)) {
    auto at = mlir::dyn_cast<nn::AtOp>(op);
    if (!at || isInside(at.getX().getParentRegion(), region))
      continue;
    auto place = matchIteration(at.getIndex(), iteration, iterations);
    int64_t axis = at.getAxis(), size = nn::shapeOf(at.getX())[axis];
    if (!place || place->offset < 0 || place->offset + iterations > size)
      continue;
    Tensor x;
    for (int64_t extent : nn::shapeOf(at.getX()))
      x.dims.push_back(Dim(extent));
    x.element = mlir::isa<mlir::FloatType>(nn::tensorOf(at.getX()).getElementType()) ? Element::F32
                : nn::tensorOf(at.getX()).getElementType().isInteger(1)              ? Element::Bool
                                                                                     : Element::I32;
    x.value = at.getX();
    Tensor stacked =
        body.build.moveAxis(body.build.slice(x, axis, place->offset, Dim(iterations)), axis, 0);
    if (place->reversed)
      stacked = body.build.reverse(stacked, 0);
    inputs.push_back(stacked.value);
    at.getResult().replaceAllUsesWith(block.addArgument(at.getType(), at.getLoc()));
    at.erase();
  }
}

Value ScanBuilder::build() {
  if (!readRange() || !readCarries())
    return poisonTargets();
  Scope inner(body.scope);
  std::unique_ptr<mlir::Region> region;
  mlir::Value scored;
  bool good;
  {
    RegionScope inside(*body.fn);
    llvm::SaveAndRestore names(body.scope, &inner);
    llvm::SaveAndRestore iteration(body.fn->currentIteration);
    bindInside(inside.block);
    good = elaborateBody() && checkTargets();
    if (good)
      scored = finishBody(inside);
    region = std::move(inside.region);
  }
  if (!good) {
    region->dropAllReferences();
    return poisonTargets();
  }
  mlir::Operation *op = create(std::move(region), scored);
  bindResults(op, scored);
  return Absent{};
}

/// The terminator. With run-time ends nothing can be stacked, and evidence is carried.
mlir::Value ScanBuilder::finishBody(RegionScope &inside) {
  mlir::Value scored = inside.scored();
  llvm::SmallVector<mlir::Value> results;
  for (const Tensor &tensor : next)
    results.push_back(tensor.value);
  if (scored && !bounds.empty()) {
    Tensor sum = body.build.make(Element::F32, {body.fn->evidence->batch}, scored);
    Tensor before = sum;
    before.value = inside.block->addArgument(scored.getType(), body.build.loc);
    results.push_back(body.build.add(before, sum).value);
  }
  for (const Tensor &tensor : outputs)
    results.push_back(tensor.value);
  if (scored && bounds.empty())
    results.push_back(scored);
  if (stop)
    results.push_back(stop);
  nn::YieldOp::create(*body.build.builder, body.build.loc, results);
  return scored;
}

mlir::Operation *ScanBuilder::create(std::unique_ptr<mlir::Region> region, mlir::Value scored) {
  body.build.loc = body.location(scan.range);
  llvm::SmallVector<mlir::Value> inits;
  llvm::SmallVector<mlir::Type> types;
  for (const Tensor &carry : carries)
    inits.push_back(carry.value);
  if (scored && !bounds.empty())
    inits.push_back(body.build.constant(0, Element::F32, {body.fn->evidence->batch}).value);
  llvm::append_range(types, mlir::ValueRange(inits).getTypes());
  for (const Tensor &output : outputs)
    types.push_back(nn::stackedType(output.value.getType(), iterations));
  if (scored && bounds.empty())
    types.push_back(nn::stackedType(scored.getType(), iterations));
  findInputs(*region);
  auto captured = captureInto({region.get()});
  mlir::OperationState state(body.build.loc, nn::ScanOp::getOperationName());
  for (mlir::ValueRange operands : {mlir::ValueRange(bounds), mlir::ValueRange(inits),
                                    mlir::ValueRange(inputs), mlir::ValueRange(captured)})
    state.addOperands(operands);
  state.addTypes(types);
  state.addRegion(std::move(region));
  auto &properties = state.getOrAddProperties<nn::ScanOp::Properties>();
  mlir::Builder &builder = *body.build.builder;
  properties.length = builder.getI64IntegerAttr(iterations);
  if (stop)
    properties.until = builder.getUnitAttr();
  llvm::copy(llvm::ArrayRef<int32_t>{int32_t(bounds.size()), int32_t(inits.size()),
                                     int32_t(inputs.size()), int32_t(captured.size())},
             properties.operandSegmentSizes.begin());
  return body.build.builder->create(state);
}

llvm::SmallVector<const ast::Target *> ScanBuilder::targets() const {
  if (!target)
    return {};
  if (target->isTuple())
    return llvm::SmallVector<const ast::Target *>(target->elements.begin(), target->elements.end());
  return {target};
}

/// Where the scan's index stands among the axes of a target; nothing if it does not.
std::optional<int64_t> ScanBuilder::axisOf(const ast::Target &one, int64_t rank) const {
  std::optional<int64_t> found;
  bool dotted = false;
  for (size_t i = 0; i < one.indices.size(); ++i) {
    const ast::Index &index = one.indices[i];
    dotted |= index.form == ast::Index::Ellipsis;
    if (index.form != ast::Index::Binder)
      continue;
    if (found || index.binder->name.text != scan.binder->name.text || index.binder->upper)
      return std::nullopt;
    found = dotted ? rank + 1 - int64_t(one.indices.size() - i) : int64_t(i);
  }
  return found && *found >= 0 && *found <= rank ? found : std::nullopt;
}

bool ScanBuilder::checkTargets() {
  auto wanted = targets();
  if (wanted.size() != outputs.size()) {
    auto error = body.diags.error(Code::BadScan, target ? target->range : scan.range,
                                  llvm::Twine(outputs.size()) + " values are yielded, " +
                                      llvm::Twine(wanted.size()) + " stand on the left");
    if (outputs.size())
      error.help("write `ys[:, t] = scan t < T ...`, one target a yielded value");
    return false;
  }
  if (!outputs.empty() && !bounds.empty()) {
    body.diags.error(
        Code::BadScan, scan.range,
        "a scan with run-time ends cannot yield: the length of its result is not known");
    return false;
  }
  for (auto [one, output] : llvm::zip(wanted, outputs))
    if (!axisOf(*one, output.rank())) {
      body.diags
          .error(Code::BadScan, one->range,
                 "the scan's index `" + scan.binder->name.text +
                     "` has to stand once among the axes of the yielded " + output.str())
          .help("write " + (one->name ? one->name.text.str() : "y") + "[:, " +
                scan.binder->name.text.str() + "] for the second axis");
      return false;
    }
  return true;
}

Value ScanBuilder::poisonTargets() {
  for (const ast::Target *one : targets())
    if (one->name)
      bindName(body, one->name, Value());
  for (const ast::Carry &carry : scan.carries)
    bindName(body, carry.name, Value());
  return {};
}

void ScanBuilder::bindResults(mlir::Operation *op, mlir::Value scored) {
  unsigned at = 0;
  for (auto [carry, init] : llvm::zip(scan.carries, carries)) {
    Tensor last = init;
    last.value = op->getResult(at++);
    bindName(body, carry.name, last);
  }
  if (scored && !bounds.empty())
    addEvidence(body, op->getResult(at++));
  for (auto [one, output] : llvm::zip(targets(), outputs)) {
    Tensor stacked = output;
    stacked.value = op->getResult(at++);
    stacked.dims.insert(stacked.dims.begin(), *length);
    stacked.base = {};
    // The pieces of iterations that are not run are 0.
    if (stop && stacked.range)
      stacked.range = Interval{std::min<int64_t>(stacked.range->low, 0),
                               std::max<int64_t>(stacked.range->high, 0)};
    bindName(body, one->name, body.build.moveAxis(stacked, 0, *axisOf(*one, output.rank())));
  }
  if (scored && bounds.empty()) {
    Tensor stacked =
        body.build.make(Element::F32, {*length, body.fn->evidence->batch}, op->getResult(at));
    addEvidence(body, body.build.reduce(nn::Reduction::sum, stacked, {0}).value);
  }
}

Value elaborateScan(Body &body, const ast::ScanExpr &scan, const ast::Target *target) {
  llvm::SaveAndRestore brackets(body.compileTime, false);
  return ScanBuilder(body, scan, target).build();
}

} // namespace nnc
