// Where axes and elements go, as interfaces of tensor ops.
#ifndef NNC_DIALECTS_NN_INTERFACES_AXES_TD
#define NNC_DIALECTS_NN_INTERFACES_AXES_TD

include "mlir/IR/OpBase.td"

def AxisMap : OpInterface<"AxisMap"> {
  let cppNamespace = "::nnc::nn";
  let description = [{
    An op through which axes go: the pieces of a result along an axis depend on the pieces of an operand one by one. An op
    without the interface mixes all pieces of each operand.
  }];
  let methods = [
    InterfaceMethod<[{
      The axis r of result `result` such that its piece at index i of r depends on the piece of operand `operand` at index i of
      `axis` only, for every i in the same way. Nothing if pieces are mixed.
    }], "::std::optional<int64_t>", "followAxis", (ins "unsigned":$operand, "unsigned":$result, "int64_t":$axis)>,
  ];
}

def Batchable : OpInterface<"Batchable"> {
  let cppNamespace = "::nnc::nn";
  let description = "An op that can be computed for many iterations at once: its values get one more axis in front.";
  let methods = [
    InterfaceMethod<"True if it can where the operands with `varies[k]` differ by iteration and the others do not.",
    "bool", "canBatch", (ins "::llvm::ArrayRef<bool>":$varies), "", [{ return true; }]>,
    InterfaceMethod<"Builds the results with that axis. At least one operand differs by iteration.",
    "::llvm::SmallVector<::mlir::Value>", "batch", (ins "::nnc::nn::Batch &":$batch)>,
  ];
}

def StridedView : OpInterface<"StridedView"> {
  let cppNamespace = "::nnc::nn";
  let description = [{
    An op whose result is a part of operand 0, or all of it, in another order: no element is computed. An op without the
    interface makes elements.
  }];
  let methods = [
    InterfaceMethod<[{
      Turns the layout of operand 0 into that of the result. False if its elements then have not one stride per axis.
    }], "bool", "view", (ins "::nnc::nn::Layout &":$layout)>,
  ];
}

def StridedReader : OpInterface<"StridedReader"> {
  let cppNamespace = "::nnc::nn";
  let description = "An op whose kernel reads its first operands, matrices, from memory and through views, never as they are made.";
  let methods = [InterfaceMethod<"How many operands these are.", "unsigned", "countMatrices">];
}

#endif
