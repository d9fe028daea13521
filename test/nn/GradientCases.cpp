/// The table of the gradient tests.
#include "test/nn/GradientCases.h"

namespace nnc::test {

using Cases = std::vector<GradientCase>;

/// Elementwise ops.
static Cases elementwiseCases() {
  return {
      {"neg", "%x: tensor<5xf64>", "%y = nn.neg %x : tensor<5xf64>", "tensor<5xf64>"},
      {"abs", "%x: tensor<5xf64>", "%y = nn.abs %x : tensor<5xf64>", "tensor<5xf64>"},
      {"exp", "%x: tensor<5xf64>", "%y = nn.exp %x : tensor<5xf64>", "tensor<5xf64>"},
      {"expm1", "%x: tensor<5xf64>", "%y = nn.expm1 %x : tensor<5xf64>", "tensor<5xf64>"},
      {"log", "%x: tensor<5xf64>", "%y = nn.log %x : tensor<5xf64>", "tensor<5xf64>"},
      {"log1p", "%x: tensor<5xf64>", "%y = nn.log1p %x : tensor<5xf64>", "tensor<5xf64>"},
      {"sqrt", "%x: tensor<5xf64>", "%y = nn.sqrt %x : tensor<5xf64>", "tensor<5xf64>"},
      {"rsqrt", "%x: tensor<5xf64>", "%y = nn.rsqrt %x : tensor<5xf64>", "tensor<5xf64>"},
      {"tanh", "%x: tensor<5xf64>", "%y = nn.tanh %x : tensor<5xf64>", "tensor<5xf64>"},
      {"sin", "%x: tensor<5xf64>", "%y = nn.sin %x : tensor<5xf64>", "tensor<5xf64>"},
      {"cos", "%x: tensor<5xf64>", "%y = nn.cos %x : tensor<5xf64>", "tensor<5xf64>"},
      {"erf", "%x: tensor<5xf64>", "%y = nn.erf %x : tensor<5xf64>", "tensor<5xf64>"},
      {"sigmoid", "%x: tensor<5xf64>", "%y = nn.sigmoid %x : tensor<5xf64>", "tensor<5xf64>"},
      {"softplus", "%x: tensor<5xf64>", "%y = nn.softplus %x : tensor<5xf64>", "tensor<5xf64>"},
      {"log2", "%x: tensor<5xf64>", "%y = nn.log2 %x : tensor<5xf64>", "tensor<5xf64>"},
      {"sinh", "%x: tensor<5xf64>", "%y = nn.sinh %x : tensor<5xf64>", "tensor<5xf64>"},
      {"cosh", "%x: tensor<5xf64>", "%y = nn.cosh %x : tensor<5xf64>", "tensor<5xf64>"},
      {"atan", "%x: tensor<5xf64>", "%y = nn.atan %x : tensor<5xf64>", "tensor<5xf64>"},
      {"sinh_below", "%x: tensor<5xf64>", "%y = nn.sinh %x : tensor<5xf64>", "tensor<5xf64>", -2.1,
       -0.2},
      {"cosh_below", "%x: tensor<5xf64>", "%y = nn.cosh %x : tensor<5xf64>", "tensor<5xf64>", -2.1,
       -0.2},
      {"atan_below", "%x: tensor<5xf64>", "%y = nn.atan %x : tensor<5xf64>", "tensor<5xf64>", -2.1,
       -0.2},
      {"neg_below", "%x: tensor<5xf64>", "%y = nn.neg %x : tensor<5xf64>", "tensor<5xf64>", -2.1,
       -0.2},
      {"abs_below", "%x: tensor<5xf64>", "%y = nn.abs %x : tensor<5xf64>", "tensor<5xf64>", -2.1,
       -0.2},
      {"exp_below", "%x: tensor<5xf64>", "%y = nn.exp %x : tensor<5xf64>", "tensor<5xf64>", -2.1,
       -0.2},
      {"expm1_below", "%x: tensor<5xf64>", "%y = nn.expm1 %x : tensor<5xf64>", "tensor<5xf64>",
       -2.1, -0.2},
      {"tanh_below", "%x: tensor<5xf64>", "%y = nn.tanh %x : tensor<5xf64>", "tensor<5xf64>", -2.1,
       -0.2},
      {"sin_below", "%x: tensor<5xf64>", "%y = nn.sin %x : tensor<5xf64>", "tensor<5xf64>", -2.1,
       -0.2},
      {"cos_below", "%x: tensor<5xf64>", "%y = nn.cos %x : tensor<5xf64>", "tensor<5xf64>", -2.1,
       -0.2},
      {"erf_below", "%x: tensor<5xf64>", "%y = nn.erf %x : tensor<5xf64>", "tensor<5xf64>", -2.1,
       -0.2},
      {"sigmoid_below", "%x: tensor<5xf64>", "%y = nn.sigmoid %x : tensor<5xf64>", "tensor<5xf64>",
       -2.1, -0.2},
      {"softplus_below", "%x: tensor<5xf64>", "%y = nn.softplus %x : tensor<5xf64>",
       "tensor<5xf64>", -2.1, -0.2},
      {"add", "%a: tensor<5xf64>, %b: tensor<5xf64>", "%y = nn.add %a, %b : tensor<5xf64>",
       "tensor<5xf64>"},
      {"sub", "%a: tensor<5xf64>, %b: tensor<5xf64>", "%y = nn.sub %a, %b : tensor<5xf64>",
       "tensor<5xf64>"},
      {"mul", "%a: tensor<5xf64>, %b: tensor<5xf64>", "%y = nn.mul %a, %b : tensor<5xf64>",
       "tensor<5xf64>"},
      {"div", "%a: tensor<5xf64>, %b: tensor<5xf64>", "%y = nn.div %a, %b : tensor<5xf64>",
       "tensor<5xf64>"},
      {"pow", "%a: tensor<5xf64>, %b: tensor<5xf64>", "%y = nn.pow %a, %b : tensor<5xf64>",
       "tensor<5xf64>"},
      {"max", "%a: tensor<5xf64>, %b: tensor<5xf64>", "%y = nn.max %a, %b : tensor<5xf64>",
       "tensor<5xf64>"},
      {"min", "%a: tensor<5xf64>, %b: tensor<5xf64>", "%y = nn.min %a, %b : tensor<5xf64>",
       "tensor<5xf64>"},
      {"select", "%a: tensor<5xf64>, %b: tensor<5xf64>", R"(
%m = nn.compare lt %a, %b : tensor<5xf64>
%y = nn.select %m, %a, %b : tensor<5xi1>, tensor<5xf64>
)",
       "tensor<5xf64>"},
      {"cast", "%x: tensor<5xf64>", R"(
%s = nn.cast %x : tensor<5xf64> to tensor<5xf64>
%y = nn.sin %s : tensor<5xf64>
)",
       "tensor<5xf64>"},
  };
}

