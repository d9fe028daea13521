// RUN: %nn-opt --prob-estimate --canonicalize %s | FileCheck %s

// CHECK-LABEL: func.func @normal
// CHECK: %[[E:.*]] = nn.random normal site 7
// CHECK: %[[S:.*]] = nn.mul %arg1, %[[E]]
// CHECK: nn.add %arg0, %[[S]]
func.func @normal(%m: tensor<4xf32>, %s: tensor<4xf32>, %seed: tensor<i64>, %t: tensor<i32>) -> tensor<4xf32> {
  %z = prob.draw normal reparam site 7 (%m, %s) at (%seed, %seed, %t) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %z : tensor<4xf32>
}

// CHECK-LABEL: func.func @categorical
// CHECK: nn.random uniform site 3
// CHECK: nn.argmax %{{.*}} axis 1
// CHECK: nn.cross_entropy %arg0
func.func @categorical(%l: tensor<4x3xf32>, %seed: tensor<i64>, %t: tensor<i32>) -> (tensor<4xi32>, tensor<4xf32>) {
  %z = prob.draw categorical none site 3 (%l) at (%seed, %seed, %t) : (tensor<4x3xf32>) -> tensor<4xi32>
  %p = prob.log_prob categorical (%l) of %z : (tensor<4x3xf32>), tensor<4xi32> -> tensor<4xf32>
  return %z, %p : tensor<4xi32>, tensor<4xf32>
}

// The value is one-hot, the gradient that of the softmax.
// CHECK-LABEL: func.func @straight_through
// CHECK: %[[SOFT:.*]] = nn.softmax
// CHECK: %[[D:.*]] = nn.sub %{{.*}}, %[[SOFT]]
// CHECK: %[[STOP:.*]] = nn.stop_gradient %[[D]]
// CHECK: nn.add %[[SOFT]], %[[STOP]]
func.func @straight_through(%l: tensor<4x3xf32>, %tau: tensor<f32>, %seed: tensor<i64>, %t: tensor<i32>) -> tensor<4x3xf32> {
  %z = prob.draw one_hot gumbel site 3 (%l) with (%tau : tensor<f32>) at (%seed, %seed, %t) hard : (tensor<4x3xf32>) -> tensor<4x3xf32>
  return %z : tensor<4x3xf32>
}

// CHECK-LABEL: func.func @mvn
// CHECK: nn.contract %arg1 [0, 1, 2], %{{.*}} [0, 2] -> [0, 1]
// CHECK: nn.scan 3
func.func @mvn(%m: tensor<4x3xf32>, %l: tensor<4x3x3xf32>, %seed: tensor<i64>, %t: tensor<i32>) -> tensor<4xf32> {
  %z = prob.draw mvn reparam site 3 (%m, %l) at (%seed, %seed, %t) : (tensor<4x3xf32>, tensor<4x3x3xf32>) -> tensor<4x3xf32>
  %p = prob.log_prob mvn (%m, %l) of %z : (tensor<4x3xf32>, tensor<4x3x3xf32>), tensor<4x3xf32> -> tensor<4xf32>
  return %p : tensor<4xf32>
}

// 0 log 0 is 0: the logarithm of an impossible outcome does not count.
// CHECK-LABEL: func.func @entropy
// CHECK-DAG: %[[P:.*]] = nn.softmax %arg0
// CHECK-DAG: %[[L:.*]] = nn.log_softmax %arg0
// CHECK: %[[N:.*]] = nn.neg %[[L]]
// CHECK: %[[S:.*]] = nn.select %{{.*}}, %[[N]], %{{.*}}
// CHECK: %[[M:.*]] = nn.mul %[[P]], %[[S]]
// CHECK: nn.reduce sum %[[M]]
func.func @entropy(%l: tensor<4x3xf32>) -> tensor<4xf32> {
  %h = prob.entropy categorical (%l) : (tensor<4x3xf32>) -> tensor<4xf32>
  return %h : tensor<4xf32>
}

// CHECK-LABEL: func.func @even
// CHECK: nn.constant dense<1.09861
func.func @even() -> tensor<f32> {
  %h = prob.entropy discrete_uniform () bound 3 : () -> tensor<f32>
  return %h : tensor<f32>
}
