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

// A number a row.
// CHECK-LABEL: func.func @rows
// CHECK: %[[ONE:.*]] = nn.constant dense<1.000000e+00> : tensor<8xf32>
// CHECK: %[[EACH:.*]] = nn.div %[[ONE]], %arg1 : tensor<8xf32>
// CHECK: %[[ALL:.*]] = nn.broadcast %[[EACH]] [0] : tensor<8xf32> to tensor<8x16xf32>
// CHECK: nn.mul %arg0, %[[ALL]] : tensor<8x16xf32>
func.func @rows(%x: tensor<8x16xf32>, %s: tensor<8xf32>) -> tensor<8x16xf32> {
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