/// Ops that move elements.
static Cases movementCases() {
  return {
      {"broadcast", "%x: tensor<3xf64>",
       "%y = nn.broadcast %x [1] : tensor<3xf64> to tensor<4x3x2xf64>", "tensor<4x3x2xf64>"},
      {"reshape", "%x: tensor<4x3xf64>", "%y = nn.reshape %x : tensor<4x3xf64> to tensor<2x6xf64>",
       "tensor<2x6xf64>"},
      {"transpose", "%x: tensor<2x3x4xf64>", "%y = nn.transpose %x [2, 0, 1] : tensor<2x3x4xf64>",
       "tensor<4x2x3xf64>"},
      {"reverse", "%x: tensor<4x3xf64>", "%y = nn.reverse %x [1] : tensor<4x3xf64>",
       "tensor<4x3xf64>"},
      {"slice", "%x: tensor<4x8xf64>",
       "%y = nn.slice %x [1, 1] [2, 3] : tensor<4x8xf64> to tensor<2x2xf64>", "tensor<2x2xf64>"},
      {"slice_of_one", "%x: tensor<4x8xf64>",
       "%y = nn.slice %x [3, 2] [2, 5] : tensor<4x8xf64> to tensor<1x2xf64>", "tensor<1x2xf64>"},
      {"pad", "%x: tensor<4x3xf64>",
       "%y = nn.pad %x [1, 0] [0, 2] [0, 1] value 2.0 : tensor<4x3xf64>", "tensor<5x7xf64>"},
      {"concat", "%a: tensor<4x3xf64>, %b: tensor<4x2xf64>",
       "%y = nn.concat %a, %b axis 1 : tensor<4x3xf64>, tensor<4x2xf64>", "tensor<4x5xf64>"},
      {"at", "%x: tensor<4x3xf64>", R"(
%t = nn.constant dense<2> : tensor<i32>
%y = nn.at %x, %t axis 0 : tensor<4x3xf64>
)",
       "tensor<3xf64>"},
      {"put", "%x: tensor<4x3xf64>, %p: tensor<4xf64>", R"(
%t = nn.constant dense<1> : tensor<i32>
%y = nn.put %x, %t, %p axis 1 : tensor<4x3xf64>, tensor<4xf64>
)",
       "tensor<4x3xf64>"},
      {"gather", "%x: tensor<2x4x3xf64>", R"(
%i = nn.constant dense<[[0, 2], [2, 3]]> : tensor<2x2xi32>
%y = nn.gather %x, %i axis 1 : tensor<2x4x3xf64>, tensor<2x2xi32>
)",
       "tensor<2x2x2x3xf64>"},
      {"scatter_add", "%x: tensor<3x2xf64>", R"(
%i = nn.constant dense<[1, 0, 1]> : tensor<3xi32>
%y = nn.scatter_add %x, %i axis 0 : tensor<3x2xf64>, tensor<3xi32> to tensor<4x2xf64>
)",
       "tensor<4x2xf64>"},
      {"window", "%x: tensor<2x5x7xf64>", R"(
%y = nn.window %x axes [1, 2] sizes [3, 3] strides [1, 2] : tensor<2x5x7xf64>
)",
       "tensor<2x3x3x3x3xf64>"},
      {"unwindow", "%x: tensor<2x3x3xf64>", R"(
%y = nn.unwindow %x axes [1] sizes [3] strides [2] : tensor<2x3x3xf64> to tensor<2x7xf64>
)",
       "tensor<2x7xf64>"},
  };
}

