/// Divisions of integers that have no result: by 0, and of the least number by -1. The
/// source's line is named when one is needed; one that a select does not choose is not.
#include "dialects/nn/IR/NN.h"
#include "dialects/nn/Transforms/Passes.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"

using namespace mlir;

namespace nnc::nn {
#define GEN_PASS_DEF_CHECKDIVISORS
#include "dialects/nn/Transforms/Passes.h.inc"

namespace {

/// Where the elements of a value matter.
struct Need {
  bool everywhere = false;
  /// A bool tensor of the value's shape; without it and `everywhere`: nowhere.
  Value mask;
};

/// Follows values to the selects that choose among their elements. Masks are built at the end of
/// the block, where all that they read is known.
class Needs {
public:
  explicit Needs(OpBuilder &builder) : b(builder) {}

  Need of(Value value) {
    auto known = memo.find(value);
    if (known != memo.end())
      return known->second;
    Need sum;
    for (OpOperand &use : value.getUses())
      sum = either(value.getLoc(), sum, at(use));
    return memo[value] = sum;
  }

private:
  Need at(OpOperand &use) {
    Operation *op = use.getOwner();
    unsigned place = use.getOperandNumber();
    if (auto select = dyn_cast<SelectOp>(op); select && place > 0)
      return both(op->getLoc(), choice(select.getCondition(), place == 1), of(select.getResult()));
    if (isa<AndOp, OrOp>(op) && place == 1) // Looked at where the left side does not decide.
      return both(op->getLoc(), choice(op->getOperand(0), isa<AndOp>(op)), of(op->getResult(0)));
    if (op->hasTrait<ElementwiseMap>())
      return of(op->getResult(0));
    if (!isa<BroadcastOp, ReshapeOp, TransposeOp>(op))
      return {true, {}};
    Need result = of(op->getResult(0));
    if (result.mask)
      result.mask = before(op, result.mask);
    return result;
  }

  /// The mask of a layout op's result in terms of its operand.
  Value before(Operation *op, Value mask) {
    Location loc = op->getLoc();
    ArrayRef<int64_t> shape = shapeOf(op->getOperand(0));
    if (isa<ReshapeOp>(op))
      return ReshapeOp::create(b, loc, RankedTensorType::get(shape, b.getI1Type()), mask);
    if (auto transpose = dyn_cast<TransposeOp>(op)) {
      SmallVector<int64_t> inverse(shape.size());
      for (auto [k, axis] : llvm::enumerate(transpose.getPermutation()))
        inverse[axis] = k;
      return TransposeOp::create(b, loc, mask, inverse);
    }
    SmallVector<int64_t> added;
    for (int64_t axis = 0; axis < int64_t(shapeOf(mask).size()); ++axis)
      if (!llvm::is_contained(cast<BroadcastOp>(op).getAxes(), axis))
        added.push_back(axis);
    if (added.empty())
      return mask;
    return ReduceOp::create(b, loc, Reduction::any, mask, added);
  }

  Need choice(Value condition, bool holds) {
    return {false, holds ? condition : NotOp::create(b, condition.getLoc(), condition).getResult()};
  }
  Need both(Location loc, Need x, Need y) {
    if (x.everywhere || y.everywhere)
      return x.everywhere ? y : x;
    if (!x.mask || !y.mask)
      return {};
    return {false, AndOp::create(b, loc, x.mask, y.mask)};
  }
  Need either(Location loc, Need x, Need y) {
    if (x.everywhere || y.everywhere)
      return {true, {}};
    if (!x.mask || !y.mask)
      return x.mask ? x : y;
    return {false, OrOp::create(b, loc, x.mask, y.mask)};
  }

  OpBuilder &b;
  llvm::DenseMap<Value, Need> memo;
};

/// True if no element of an operand is the number, as far as it is a constant.
bool isNever(Value value, int64_t number) {
  auto constant = value.getDefiningOp<ConstantOp>();
  auto elements = constant ? dyn_cast<DenseIntElementsAttr>(constant.getValue()) : nullptr;
  return elements && llvm::none_of(elements.getValues<APInt>(), [&](const APInt &element) {
           return element.getSExtValue() == number;
         });
}

void requireNot(OpBuilder &b, Location loc, Value wrong, const Need &need, StringRef message) {
  if (need.mask)
    wrong = AndOp::create(b, loc, wrong, need.mask);
  Value right = NotOp::create(b, loc, wrong);
  auto axes = llvm::to_vector(llvm::seq<int64_t>(0, shapeOf(right).size()));
  if (!axes.empty())
    right = ReduceOp::create(b, loc, Reduction::all, right, axes);
  AssertOp::create(b, loc, right, b.getStringAttr(message));
}

void check(Operation *op) {
  Value a = op->getOperand(0), divisor = op->getOperand(1);
  auto type = tensorOf(a);
  unsigned bits = type.getElementTypeBitWidth();
  int64_t least = APInt::getSignedMinValue(bits).getSExtValue();
  bool zero = !isNever(divisor, 0);
  bool overflow = isa<FloorDivOp>(op) && !isNever(divisor, -1) && !isNever(a, least);
  if (!zero && !overflow)
    return;
  OpBuilder b(op->getBlock()->getTerminator());
  Need need = Needs(b).of(op->getResult(0));
  if (!need.everywhere && !need.mask)
    return;
  Location loc = op->getLoc();
  auto equals = [&](Value x, int64_t number) -> Value {
    auto element = b.getIntegerAttr(type.getElementType(), number);
    Value y = ConstantOp::create(
        b, loc, type,
        cast<ElementsAttr>(DenseElementsAttr::get(type, ArrayRef<Attribute>(element))));
    return CompareOp::create(b, loc, Comparison::eq, x, y);
  };
  if (zero)
    requireNot(b, loc, equals(divisor, 0), need, "division by 0");
  if (overflow)
    requireNot(b, loc, AndOp::create(b, loc, equals(a, least), equals(divisor, -1)), need,
               std::to_string(least) + " divided by -1 is more than its type holds");
}

struct CheckDivisorsPass : impl::CheckDivisorsBase<CheckDivisorsPass> {
  void runOnOperation() override {
    SmallVector<Operation *> divisions;
    getOperation()->walk([&](Operation *op) {
      if (isa<FloorDivOp, ModOp>(op))
        divisions.push_back(op);
    });
    llvm::for_each(divisions, check);
  }
};

} // namespace
} // namespace nnc::nn
