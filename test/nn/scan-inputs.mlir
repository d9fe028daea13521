// RUN: %nn-opt --nn-scan-inputs %s | FileCheck %s

// x[:, t] and x[:, T - 1 - t] are stacked inputs, the second of the reversed tensor; the constant itself is gone.
// CHECK-LABEL: func.func @reads
// CHECK: %[[A:.*]] = nn.transpose %arg1 [1, 0]
// CHECK: %[[B:.*]] = nn.transpose %arg1 [1, 0]
// CHECK: %[[R:.*]] = nn.reverse %[[B]] [0]
// CHECK: nn.scan 8 carry(%arg0) inputs(%[[A]], %[[R]]) :
// CHECK-NOT: nn.at
func.func @reads(%h0: tensor<4xf32>, %x: tensor<4x8xf32>) -> tensor<4xf32> {
  %h = nn.scan 8 carry(%h0) constants(%x) : (tensor<4xf32>, tensor<4x8xf32>) -> tensor<4xf32> {
  ^bb0(%t: tensor<i32>, %c: tensor<4xf32>, %y: tensor<4x8xf32>):
    %last = nn.constant dense<7> : tensor<i32>
    %s = nn.sub %last, %t : tensor<i32>
    %a = nn.at %y, %t axis 1 : tensor<4x8xf32>
    %b = nn.at %y, %s axis 1 : tensor<4x8xf32>
    %0 = nn.mul %a, %b : tensor<4xf32>
    %1 = nn.add %0, %c : tensor<4xf32>
    nn.yield %1 : tensor<4xf32>
  }
  return %h : tensor<4xf32>
}

// The turn before is not read by every turn: it stays.
// CHECK-LABEL: func.func @previous
// CHECK: nn.at
func.func @previous(%h0: tensor<f32>, %x: tensor<8xf32>) -> tensor<f32> {
  %h = nn.scan 8 carry(%h0) constants(%x) : (tensor<f32>, tensor<8xf32>) -> tensor<f32> {
  ^bb0(%t: tensor<i32>, %c: tensor<f32>, %y: tensor<8xf32>):
    %seven = nn.constant dense<7> : tensor<i32>
    %one = nn.constant dense<1> : tensor<i32>
    %s = nn.sub %t, %one : tensor<i32>
    %zero = nn.constant dense<0> : tensor<i32>
    %p = nn.max %s, %zero : tensor<i32>
    %a = nn.at %y, %p axis 0 : tensor<8xf32>
    %1 = nn.add %a, %c : tensor<f32>
    nn.yield %1 : tensor<f32>
  }
  return %h : tensor<f32>
}
