// From stage differentiated to stage fused.
#ifndef NNC_COMPILER_SCHEDULE_PASSES_TD
#define NNC_COMPILER_SCHEDULE_PASSES_TD

include "mlir/Pass/PassBase.td"

def DecomposeRows : Pass<"nn-decompose-rows", "::mlir::func::FuncOp"> {
  let summary = "write softmax, cross entropy and argmax with reductions";
  let description = [{
    One mechanism then fuses them with what stands around them: a row kernel makes as few passes over a row as its reductions
    need. An attention is written out too where no kernel for it exists.
  }];
  let options = [Option<"attention", "attention", "bool", "false", "write attentions out as well">];
}

def LowerScan : Pass<"nn-lower-scan", "::mlir::func::FuncOp"> {
  let summary = "turn nn.scan and nn.if into control of the schedule";
  let description = "Stacked inputs are read with nn.at; stacked outputs are carried and written with nn.put.";
  let dependentDialects = ["::nnc::sched::SchedDialect"];
}

def NaturalContractions : Pass<"nn-natural-contractions", "::mlir::func::FuncOp"> {
  let summary = "order the axes of contractions as batch, rows, columns";
  let description = "A transpose restores the order that was asked for; it costs nothing in a consumer that reads through it.";
}

def GatherWindows : Pass<"nn-gather-windows", "::mlir::func::FuncOp"> {
  let summary = "write the gradient of a convolution's input as a convolution";
  let description = [{
    `unwindow(contract(dy, w))` would store every window before it adds them up. The same sum is the contraction of the windows of
    the padded dy with the filter turned around; where windows move by t > 1, with t filters side by side, each with every t-th weight.
  }];
}

def Reciprocals : Pass<"nn-reciprocals", "::mlir::func::FuncOp"> {
  let summary = "multiply by the reciprocal instead of dividing many elements by one number";
  let description = [{
    Of a constant, and of a number that is the same along the last axis (a row's sum, an optimizer's correction). The result is rounded
    twice, so it may differ by one unit in the last place. A row's number that may be so large that its reciprocal is subnormal is scaled.
  }];
}

def SplitReductions : Pass<"nn-split-reductions", "::mlir::func::FuncOp"> {
  let summary = "reduce in two steps where few results leave threads idle";
  let description = [{
    The number of partial results depends on the shape only, so sums are the same for any number of threads. A contraction over a very
    long axis with few results becomes partial contractions and their sum, which keeps the digits too.
  }];
}

def FormKernels : Pass<"nn-form-kernels", "::mlir::func::FuncOp"> {
  let summary = "group tensor ops into kernels: every fusion decision";
  let description = [{
    Layout ops, constants, random numbers and cheap elementwise ops are recomputed where they are read. Other ops join the kernel of
    a producer that they read position by position (elementwise chains, several outputs), row by row (reductions over the last
    axes and what follows on the same rows) or tile by tile (what follows a contraction); or a kernel that reads the same tensor.
  }];
  let options = [
    Option<"fuse", "fuse", "bool", "true", "false: one kernel per op, as a witness">,
    Option<"remarks", "remarks", "bool", "false", "say what each kernel is made of, and why a contraction lacks an epilogue">,
  ];
  let dependentDialects = ["::nnc::sched::SchedDialect"];
}

#endif
