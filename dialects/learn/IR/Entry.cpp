/// Entries: what has to hold.
#include "dialects/learn/IR/References.h"

using namespace mlir;

namespace nnc::learn {

LogicalResult EntryOp::verify() {
  if (failed(checkBody(*this)) || failed(checkDistinct<FlagOp>(getOps<FlagOp>())))
    return failure();
  if (getData().has_value() != getRows().has_value() || (getEvery() && !getData()))
    return emitOpError("sees a number of rows of a data set");
  if (llvm::count_if(getOps<FlagOp>(), [](FlagOp flag) { return flag.getRepeated(); }) > 1)
    return emitOpError("goes over the rows of one flag");
  return success();
}

/// An input is a flag, or a field of the rows.
static LogicalResult checkInputs(EntryOp entry, Callee callee, DataOp data) {
  for (FlagOp flag : entry.getOps<FlagOp>()) {
    const Binding *input = callee.find(ArgKind::input, flag.getName());
    if (!input || !holdSame(flag.getType(), input->type))
      return flag.emitOpError("is no input of ") << entry.getFunctionAttr();
    callee.bindings.erase(callee.bindings.begin() + (input - callee.bindings.begin()));
  }
  if (data)
    return checkRows(entry, callee, data, *entry.getRows());
  for (const Binding &input : callee.of(ArgKind::input))
    return entry.emitOpError("has no flag for the input '") << input.name << "'";
  return success();
}

LogicalResult EntryOp::verifySymbolUses(SymbolTableCollection &symbols) {
  DataOp data;
  if (getDataAttr() && !(data = findOp<DataOp>(*this, getDataAttr(), symbols)))
    return failure();
  std::optional<Callee> callee = findCallee(*this, getFunctionAttr(), Role::Enter, symbols);
  if (!callee)
    return failure();
  if (!callee->function)
    return success();
  unsigned shown = 0;
  for (ShowOp show : getOps<ShowOp>()) {
    if (!callee->find(ArgKind::show, show.getResultName()))
      return show.emitOpError("is no result of ") << getFunctionAttr();
    ++shown;
  }
  if (callee->count(ArgKind::show) != shown)
    return emitOpError("does not show each result of ") << getFunctionAttr();
  return checkInputs(*this, std::move(*callee), data);
}

LogicalResult ShowOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return success(!getVocabAttr() || findOp<VocabOp>(*this, getVocabAttr(), symbols));
}

} // namespace nnc::learn
