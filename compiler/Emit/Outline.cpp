/// One function for all kernels that compute the same.
#include "compiler/Emit/Outline.h"
#include "compiler/Emit/Families.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace nnc {

/// Everything that the code of a kernel depends on: ops, attributes and types by their unique
/// addresses, operands by number; not locations.
std::string Outliner::keyOf(sched::KernelOp kernel, ArrayRef<Type> types,
                            ArrayRef<unsigned> parameterOf) {
  std::string key;
  llvm::raw_string_ostream out(key);
  out << kernel.getName() << '|' << static_cast<uint32_t>(kernel.getFamily());
  for (Type type : types)
    out << '|' << type.getAsOpaquePointer();
  for (unsigned parameter : parameterOf)
    out << ',' << parameter;
  DenseMap<Value, unsigned> numbers;
  for (Value argument : kernel.getBlock()->getArguments()) {
    numbers[argument] = numbers.size();
    out << '|' << argument.getType().getAsOpaquePointer();
  }
  for (Operation &op : *kernel.getBlock()) {
    out << ';' << op.getName().getAsOpaquePointer()
        << op.getPropertiesAsAttribute().getAsOpaquePointer();
    for (Value operand : op.getOperands())
      out << ',' << numbers.lookup(operand);
    for (Value result : op.getResults()) {
      numbers[result] = numbers.size();
      out << ':' << result.getType().getAsOpaquePointer();
    }
  }
  return key;
}

/// For each buffer r (read), w (written) or x (both): what a check of its numbers has to know.
static std::string usesOf(sched::KernelOp kernel, size_t buffers, ArrayRef<unsigned> parameterOf) {
  std::string uses(buffers, ' ');
  for (auto [k, parameter] : llvm::enumerate(parameterOf)) {
    char use = k < kernel.getInputs().size() ? 'r' : 'w';
    char &known = uses[parameter];
    known = known == ' ' || known == use ? use : 'x';
  }
  return uses;
}

/// True if the source wrote an infinity, as in a mask; then one in a result is no accident.
static bool holdsInfinity(sched::KernelOp kernel) {
  return llvm::any_of(kernel.getBlock()->getOps<nn::ConstantOp>(), [](nn::ConstantOp constant) {
    auto value = dyn_cast<DenseFPElementsAttr>(constant.getValue());
    return value && value.isSplat() && value.getSplatValue<APFloat>().isInfinity();
  });
}

const OutlinedKernel &Outliner::outline(sched::KernelOp kernel, ArrayRef<Type> types,
                                        ArrayRef<unsigned> parameterOf) {
  OutlinedKernel &result = known[keyOf(kernel, types, parameterOf)];
  if (result.function)
    return result;
  MLIRContext *context = module.getContext();
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  SmallVector<Type> parameters(types);
  parameters.push_back(builder.getIndexType());
  parameters.push_back(MemRefType::get({0}, builder.getI8Type()));
  auto function =
      func::FuncOp::create(builder, kernel.getLoc(), "kernel_" + std::to_string(count++),
                           builder.getFunctionType(parameters, {}));
  function.setPrivate();
  function->setAttr("nn.kernel", kernel.getNameAttr());
  function->setAttr("nn.uses", builder.getStringAttr(usesOf(kernel, types.size(), parameterOf)));
  if (holdsInfinity(kernel))
    function->setAttr("nn.infinite", builder.getUnitAttr());
  for (unsigned k = 0; k < types.size(); ++k)
    function.setArgAttr(k, LLVM::LLVMDialect::getNoAliasAttrName(), UnitAttr::get(context));
  Block *block = function.addEntryBlock();
  KernelContext state(kernel, function, target);
  for (auto [k, parameter] : llvm::enumerate(parameterOf))
    (k < kernel.getInputs().size() ? state.inputs : state.outputs)
        .push_back(block->getArgument(parameter));
  state.task = block->getArgument(types.size());
  state.scratchMemory = block->getArgument(types.size() + 1);
  emitFamily(state, microkernels);
  OpBuilder end = OpBuilder::atBlockEnd(block);
  func::ReturnOp::create(end, kernel.getLoc());
  // How much scratch there is is known now.
  parameters.back() = MemRefType::get({state.scratchBytes()}, builder.getI8Type());
  state.scratchMemory.setType(parameters.back());
  function.setFunctionType(builder.getFunctionType(parameters, {}));
  return result = {function, state.getTasks(), state.scratchBytes()};
}

} // namespace nnc
