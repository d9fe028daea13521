// RUN: nn-opt %s --nn-reciprocals | FileCheck %s

// CHECK-LABEL: func.func @constant
// CHECK: %[[INVERSE:.*]] = nn.constant dense<2.500000e-01> : tensor<8x16xf32>
// CHECK: nn.mul %arg0, %[[INVERSE]]
// CHECK-NOT: nn.div
func.func @constant(%x: tensor<8x16xf32>) -> tensor<8x16xf32> {
  %c = nn.constant dense<4.0> : tensor<8x16xf32>
  %y = nn.div %x, %c : tensor<8x16xf32>
  func.return %y : tensor<8x16xf32>
}

// Its reciprocal is infinite: it has to stay.
// CHECK-LABEL: func.func @tiny
// CHECK: nn.div
func.func @tiny(%x: tensor<8x16xf32>) -> tensor<8x16xf32> {
  %c = nn.constant dense<1.0e-40> : tensor<8x16xf32>
  %y = nn.div %x, %c : tensor<8x16xf32>
  func.return %y : tensor<8x16xf32>
}

// A number a row, which is a root and so not huge.
// CHECK-LABEL: func.func @rows
// CHECK: %[[ROOT:.*]] = nn.sqrt %arg1
// CHECK: %[[ONE:.*]] = nn.constant dense<1.000000e+00> : tensor<8xf32>
// CHECK: %[[EACH:.*]] = nn.div %[[ONE]], %[[ROOT]] : tensor<8xf32>
// CHECK: %[[ALL:.*]] = nn.broadcast %[[EACH]] [0] : tensor<8xf32> to tensor<8x16xf32>
// CHECK: nn.mul %arg0, %[[ALL]] : tensor<8x16xf32>
func.func @rows(%x: tensor<8x16xf32>, %s: tensor<8xf32>) -> tensor<8x16xf32> {
  %r = nn.sqrt %s : tensor<8xf32>
  %c = nn.broadcast %r [0] : tensor<8xf32> to tensor<8x16xf32>
  %y = nn.div %x, %c : tensor<8x16xf32>
  func.return %y : tensor<8x16xf32>
}

// Any number a row: the reciprocal of what is huge would be subnormal, of what is tiny infinite.
// CHECK-LABEL: func.func @sums
// CHECK: nn.compare gt %{{.*}} : tensor<8xf32>
// CHECK: nn.compare lt %{{.*}} : tensor<8xf32>
// CHECK: %[[SCALED:.*]] = nn.mul %arg1, %[[FACTOR:.*]] : tensor<8xf32>
// CHECK: %[[FACTORS:.*]] = nn.broadcast %[[FACTOR]] [0]
// CHECK: %[[NUMBERS:.*]] = nn.mul %arg0, %[[FACTORS]] : tensor<8x16xf32>
// CHECK: nn.div %{{.*}}, %[[SCALED]] : tensor<8xf32>
// CHECK: nn.mul %[[NUMBERS]], %{{.*}} : tensor<8x16xf32>
func.func @sums(%x: tensor<8x16xf32>, %s: tensor<8xf32>) -> tensor<8x16xf32> {
  %c = nn.broadcast %s [0] : tensor<8xf32> to tensor<8x16xf32>
  %y = nn.div %x, %c : tensor<8x16xf32>
  func.return %y : tensor<8x16xf32>
}

// One number a column: the neighbours of a vector have different ones, nothing is won.
// CHECK-LABEL: func.func @columns
// CHECK: nn.broadcast %arg1 [1]
// CHECK: nn.div
func.func @columns(%x: tensor<8x16xf32>, %s: tensor<16xf32>) -> tensor<8x16xf32> {
  %c = nn.broadcast %s [1] : tensor<16xf32> to tensor<8x16xf32>
  %y = nn.div %x, %c : tensor<8x16xf32>
  func.return %y : tensor<8x16xf32>
}
