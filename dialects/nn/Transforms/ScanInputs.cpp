/// Reads of a scan's constants at the iteration become stacked inputs.
#include "dialects/nn/IR/Numbers.h"
#include "dialects/nn/IR/ShapeRules.h"
#include "dialects/nn/Transforms/Passes.h"
#include "dialects/nn/Transforms/ScanArguments.h"

using namespace mlir;

namespace nnc::nn {
#define GEN_PASS_DEF_SCANINPUTS
#include "dialects/nn/Transforms/Passes.h.inc"

namespace {
enum class Place { turn, fromTheEnd };

/// An integer as coefficient * iteration + offset, if it is one.
std::optional<std::pair<int64_t, int64_t>> affineInTurn(ScanOp scan, Value value) {
  if (value == scan.getTurn())
    return std::pair<int64_t, int64_t>(1, 0);
  if (auto constant = repeatedInteger(value))
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

/// Where a read looks, if all iterations read each piece once.
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
    at.replaceAllUsesWith(Value(addInput(scan, stacked)));
    at.erase();
  }
}

struct ScanInputsPass : impl::ScanInputsBase<ScanInputsPass> {
  void runOnOperation() override {
    getOperation().walk([](ScanOp scan) {
      if (!scan.getBounds().empty())
        return;
      stackReads(scan);
      eraseUnread(scan);
    });
  }
};
} // namespace

} // namespace nnc::nn
