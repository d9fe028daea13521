/// Forward data flow from draws.
#include "dialects/prob/Transforms/Influence.h"

using namespace mlir;

namespace nnc::prob {

SmallVector<nn::ScanOp> scansAround(Operation *op) {
  SmallVector<nn::ScanOp> scans;
  for (auto scan = op->getParentOfType<nn::ScanOp>(); scan;
       scan = scan->getParentOfType<nn::ScanOp>())
    scans.push_back(scan);
  std::reverse(scans.begin(), scans.end());
  return scans;
}

Influence::Influence(func::FuncOp function, ArrayRef<DrawOp> draws)
    : sites(draws.begin(), draws.end()) {
  for (auto [k, site] : llvm::enumerate(sites)) {
    std::optional<uint64_t> row = site.getRow();
    join(site.getValue(), {static_cast<unsigned>(k), 0, row ? static_cast<int64_t>(*row) : -1});
  }
  visit(function.front(), 0);
}

ArrayRef<Trace> Influence::of(Value value) const {
  auto found = traces.find(value);
  return found == traces.end() ? ArrayRef<Trace>() : ArrayRef<Trace>(found->second);
}

/// Adds a dependence; two that disagree about rows mix them. True if something is new.
bool Influence::join(Value value, Trace trace) {
  SmallVector<Trace, 2> &known = traces[value];
  for (Trace &each : known)
    if (each.site == trace.site && each.crossed == trace.crossed) {
      if (each.axis == trace.axis || each.axis == -1)
        return false;
      each.axis = -1;
      return true;
    }
  known.push_back(trace);
  llvm::sort(known, [](const Trace &a, const Trace &b) {
    return std::pair(a.site, a.crossed) < std::pair(b.site, b.crossed);
  });
  return true;
}

/// Adds the dependences of another value, whose axes lie `shift` lower. Axis 0 of a stack is the
/// iteration: a row there mixes.
bool Influence::joinAll(Value value, Value from, int64_t shift) {
  bool changed = false;
  for (Trace trace : SmallVector<Trace>(of(from))) {
    if (trace.axis >= 0)
      trace.axis = std::max<int64_t>(trace.axis + shift, -1);
    changed |= join(value, trace);
  }
  return changed;
}

bool Influence::visit(Block &block, unsigned depth) {
  bool changed = false;
  for (Operation &op : block) {
    if (auto scan = dyn_cast<nn::ScanOp>(op))
      changed |= visitScan(scan, depth + 1);
    else if (auto branch = dyn_cast<nn::IfOp>(op))
      changed |= visitIf(branch, depth);
    else
      changed |= visitPlain(op);
  }
  return changed;
}

bool Influence::visitPlain(Operation &op) {
  bool changed = false;
  for (OpOperand &operand : op.getOpOperands())
    for (Trace trace : SmallVector<Trace>(of(operand.get())))
      for (OpResult result : op.getResults()) {
        Trace next = trace;
        if (trace.axis >= 0)
          next.axis = nn::followAxis(operand, result, trace.axis).value_or(-1);
        changed |= join(result, next);
      }
  return changed;
}

bool Influence::visitScan(nn::ScanOp scan, unsigned depth) {
  Block &body = *scan.getBlock();
  Operation *yield = body.getTerminator();
  size_t carries = scan.getInits().size();
  bool changed = false, again = true;
  for (Value bound :
       scan.getBounds()) // The number of iterations decides about all rows; scalars have none.
    for (BlockArgument carry : scan.getCarries())
      changed |= joinAll(carry, bound);
  for (auto [argument, init] : llvm::zip_equal(scan.getCarries(), scan.getInits()))
    changed |= joinAll(argument, init);
  for (auto [argument, input] : llvm::zip_equal(scan.getPieces(), scan.getInputs()))
    changed |= joinAll(argument, input, -1);
  for (auto [argument, constant] :
       llvm::zip_equal(scan.getConstantArguments(), scan.getConstants()))
    changed |= joinAll(argument, constant);
  while (again) {
    again = visit(body, depth);
    for (size_t k = 0; k < carries; ++k)
      for (Trace trace : SmallVector<Trace>(of(yield->getOperand(k)))) {
        if (trace.crossed == 0 && scan->isProperAncestor(sites[trace.site]))
          trace.crossed = depth;
        again |= join(body.getArgument(1 + k), trace);
      }
    changed |= again;
  }
  for (OpResult result : scan->getResults()) {
    size_t k = result.getResultNumber();
    for (Trace trace : SmallVector<Trace>(of(yield->getOperand(k)))) {
      if (trace.crossed == depth)
        trace.crossed = 0;
      if (trace.axis >= 0 && k >= carries)
        ++trace.axis;
      changed |= join(result, trace);
    }
    if (k < carries)
      changed |= joinAll(result, scan.getInits()[k]);
  }
  return changed;
}

/// The condition decides about all rows.
bool Influence::visitIf(nn::IfOp branch, unsigned depth) {
  bool changed = false;
  for (Region *region : {&branch.getThenRegion(), &branch.getElseRegion()}) {
    Block &body = region->front();
    for (auto [argument, capture] : llvm::zip_equal(body.getArguments(), branch.getCaptures()))
      changed |= joinAll(argument, capture);
    changed |= visit(body, depth);
    for (auto [result, value] :
         llvm::zip_equal(branch->getResults(), body.getTerminator()->getOperands()))
      changed |= joinAll(result, value);
  }
  for (OpResult result : branch->getResults())
    changed |= joinAll(result, branch.getCondition());
  return changed;
}

} // namespace nnc::prob
