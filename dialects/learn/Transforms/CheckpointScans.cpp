/// Bounds the memory of differentiated scans: a scan of T iterations becomes one of T / k
/// iterations around one of k. The outer one keeps its carries alone; the inner one keeps what its
/// adjoint reads, for k iterations at a time (Griewank 1992; Chen et al. 2016).
#include "dialects/learn/IR/Learn.h"
#include "dialects/learn/Transforms/Passes.h"
#include "dialects/nn/Autodiff/Reverse.h"
#include "dialects/nn/IR/ShapeRules.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace nnc::learn {
#define GEN_PASS_DEF_CHECKPOINTSCANS
#include "dialects/learn/Transforms/Passes.h.inc"

namespace {
int64_t bytesOf(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  return tensor.getNumElements() * std::max<int64_t>(1, tensor.getElementTypeBitWidth() / 8);
}

/// What a scan's adjoint keeps of an iteration, about.
struct TurnBytes {
  int64_t carries = 0;   ///< all that a recomputing adjoint keeps
  int64_t residuals = 0; ///< carries, results of contractions and their cotangents

  explicit TurnBytes(nn::ScanOp scan) {
    for (Type type : scan.getInits().getTypes())
      carries += bytesOf(type);
    residuals = carries;
    for (auto op : scan.getBlock()->getOps<nn::ContractOp>())
      residuals += 2 * bytesOf(op.getType());
  }
  /// With segments of k iterations.
  int64_t total(int64_t turns, int64_t k) const {
    return llvm::divideCeil(turns, k) * carries + k * residuals;
  }
};

/// Cuts one scan into segments.
class Segments {
public:
  Segments(nn::ScanOp scan, int64_t size)
      : scan(scan), builder(scan), loc(scan.getLoc()), size(size), count(scan.getLength() / size) {}
  void run();

private:
  Value turns(Value all, int64_t first, int64_t number);
  nn::ScanOp makeInner(OpBuilder &b, int64_t length, Value offset, ValueRange inits,
                       ValueRange inputs, ValueRange constants);
  nn::ScanOp makeOuter(ValueRange inits);
  nn::ScanOp makeRest(ValueRange inits);

  nn::ScanOp scan;
  OpBuilder builder;
  Location loc;
  int64_t size, count;
};
} // namespace

static SmallVector<int64_t> joined(ArrayRef<int64_t> first, ArrayRef<int64_t> rest) {
  SmallVector<int64_t> result(first);
  llvm::append_range(result, rest);
  return result;
}

Value Segments::turns(Value all, int64_t first, int64_t number) {
  SmallVector<int64_t> offsets(nn::shapeOf(all).size(), 0), ones(offsets.size(), 1);
  offsets[0] = first;
  auto type = nn::withShape(nn::tensorOf(all), joined(number, nn::shapeOf(all).drop_front()));
  return builder.createOrFold<nn::SliceOp>(loc, type, all, offsets, ones);
}

/// The scan's body over `length` iterations that start at `offset`, one of its constants.
nn::ScanOp Segments::makeInner(OpBuilder &b, int64_t length, Value offset, ValueRange inits,
                               ValueRange inputs, ValueRange constants) {
  SmallVector<Type> types(inits.getTypes());
  for (Value output : scan.getResults().drop_front(inits.size()))
    types.push_back(
        nn::withShape(nn::tensorOf(output), joined(length, nn::shapeOf(output).drop_front())));
  SmallVector<Value> captured(constants);
  captured.push_back(offset);
  auto inner = nn::ScanOp::create(b, loc, types, length, ValueRange(), inits, inputs, captured,
                                  scan.getReverse(), /*until=*/false);
  inner->setDiscardableAttrs(scan->getDiscardableAttrDictionary());
  IRMapping map;
  scan.getBody().cloneInto(&inner.getBody(), map);
  Block *body = inner.getBlock();
  BlockArgument start = body->addArgument(offset.getType(), loc);
  OpBuilder inside = OpBuilder::atBlockBegin(body);
  auto turn = nn::AddOp::create(inside, loc, start, body->getArgument(0));
  body->getArgument(0).replaceAllUsesExcept(turn, turn);
  return inner;
}