/// Reductions and normalisations.
static Cases reductionCases() {
  return {
      {"reduce_sum", "%x: tensor<3x4x2xf64>", "%y = nn.reduce sum %x [0, 2] : tensor<3x4x2xf64>",
       "tensor<4xf64>"},
      {"reduce_prod", "%x: tensor<3x4x2xf64>", "%y = nn.reduce prod %x [0, 2] : tensor<3x4x2xf64>",
       "tensor<4xf64>"},
      {"reduce_max", "%x: tensor<3x4x2xf64>", "%y = nn.reduce max %x [0, 2] : tensor<3x4x2xf64>",
       "tensor<4xf64>"},
      {"reduce_min", "%x: tensor<3x4x2xf64>", "%y = nn.reduce min %x [0, 2] : tensor<3x4x2xf64>",
       "tensor<4xf64>"},
      {"prod_with_zeros", "%x: tensor<4xf64>", R"(
%c = nn.constant dense<[0.0, 1.0, 0.0, 1.0]> : tensor<4xf64>
%z = nn.constant dense<[1.0, 0.0, 0.0, 2.0]> : tensor<4xf64>
%o = nn.constant dense<1.0> : tensor<4xf64>
%s = nn.mul %x, %c : tensor<4xf64>
%d = nn.add %s, %z : tensor<4xf64>
%e = nn.sub %x, %x : tensor<4xf64>
%f = nn.add %d, %e : tensor<4xf64>
%p = nn.cumulative prod %f axis 0 : tensor<4xf64>
%y = nn.add %p, %x : tensor<4xf64>
)",
       "tensor<4xf64>"},
      {"cumulative_sum", "%x: tensor<4x3xf64>",
       "%y = nn.cumulative sum %x axis 0  : tensor<4x3xf64>", "tensor<4x3xf64>"},
      {"cumulative_sum_reverse", "%x: tensor<4x3xf64>",
       "%y = nn.cumulative sum %x axis 0 reverse : tensor<4x3xf64>", "tensor<4x3xf64>"},
      {"cumulative_prod", "%x: tensor<4x3xf64>",
       "%y = nn.cumulative prod %x axis 0  : tensor<4x3xf64>", "tensor<4x3xf64>"},
      {"cumulative_prod_reverse", "%x: tensor<4x3xf64>",
       "%y = nn.cumulative prod %x axis 0 reverse : tensor<4x3xf64>", "tensor<4x3xf64>"},
      {"top_k", "%x: tensor<3x6xf64>", "%y, %i = nn.top_k %x 2 : tensor<3x6xf64>",
       "tensor<3x2xf64>"},
      {"softmax", "%x: tensor<4x3xf64>", "%y = nn.softmax %x axis 0 : tensor<4x3xf64>",
       "tensor<4x3xf64>"},
      {"log_softmax", "%x: tensor<4x3xf64>", "%y = nn.log_softmax %x axis 0 : tensor<4x3xf64>",
       "tensor<4x3xf64>"},
      {"logsumexp", "%x: tensor<4x3xf64>", "%y = nn.logsumexp %x axis 1 : tensor<4x3xf64>",
       "tensor<4xf64>"},
      {"cross_entropy", "%x: tensor<4x3xf64>", R"(
%l = nn.constant dense<[0, 2, 1, 2]> : tensor<4xi32>
%y = nn.cross_entropy %x, %l : tensor<4x3xf64>, tensor<4xi32>
)",
       "tensor<4xf64>"},
      {"masked_softmax", "%x: tensor<4x3xf64>", R"(
%m = nn.constant dense<[[true, true, false], [false, false, false], [true, false, true], [true, true, true]]> : tensor<4x3xi1>
%inf = nn.constant dense<0xFFF0000000000000> : tensor<4x3xf64>
%s = nn.select %m, %x, %inf : tensor<4x3xi1>, tensor<4x3xf64>
%y = nn.softmax %s axis 1 : tensor<4x3xf64>
)",
       "tensor<4x3xf64>"},
  };
}

