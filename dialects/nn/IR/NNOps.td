// All ops of the nn dialect, one file per family.
#ifndef NNC_DIALECTS_NN_IR_NNOPS_TD
#define NNC_DIALECTS_NN_IR_NNOPS_TD

include "dialects/nn/IR/Elementwise.td"
include "dialects/nn/IR/Shape.td"
include "dialects/nn/IR/Reduction.td"
include "dialects/nn/IR/Contraction.td"
include "dialects/nn/IR/Attention.td"
include "dialects/nn/IR/Random.td"
include "dialects/nn/IR/Control.td"

#endif
