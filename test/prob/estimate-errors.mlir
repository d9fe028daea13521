// RUN: %nn-opt --prob-estimate %s --verify-diagnostics

func.func @score(%l: tensor<4x3xf32>, %seed: tensor<i64>, %t: tensor<i32>) -> tensor<4xi32> {
  // expected-error @+1 {{estimator score is not available yet}}
  %z = prob.draw categorical score site 3 (%l) at (%seed, %seed, %t) : (tensor<4x3xf32>) -> tensor<4xi32>
  return %z : tensor<4xi32>
}
