/// The prob dialect: registration and checks of parameters by family.
#include "dialects/prob/IR/Prob.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"

using namespace mlir;

#include "dialects/prob/IR/ProbDialect.cpp.inc"
#include "dialects/prob/IR/ProbEnums.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/prob/IR/ProbOps.cpp.inc"

namespace nnc::prob {

void ProbDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/prob/IR/ProbOps.cpp.inc"
      >();
}

Family baseFamily(Family family) {
  switch (family) {
  case Family::bernoulli_probs:
    return Family::bernoulli;
  case Family::categorical_probs:
    return Family::categorical;
  case Family::one_hot_probs:
    return Family::one_hot;
  default:
    return family;
  }
}

namespace {
int64_t parameterCount(Family family) {
  switch (baseFamily(family)) {
  case Family::bernoulli:
  case Family::categorical:
  case Family::one_hot:
    return 1;
  case Family::discrete_uniform:
    return 0;
  default:
    return 2;
  }
}

/// True for families whose event is the last axis of the first parameter.
bool ownsLastAxis(Family given) {
  Family family = baseFamily(given);
  return family == Family::categorical || family == Family::one_hot ||
         family == Family::diag_normal || family == Family::mvn;
}

/// Checks number, element type and shapes of a family's parameters.
LogicalResult checkParameters(Operation *op, Family family, ValueRange parameters,
                              std::optional<int64_t> bound) {
  StringRef name = stringifyFamily(family);
  if (static_cast<int64_t>(parameters.size()) != parameterCount(family))
    return op->emitOpError() << name << " has " << parameterCount(family) << " parameters, but got "
                             << parameters.size();
  if (family == Family::discrete_uniform)
    return bound && *bound > 0 ? success()
                               : op->emitOpError("discrete_uniform needs a positive bound");
  auto first = nn::tensorOf(parameters[0]);
  for (Value parameter : parameters)
    if (!isa<FloatType>(nn::tensorOf(parameter).getElementType()))
      return op->emitOpError() << "parameters of " << name << " are floating-point numbers";
  if (ownsLastAxis(family) && first.getRank() == 0)
    return op->emitOpError() << name << " needs an axis for its event";
  if (parameters.size() < 2)
    return success();
  auto second = nn::tensorOf(parameters[1]);
  SmallVector<int64_t> expected(first.getShape());
  if (family == Family::mvn)
    expected.push_back(expected.back());
  if (second.getShape() != ArrayRef<int64_t>(expected))
    return op->emitOpError() << "parameters of " << name << " do not fit: " << first << " and "
                             << second;
  return success();
}

/// The shape of a value of the family; nothing for discrete_uniform, where the value decides.
std::optional<SmallVector<int64_t>> valueShape(Family family, ValueRange parameters) {
  if (family == Family::discrete_uniform)
    return std::nullopt;
  ArrayRef<int64_t> first = nn::shapeOf(parameters[0]);
  return SmallVector<int64_t>(baseFamily(family) == Family::categorical ? first.drop_back()
                                                                        : first);
}

/// Checks that a value has the shape and kind of the family's draws.
LogicalResult checkValue(Operation *op, Family family, ValueRange parameters, Value value) {
  auto type = nn::tensorOf(value);
  auto shape = valueShape(family, parameters);
  if (shape && type.getShape() != ArrayRef<int64_t>(*shape))
    return op->emitOpError() << "a value of " << stringifyFamily(family)
                             << " with these parameters does not have type " << type;
  bool whole = baseFamily(family) == Family::categorical || family == Family::discrete_uniform;
  if (whole && !type.getElementType().isInteger(32))
    return op->emitOpError() << "a value of " << stringifyFamily(family) << " is an i32";
  return success();
}

/// Checks a result with one number an event.
LogicalResult checkEvents(Operation *op, Family family, ArrayRef<int64_t> value, Value y) {
  bool vector = baseFamily(family) != Family::categorical && ownsLastAxis(family);
  ArrayRef<int64_t> expected = vector ? value.drop_back() : value;
  if (nn::shapeOf(y) != expected)
    return op->emitOpError("the result has one number an event, not ") << y.getType();
  return success();
}
} // namespace

LogicalResult DrawOp::verify() {
  if (failed(checkParameters(*this, getFamily(), getParameters(), getBound())) ||
      failed(checkValue(*this, getFamily(), getParameters(), getValue())))
    return failure();
  Family base = baseFamily(getFamily());
  bool discrete = base == Family::bernoulli || base == Family::categorical ||
                  base == Family::one_hot || base == Family::discrete_uniform;
  if (getEstimator() == Estimator::reparam && discrete)
    return emitOpError() << stringifyFamily(getFamily())
                         << " is discrete: it has no reparameterisation";
  if (getEstimator() == Estimator::gumbel && base != Family::one_hot)
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

bool hasDivergence(Family q, Family p) {
  return (baseFamily(q) == baseFamily(p) && q != Family::discrete_uniform) ||
         (q == Family::uniform && p == Family::normal);
}

LogicalResult KlOp::verify() {
  if (getQFamily() == Family::discrete_uniform || getPFamily() == Family::discrete_uniform)
    return emitOpError("discrete_uniform has no divergence: write it as categorical");
  if (failed(checkParameters(*this, getQFamily(), getQ(), std::nullopt)) ||
      failed(checkParameters(*this, getPFamily(), getP(), std::nullopt)))
    return failure();
  auto q = valueShape(getQFamily(), getQ()), p = valueShape(getPFamily(), getP());
  if (!hasDivergence(getQFamily(), getPFamily()) || *q != *p)
    return emitOpError() << "no closed form of the divergence from "
                         << stringifyFamily(getQFamily()) << " to "
                         << stringifyFamily(getPFamily());
  return checkEvents(*this, getQFamily(), *q, getY());
}

} // namespace nnc::prob
