// Tensors without elements are constants, and so is what is left of their readers.
// RUN: %nn-opt --nn-fold-empty --canonicalize %s | FileCheck %s

// CHECK-LABEL: func.func @sums
// CHECK-DAG: %[[ZERO:.*]] = nn.constant dense<0.000000e+00> : tensor<2x3xf32>
// CHECK-DAG: %[[LOW:.*]] = nn.constant dense<0xFF800000> : tensor<2xf32>
// CHECK-DAG: %[[ONE:.*]] = nn.constant dense<1.000000e+00> : tensor<2xf32>
// CHECK: return %[[ZERO]], %[[LOW]], %[[ONE]]
func.func @sums(%a: tensor<2x0xf32>, %b: tensor<0x3xf32>) -> (tensor<2x3xf32>, tensor<2xf32>, tensor<2xf32>) {
  %y = nn.contract %a [0, 1], %b [1, 2] -> [0, 2] : tensor<2x0xf32>, tensor<0x3xf32>
  %l = nn.logsumexp %a axis 1 : tensor<2x0xf32>
  %p = nn.reduce prod %a [1] : tensor<2x0xf32>
  return %y, %l, %p : tensor<2x3xf32>, tensor<2xf32>, tensor<2xf32>
}

// CHECK-LABEL: func.func @parts
// CHECK: nn.concat %arg0, %arg0 axis 0
func.func @parts(%x: tensor<2xf32>, %none: tensor<0xf32>) -> tensor<4xf32> {
  %y = nn.concat %x, %none, %x axis 0 : tensor<2xf32>, tensor<0xf32>, tensor<2xf32>
  return %y : tensor<4xf32>
}

// CHECK-LABEL: func.func @turns
// CHECK-NOT: nn.scan
// CHECK: return %arg0, %{{.*}} : tensor<2xf32>, tensor<0x2xf32>
func.func @turns(%h: tensor<2xf32>, %xs: tensor<0x2xf32>) -> (tensor<2xf32>, tensor<0x2xf32>) {
  %last, %ys = nn.scan 0 carry(%h) inputs(%xs) : (tensor<2xf32>, tensor<0x2xf32>) -> (tensor<2xf32>, tensor<0x2xf32>) {
  ^bb0(%t: tensor<i32>, %c: tensor<2xf32>, %x: tensor<2xf32>):
    %n = nn.add %c, %x : tensor<2xf32>
    nn.yield %n, %n : tensor<2xf32>, tensor<2xf32>
  }
  return %last, %ys : tensor<2xf32>, tensor<0x2xf32>
}