/// Contractions and attention.
static Cases contractionCases() {
  return {
      {"contract_matrix", "%a: tensor<4x3xf64>, %b: tensor<3x2xf64>", R"(
%y = nn.contract %a [0, 2], %b [2, 1] -> [1, 0] : tensor<4x3xf64>, tensor<3x2xf64>
)",
       "tensor<2x4xf64>"},
      {"contract_batch", "%a: tensor<2x3x4xf64>, %b: tensor<4x2x3xf64>", R"(
%y = nn.contract %a [5, 1, 2], %b [2, 5, 7] -> [5, 7, 1] : tensor<2x3x4xf64>, tensor<4x2x3xf64>
)",
       "tensor<2x3x3xf64>"},
      {"contract_lone_label", "%a: tensor<2x3xf64>, %b: tensor<3x2xf64>", R"(
%y = nn.contract %a [0, 1], %b [1, 4] -> [1] : tensor<2x3xf64>, tensor<3x2xf64>
)",
       "tensor<3xf64>"},
      {"contract_with_itself", "%a: tensor<3x3xf64>", R"(
%y = nn.contract %a [0, 1], %a [1, 2] -> [0, 2] : tensor<3x3xf64>, tensor<3x3xf64>
)",
       "tensor<3x3xf64>"},
      {"attention", "%q: tensor<2x3x4xf64>, %k: tensor<2x5x4xf64>, %v: tensor<2x5x2xf64>", R"(
%y, %l = nn.attention %q, %k, %v scale 0.5 : (tensor<2x3x4xf64>, tensor<2x5x4xf64>, tensor<2x5x2xf64>) -> (tensor<2x3x2xf64>, tensor<2x3xf64>)
)",
       "tensor<2x3x2xf64>"},
      {"attention_causal", "%q: tensor<2x3x4xf64>, %k: tensor<2x5x4xf64>, %v: tensor<2x5x2xf64>",
       R"(
%y, %l = nn.attention %q, %k, %v scale 0.5 causal : (tensor<2x3x4xf64>, tensor<2x5x4xf64>, tensor<2x5x2xf64>) -> (tensor<2x3x2xf64>, tensor<2x3xf64>)
)",
       "tensor<2x3x2xf64>"},
      {"attention_masked", "%q: tensor<2x3x4xf64>, %k: tensor<2x5x4xf64>, %v: tensor<2x5x2xf64>",
       R"(
%m = nn.constant dense<[[true, false, true, true, false], [false, false, false, false, false]]> : tensor<2x5xi1>
%y, %l = nn.attention %q, %k, %v mask %m [0, 2] scale 0.5 : (tensor<2x3x4xf64>, tensor<2x5x4xf64>, tensor<2x5x2xf64>, tensor<2x5xi1>) -> (tensor<2x3x2xf64>, tensor<2x3xf64>)
)",
       "tensor<2x3x2xf64>"},
      {"attention_bias",
       "%q: tensor<2x3x4xf64>, %k: tensor<2x5x4xf64>, %v: tensor<2x5x2xf64>, %b: tensor<3x5xf64>",
       R"(
%y, %l = nn.attention %q, %k, %v bias %b [1, 2] scale 0.5 : (tensor<2x3x4xf64>, tensor<2x5x4xf64>, tensor<2x5x2xf64>, tensor<3x5xf64>) -> (tensor<2x3x2xf64>, tensor<2x3xf64>)
)",
       "tensor<2x3x2xf64>"},
      {"attention_fixed_bias",
       "%q: tensor<2x3x4xf64>, %k: tensor<2x5x4xf64>, %v: tensor<2x5x2xf64>", R"(
%i = nn.iota 1 : tensor<3x5xi32>
%b = nn.cast %i : tensor<3x5xi32> to tensor<3x5xf64>
%y, %l = nn.attention %q, %k, %v bias %b [1, 2] scale 0.5 causal : (tensor<2x3x4xf64>, tensor<2x5x4xf64>, tensor<2x5x2xf64>, tensor<3x5xf64>) -> (tensor<2x3x2xf64>, tensor<2x3xf64>)
)",
       "tensor<2x3x2xf64>"},
      {"attention_unit_axis_bias",
       "%q: tensor<2x3x4xf64>, %k: tensor<2x5x4xf64>, %v: tensor<2x5x2xf64>, %b: tensor<1x5xf64>",
       R"(
%y, %l = nn.attention %q, %k, %v bias %b [1, 2] scale 0.5 : (tensor<2x3x4xf64>, tensor<2x5x4xf64>, tensor<2x5x2xf64>, tensor<1x5xf64>) -> (tensor<2x3x2xf64>, tensor<2x3xf64>)
)",
       "tensor<2x3x2xf64>"},
      {"attention_dropout", "%q: tensor<2x3x4xf64>, %k: tensor<2x5x4xf64>, %v: tensor<2x5x2xf64>",
       R"(
%i = nn.iota 2 : tensor<2x3x5xi32>
%c = nn.constant dense<3> : tensor<2x3x5xi32>
%m = nn.compare ne %i, %c : tensor<2x3x5xi32>
%y, %l = nn.attention %q, %k, %v keep %m 1.25 scale 0.5 : (tensor<2x3x4xf64>, tensor<2x5x4xf64>, tensor<2x5x2xf64>, tensor<2x3x5xi1>) -> (tensor<2x3x2xf64>, tensor<2x3xf64>)
)",
       "tensor<2x3x2xf64>"},
      {"attention_logsumexp", "%q: tensor<2x3x4xf64>, %k: tensor<2x5x4xf64>, %v: tensor<2x5x2xf64>",
       R"(
%o, %y = nn.attention %q, %k, %v scale 0.5 : (tensor<2x3x4xf64>, tensor<2x5x4xf64>, tensor<2x5x2xf64>) -> (tensor<2x3x2xf64>, tensor<2x3xf64>)
)",
       "tensor<2x3xf64>"},
  };
}

