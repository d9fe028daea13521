// RUN: %nn-opt --prob-estimate --cse %s | FileCheck %s

// A scan over the outcomes: two elements of three classes are nine.
// CHECK-LABEL: func.func @pair
// CHECK: %[[E:.*]] = nn.scan 9 carry(
// CHECK: nn.mod
// CHECK: nn.exp
// CHECK: nn.gather
// CHECK: nn.yield
// CHECK: %[[L:.*]] = nn.reduce sum %[[E]] [0] : tensor<4xf32>
// CHECK: learn.gradient %[[L]] of %arg0
// CHECK: return %[[L]]
func.func @pair(%l: tensor<4x2x3xf32>, %v: tensor<3xf32>, %seed: tensor<i64>, %t: tensor<i32>) -> (tensor<f32>, tensor<4x2x3xf32>) {
  %z = prob.draw categorical enumerate site 3 (%l) at (%seed, %seed, %t) row 0 : (tensor<4x2x3xf32>) -> tensor<4x2xi32>
  %c = nn.gather %v, %z axis 0 : tensor<3xf32>, tensor<4x2xi32>
  %p = nn.reduce prod %c [1] : tensor<4x2xf32>
  %loss = nn.reduce sum %p [0] : tensor<4xf32>
  %g = learn.gradient %loss of %l : (tensor<f32>, tensor<4x2x3xf32>) -> tensor<4x2x3xf32>
  return %loss, %g : tensor<f32>, tensor<4x2x3xf32>
}
