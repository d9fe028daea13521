/// `x <- ...`: a slice of a tensor, or a running value.
#include "compiler/Elaborate/Control/Control.h"

namespace nnc {

/// Replaces the piece at several positions: the inner piece is read, changed and put back.
static Tensor putAt(Body &body, const Tensor &x, llvm::ArrayRef<std::pair<int64_t, Tensor>> places,
                    const Tensor &piece) {
  if (places.empty())
    return piece;
  auto [axis, place] = places.front();
  Tensor inner = piece;
  if (places.size() > 1) {
    std::vector<std::pair<int64_t, Tensor>> rest(places.begin() + 1, places.end());
    for (auto &[other, unused] : rest)
      other -= other > axis;
    inner = putAt(body, body.build.at(x, place, axis), rest, piece);
  }
  Tensor result = x;
  result.value = nn::PutOp::create(*body.build.builder, body.build.loc, x.value.getType(), x.value,
                                   place.value, inner.value, axis);
  result.range.reset();
  return result;
}

static void updateSlice(Body &body, const ast::UpdateStmt &statement, const Tensor &old,
                        const Value &value) {
  std::vector<std::pair<int64_t, Tensor>> places;
  TensorType pieceType = old;
  int64_t axis = 0;
  for (const ast::Item &item : statement.place.items) {
    bool whole = item.form == ast::Item::Slice && !item.begin && !item.end;
    if (axis >= old.rank() || (!whole && item.form != ast::Item::Value)) {
      body.diags
          .error(Code::BadUpdate, item.range, "a slice to replace has `:` or one position per axis")
          .note("the value is " + old.str());
      return;
    }
    if (!whole) {
      Value index = evalInBrackets(body, item.value);
      auto place = toTensor(body, index, item.range, Element::I32);
      if (!place || place->rank() || place->element != Element::I32 ||
          !checkBound(body, *place, old.dims[axis], item.range)) {
        if (place && (place->rank() || place->element != Element::I32))
          body.diags.error(Code::BadUpdate, item.range,
                           "a position is one integer, this is " + place->str());
        return;
      }
      places.push_back({axis, *place});
    }
    ++axis;
  }
  for (auto &[at, place] : llvm::reverse(places))
    pieceType.dims.erase(pieceType.dims.begin() + at);
  auto piece = convert(body, value, pieceType, statement.value->range, "`<-`");
  if (!piece)
    return;
  Tensor result = putAt(body, old, places, *piece);
  bindName(body, statement.place.name, result);
}

static void moveRunning(Body &body, const ast::UpdateStmt &statement, Binding &binding,
                        const Value &value) {
  ++body.effects;
  const Tensor &old = *binding.value.tensor();
  auto next =
      convert(body, value, old, statement.value->range, "`" + statement.place.name.text + "`");
  if (!next || !body.fn->moves(*binding.variable->owner))
    return;
  if (!body.fn->openBlocks.empty() || statement.place.hasItems) {
    body.diags.error(Code::BadUpdate, statement.range,
                     "a running value moves as a whole, outside of scans and run-time ifs");
    return;
  }
  body.fn->moved[binding.variable] = next->value;
  body.fn->movedBy[binding.variable][body.frame->path] = body.callInFile(*body.program.main);
}

void elaborateUpdate(Body &body, const ast::UpdateStmt &statement) {
  const ast::Ident &name = statement.place.name;
  auto binding = lookup(body, name.text, name.range);
  Value value = elaborateExpr(body, statement.value);
  if (!binding || value.isPoison() || binding->value.isPoison())
    return;
  if (binding->variable && binding->variable->running) {
    moveRunning(body, statement, *binding, value);
    return;
  }
  auto *old = binding->value.tensor();
  if (!statement.place.hasItems || !old || binding->variable) {
    auto error = body.diags.error(Code::BadUpdate, statement.place.range,
                                  "`<-` replaces a slice of a tensor, or moves a running value");
    error.here("this is " + (binding->variable ? "a parameter" : binding->value.describe()));
    if (!statement.place.hasItems && old)
      error.help("a name gets a new value with `" + name.text + " = ...`");
    return;
  }
  updateSlice(body, statement, *old, value);
}

} // namespace nnc
