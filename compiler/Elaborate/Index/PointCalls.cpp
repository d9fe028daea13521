/// Calls of index notation. A scalar function works on all points at once; what takes vectors, a
/// layer or a net is called at each point, in a scan without carries for each index: nn-scan-split
/// computes such scans for all iterations at once.
#include "compiler/Elaborate/Index/IndexNotation.h"
#include "compiler/Elaborate/Region.h"
#include "dialects/nn/IR/ScanEdit.h"

namespace nnc {

/// `score(h[b], f[b, i])`, `pick(table, u[b, i])`: an argument has axes that no index runs over.
bool IndexNotation::takesVectors(const ast::FunctionDecl &decl, const ast::CallExpr &expr) {
  for (auto [i, arg] : llvm::enumerate(expr.args)) {
    auto *bracket = llvm::dyn_cast<ast::BracketExpr>(arg.value);
    if (bracket && ranges.hasFreeAxes(*bracket))
      return true;
    if (ranges.usesIndex(arg.value))
      continue;
    auto *name = llvm::dyn_cast<ast::NameExpr>(arg.value);
    auto binding = name ? lookupQuietly(body, name->name) : std::nullopt;
    if (auto *tensor = binding ? binding->value.tensor() : nullptr; tensor && tensor->rank())
      return true;
    for (auto [k, parameter] : llvm::enumerate(decl.params)) {
      bool is = arg.name ? arg.name.text == parameter.name.text : i == k;
      auto named = [](const ast::Expr *dim) { return !llvm::isa<ast::EllipsisExpr>(dim); };
      if (is && llvm::any_of(parameter.type->dims, named))
        return true;
    }
  }
  return false;
}

/// The value of an argument: with the indices of points first, then the axes of the function.
Operand IndexNotation::evalArgument(const ast::Expr *expr) {
  if (!ranges.usesIndex(expr))
    return {elaborateExpr(body, expr), {}};
  Operand x = eval(expr);
  auto *tensor = x.value.tensor();
  if (!tensor)
    return x;
  auto labels = x.labels;
  llvm::sort(labels, [&](IndexVariable *a, IndexVariable *b) {
    return std::pair(a->isFree(), a->id) < std::pair(b->isFree(), b->id);
  });
  llvm::SmallVector<int64_t> order;
  for (IndexVariable *label : labels)
    order.push_back(llvm::find(x.labels, label) - x.labels.begin());
  x.value = build.transpose(*tensor, order);
  llvm::erase_if(labels, [&](IndexVariable *label) { return label->isFree(); });
  x.labels = labels;
  return x;
}

/// The call of a function, layer or net from here, without its arguments.
static Call callAt(Body &body, const Value &callee, const ast::CallExpr &expr) {
  Call call;
  call.range = expr.range;
  llvm::ArrayRef<ast::Item> items;
  if (auto *bracket = llvm::dyn_cast<ast::BracketExpr>(expr.callee))
    items = bracket->items;
  NetReference *net = callee.net();
  auto *function = callee.as<FunctionReference>();
  call.callee = net ? FunctionReference{net->layer, net->file} : *function;
  call.statics = evalStatics(body, items, *call.callee.decl);
  const ast::NameExpr *head = ast::headName(expr.callee);
  std::string site = siteName(body, &expr, snakeCase(head->name));
  call.site = indexedName(body, site);
  if (net) {
    for (auto &[name, value] : net->statics)
      call.statics.emplace(name, value);
    call.instance = net->instance;
    call.reference = net;
  } else if (function->decl->isLayer && body.frame->instance) {
    call.instance = childInstance(body, *function, site, expr.range, true);
  }
  return call;
}

Operand IndexNotation::evalAtPoints(const Value &callee, const ast::CallExpr &expr) {
  std::vector<Operand> operands;
  llvm::SmallVector<IndexVariable *, 4> labels;
  for (const ast::Arg &arg : expr.args) {
    operands.push_back(evalArgument(arg.value));
    if (operands.back().failed())
      return {};
    for (IndexVariable *label : operands.back().labels)
      if (!llvm::is_contained(labels, label))
        labels.push_back(label);
  }
  llvm::sort(labels, [](IndexVariable *a, IndexVariable *b) { return a->id < b->id; });
  Call call = callAt(body, callee, expr);
  for (auto [operand, arg] : llvm::zip(operands, expr.args))
    call.arguments.push_back({arg.name.text.str(), operand.value, arg.range});
  unsigned before = body.diags.errorCount();
  Value result = mapOver(labels, std::move(call), operands);
  if (body.diags.errorCount() != before || result.isPoison())
    return {};
  return {result, labels};
}

/// The scan over the values of one index.
static Value stackPoints(TensorBuilder &build, RegionScope &inside, const IndexVariable &label,
                         llvm::ArrayRef<mlir::Value> inputs, const Tensor &piece) {
  Tensor stacked = piece;
  stacked.dims.insert(stacked.dims.begin(), *label.size);
  stacked.base = {};
  if (!label.size->value()) {
    inside.region->dropAllReferences();
    inside.leave();
    return build.constant(0, piece.element, stacked.dims);
  }
  auto captured = captureInto({inside.region.get()});
  mlir::OperationState state(build.loc, nn::ScanOp::getOperationName());
  state.addOperands(inputs);
  state.addOperands(captured);
  state.addTypes({build.type(stacked)});
  state.addAttribute(nn::pointsAttribute, build.builder->getUnitAttr());
  state.addRegion(std::move(inside.region));
  auto &properties = state.getOrAddProperties<nn::ScanOp::Properties>();
  properties.length = build.builder->getI64IntegerAttr(label.size->value());
  llvm::copy(llvm::ArrayRef<int32_t>{0, 0, int32_t(inputs.size()), int32_t(captured.size())},
             properties.operandSegmentSizes.begin());
  inside.leave();
  stacked.value = build.builder->create(state)->getResult(0);
  return stacked;
}

/// The results of the call along the indices, outermost first.
Value IndexNotation::mapOver(llvm::ArrayRef<IndexVariable *> labels, Call call,
                             std::vector<Operand> operands) {
  if (labels.empty()) {
    SourceRange range = call.range;
    std::string name = call.callee.decl->name.text.str();
    Value result = elaborateBody(body, std::move(call));
    if (result.isStaticScalar())
      result = *toTensor(body, result, range, Element::F32);
    auto *tensor = result.tensor();
    if (tensor && !tensor->rank())
      return result;
    if (!result.isPoison())
      body.diags
          .error(Code::BadIndexNotation, range,
                 "at each point `" + name + "` gives " + result.describe() + ", not a number")
          .help("index notation defines numbers; call `" + name + "` on whole tensors");
    return {};
  }
  IndexVariable *label = labels.front();
  llvm::SmallVector<mlir::Value> inputs;
  for (Operand &operand : operands)
    if (auto *at = llvm::find(operand.labels, label); at != operand.labels.end()) {
      operand.value = build.moveAxis(*operand.value.tensor(), at - operand.labels.begin(), 0);
      inputs.push_back(operand.value.tensor()->value);
    }
  RegionScope inside(*body.fn);
  mlir::Block *block = inside.block;
  mlir::Value iteration = block->addArgument(build.type(Element::I32, {}), build.loc);
  for (auto [operand, argument] : llvm::zip(operands, call.arguments)) {
    auto *at = llvm::find(operand.labels, label);
    if (at == operand.labels.end())
      continue;
    operand.labels.erase(at);
    Tensor piece = *operand.value.tensor();
    piece.dims.erase(piece.dims.begin());
    piece.value = block->addArgument(build.type(piece), build.loc);
    operand.value = piece;
    argument.value = piece;
  }
  mlir::Value outer = body.fn->currentIteration;
  llvm::SaveAndRestore around(body.fn->currentIteration, iteration);
  if (outer)
    body.fn->currentIteration = build
                                    .add(build.mul(build.make(Element::I32, {}, outer),
                                                   build.integer(label->size->value())),
                                         build.make(Element::I32, {}, iteration))
                                    .value;
  SourceRange range = call.range;
  Value result = mapOver(labels.drop_front(), std::move(call), std::move(operands));
  if (inside.scored())
    body.diags.error(Code::BadIndexNotation, range,
                     "what is called at each point of index notation may not score");
  auto *tensor = result.tensor();
  if (!tensor || inside.scored()) {
    inside.region->dropAllReferences();
    return {};
  }
  nn::YieldOp::create(*build.builder, build.loc, mlir::ValueRange{tensor->value});
  return stackPoints(build, inside, *label, inputs, *tensor);
}

/// Whether what is called takes numbers. False after an error.
static bool isOfNumbers(Body &body, const Builtin *builtin, const FunctionReference *function,
                        const ast::CallExpr &expr, llvm::StringRef name) {
  if (!(builtin && builtin->elementwise) && !(function && !function->decl->isLayer)) {
    body.diags
        .error(Code::BadIndexNotation, expr.range,
               "`" + name + "` cannot be applied to scalars of index notation")
        .help("only scalar functions apply here; give the tensor a name first");
    return false;
  }
  // `max(x[i])` would be the maximum of one number.
  bool reduces = builtin && builtin->takesAxis && expr.args.size() < 2;
  auto named = [](const ast::Arg &arg) { return bool(arg.name); };
  if (builtin && (reduces || llvm::any_of(expr.args, named))) {
    body.diags
        .error(Code::BadIndexNotation, expr.range,
               "`" + name + "` takes numbers here, two or more of them where it compares")
        .help("`" + name + "[j] ..` reduces along an index");
    return false;
  }
  return true;
}

/// An elementwise builtin on operands with the same labels.
static Value evalBuiltin(Body &body, const Builtin &builtin, const ast::CallExpr &expr,
                         llvm::ArrayRef<Operand> operands) {
  BuiltinCall call;
  call.builtin = &builtin;
  call.expr = &expr;
  call.source = expr.args;
  call.range = expr.range;
  for (auto [operand, arg] : llvm::zip(operands, expr.args))
    call.arguments.push_back({arg.name.text.str(), operand.value, arg.range});
  unsigned given = call.arguments.size();
  if (given >= builtin.minArguments && given <= builtin.maxArguments)
    return builtin.build(body, call);
  body.diags.error(Code::BadArguments, expr.range,
                   "`" + builtin.name + "` takes another number of arguments");
  return {};
}

Operand IndexNotation::evalCall(const ast::CallExpr &expr) {
  const ast::Expr *callee = expr.callee;
  if (auto *bracket = llvm::dyn_cast<ast::BracketExpr>(callee))
    callee = bracket->base;
  auto *name = llvm::dyn_cast<ast::NameExpr>(callee);
  auto binding = name ? lookup(body, name->name, name->range) : std::nullopt;
  if (!binding)
    return {};
  if (auto whole = ranges.calleeOf(expr)) {
    auto *fn = whole->as<FunctionReference>();
    if (!fn || fn->decl->isLayer || takesVectors(*fn->decl, expr))
      return evalAtPoints(*whole, expr);
  }
  auto *builtin = binding->value.as<BuiltinReference>();
  auto *function = binding->value.as<FunctionReference>();
  const Builtin *entry = builtin ? findBuiltin(builtin->name) : nullptr;
  if (!isOfNumbers(body, entry, function, expr, name->name))
    return {};
  std::vector<Operand> operands;
  for (const ast::Arg &arg : expr.args) {
    operands.push_back(eval(arg.value));
    if (operands.back().failed())
      return {};
  }
  llvm::SmallVector<Operand *> pointers;
  for (Operand &operand : operands)
    pointers.push_back(&operand);
  auto labels = alignLabels(pointers);
  if (function)
    return evalFunction(*function, expr, operands);
  return {evalBuiltin(body, *entry, expr, operands), labels};
}

/// A fn of scalars is applied to all points at once: its body sees tensors of one shape.
Operand IndexNotation::evalFunction(const FunctionReference &function, const ast::CallExpr &expr,
                                    std::vector<Operand> &operands) {
  llvm::SmallVector<IndexVariable *, 4> labels;
  for (const Operand &operand : operands)
    if (operand.labels.size() > labels.size())
      labels = operand.labels;
  Shape dims;
  for (IndexVariable *label : labels)
    dims.push_back(*label->size);
  Call call;
  call.callee = function;
  call.lifted = true;
  call.range = expr.range;
  if (auto *bracket = llvm::dyn_cast<ast::BracketExpr>(expr.callee))
    call.statics = evalStatics(body, bracket->items, *function.decl);
  call.site = indexedName(body, siteName(body, &expr, snakeCase(function.decl->name.text)));
  for (auto [i, operand] : llvm::enumerate(operands)) {
    Value value = operand.value;
    bool shaped = i < function.decl->params.size() && !function.decl->params[i].type->dims.empty();
    if (shaped && value.isStaticScalar())
      value = build.constant(*value.number(), Element::F32, dims);
    call.arguments.push_back({expr.args[i].name.text.str(), value, expr.args[i].range});
  }
  Value result = elaborateBody(body, std::move(call));
  auto *tensor = result.tensor();
  if (result.isStaticScalar())
    return {result, {}};
  if (tensor && tensor->rank() == int64_t(labels.size()))
    return {result, labels};
  if (!result.isPoison())
    body.diags.error(Code::BadIndexNotation, expr.range,
                     "`" + function.decl->name.text + "` is not a scalar function: it gives " +
                         result.describe());
  return {};
}

} // namespace nnc
