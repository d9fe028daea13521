/// Reads of a scan's constants at the turn become stacked inputs, and what needs no carry is
/// computed before the loop.
#include "dialects/nn/IR/NN.h"
#include "dialects/nn/IR/ShapeRules.h"
#include "dialects/nn/Transforms/Passes.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace nnc::nn {
#define GEN_PASS_DEF_SCANINPUTS
#include "dialects/nn/Transforms/Passes.h.inc"

namespace {
enum class Place { turn, fromTheEnd };

/// The repeated integer of a constant.
std::optional<int64_t> integerConstant(Value value) {
  DenseElementsAttr elements;
  if (!matchPattern(value, m_Constant(&elements)) || !elements.isSplat() ||
      !isa<IntegerType>(elements.getElementType()))
    return std::nullopt;
  return elements.getSplatValue<APInt>().getSExtValue();
}

/// A whole number as coefficient * turn + offset, if it is one.
std::optional<std::pair<int64_t, int64_t>> affineInTurn(ScanOp scan, Value value) {
  if (value == scan.getTurn())
    return std::pair<int64_t, int64_t>(1, 0);
  if (auto constant = integerConstant(value))
    return std::pair<int64_t, int64_t>(0, *constant);
  Operation *op = value.getDefiningOp();
  if (!isa_and_nonnull<AddOp, SubOp>(op))
    return std::nullopt;
  auto a = affineInTurn(scan, op->getOperand(0)), b = affineInTurn(scan, op->getOperand(1));
  if (!a || !b)
    return std::nullopt;
  int64_t sign = isa<SubOp>(op) ? -1 : 1;
  return std::pair(a->first + sign * b->first, a->second + sign * b->second);
}

/// Where a read looks, if all turns read each piece once.
std::optional<Place> placeOf(ScanOp scan, AtOp at) {
  auto position = affineInTurn(scan, at.getIndex());
  int64_t length = scan.getLength();
  if (!position || shapeOf(at.getX())[at.getAxis()] != length)
    return std::nullopt;
  if (*position == std::pair<int64_t, int64_t>(1, 0))
    return Place::turn;
  if (*position == std::pair<int64_t, int64_t>(-1, length - 1))
    return Place::fromTheEnd;
  return std::nullopt;
}

/// The tensor with `axis` first, reversed along it if asked.
Value stack(OpBuilder &builder, Location loc, Value x, int64_t axis, Place place) {
  SmallVector<int64_t> permutation = {axis};
  for (int64_t k = 0; k < tensorOf(x).getRank(); ++k)
    if (k != axis)
      permutation.push_back(k);
  Value stacked = builder.createOrFold<TransposeOp>(loc, x, permutation);
  return place == Place::turn ? stacked
                              : ReverseOp::create(builder, loc, stacked, ArrayRef<int64_t>{0});
}

/// The position of a constant's argument among the scan's constants.
unsigned constantIndex(ScanOp scan, BlockArgument argument) {
  return argument.getArgNumber() - 1 - scan.getInits().size() - scan.getInputs().size();
}

/// Adds a stacked input and gives its piece in the body.
BlockArgument addInput(ScanOp scan, Value stacked, Type piece, Location loc) {
  unsigned position = 1 + scan.getInits().size() + scan.getInputs().size();
  BlockArgument argument = scan.getBlock()->insertArgument(position, piece, loc);
  scan.getInputsMutable().append(stacked);
  return argument;
}

/// Replaces the reads of one scan.
void stackReads(ScanOp scan) {
  SmallVector<std::pair<AtOp, Place>> reads;
  for (AtOp at : scan.getBlock()->getOps<AtOp>()) {
    auto argument = dyn_cast<BlockArgument>(at.getX());
    bool isConstant =
        argument && argument.getArgNumber() > scan.getInits().size() + scan.getInputs().size();
    if (auto place = isConstant ? placeOf(scan, at) : std::nullopt)
      reads.push_back({at, *place});
  }
  OpBuilder builder(scan);
  for (auto [at, place] : reads) {
    Value source = scan.getConstants()[constantIndex(scan, cast<BlockArgument>(at.getX()))];
    Value stacked = stack(builder, at.getLoc(), source, at.getAxis(), place);
    at.replaceAllUsesWith(Value(addInput(scan, stacked, at.getType(), at.getLoc())));
    at.erase();
  }
}

/// The operand of the scan that an argument of its body is a piece of, or is.
Value sourceOf(ScanOp scan, Value value, bool &isPiece) {
  auto argument = dyn_cast<BlockArgument>(value);
  unsigned firstPiece = 1 + scan.getInits().size();
  if (!argument || argument.getArgNumber() < firstPiece)
    return {};
  unsigned input = argument.getArgNumber() - firstPiece;
  isPiece = input < scan.getInputs().size();
  return isPiece ? scan.getInputs()[input] : scan.getConstants()[input - scan.getInputs().size()];
}

/// Products of an input's piece and a constant are computed for all turns at once, before the loop.
void hoistProducts(ScanOp scan) {
  OpBuilder builder(scan);
  for (ContractOp op : llvm::make_early_inc_range(scan.getBlock()->getOps<ContractOp>())) {
    bool aIsPiece = false, bIsPiece = false;
    Value a = sourceOf(scan, op.getA(), aIsPiece), b = sourceOf(scan, op.getB(), bIsPiece);
    if (!a || !b || aIsPiece == bIsPiece)
      continue;
    int64_t turn = 0;
    for (int64_t label : llvm::concat<const int64_t>(op.getALabels(), op.getBLabels()))
      turn = std::max(turn, label + 1);
    auto labelled = [&](ArrayRef<int64_t> labels, bool isStacked) {
      SmallVector<int64_t> result(labels);
      if (isStacked)
        result.insert(result.begin(), turn);
      return result;
    };
    Value all =
        ContractOp::create(builder, op.getLoc(), a, b, labelled(op.getALabels(), aIsPiece),
                           labelled(op.getBLabels(), bIsPiece), labelled(op.getYLabels(), true));
    op.replaceAllUsesWith(Value(addInput(scan, all, op.getType(), op.getLoc())));
    op.erase();
  }
}

/// Removes stacked inputs and constants that the body does not read.
void removeUnread(ScanOp scan) {
  unsigned first = 1 + scan.getInits().size();
  for (unsigned k = scan.getBlock()->getNumArguments(); k-- > first;) {
    if (!scan.getBlock()->getArgument(k).use_empty())
      continue;
    unsigned input = k - first, inputs = scan.getInputs().size();
    if (input < inputs)
      scan.getInputsMutable().erase(input);
    else
      scan.getConstantsMutable().erase(input - inputs);
    scan.getBlock()->eraseArgument(k);
  }
}

struct ScanInputsPass : impl::ScanInputsBase<ScanInputsPass> {
  void runOnOperation() override {
    getOperation().walk([](ScanOp scan) {
      if (!scan.getBounds().empty())
        return;
      stackReads(scan);
      if (!scan.getUntil())
        hoistProducts(scan);
      removeUnread(scan);
    });
  }
};
} // namespace

} // namespace nnc::nn
