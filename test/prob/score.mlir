// RUN: %nn-opt --prob-estimate --cse %s | FileCheck %s

// The weight is the cost less the mean of the other rows'; rows stay apart, and what no draw influences gets no term.
// CHECK-LABEL: func.func @rows
// CHECK: %[[Z:.*]] = nn.stop_gradient
// CHECK: %[[P:.*]] = nn.neg %{{.*}} : tensor<4xf32>
// CHECK: %[[C:.*]] = nn.gather %arg1, %[[Z]]
// CHECK-DAG: %[[HELD:.*]] = nn.stop_gradient %[[P]]
// CHECK-DAG: %[[SLOPE:.*]] = nn.sub %[[P]], %[[HELD]]
// CHECK-DAG: nn.reduce sum %[[C]] [0]
// CHECK: %[[W:.*]] = nn.stop_gradient %{{.*}} : tensor<4xf32>
// CHECK: %[[T:.*]] = nn.mul %[[W]], %[[SLOPE]]
// CHECK: %[[S:.*]] = nn.add %[[C]], %[[T]]
// CHECK: %[[SUM:.*]] = nn.reduce sum %[[S]] [0]
// CHECK: %[[L:.*]] = nn.add %[[SUM]], %arg2
// CHECK: learn.gradient %[[L]] of %arg0
func.func @rows(%l: tensor<4x3xf32>, %v: tensor<3xf32>, %calm: tensor<f32>, %seed: tensor<i64>, %t: tensor<i32>) -> tensor<4x3xf32> {
  %z = prob.draw categorical score site 3 (%l) at (%seed, %seed, %t) row 0 : (tensor<4x3xf32>) -> tensor<4xi32>
  %c = nn.gather %v, %z axis 0 : tensor<3xf32>, tensor<4xi32>
  %s = nn.reduce sum %c [0] : tensor<4xf32>
  %loss = nn.add %s, %calm : tensor<f32>
  %g = learn.gradient %loss of %l : (tensor<f32>, tensor<4x3xf32>) -> tensor<4x3xf32>
  return %g : tensor<4x3xf32>
}

// Rows that meet before a nonlinear op are one term: its weight goes to every row's draw, without a baseline.
// CHECK-LABEL: func.func @mixed
// CHECK: %[[E:.*]] = nn.exp %{{.*}} : tensor<f32>
// CHECK: nn.reduce sum %{{.*}} [0] : tensor<4xf32>
// CHECK: %[[W:.*]] = nn.stop_gradient %[[E]] : tensor<f32>
// CHECK: nn.mul %[[W]], %{{.*}} : tensor<f32>
func.func @mixed(%l: tensor<4x3xf32>, %v: tensor<3xf32>, %seed: tensor<i64>, %t: tensor<i32>) -> tensor<4x3xf32> {
  %z = prob.draw categorical score site 3 (%l) at (%seed, %seed, %t) row 0 : (tensor<4x3xf32>) -> tensor<4xi32>
  %c = nn.gather %v, %z axis 0 : tensor<3xf32>, tensor<4xi32>
  %s = nn.reduce sum %c [0] : tensor<4xf32>
  %loss = nn.exp %s : tensor<f32>
  %g = learn.gradient %loss of %l : (tensor<f32>, tensor<4x3xf32>) -> tensor<4x3xf32>
  return %g : tensor<4x3xf32>
}

// A turn's cost meets this turn's draw and the sum of those before, which the scan carries.
// CHECK-LABEL: func.func @turns
// CHECK: %[[R:.*]]:4 = nn.scan 5 carry(%arg2, %{{.*}})
// CHECK: ^bb0(%{{[^:]*}}: tensor<i32>, %{{[^:]*}}: tensor<4xi32>, %[[BEFORE:[^:]*]]: tensor<4xf32>
// CHECK: %[[P:.*]] = nn.neg %{{.*}} : tensor<4xf32>
// CHECK-DAG: nn.add %[[BEFORE]], %[[P]]
// CHECK-DAG: nn.stop_gradient %[[BEFORE]]
// CHECK: nn.yield
// CHECK: %[[SUM:.*]] = nn.reduce sum %[[R]]#3 [0, 1]
// CHECK: learn.gradient maximize %[[SUM]] of %arg0
func.func @turns(%l: tensor<3x3xf32>, %v: tensor<3xf32>, %first: tensor<4xi32>, %seed: tensor<i64>) -> tensor<3x3xf32> {
  %end, %costs = nn.scan 5 carry(%first) constants(%l, %v, %seed) : (tensor<4xi32>, tensor<3x3xf32>, tensor<3xf32>, tensor<i64>) -> (tensor<4xi32>, tensor<5x4xf32>) {
  ^bb0(%t: tensor<i32>, %last: tensor<4xi32>, %logits: tensor<3x3xf32>, %values: tensor<3xf32>, %s: tensor<i64>):
    %row = nn.gather %logits, %last axis 0 : tensor<3x3xf32>, tensor<4xi32>
    %z = prob.draw categorical score site 3 (%row) at (%s, %s, %t) row 0 : (tensor<4x3xf32>) -> tensor<4xi32>
    %c = nn.gather %values, %z axis 0 : tensor<3xf32>, tensor<4xi32>
    nn.yield %z, %c : tensor<4xi32>, tensor<4xf32>
  }
  %loss = nn.reduce sum %costs [0, 1] : tensor<5x4xf32>
  %g = learn.gradient maximize %loss of %l : (tensor<f32>, tensor<3x3xf32>) -> tensor<3x3xf32>
  return %g : tensor<3x3xf32>
}
