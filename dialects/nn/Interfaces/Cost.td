// What an op costs, as interfaces of tensor ops.
#ifndef NNC_DIALECTS_NN_INTERFACES_COST_TD
#define NNC_DIALECTS_NN_INTERFACES_COST_TD

include "mlir/IR/OpBase.td"

def ElementCost : OpInterface<"ElementCost"> {
  let cppNamespace = "::nnc::nn";
  let description = "An op that says how much work an element of its results is.";
  let methods = [
    InterfaceMethod<"The kind of work; passes weigh kinds in their own units.", "::nnc::nn::Cost", "getCost">,
  ];
}

def Arithmetic : OpInterface<"Arithmetic"> {
  let cppNamespace = "::nnc::nn";
  let description = "An op that counts its arithmetic operations.";
  let methods = [
    InterfaceMethod<[{
      Additions, multiplications, comparisons and functions, each as one. What only moves or converts elements counts none.
    }], "int64_t", "countOperations">,
  ];
}

#endif
