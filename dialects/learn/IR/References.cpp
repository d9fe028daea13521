/// Names of functions and variables, followed.
#include "dialects/learn/IR/References.h"

using namespace mlir;

namespace nnc::learn {

ArrayRef<int64_t> shapeOf(Type type) {
  auto shaped = dyn_cast<ShapedType>(type);
  return shaped && shaped.hasStaticShape() ? shaped.getShape() : ArrayRef<int64_t>();
}

static Type elementOf(Type type) {
  Type element = isa<ShapedType>(type) ? cast<ShapedType>(type).getElementType() : type;
  return element.isInteger(1) ? IntegerType::get(type.getContext(), 8) : element;
}

bool holdSame(Type a, Type b) { return shapeOf(a) == shapeOf(b) && elementOf(a) == elementOf(b); }

const Binding *Callee::find(ArgKind kind, StringRef name) const {
  auto found = llvm::find_if(
      bindings, [&](const Binding &one) { return one.kind == kind && one.name == name; });
  return found == bindings.end() ? nullptr : found;
}

/// The type of the parameter or state that a binding names, or null.
static Type variableType(const Binding &binding, Operation *program,
                         SymbolTableCollection &symbols) {
  auto name = StringAttr::get(program->getContext(), binding.name);
  bool isParam = binding.kind == ArgKind::param || binding.kind == ArgKind::gradient ||
                 binding.kind == ArgKind::frozen;
  if (isParam) {
    auto param = symbols.lookupSymbolIn<ParamOp>(program, name);
    return param ? param.getType() : Type();
  }
  auto state = symbols.lookupSymbolIn<StateOp>(program, name);
  return state ? state.getType() : Type();
}

static bool isVariable(ArgKind kind) {
  return kind == ArgKind::param || kind == ArgKind::gradient || kind == ArgKind::frozen ||
         kind == ArgKind::state || kind == ArgKind::state_out;
}

static LogicalResult checkBindings(Operation *user, StringRef name, Callee &callee, Role role,
                                   SymbolTableCollection &symbols) {
  Operation *program = isa<ProgramOp>(user) ? user : user->getParentOfType<ProgramOp>();
  bool merged = arenaBytes(callee.function).has_value();
  unsigned inputs = callee.function.getNumArguments();
  for (auto [k, binding] : llvm::enumerate(callee.bindings)) {
    bool good = (k < inputs && mayRead(role, binding.kind)) ||
                ((k >= inputs || merged) && mayWrite(role, binding.kind));
    if (!good)
      return user->emitOpError("calls '")
             << name << "', which may not have a value of kind " << stringifyArgKind(binding.kind);
    if (!isVariable(binding.kind))
      continue;
    Type type = variableType(binding, program, symbols);
    if (!type || !holdSame(type, binding.type))
      return user->emitOpError("calls '") << name << "', whose " << stringifyArgKind(binding.kind)
                                          << " '" << binding.name << "' is none of the program";
  }
  return success();
}

std::optional<Callee> findCallee(Operation *user, FlatSymbolRefAttr name, Role role,
                                 SymbolTableCollection &symbols) {
  auto module = user->getParentOfType<ModuleOp>();
  Operation *found = module ? symbols.lookupSymbolIn(module, name) : nullptr;
  if (!isa_and_nonnull<FunctionOpInterface>(found)) {
    user->emitOpError("calls ") << name << ", which is no function of the module";
    return std::nullopt;
  }
  Callee callee;
  callee.function = dyn_cast<func::FuncOp>(found);
  if (!callee.function)
    return callee;
  callee.bindings = bindingsOf(callee.function);
  if (callee.bindings.empty() && arenaBytes(callee.function)) { // On its way to stage llvm.
    callee.function = {};
    return callee;
  }
  if (failed(checkBindings(user, name.getValue(), callee, role, symbols)))
    return std::nullopt;
  return callee;
}

LogicalResult checkRows(Operation *user, const Callee &callee, DataOp data, int64_t rows) {
  for (const Binding &input : callee.of(ArgKind::input)) {
    Operation *field = data.findField(input.name);
    Type type = isa_and_nonnull<FieldOp>(field)       ? cast<FieldOp>(field).getType()
                : isa_and_nonnull<TextFieldOp>(field) ? cast<TextFieldOp>(field).getType()
                                                      : Type();
    if (!type)
      return user->emitOpError("reads the input '")
             << input.name << "', which is no field of @" << data.getSymName();
    SmallVector<int64_t> shape{rows};
    llvm::append_range(shape, shapeOf(type));
    if (shapeOf(input.type) != ArrayRef(shape))
      return user->emitOpError("reads ")
             << rows << " rows of the field '" << input.name << "' as " << input.type;
  }
  return success();
}

} // namespace nnc::learn