/// Ops with regions, and gradients inside the model.
static Cases controlCases() {
  return {
      {"if_then", "%a: tensor<5xf64>, %b: tensor<5xf64>", R"(
%c = nn.constant dense<true> : tensor<i1>
%y = nn.if %c (%a, %b) : (tensor<i1>, tensor<5xf64>, tensor<5xf64>) -> tensor<5xf64> {
^bb0(%p: tensor<5xf64>, %q: tensor<5xf64>):
  %r = nn.mul %p, %q : tensor<5xf64>
  nn.yield %r : tensor<5xf64>
} else {
^bb0(%p: tensor<5xf64>, %q: tensor<5xf64>):
  %r = nn.sin %q : tensor<5xf64>
  nn.yield %r : tensor<5xf64>
}
)",
       "tensor<5xf64>"},
      {"if_else", "%a: tensor<5xf64>, %b: tensor<5xf64>", R"(
%c = nn.constant dense<false> : tensor<i1>
%y = nn.if %c (%a, %b) : (tensor<i1>, tensor<5xf64>, tensor<5xf64>) -> tensor<5xf64> {
^bb0(%p: tensor<5xf64>, %q: tensor<5xf64>):
  %r = nn.mul %p, %q : tensor<5xf64>
  nn.yield %r : tensor<5xf64>
} else {
^bb0(%p: tensor<5xf64>, %q: tensor<5xf64>):
  %r = nn.sin %q : tensor<5xf64>
  nn.yield %r : tensor<5xf64>
}
)",
       "tensor<5xf64>"},
      {"scan",
       "%h0: tensor<2x3xf64>, %xs: tensor<4x2x2xf64>, %w: tensor<3x3xf64>, %u: tensor<3x2xf64>, "
       "%b: tensor<3xf64>",
       R"(
%h, %y = nn.scan 4 carry(%h0) inputs(%xs) constants(%w, %u, %b)  : (tensor<2x3xf64>, tensor<4x2x2xf64>, tensor<3x3xf64>, tensor<3x2xf64>, tensor<3xf64>) -> (tensor<2x3xf64>, tensor<4x2x3xf64>) {
^bb0(%t: tensor<i32>, %c: tensor<2x3xf64>, %x: tensor<2x2xf64>, %w_: tensor<3x3xf64>, %u_: tensor<3x2xf64>, %b_: tensor<3xf64>):
  %0 = nn.contract %c [0, 1], %w_ [1, 2] -> [0, 2] : tensor<2x3xf64>, tensor<3x3xf64>
  %1 = nn.contract %x [0, 1], %u_ [2, 1] -> [0, 2] : tensor<2x2xf64>, tensor<3x2xf64>
  %2 = nn.broadcast %b_ [1] : tensor<3xf64> to tensor<2x3xf64>
  %3 = nn.add %0, %1 : tensor<2x3xf64>
  %4 = nn.add %3, %2 : tensor<2x3xf64>
  %5 = nn.tanh %4 : tensor<2x3xf64>
  %6 = nn.mul %5, %2 : tensor<2x3xf64>
  nn.yield %5, %6 : tensor<2x3xf64>, tensor<2x3xf64>
}
)",
       "tensor<4x2x3xf64>", -0.8, 0.9},
      {"scan_reverse",
       "%h0: tensor<2x3xf64>, %xs: tensor<4x2x2xf64>, %w: tensor<3x3xf64>, %u: tensor<3x2xf64>, "
       "%b: tensor<3xf64>",
       R"(
%h, %y = nn.scan 4 carry(%h0) inputs(%xs) constants(%w, %u, %b) reverse : (tensor<2x3xf64>, tensor<4x2x2xf64>, tensor<3x3xf64>, tensor<3x2xf64>, tensor<3xf64>) -> (tensor<2x3xf64>, tensor<4x2x3xf64>) {
^bb0(%t: tensor<i32>, %c: tensor<2x3xf64>, %x: tensor<2x2xf64>, %w_: tensor<3x3xf64>, %u_: tensor<3x2xf64>, %b_: tensor<3xf64>):
  %0 = nn.contract %c [0, 1], %w_ [1, 2] -> [0, 2] : tensor<2x3xf64>, tensor<3x3xf64>
  %1 = nn.contract %x [0, 1], %u_ [2, 1] -> [0, 2] : tensor<2x2xf64>, tensor<3x2xf64>
  %2 = nn.broadcast %b_ [1] : tensor<3xf64> to tensor<2x3xf64>
  %3 = nn.add %0, %1 : tensor<2x3xf64>
  %4 = nn.add %3, %2 : tensor<2x3xf64>
  %5 = nn.tanh %4 : tensor<2x3xf64>
  %6 = nn.mul %5, %2 : tensor<2x3xf64>
  nn.yield %5, %6 : tensor<2x3xf64>, tensor<2x3xf64>
}
)",
       "tensor<4x2x3xf64>", -0.8, 0.9},
      {"scan_last_carry",
       "%h0: tensor<2x3xf64>, %xs: tensor<4x2x2xf64>, %w: tensor<3x3xf64>, %u: tensor<3x2xf64>, "
       "%b: tensor<3xf64>",
       R"(
%y, %ys = nn.scan 4 carry(%h0) inputs(%xs) constants(%w, %u, %b)  : (tensor<2x3xf64>, tensor<4x2x2xf64>, tensor<3x3xf64>, tensor<3x2xf64>, tensor<3xf64>) -> (tensor<2x3xf64>, tensor<4x2x3xf64>) {
^bb0(%t: tensor<i32>, %c: tensor<2x3xf64>, %x: tensor<2x2xf64>, %w_: tensor<3x3xf64>, %u_: tensor<3x2xf64>, %b_: tensor<3xf64>):
  %0 = nn.contract %c [0, 1], %w_ [1, 2] -> [0, 2] : tensor<2x3xf64>, tensor<3x3xf64>
  %1 = nn.contract %x [0, 1], %u_ [2, 1] -> [0, 2] : tensor<2x2xf64>, tensor<3x2xf64>
  %2 = nn.broadcast %b_ [1] : tensor<3xf64> to tensor<2x3xf64>
  %3 = nn.add %0, %1 : tensor<2x3xf64>
  %4 = nn.add %3, %2 : tensor<2x3xf64>
  %5 = nn.tanh %4 : tensor<2x3xf64>
  %6 = nn.mul %5, %2 : tensor<2x3xf64>
  nn.yield %5, %6 : tensor<2x3xf64>, tensor<2x3xf64>
}
)",
       "tensor<2x3xf64>", -0.8, 0.9},
      {"scan_two_carries", "%a0: tensor<3xf64>, %b0: tensor<3xf64>, %w: tensor<3xf64>", R"(
%n = nn.constant dense<0> : tensor<i32>
%a, %b, %m, %y = nn.scan 3 carry(%a0, %b0, %n) constants(%w) : (tensor<3xf64>, tensor<3xf64>, tensor<i32>, tensor<3xf64>) -> (tensor<3xf64>, tensor<3xf64>, tensor<i32>, tensor<3x3xf64>) {
^bb0(%t: tensor<i32>, %p: tensor<3xf64>, %q: tensor<3xf64>, %c: tensor<i32>, %v: tensor<3xf64>):
  %one = nn.constant dense<1> : tensor<i32>
  %d = nn.add %c, %one : tensor<i32>
  %f = nn.cast %d : tensor<i32> to tensor<f64>
  %g = nn.broadcast %f [] : tensor<f64> to tensor<3xf64>
  %0 = nn.mul %p, %v : tensor<3xf64>
  %1 = nn.sin %0 : tensor<3xf64>
  %2 = nn.mul %1, %g : tensor<3xf64>
  %3 = nn.mul %q, %2 : tensor<3xf64>
  nn.yield %q, %2, %d, %3 : tensor<3xf64>, tensor<3xf64>, tensor<i32>, tensor<3xf64>
}
)",
       "tensor<3x3xf64>"},
      {"scan_in_scan", "%x: tensor<3xf64>, %w: tensor<3x3xf64>", R"(
%h, %y = nn.scan 2 carry(%x) constants(%w) : (tensor<3xf64>, tensor<3x3xf64>) -> (tensor<3xf64>, tensor<2x3xf64>) {
^bb0(%t: tensor<i32>, %c: tensor<3xf64>, %v: tensor<3x3xf64>):
  %k = nn.scan 2 carry(%c) constants(%v) : (tensor<3xf64>, tensor<3x3xf64>) -> tensor<3xf64> {
  ^bb0(%s: tensor<i32>, %d: tensor<3xf64>, %u: tensor<3x3xf64>):
    %0 = nn.contract %d [0], %u [0, 1] -> [1] : tensor<3xf64>, tensor<3x3xf64>
    %1 = nn.tanh %0 : tensor<3xf64>
    nn.yield %1 : tensor<3xf64>
  }
  nn.yield %k, %k : tensor<3xf64>, tensor<3xf64>
}
)",
       "tensor<2x3xf64>", -0.8, 0.9},
      {"gradient_in_the_model", "%x: tensor<3xf64>, %w: tensor<3xf64>", R"(
%p = nn.mul %x, %w : tensor<3xf64>
%s = nn.sin %p : tensor<3xf64>
%l = nn.reduce sum %s [0] : tensor<3xf64>
%y = learn.gradient %l of %x : (tensor<f64>, tensor<3xf64>) -> tensor<3xf64>
)",
       "tensor<3xf64>"},
  };
}

std::vector<GradientCase> gradientCases() {
  Cases all;
  for (Cases (*family)() :
       {elementwiseCases, movementCases, reductionCases, contractionCases, controlCases})
    for (const GradientCase &each : family())
      all.push_back(each);
  return all;
}

} // namespace nnc::test
