/// The prob dialect: registration and checks of parameters by family.
#include "dialects/prob/IR/Prob.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"

using namespace mlir;

#include "dialects/prob/IR/ProbDialect.cpp.inc"
#include "dialects/prob/IR/ProbEnums.cpp.inc"

namespace nnc::prob {
static ParseResult parseFamily(OpAsmParser &parser, IntegerAttr &attribute) {
  StringRef word;
  SMLoc at = parser.getCurrentLocation();
  if (failed(parser.parseKeyword(&word)))
    return failure();
  std::optional<Family> family = symbolizeFamily(word);
  if (!family)
    return parser.emitError(at) << "`" << word << "` is no family of distributions";
  attribute = parser.getBuilder().getI32IntegerAttr(static_cast<int32_t>(*family));
  return success();
}

static void printFamily(OpAsmPrinter &printer, Operation *, IntegerAttr attribute) {
  printer << stringifyFamily(static_cast<Family>(attribute.getInt()));
}
} // namespace nnc::prob

using nnc::prob::parseFamily, nnc::prob::printFamily;
#define GET_OP_CLASSES
#include "dialects/prob/IR/ProbOps.cpp.inc"

namespace nnc::prob {

void ProbDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/prob/IR/ProbOps.cpp.inc"
      >();
}

bool isFamily(Attribute attribute) {
  auto number = dyn_cast<IntegerAttr>(attribute);
  return number && number.getType().isSignlessInteger(32) &&
         number.getValue().ult(allFamilies().size());
}

namespace {
/// The shape of operand `k`, from that of the first.
SmallVector<int64_t> operandShape(const FamilyTraits &traits, unsigned k, ArrayRef<int64_t> first) {
  SmallVector<int64_t> shape(first);
  if (traits.parameters[k].domain == Domain::triangle)
    shape.push_back(shape.back());
  return shape;
}

bool hasAxisOfOutcomes(const FamilyTraits &traits) {
  return llvm::any_of(traits.parameters, [](const Parameter &parameter) {
    return parameter.domain == Domain::logits || parameter.domain == Domain::weights;
  });
}

/// Checks number, element type and shapes of a family's operands.
LogicalResult checkParameters(Operation *op, Family family, ValueRange parameters,
                              std::optional<int64_t> bound) {
  const FamilyTraits &traits = traitsOf(family);
  if (parameters.size() != operandCount(family))
    return op->emitOpError() << traits.id << " has " << operandCount(family)
                             << " parameters, but got " << parameters.size();
  if (parameters.empty())
    return bound && *bound > 0 ? success()
                               : op->emitOpError() << traits.id << " needs a positive bound";
  auto first = nn::tensorOf(parameters[0]);
  for (Value parameter : parameters)
    if (!isa<FloatType>(nn::tensorOf(parameter).getElementType()))
      return op->emitOpError() << "parameters of " << traits.id << " are floating-point numbers";
  if ((traits.eventRank || hasAxisOfOutcomes(traits)) && first.getRank() == 0)
    return op->emitOpError() << traits.id << " needs an axis for its event";
  for (unsigned k = 1; k < parameters.size(); ++k)
    if (nn::shapeOf(parameters[k]) != ArrayRef<int64_t>(operandShape(traits, k, first.getShape())))
      return op->emitOpError() << "parameters of " << traits.id << " do not fit: " << first
                               << " and " << nn::tensorOf(parameters[k]);
  return success();
}

/// The shape of a value of the family; nothing without an operand, where the value decides.
std::optional<SmallVector<int64_t>> valueShape(Family family, ValueRange parameters) {
  if (parameters.empty())
    return std::nullopt;
  ArrayRef<int64_t> first = nn::shapeOf(parameters[0]);
  bool isLabel = traitsOf(family).values == Values::label;
  return SmallVector<int64_t>(isLabel ? first.drop_back() : first);
}

/// Checks that a value has the shape and kind of the family's draws.
LogicalResult checkValue(Operation *op, Family family, ValueRange parameters, Value value) {
  auto type = nn::tensorOf(value);
  auto shape = valueShape(family, parameters);
  if (shape && type.getShape() != ArrayRef<int64_t>(*shape))
    return op->emitOpError() << "a value of " << stringifyFamily(family)
                             << " with these parameters does not have type " << type;
  if (traitsOf(family).values == Values::label && !type.getElementType().isInteger(32))
    return op->emitOpError() << "a value of " << stringifyFamily(family) << " is an i32";
  return success();
}

/// Checks a result with one number per event.
LogicalResult checkEvents(Operation *op, Family family, ArrayRef<int64_t> value, Value y) {
  if (nn::shapeOf(y) != value.drop_back(traitsOf(family).eventRank))
    return op->emitOpError("the result has one number per event, not ") << y.getType();
  return success();
}
} // namespace

LogicalResult DrawOp::verify() {
  const FamilyTraits &traits = traitsOf(getFamily());
  if (failed(checkParameters(*this, getFamily(), getParameters(), getBound())) ||
      failed(checkValue(*this, getFamily(), getParameters(), getValue())))
    return failure();
  if (getEstimator() == Estimator::reparam && !traits.reparameterised)
    return emitOpError() << traits.id << (isContinuous(traits.values) ? "" : " is discrete: it")
                         << " has no reparameterisation";
  if (getEstimator() == Estimator::gumbel && traits.values != Values::oneHot)
    return emitOpError("gumbel is an estimator of one_hot only");
  if (getEstimator() == Estimator::gumbel && getEstimatorOperands().size() != 1)
    return emitOpError("gumbel needs its temperature");
  return success();
}

LogicalResult LogProbOp::verify() {
  if (failed(checkParameters(*this, getFamily(), getParameters(), getBound())) ||
      failed(checkValue(*this, getFamily(), getParameters(), getValue())))
    return failure();
  return checkEvents(*this, getFamily(), nn::shapeOf(getValue()), getY());
}

LogicalResult EntropyOp::verify() {
  if (failed(checkParameters(*this, getFamily(), getParameters(), getBound())))
    return failure();
  auto value = valueShape(getFamily(), getParameters());
  return value ? checkEvents(*this, getFamily(), *value, getY()) : success();
}

LogicalResult KlOp::verify() {
  auto none = [&] {
    return emitOpError() << "no closed form of the divergence from "
                         << stringifyFamily(getQFamily()) << " to "
                         << stringifyFamily(getPFamily());
  };
  if (!hasDivergence(getQFamily(), getPFamily()))
    return none();
  if (failed(checkParameters(*this, getQFamily(), getQ(), std::nullopt)) ||
      failed(checkParameters(*this, getPFamily(), getP(), std::nullopt)))
    return failure();
  auto q = valueShape(getQFamily(), getQ()), p = valueShape(getPFamily(), getP());
  return q == p ? checkEvents(*this, getQFamily(), *q, getY()) : none();
}

} // namespace nnc::prob
