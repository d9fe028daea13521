/// The bindings of compiled functions, and which of them each role may have.
#include "dialects/learn/IR/Interface.h"
#include "dialects/learn/IR/Learn.h"

using namespace mlir;

namespace nnc::learn {

static constexpr StringLiteral kindName = "learn.kind", nameName = "learn.name";
static constexpr StringLiteral combinerName = "learn.combiner";
static constexpr StringLiteral shapeName = "learn.shape";
static constexpr StringLiteral arenaName = "nn.arena_bytes";

static std::optional<Binding> bindingIn(DictionaryAttr attributes, Type type) {
  auto kind = attributes ? attributes.getAs<ArgKindAttr>(kindName) : ArgKindAttr();
  auto name = attributes ? attributes.getAs<StringAttr>(nameName) : StringAttr();
  if (!kind || !name)
    return std::nullopt;
  Binding binding{kind.getValue(), name.getValue(), type, std::nullopt};
  if (auto combiner = attributes.getAs<CombinerAttr>(combinerName))
    binding.combiner = combiner.getValue();
  auto shape = attributes.getAs<DenseI64ArrayAttr>(shapeName);
  auto shaped = dyn_cast<ShapedType>(type);
  if (shape && shaped && shaped.hasStaticShape() && !shaped.getNumElements())
    binding.type = shaped.clone(shape.asArrayRef());
  return binding;
}

std::optional<Binding> argumentBinding(func::FuncOp function, unsigned k) {
  return bindingIn(function.getArgAttrDict(k), function.getArgumentTypes()[k]);
}

std::optional<Binding> resultBinding(func::FuncOp function, unsigned k) {
  return bindingIn(function.getResultAttrDict(k), function.getResultTypes()[k]);
}

SmallVector<Binding> bindingsOf(func::FuncOp function) {
  SmallVector<Binding> bindings;
  for (unsigned k = 0; k < function.getNumArguments(); ++k)
    if (std::optional<Binding> binding = argumentBinding(function, k))
      bindings.push_back(*binding);
  for (unsigned k = 0; k < function.getNumResults(); ++k)
    if (std::optional<Binding> binding = resultBinding(function, k))
      bindings.push_back(*binding);
  return bindings;
}

DictionaryAttr bindingAttributes(MLIRContext *context, ArgKind kind, StringRef name,
                                 std::optional<Combiner> combiner) {
  NamedAttrList attributes;
  attributes.set(kindName, ArgKindAttr::get(context, kind));
  attributes.set(nameName, StringAttr::get(context, name));
  if (combiner)
    attributes.set(combinerName, CombinerAttr::get(context, *combiner));
  return attributes.getDictionary(context);
}

DictionaryAttr bufferAttributes(MLIRContext *context, const Binding &binding) {
  NamedAttrList attributes(
      bindingAttributes(context, binding.kind, binding.name, binding.combiner));
  auto type = cast<ShapedType>(binding.type);
  if (!type.getNumElements())
    attributes.set(shapeName, DenseI64ArrayAttr::get(context, type.getShape()));
  return attributes.getDictionary(context);
}

void dropBindings(func::FuncOp function) {
  for (unsigned k = 0; k < function.getNumArguments(); ++k)
    for (StringRef name : {kindName, nameName, combinerName, shapeName})
      function.removeArgAttr(k, name);
}

LogicalResult checkBinding(Operation *op, NamedAttribute attribute) {
  StringRef name = attribute.getName();
  if (name == kindName && !isa<ArgKindAttr>(attribute.getValue()))
    return op->emitOpError("learn.kind is a kind of argument");
  if (name == nameName && !isa<StringAttr>(attribute.getValue()))
    return op->emitOpError("learn.name is a text");
  if (name == combinerName && !isa<CombinerAttr>(attribute.getValue()))
    return op->emitOpError("learn.combiner is one of the words that combine statistics");
  auto shape = dyn_cast<DenseI64ArrayAttr>(attribute.getValue());
  if (name == shapeName && (!shape || !llvm::is_contained(shape.asArrayRef(), 0) ||
                            llvm::any_of(shape.asArrayRef(), [](int64_t n) { return n < 0; })))
    return op->emitOpError("learn.shape is the shape of a buffer that holds nothing");
  return success();
}

std::optional<int64_t> arenaBytes(func::FuncOp function) {
  auto bytes = function->getAttrOfType<IntegerAttr>(arenaName);
  if (!bytes || !bytes.getType().isInteger(64))
    return std::nullopt;
  return bytes.getInt();
}

void setArenaBytes(func::FuncOp function, int64_t bytes) {
  function->setAttr(arenaName, Builder(function.getContext()).getI64IntegerAttr(bytes));
}

/// What a body of the language may read wherever it stands.
static bool isOfBodies(ArgKind kind) {
  switch (kind) {
  case ArgKind::param:
  case ArgKind::state:
  case ArgKind::seed:
  case ArgKind::step:
  case ArgKind::iteration:
  case ArgKind::progress:
  case ArgKind::vocab_frequency:
    return true;
  default:
    return false;
  }
}

bool mayRead(Role role, ArgKind kind) {
  switch (role) {
  case Role::Initialise:
    return isOfBodies(kind);
  case Role::Gradient:
  case Role::Enter:
    return isOfBodies(kind) || kind == ArgKind::input;
  case Role::Update:
    return isOfBodies(kind) || kind == ArgKind::gradient || kind == ArgKind::flag;
  case Role::Evaluate:
    return isOfBodies(kind) || kind == ArgKind::input || kind == ArgKind::valid;
  case Role::Finish:
    return isOfBodies(kind) || kind == ArgKind::statistic || kind == ArgKind::rows;
  case Role::Load:
    return kind == ArgKind::input;
  }
}

bool mayWrite(Role role, ArgKind kind) {
  switch (role) {
  case Role::Initialise:
    return kind == ArgKind::param || kind == ArgKind::state;
  case Role::Gradient:
    return kind == ArgKind::loss || kind == ArgKind::report || kind == ArgKind::gradient ||
           kind == ArgKind::grad_norm || kind == ArgKind::state_out;
  case Role::Update:
    return kind == ArgKind::param || kind == ArgKind::state || kind == ArgKind::lr;
  case Role::Evaluate:
    return kind == ArgKind::loss || kind == ArgKind::report || kind == ArgKind::statistic;
  case Role::Finish:
    return kind == ArgKind::loss || kind == ArgKind::report;
  case Role::Enter:
    return kind == ArgKind::show;
  case Role::Load:
    return kind == ArgKind::field;
  }
}

} // namespace nnc::learn
