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

// Constants come last where the order is no matter, and a choice has no negated condition.
// CHECK-LABEL: func.func @orders
// CHECK-DAG: %[[TWO:.*]] = nn.constant dense<2.000000e+00>
// CHECK-NOT: nn.not
// CHECK: %[[SUM:.*]] = nn.add %arg0, %[[TWO]]
// CHECK: %[[MAX:.*]] = nn.max %[[SUM]], %[[TWO]]
// CHECK: %[[Y:.*]] = nn.select %arg1, %arg0, %[[MAX]]
// CHECK-NEXT: return %[[Y]]
func.func @orders(%x: tensor<4xf32>, %c: tensor<4xi1>) -> tensor<4xf32> {
  %two = nn.constant dense<2.0> : tensor<4xf32>
  %a = nn.add %two, %x : tensor<4xf32>
  %b = nn.max %two, %a : tensor<4xf32>
  %n = nn.not %c : tensor<4xi1>
  %y = nn.select %n, %b, %x : tensor<4xi1>, tensor<4xf32>
  return %y : tensor<4xf32>
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

// A one-hot row times a matrix is a row of it, or zeros where the number is no row; a gather in the other order of axes.
// CHECK-LABEL: func.func @one_hot
// CHECK-NOT: nn.contract
// CHECK: %[[SAFE:.*]] = nn.min
// CHECK: %[[ROWS:.*]] = nn.gather %arg1, %[[SAFE]] axis 0
// CHECK: nn.select %{{.*}}, %[[ROWS]]
// CHECK: nn.gather %arg2, %{{.*}} axis 1
// CHECK: nn.transpose
func.func @one_hot(%u: tensor<4xi32>, %w: tensor<6x3xf32>, %v: tensor<3x6xf32>) -> (tensor<4x3xf32>, tensor<4x3xf32>) {
  %b = nn.broadcast %u [0] : tensor<4xi32> to tensor<4x6xi32>
  %i = nn.iota 1 : tensor<4x6xi32>
  %e = nn.compare eq %b, %i : tensor<4x6xi32>
  %h = nn.cast %e : tensor<4x6xi1> to tensor<4x6xf32>
  %y = nn.contract %h [0, 1], %w [1, 2] -> [0, 2] : tensor<4x6xf32>, tensor<6x3xf32>
  %z = nn.contract %v [2, 1], %h [0, 1] -> [0, 2] : tensor<3x6xf32>, tensor<4x6xf32>
  return %y, %z : tensor<4x3xf32>, tensor<4x3xf32>
}

// Rows that are summed, that have a matrix each, or that are compared otherwise are products still.
// CHECK-LABEL: func.func @not_one_hot
// CHECK-NOT: nn.gather
// CHECK: return
func.func @not_one_hot(%u: tensor<4xi32>, %w: tensor<6x3xf32>, %v: tensor<4x6x3xf32>) -> (tensor<3xf32>, tensor<4x3xf32>, tensor<4x3xf32>) {
  %b = nn.broadcast %u [0] : tensor<4xi32> to tensor<4x6xi32>
  %i = nn.iota 1 : tensor<4x6xi32>
  %e = nn.compare eq %b, %i : tensor<4x6xi32>
  %l = nn.compare le %b, %i : tensor<4x6xi32>
  %h = nn.cast %e : tensor<4x6xi1> to tensor<4x6xf32>
  %g = nn.cast %l : tensor<4x6xi1> to tensor<4x6xf32>
  %x = nn.contract %h [0, 1], %w [1, 2] -> [2] : tensor<4x6xf32>, tensor<6x3xf32>
  %y = nn.contract %h [0, 1], %v [0, 1, 2] -> [0, 2] : tensor<4x6xf32>, tensor<4x6x3xf32>
  %z = nn.contract %g [0, 1], %w [1, 2] -> [0, 2] : tensor<4x6xf32>, tensor<6x3xf32>
  return %x, %y, %z : tensor<3xf32>, tensor<4x3xf32>, tensor<4x3xf32>
}
