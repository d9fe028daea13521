/// The training schedule: what has to hold, and how counts and scalars are written.
#include "dialects/learn/IR/References.h"

using namespace mlir;

namespace nnc::learn {

//===--- Flags -------------------------------------------------------------------------===//

bool isScalar(Attribute attribute) {
  if (auto real = dyn_cast<FloatAttr>(attribute))
    return real.getType().isF64() && real.getValue().isFinite();
  if (auto whole = dyn_cast<IntegerAttr>(attribute))
    return whole.getType().isInteger(64) || isa<BoolAttr>(whole);
  return isa<StringAttr>(attribute);
}

bool fitsFlag(Attribute scalar, RankedTensorType type, std::optional<int64_t> bound, bool isText) {
  if (isText)
    return isa<StringAttr>(scalar);
  if (type.getRank() || !isScalar(scalar) || isa<StringAttr>(scalar))
    return false;
  Type element = type.getElementType();
  auto boolean = dyn_cast<BoolAttr>(scalar);
  if (isa<FloatType>(element))
    return !boolean;
  auto whole = dyn_cast<IntegerAttr>(scalar);
  int64_t value = whole ? whole.getValue().getZExtValue() : 0;
  if (element.isInteger(1))
    return boolean || (whole && (value == 0 || value == 1));
  if (boolean || !whole || !llvm::isInt<32>(value))
    return false;
  return !bound || (value >= 0 && value < *bound);
}

static ParseResult parseScalar(OpAsmParser &parser, Attribute &scalar) {
  return parser.parseAttribute(scalar);
}

static void printScalar(OpAsmPrinter &printer, Operation *, Attribute scalar) {
  printer.printAttributeWithoutType(scalar);
}

void FlagOp::getAsmResultNames(OpAsmSetValueNameFn set) { set(getValue(), getName()); }

LogicalResult FlagOp::verify() {
  auto type = cast<RankedTensorType>(getType());
  std::optional<int64_t> bound;
  if (getBound())
    bound = *getBound();
  if (getFallback() && !fitsFlag(*getFallback(), type, bound, getVocab().has_value()))
    return emitOpError("does not take the value ") << *getFallback();
  if (getRepeated() && !type.getRank())
    return emitOpError("has no rows to go over");
  return success();
}

LogicalResult FlagOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return success(!getVocabAttr() || findOp<VocabOp>(*this, getVocabAttr(), symbols));
}

//===--- Loops -------------------------------------------------------------------------===//

static ParseResult parseCount(OpAsmParser &parser,
                              std::optional<OpAsmParser::UnresolvedOperand> &flag,
                              IntegerAttr &count) {
  OpAsmParser::UnresolvedOperand operand;
  OptionalParseResult parsed = parser.parseOptionalOperand(operand);
  if (parsed.has_value()) {
    flag = operand;
    return *parsed;
  }
  int64_t number;
  if (parser.parseInteger(number))
    return failure();
  count = parser.getBuilder().getI64IntegerAttr(number);
  return success();
}

static void printCount(OpAsmPrinter &printer, Operation *, Value flag, IntegerAttr count) {
  if (flag)
    printer << flag;
  else if (count)
    printer << count.getInt();
}

/// A count is a flag or a number.
template <typename Op> static LogicalResult checkCount(Op op) {
  if (bool(op.getFlag()) == op.getCount().has_value())
    return op.emitOpError("counts with a flag or a number");
  if (op.getFlag() && !op.getFlag().template getDefiningOp<FlagOp>())
    return op.emitOpError("counts with what is no flag");
  return success();
}

/// The innermost loop over the data set around an op; over any without a name.
static ForOp loopAround(Operation *op, StringRef data = "") {
  for (auto loop = op->getParentOfType<ForOp>(); loop; loop = loop->getParentOfType<ForOp>())
    if (loop.getData() && (data.empty() || *loop.getData() == data))
      return loop;
  return {};
}

LogicalResult TrainOp::verify() {
  if (failed(checkBody(*this)) || failed(checkDistinct<FlagOp>(getOps<FlagOp>())))
    return failure();
  for (FlagOp flag : getOps<FlagOp>())
    if (flag.getVocab() || flag.getRepeated() || cast<ShapedType>(flag.getType()).getRank())
      return flag.emitOpError("of a train block is a number");
  return success();
}

LogicalResult ForOp::verify() {
  if (failed(checkBody(*this)) || failed(checkCount(*this)))
    return failure();
  if (getData().has_value() != getBatch().has_value())
    return emitOpError("goes over batches of a data set");
  if (getUnit() == CountUnit::epochs && !getData())
    return emitOpError("counts epochs of no data set");
  return success();
}

LogicalResult ForOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return success(!getDataAttr() || findOp<DataOp>(*this, getDataAttr(), symbols));
}

