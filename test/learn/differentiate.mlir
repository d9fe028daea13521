// RUN: %nn-opt --learn-differentiate --canonicalize --cse %s --split-input-file | FileCheck %s

// The weights' cotangents are contracted once, after the loop; the forward scan saves the carry, reuses its output.
// CHECK-LABEL: func.func @recurrence
// CHECK: %[[F:.*]]:3 = nn.scan 8 carry(%arg0) inputs(%arg1)
// CHECK: nn.scan 8 {{.*}} reverse
// CHECK-NOT: -> [1, 2]
// CHECK: nn.yield
// CHECK: nn.contract %{{.*}}, %[[F]]#2 [3, 0, 1] -> [1, 2]
func.func @recurrence(%h0: tensor<3x4xf32>, %xs: tensor<8x3x4xf32>, %w: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %h, %ys = nn.scan 8 carry(%h0) inputs(%xs) constants(%w) : (tensor<3x4xf32>, tensor<8x3x4xf32>, tensor<4x4xf32>) -> (tensor<3x4xf32>, tensor<8x3x4xf32>) {
  ^bb0(%t: tensor<i32>, %c: tensor<3x4xf32>, %x: tensor<3x4xf32>, %v: tensor<4x4xf32>):
    %0 = nn.contract %c [0, 1], %v [1, 2] -> [0, 2] : tensor<3x4xf32>, tensor<4x4xf32>
    %1 = nn.add %0, %x : tensor<3x4xf32>
    %2 = nn.tanh %1 : tensor<3x4xf32>
    nn.yield %2, %2 : tensor<3x4xf32>, tensor<3x4xf32>
  }
  %l = nn.reduce sum %ys [0, 1, 2] : tensor<8x3x4xf32>
  %g = learn.gradient %l of %w : (tensor<f32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return %g : tensor<4x4xf32>
}

// -----

// The derivative of an attention is its own op; nothing of size queries x keys is made.
// CHECK-LABEL: func.func @attention
// CHECK: %[[Y:.*]], %[[LSE:.*]] = nn.attention %arg0, %arg1, %arg2
// CHECK: nn.attention_grad %arg0, %arg1, %arg2, %[[Y]], %[[LSE]]
func.func @attention(%q: tensor<2x5x4xf32>, %k: tensor<2x7x4xf32>, %v: tensor<2x7x3xf32>) -> tensor<2x5x4xf32> {
  %y, %lse = nn.attention %q, %k, %v scale 0.5 : (tensor<2x5x4xf32>, tensor<2x7x4xf32>, tensor<2x7x3xf32>) -> (tensor<2x5x3xf32>, tensor<2x5xf32>)
  %l = nn.reduce sum %y [0, 1, 2] : tensor<2x5x3xf32>
  %g = learn.gradient %l of %q : (tensor<f32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32>
  return %g : tensor<2x5x4xf32>
}

// -----

// A gradient inside another one: the attention is decomposed first, so that no terminal op is differentiated.
// CHECK-LABEL: func.func @penalty
// CHECK-NOT: nn.attention
// CHECK: return
func.func @penalty(%q: tensor<5x4xf32>, %k: tensor<7x4xf32>, %v: tensor<7x3xf32>) -> tensor<7x4xf32> {
  %y, %lse = nn.attention %q, %k, %v scale 0.5 : (tensor<5x4xf32>, tensor<7x4xf32>, tensor<7x3xf32>) -> (tensor<5x3xf32>, tensor<5xf32>)
  %l = nn.reduce sum %y [0, 1] : tensor<5x3xf32>
  %g = learn.gradient %l of %q : (tensor<f32>, tensor<5x4xf32>) -> tensor<5x4xf32>
  %s = nn.mul %g, %g : tensor<5x4xf32>
  %p = nn.reduce sum %s [0, 1] : tensor<5x4xf32>
  %h = learn.gradient %p of %k : (tensor<f32>, tensor<7x4xf32>) -> tensor<7x4xf32>
  return %h : tensor<7x4xf32>
}

// -----

// What the loss does not depend on has the gradient 0, and no cotangent passes nn.stop_gradient.
// CHECK-LABEL: func.func @zero
// CHECK: %[[ZERO:.*]] = nn.constant dense<0.000000e+00> : tensor<4xf32>
// CHECK-NEXT: return %[[ZERO]], %[[ZERO]]
func.func @zero(%x: tensor<4xf32>, %z: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %s = nn.stop_gradient %x : tensor<4xf32>
  %l = nn.reduce sum %s [0] : tensor<4xf32>
  %g, %h = learn.gradient %l of %x, %z : (tensor<f32>, tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  return %g, %h : tensor<4xf32>, tensor<4xf32>
}
