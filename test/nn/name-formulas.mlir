// RUN: %nn-opt --nn-name-formulas %s | FileCheck %s

// a / (1 + e^-x), the sum in either order.
// CHECK-LABEL: func.func @sigmoid
// CHECK: %[[S:.*]] = nn.sigmoid %arg0
// CHECK: %[[T:.*]] = nn.sigmoid %arg1
// CHECK: %[[P:.*]] = nn.mul %arg0, %[[T]]
// CHECK: %[[U:.*]] = nn.sigmoid %arg0
// CHECK: return %[[S]], %[[P]], %[[U]]
func.func @sigmoid(%x: tensor<4xf32>, %z: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %one = nn.constant dense<1.0> : tensor<4xf32>
  %0 = nn.neg %x : tensor<4xf32>
  %1 = nn.exp %0 : tensor<4xf32>
  %2 = nn.add %one, %1 : tensor<4xf32>
  %3 = nn.div %one, %2 : tensor<4xf32>
  %4 = nn.neg %z : tensor<4xf32>
  %5 = nn.exp %4 : tensor<4xf32>
  %6 = nn.add %5, %one : tensor<4xf32>
  %7 = nn.div %x, %6 : tensor<4xf32>
  %8 = nn.exp %x : tensor<4xf32>
  %9 = nn.add %8, %one : tensor<4xf32>
  %10 = nn.div %8, %9 : tensor<4xf32>
  return %3, %7, %10 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: func.func @no_sigmoid
// CHECK-NOT: nn.sigmoid
// CHECK: return
func.func @no_sigmoid(%x: tensor<4xf32>) -> tensor<4xf32> {
  %one = nn.constant dense<1.0> : tensor<4xf32>
  %two = nn.constant dense<2.0> : tensor<4xf32>
  %0 = nn.neg %x : tensor<4xf32>
  %1 = nn.exp %0 : tensor<4xf32>
  %2 = nn.add %two, %1 : tensor<4xf32>
  %3 = nn.div %one, %2 : tensor<4xf32>
  return %3 : tensor<4xf32>
}

// log(1 + e^x), and max(x, 0) - x t + log1p(e^-|x|).
// CHECK-LABEL: func.func @softplus
// CHECK: %[[S:.*]] = nn.softplus %arg0
// CHECK-NOT: nn.max
// CHECK: %[[P:.*]] = nn.mul %arg0, %arg1
// CHECK: %[[D:.*]] = nn.sub %[[S]], %[[P]]
// CHECK: return %{{.*}}, %[[D]]
func.func @softplus(%x: tensor<4xf32>, %t: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %zero = nn.constant dense<0.0> : tensor<4xf32>
  %one = nn.constant dense<1.0> : tensor<4xf32>
  %m = nn.max %x, %zero : tensor<4xf32>
  %p = nn.mul %x, %t : tensor<4xf32>
  %d = nn.sub %m, %p : tensor<4xf32>
  %a = nn.abs %x : tensor<4xf32>
  %n = nn.neg %a : tensor<4xf32>
  %e = nn.exp %n : tensor<4xf32>
  %l = nn.log1p %e : tensor<4xf32>
  %y = nn.add %d, %l : tensor<4xf32>
  %f = nn.exp %x : tensor<4xf32>
  %g = nn.add %one, %f : tensor<4xf32>
  %z = nn.log %g : tensor<4xf32>
  return %z, %y : tensor<4xf32>, tensor<4xf32>
}

// min(x, 0) - log1p(e^-|x|) is -softplus(-x). max(a, b) + log1p(e^-|a - b|) stays: b may be -inf.
// CHECK-LABEL: func.func @softplus_of_others
// CHECK: %[[N:.*]] = nn.neg %arg0
// CHECK: %[[S:.*]] = nn.softplus %[[N]]
// CHECK: %[[Y:.*]] = nn.neg %[[S]]
// CHECK: %[[D:.*]] = nn.sub %arg0, %arg1
// CHECK: %[[M:.*]] = nn.max %arg0, %arg1
// CHECK: %[[Z:.*]] = nn.add %[[M]]
// CHECK: return %[[Y]], %[[Z]]
func.func @softplus_of_others(%x: tensor<4xf32>, %t: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %zero = nn.constant dense<0.0> : tensor<4xf32>
  %m = nn.min %x, %zero : tensor<4xf32>
  %a = nn.abs %x : tensor<4xf32>
  %n = nn.neg %a : tensor<4xf32>
  %e = nn.exp %n : tensor<4xf32>
  %l = nn.log1p %e : tensor<4xf32>
  %y = nn.sub %m, %l : tensor<4xf32>
  %d = nn.sub %x, %t : tensor<4xf32>
  %b = nn.abs %d : tensor<4xf32>
  %o = nn.neg %b : tensor<4xf32>
  %f = nn.exp %o : tensor<4xf32>
  %k = nn.log1p %f : tensor<4xf32>
  %p = nn.max %x, %t : tensor<4xf32>
  %z = nn.add %p, %k : tensor<4xf32>
  return %y, %z : tensor<4xf32>, tensor<4xf32>
}

// Another sign, or another number than 0, is no softplus.
// CHECK-LABEL: func.func @no_softplus
// CHECK: nn.max
// CHECK: nn.max
// CHECK: return
func.func @no_softplus(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %zero = nn.constant dense<0.0> : tensor<4xf32>
  %one = nn.constant dense<1.0> : tensor<4xf32>
  %m = nn.max %x, %zero : tensor<4xf32>
  %k = nn.max %x, %one : tensor<4xf32>
  %a = nn.abs %x : tensor<4xf32>
  %n = nn.neg %a : tensor<4xf32>
  %e = nn.exp %n : tensor<4xf32>
  %l = nn.log1p %e : tensor<4xf32>
  %y = nn.sub %m, %l : tensor<4xf32>
  %z = nn.add %k, %l : tensor<4xf32>
  return %y, %z : tensor<4xf32>, tensor<4xf32>
}

// e / sum e, the largest taken off before; masked by 0 and 1; after the sum over the values; by way of logarithms.
// CHECK-LABEL: func.func @softmax
// CHECK-NOT: nn.exp
// CHECK: %[[A:.*]] = nn.softmax %arg0 axis 1
// CHECK: %[[M:.*]] = nn.select %arg1, %arg0
// CHECK: %[[B:.*]] = nn.softmax %[[M]] axis 1
// CHECK: nn.contract %{{.*}} [0, 1], %arg2 [1, 2] -> [0, 2]
// CHECK-NOT: nn.div
// CHECK: return
func.func @softmax(%x: tensor<4x3xf32>, %m: tensor<4x3xi1>, %v: tensor<3x2xf32>) -> (tensor<4x3xf32>, tensor<4x3xf32>, tensor<4x2xf32>, tensor<4x3xf32>, tensor<4x3xf32>) {
  %top = nn.reduce max %x [1] : tensor<4x3xf32>
  %t = nn.broadcast %top [0] : tensor<4xf32> to tensor<4x3xf32>
  %d = nn.sub %x, %t : tensor<4x3xf32>
  %e = nn.exp %d : tensor<4x3xf32>
  %n = nn.reduce sum %e [1] : tensor<4x3xf32>
  %r = nn.broadcast %n [0] : tensor<4xf32> to tensor<4x3xf32>
  %a = nn.div %e, %r : tensor<4x3xf32>
  %c = nn.cast %m : tensor<4x3xi1> to tensor<4x3xf32>
  %f = nn.mul %c, %e : tensor<4x3xf32>
  %g = nn.reduce sum %f [1] : tensor<4x3xf32>
  %h = nn.broadcast %g [0] : tensor<4xf32> to tensor<4x3xf32>
  %b = nn.div %f, %h : tensor<4x3xf32>
  %p = nn.contract %e [0, 1], %v [1, 2] -> [0, 2] : tensor<4x3xf32>, tensor<3x2xf32>
  %q = nn.broadcast %n [0] : tensor<4xf32> to tensor<4x2xf32>
  %y = nn.div %p, %q : tensor<4x2xf32>
  %l = nn.log_softmax %x axis 1 : tensor<4x3xf32>
  %i = nn.exp %l : tensor<4x3xf32>
  %s = nn.logsumexp %x axis 1 : tensor<4x3xf32>
  %u = nn.broadcast %s [0] : tensor<4xf32> to tensor<4x3xf32>
  %w = nn.sub %x, %u : tensor<4x3xf32>
  %j = nn.exp %w : tensor<4x3xf32>
  return %a, %b, %y, %i, %j : tensor<4x3xf32>, tensor<4x3xf32>, tensor<4x2xf32>, tensor<4x3xf32>, tensor<4x3xf32>
}

// Another sum, another axis, factors that need not be 0 and 1.
// CHECK-LABEL: func.func @no_softmax
// CHECK-NOT: nn.softmax
// CHECK: return
func.func @no_softmax(%x: tensor<3x3xf32>, %z: tensor<3x3xf32>) -> (tensor<3x3xf32>, tensor<3x3xf32>, tensor<3x3xf32>) {
  %e = nn.exp %x : tensor<3x3xf32>
  %f = nn.exp %z : tensor<3x3xf32>
  %n = nn.reduce sum %e [1] : tensor<3x3xf32>
  %r = nn.broadcast %n [0] : tensor<3xf32> to tensor<3x3xf32>
  %a = nn.div %f, %r : tensor<3x3xf32>
  %s = nn.broadcast %n [1] : tensor<3xf32> to tensor<3x3xf32>
  %b = nn.div %e, %s : tensor<3x3xf32>
  %g = nn.mul %e, %z : tensor<3x3xf32>
  %m = nn.reduce sum %g [1] : tensor<3x3xf32>
  %t = nn.broadcast %m [0] : tensor<3xf32> to tensor<3x3xf32>
  %c = nn.div %g, %t : tensor<3x3xf32>
  return %a, %b, %c : tensor<3x3xf32>, tensor<3x3xf32>, tensor<3x3xf32>
}
