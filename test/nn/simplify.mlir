// RUN: %nn-opt --nn-simplify %s | FileCheck %s

// Index notation by hand: y[i, j] = sum_k a[i, k] b[j, k] / 4.
// CHECK-LABEL: func.func @sum_of_products
// CHECK: %[[Y:.*]] = nn.contract %arg0 [0, 2], %arg1 [1, 2] -> [0, 1] : tensor<4x8xf32>, tensor<3x8xf32>
// CHECK: %[[S:.*]] = nn.mul %[[Y]], %{{.*}} : tensor<4x3xf32>
// CHECK-NEXT: return %[[S]]
func.func @sum_of_products(%a: tensor<4x8xf32>, %b: tensor<3x8xf32>) -> tensor<4x3xf32> {
  %p = nn.broadcast %a [0, 2] : tensor<4x8xf32> to tensor<4x3x8xf32>
  %q = nn.broadcast %b [1, 2] : tensor<3x8xf32> to tensor<4x3x8xf32>
  %m = nn.mul %p, %q : tensor<4x3x8xf32>
  %c = nn.constant dense<4.0> : tensor<4x3x8xf32>
  %d = nn.div %m, %c : tensor<4x3x8xf32>
  %y = nn.reduce sum %d [2] : tensor<4x3x8xf32>
  return %y : tensor<4x3xf32>
}

// Nothing is repeated: a sum of squares stays a sum of squares.
// CHECK-LABEL: func.func @squares
// CHECK-NOT: nn.contract
func.func @squares(%a: tensor<4x8xf32>) -> tensor<4xf32> {
  %m = nn.mul %a, %a : tensor<4x8xf32>
  %y = nn.reduce sum %m [1] : tensor<4x8xf32>
  return %y : tensor<4xf32>
}

// CHECK-LABEL: func.func @transposes
// CHECK-NOT: nn.transpose
// CHECK: %[[Y:.*]] = nn.contract %arg0 [2, 0], %arg1 [2, 1] -> [1, 0]
// CHECK-NEXT: return %[[Y]]
func.func @transposes(%a: tensor<8x4xf32>, %b: tensor<8x3xf32>) -> tensor<3x4xf32> {
  %t = nn.transpose %a [1, 0] : tensor<8x4xf32>
  %y = nn.contract %t [0, 2], %b [2, 1] -> [0, 1] : tensor<4x8xf32>, tensor<8x3xf32>
  %z = nn.transpose %y [1, 0] : tensor<4x3xf32>
  return %z : tensor<3x4xf32>
}

// CHECK-LABEL: func.func @folds
// CHECK: %[[ONE:.*]] = nn.constant dense<3.000000e+00>
// CHECK: return %arg0, %[[ONE]], %arg0
func.func @folds(%x: tensor<4xf32>, %c: tensor<4xi1>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %zero = nn.constant dense<0.0> : tensor<4xf32>
  %one = nn.constant dense<1.0> : tensor<4xf32>
  %two = nn.constant dense<2.0> : tensor<4xf32>
  %a = nn.add %x, %zero : tensor<4xf32>
  %b = nn.mul %a, %one : tensor<4xf32>
  %d = nn.add %one, %two : tensor<4xf32>
  %true = nn.constant dense<true> : tensor<4xi1>
  %o = nn.or %c, %true : tensor<4xi1>
  %e = nn.select %o, %x, %zero : tensor<4xi1>, tensor<4xf32>
  return %b, %d, %e : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// 1 / (1 + e^-x), the sum in either order.
// CHECK-LABEL: func.func @sigmoid
// CHECK: %[[S:.*]] = nn.sigmoid %arg0
// CHECK: %[[T:.*]] = nn.sigmoid %arg1
// CHECK: return %[[S]], %[[T]]
func.func @sigmoid(%x: tensor<4xf32>, %z: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %one = nn.constant dense<1.0> : tensor<4xf32>
  %0 = nn.neg %x : tensor<4xf32>
  %1 = nn.exp %0 : tensor<4xf32>
  %2 = nn.add %one, %1 : tensor<4xf32>
  %3 = nn.div %one, %2 : tensor<4xf32>
  %4 = nn.neg %z : tensor<4xf32>
  %5 = nn.exp %4 : tensor<4xf32>
  %6 = nn.add %5, %one : tensor<4xf32>
  %7 = nn.div %one, %6 : tensor<4xf32>
  return %3, %7 : tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: func.func @no_sigmoid
// CHECK-NOT: nn.sigmoid
// CHECK: return
func.func @no_sigmoid(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %one = nn.constant dense<1.0> : tensor<4xf32>
  %two = nn.constant dense<2.0> : tensor<4xf32>
  %0 = nn.neg %x : tensor<4xf32>
  %1 = nn.exp %0 : tensor<4xf32>
  %2 = nn.add %two, %1 : tensor<4xf32>
  %3 = nn.div %one, %2 : tensor<4xf32>
  %4 = nn.exp %x : tensor<4xf32>
  %5 = nn.add %one, %4 : tensor<4xf32>
  %6 = nn.div %one, %5 : tensor<4xf32>
  return %3, %6 : tensor<4xf32>, tensor<4xf32>
}