LogicalResult RepeatOp::verify() {
  return failure(failed(checkBody(*this)) || failed(checkCount(*this)));
}

LogicalResult EveryOp::verify() {
  if (failed(checkBody(*this)) || failed(checkCount(*this)))
    return failure();
  if (!(*this)->getParentOfType<ForOp>())
    return emitOpError("stands in no loop that it counts the iterations of");
  if (getUnit() == CountUnit::epochs && !loopAround(*this))
    return emitOpError("counts epochs of no data set");
  return success();
}

//===--- Statements ----------------------------------------------------------------------===//

int64_t StepOp::getBatch(ObjectiveOp objective) {
  ForOp loop = objective.getData() ? loopAround(*this, *objective.getData()) : ForOp();
  return loop ? *loop.getBatch() : 0;
}

/// An update reads gradients that there are, and flags of its command.
static LogicalResult checkUpdate(StepOp step, const Callee &gradient, const Callee &update) {
  for (const Binding &one : update.of(ArgKind::gradient))
    if (!gradient.find(ArgKind::gradient, one.name))
      return step.emitOpError("calls ")
             << step.getUpdateAttr() << ", which needs the gradient of '" << one.name << "'";
  auto train = step->getParentOfType<TrainOp>();
  for (const Binding &one : update.of(ArgKind::flag)) {
    auto flags = train.getOps<FlagOp>();
    auto fits = [&](FlagOp flag) {
      return flag.getName() == one.name && holdSame(flag.getType(), one.type);
    };
    if (llvm::none_of(flags, fits))
      return step.emitOpError("calls ") << step.getUpdateAttr() << ", which reads '" << one.name
                                        << "', no flag of the command";
  }
  return success();
}

LogicalResult StepOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto objective = findOp<ObjectiveOp>(*this, getObjectiveAttr(), symbols);
  if (!objective)
    return failure();
  DataOp data;
  if (objective.getDataAttr() && !(data = findOp<DataOp>(*this, objective.getDataAttr(), symbols)))
    return failure();
  int64_t batch = getBatch(objective);
  if (data && !batch)
    return emitOpError("stands in no loop over @") << data.getSymName();
  SmallVector<FlatSymbolRefAttr> gradients{getGradientAttr()};
  if (getEstimators())
    for (auto estimator : getEstimators()->getAsRange<EstimatorAttr>())
      gradients.push_back(estimator.getFunction());
  std::optional<Callee> gradient;
  for (FlatSymbolRefAttr name : llvm::reverse(gradients)) {
    gradient = findCallee(*this, name, Role::Gradient, symbols);
    if (!gradient || (data && failed(checkRows(*this, *gradient, data, batch))))
      return failure();
    if (gradient->function &&
        (gradient->count(ArgKind::loss) != 1 || !gradient->count(ArgKind::gradient)))
      return emitOpError("calls ") << name << ", which gives no gradients of one loss";
  }
  std::optional<Callee> update = findCallee(*this, getUpdateAttr(), Role::Update, symbols);
  if (!update)
    return failure();
  return update->function && gradient->function ? checkUpdate(*this, *gradient, *update)
                                                : success();
}

LogicalResult ValidateOp::verify() {
  return getFlag() || getCount() ? checkCount(*this) : success();
}

LogicalResult ValidateOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto objective = findOp<ObjectiveOp>(*this, getObjectiveAttr(), symbols);
  if (!objective)
    return failure();
  if (!objective.getEvaluate())
    return emitOpError("judges ") << getObjectiveAttr() << ", which is not evaluated";
  return success();
}

LogicalResult RunOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto entry = findOp<EntryOp>(*this, getEntryAttr(), symbols);
  if (!entry)
    return failure();
  DictionaryAttr given = getArguments().value_or(DictionaryAttr::get(getContext()));
  for (NamedAttribute argument : given) {
    auto isMeant = [&](FlagOp flag) { return flag.getName() == argument.getName(); };
    auto flags = entry.getOps<FlagOp>();
    auto flag = llvm::find_if(flags, isMeant);
    if (flag == flags.end())
      return emitOpError("gives '")
             << argument.getName().getValue() << "', no flag of " << getEntryAttr();
    std::optional<int64_t> bound;
    if ((*flag).getBound())
      bound = *(*flag).getBound();
    if (!fitsFlag(argument.getValue(), cast<RankedTensorType>((*flag).getType()), bound,
                  (*flag).getVocab().has_value()))
      return emitOpError("gives '")
             << argument.getName().getValue() << "' the value " << argument.getValue();
  }
  for (FlagOp flag : entry.getOps<FlagOp>())
    if (!flag.getFallback() && !given.get(flag.getName()))
      return emitOpError("gives no '") << flag.getName() << "', which has no value of its own";
  return success();
}

} // namespace nnc::learn

#define GET_OP_CLASSES
#include "dialects/learn/IR/LearnOps.cpp.inc"
