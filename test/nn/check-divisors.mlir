// RUN: %nn-opt --nn-check-divisors %s | FileCheck %s

// A constant that is neither 0 nor -1 needs no check.
// CHECK-LABEL: func.func @constant
// CHECK-NOT: nn.assert
// CHECK-LABEL: func.func @both
func.func @constant(%a: tensor<4xi32>) -> tensor<4xi32> {
  %b = nn.constant dense<3> : tensor<4xi32>
  %q = nn.floordiv %a, %b : tensor<4xi32>
  return %q : tensor<4xi32>
}

// CHECK: nn.assert {{.*}}, "division by 0"
// CHECK: nn.assert {{.*}}, "-2147483648 divided by -1 is more than its type holds"
// CHECK-NOT: nn.assert
func.func @both(%a: tensor<4xi32>, %b: tensor<4xi32>) -> tensor<4xi32> {
  %q = nn.floordiv %a, %b : tensor<4xi32>
  return %q : tensor<4xi32>
}

// The remainder by -1 is 0. One check, of the elements that are chosen through the broadcast.
// CHECK-LABEL: func.func @chosen
// CHECK: %[[MASK:.*]] = nn.reduce any %arg2 [1]
// CHECK: nn.and {{.*}}, %[[MASK]]
// CHECK: nn.assert {{.*}}, "division by 0"
// CHECK-NOT: nn.assert
func.func @chosen(%a: tensor<4xi32>, %b: tensor<4xi32>, %c: tensor<4x2xi1>, %other: tensor<4x2xi32>) -> tensor<4x2xi32> {
  %r = nn.mod %a, %b : tensor<4xi32>
  %wide = nn.broadcast %r [0] : tensor<4xi32> to tensor<4x2xi32>
  %y = nn.select %c, %wide, %other : tensor<4x2xi1>, tensor<4x2xi32>
  return %y : tensor<4x2xi32>
}