nn::ScanOp Segments::makeOuter(ValueRange inits) {
  SmallVector<Value> inputs;
  SmallVector<Type> types(inits.getTypes()), arguments = {scan.getTurn().getType()};
  llvm::append_range(arguments, inits.getTypes());
  auto segmented = [&](Value x) {
    return nn::withShape(nn::tensorOf(x), joined({count, size}, nn::shapeOf(x).drop_front()));
  };
  for (Value input : scan.getInputs()) {
    Value whole = turns(input, 0, count * size);
    inputs.push_back(nn::ReshapeOp::create(builder, loc, segmented(input), whole));
    auto type = nn::tensorOf(inputs.back());
    arguments.push_back(nn::withShape(type, type.getShape().drop_front()));
  }
  for (Value output : scan.getResults().drop_front(inits.size()))
    types.push_back(segmented(output));
  llvm::append_range(arguments, scan.getConstants().getTypes());
  auto outer = nn::ScanOp::create(builder, loc, types, count, ValueRange(), inits, inputs,
                                  scan.getConstants(), scan.getReverse(), /*until=*/false);
  outer->setAttr(nn::recomputeAttribute, builder.getUnitAttr());
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&outer.getBody(), {}, arguments,
                      SmallVector<Location>(arguments.size(), loc));
  Value factor = nn::ConstantOp::create(builder, loc, nn::tensorOf(outer.getTurn()), size);
  Value offset = nn::MulOp::create(builder, loc, outer.getTurn(), factor);
  auto values = [](ArrayRef<BlockArgument> list) { return SmallVector<Value>(list); };
  auto inner = makeInner(builder, size, offset, values(outer.getCarries()),
                         values(outer.getPieces()), values(outer.getConstantArguments()));
  nn::YieldOp::create(builder, loc, inner.getResults());
  return outer;
}

/// The iterations that fill no segment, the last ones by number.
nn::ScanOp Segments::makeRest(ValueRange inits) {
  int64_t first = count * size, length = scan.getLength() - first;
  SmallVector<Value> inputs;
  for (Value input : scan.getInputs())
    inputs.push_back(turns(input, first, length));
  Value offset = nn::ConstantOp::create(builder, loc, nn::tensorOf(scan.getTurn()), first);
  return makeInner(builder, length, offset, inits, inputs, scan.getConstants());
}

void Segments::run() {
  size_t carried = scan.getInits().size();
  bool hasRest = count * size < int64_t(scan.getLength());
  SmallVector<Value> carries(scan.getInits());
  nn::ScanOp outer, rest;
  auto follow = [&](nn::ScanOp each) {
    carries.assign(each.getResults().begin(), each.getResults().begin() + carried);
    return each;
  };
  if (scan.getReverse() && hasRest)
    rest = follow(makeRest(carries));
  outer = follow(makeOuter(carries));
  if (!scan.getReverse() && hasRest)
    rest = follow(makeRest(carries));
  SmallVector<Value> results(carries);
  for (size_t k = carried; k < scan.getNumResults(); ++k) {
    ArrayRef<int64_t> shape = nn::shapeOf(scan.getResult(k)).drop_front();
    auto type = nn::withShape(nn::tensorOf(scan.getResult(k)), joined(count * size, shape));
    Value all = nn::ReshapeOp::create(builder, loc, type, outer.getResult(k));
    if (rest)
      all = nn::ConcatOp::create(builder, loc, ValueRange{all, rest.getResult(k)}, 0);
    results.push_back(all);
  }
  scan->replaceAllUsesWith(results);
  scan.erase();
}

namespace {
struct CheckpointScansPass : impl::CheckpointScansBase<CheckpointScansPass> {
  using CheckpointScansBase::CheckpointScansBase;

  /// Scans of the gradients' blocks that a loss depends on.
  SetVector<Operation *> differentiated() {
    SetVector<Operation *> scans;
    getOperation().walk([&](GradientOp gradient) {
      SetVector<Operation *> reached;
      auto reach = [&](Value value) {
        if (Operation *op = value.getDefiningOp())
          reached.insert(op);
      };
      reach(gradient.getLoss());
      for (size_t k = 0; k < reached.size(); ++k) {
        if (isa<nn::ScanOp>(reached[k]))
          scans.insert(reached[k]);
        for (Value operand : reached[k]->getOperands())
          reach(operand);
      }
    });
    return scans;
  }

  void runOnOperation() override {
    for (Operation *op : differentiated()) {
      auto scan = cast<nn::ScanOp>(op);
      int64_t turns = scan.getLength(), size = 1;
      TurnBytes bytes(scan);
      if (scan.getUntil() || !scan.getBounds().empty() || scan->hasAttr(nn::recomputeAttribute) ||
          turns * bytes.residuals <= limit)
        continue;
      for (int64_t k = 2; k < turns; ++k)
        if (bytes.total(turns, k) < bytes.total(turns, size))
          size = k;
      if (size == 1 || bytes.total(turns, size) >= turns * bytes.residuals)
        continue;
      if (remarks)
        scan.emitRemark() << "keeps about " << bytes.total(turns, size)
                          << " bytes for its gradient "
                          << "instead of " << turns * bytes.residuals << ": in segments of " << size
                          << " iterations, which are computed twice";
      Segments(scan, size).run();
    }
  }
};
} // namespace

} // namespace nnc::learn
