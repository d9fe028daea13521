// Passes of the learn dialect.
#ifndef NNC_DIALECTS_LEARN_TRANSFORMS_PASSES_TD
#define NNC_DIALECTS_LEARN_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def Differentiate : Pass<"learn-differentiate", "::mlir::func::FuncOp"> {
  let summary = "replaces each learn.gradient by the adjoint of what computed its loss";
  let description = [{
    Gradients are expanded in program order, in every block, by reverse mode over the ops between the values and the loss. If a
    gradient's result feeds the loss of another gradient, ops whose derivative is a terminal op are decomposed first, in the inner
    slice, so that the outer one can be taken.
  }];
  let dependentDialects = ["::nnc::nn::NNDialect"];
}

def HoldStopped : Pass<"learn-hold-stopped", "::mlir::ModuleOp"> {
  let summary = "adds, to a gradient function that stops gradients, the loss with stopped values frozen, for finite differences";
  let description = [{
    For a function F with nn.stop_gradient in it, `F.frozen` has F's arguments, one argument of kind `frozen` for each parameter that F
    differentiates, and the loss. Values behind stop_gradient are computed from the frozen parameters.
  }];
  let dependentDialects = ["::nnc::nn::NNDialect"];
}

def CheckpointScans : Pass<"learn-checkpoint-scans", "::mlir::func::FuncOp"> {
  let summary = "bounds what differentiated scans keep: segments whose iterations are computed again";
  let description = [{
    Where a scan of T iterations would keep more than `limit` bytes for its adjoint, it becomes a scan over segments, marked `nn.recompute`,
    around a scan over a segment's iterations: it keeps the carries of each segment, and the rest of one segment at a time. The
    size of a segment is the one that needs the least memory. Turns that fill no segment are a scan of their own.
  }];
  let dependentDialects = ["::nnc::nn::NNDialect"];
  let options = [Option<"limit", "limit", "int64_t", "0", "bytes that a scan may keep">,
                 Option<"remarks", "remarks", "bool", "false", "say what was cut">];
}

#endif
