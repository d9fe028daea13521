// RUN: %nn-opt --nn-name-formulas --nn-raise-attention=remarks=true --nn-simplify %s 2>&1 | FileCheck %s

// CHECK: remark: raised to attention
// CHECK: remark: not raised to attention: the softmax runs along another axis than the sum over the values
// CHECK: remark: not raised to attention: the weights are used elsewhere too
// CHECK: remark: not raised to attention: hidden scores are a finite number

// The prelude's form: scaled after the product, masked by key and causally.
// CHECK-LABEL: func.func @masked_causal
// CHECK: %[[Y:.*]], %{{.*}} = nn.attention %arg0, %arg1, %arg2 mask %arg3 [0, 3] scale 2.500000e-01 causal
// CHECK-NEXT: return %[[Y]]
func.func @masked_causal(%q: tensor<2x3x5x16xf32>, %k: tensor<2x3x7x16xf32>, %v: tensor<2x3x7x4xf32>, %m: tensor<2x7xi1>) -> tensor<2x3x5x4xf32> {
  %s = nn.contract %q [0, 1, 2, 4], %k [0, 1, 3, 4] -> [0, 1, 2, 3] : tensor<2x3x5x16xf32>, tensor<2x3x7x16xf32>
  %c = nn.constant dense<4.0> : tensor<2x3x5x7xf32>
  %d = nn.div %s, %c : tensor<2x3x5x7xf32>
  %inf = nn.constant dense<0xFF800000> : tensor<2x3x5x7xf32>
  %mb = nn.broadcast %m [0, 3] : tensor<2x7xi1> to tensor<2x3x5x7xi1>
  %e = nn.select %mb, %d, %inf : tensor<2x3x5x7xi1>, tensor<2x3x5x7xf32>
  %i = nn.iota 0 : tensor<5x7xi32>
  %j = nn.iota 1 : tensor<5x7xi32>
  %le = nn.compare le %j, %i : tensor<5x7xi32>
  %open = nn.broadcast %le [2, 3] : tensor<5x7xi1> to tensor<2x3x5x7xi1>
  %f = nn.select %open, %e, %inf : tensor<2x3x5x7xi1>, tensor<2x3x5x7xf32>
  %a = nn.softmax %f axis 3 : tensor<2x3x5x7xf32>
  %y = nn.contract %a [0, 1, 2, 3], %v [0, 1, 3, 4] -> [0, 1, 2, 4] : tensor<2x3x5x7xf32>, tensor<2x3x7x4xf32>
  return %y : tensor<2x3x5x4xf32>
}

// Operands the other way round, heads after positions, keys before queries in the scores, queries scaled.
// CHECK-LABEL: func.func @permuted
// CHECK-DAG: %[[Q:.*]] = nn.transpose %arg0 [0, 2, 1, 3]
// CHECK-DAG: %[[K:.*]] = nn.transpose %arg1 [0, 2, 1, 3]
// CHECK-DAG: %[[V:.*]] = nn.transpose %arg2 [0, 2, 1, 3]
// CHECK: %[[Y:.*]], %{{.*}} = nn.attention %[[Q]], %[[K]], %[[V]] scale 1.250000e-01 :
// CHECK: %[[T:.*]] = nn.transpose %[[Y]] [0, 2, 1, 3]
// CHECK-NEXT: return %[[T]]
func.func @permuted(%q: tensor<2x5x3x16xf32>, %k: tensor<2x7x3x16xf32>, %v: tensor<2x7x3x4xf32>) -> tensor<2x5x3x4xf32> {
  %c = nn.constant dense<0.125> : tensor<2x5x3x16xf32>
  %qs = nn.mul %c, %q : tensor<2x5x3x16xf32>
  %s = nn.contract %k [0, 3, 1, 4], %qs [0, 2, 1, 4] -> [0, 3, 1, 2] : tensor<2x7x3x16xf32>, tensor<2x5x3x16xf32>
  %a = nn.softmax %s axis 1 : tensor<2x7x3x5xf32>
  %y = nn.contract %v [0, 3, 1, 4], %a [0, 3, 1, 2] -> [0, 2, 1, 4] : tensor<2x7x3x4xf32>, tensor<2x7x3x5xf32>
  return %y : tensor<2x5x3x4xf32>
}

// One query, no batch: rows of size 1 are added and taken away; a bias along the keys.
// CHECK-LABEL: func.func @one_query
// CHECK: nn.reshape %arg0 : tensor<16xf32> to tensor<1x16xf32>
// CHECK: nn.attention %{{.*}}, %arg1, %arg2 bias %arg3 [1] scale 1.000000e+00
// CHECK: nn.reshape %{{.*}} : tensor<1x4xf32> to tensor<4xf32>
func.func @one_query(%q: tensor<16xf32>, %k: tensor<7x16xf32>, %v: tensor<7x4xf32>, %b: tensor<7xf32>) -> tensor<4xf32> {
  %s = nn.contract %q [0], %k [1, 0] -> [1] : tensor<16xf32>, tensor<7x16xf32>
  %t = nn.add %b, %s : tensor<7xf32>
  %a = nn.softmax %t axis 0 : tensor<7xf32>
  %y = nn.contract %a [0], %v [0, 1] -> [1] : tensor<7xf32>, tensor<7x4xf32>
  return %y : tensor<4xf32>
}

// Pixels of an image ask: their two axes become one; the weights are dropped out.
// CHECK-LABEL: func.func @image
// CHECK: nn.reshape %arg0 : tensor<2x6x5x16xf32> to tensor<2x30x16xf32>
// CHECK: nn.reshape %arg3 : tensor<2x6x5x7xi1> to tensor<2x30x7xi1>
// CHECK: nn.attention %{{.*}} keep %{{.*}} 2.000000e+00 scale 1.000000e+00
// CHECK: nn.reshape %{{.*}} : tensor<2x30x4xf32> to tensor<2x6x5x4xf32>
func.func @image(%q: tensor<2x6x5x16xf32>, %k: tensor<2x7x16xf32>, %v: tensor<2x7x4xf32>, %keep: tensor<2x6x5x7xi1>) -> tensor<2x6x5x4xf32> {
  %s = nn.contract %q [0, 1, 2, 4], %k [0, 3, 4] -> [0, 1, 2, 3] : tensor<2x6x5x16xf32>, tensor<2x7x16xf32>
  %a = nn.softmax %s axis 3 : tensor<2x6x5x7xf32>
  %kf = nn.cast %keep : tensor<2x6x5x7xi1> to tensor<2x6x5x7xf32>
  %d = nn.mul %a, %kf : tensor<2x6x5x7xf32>
  %p = nn.constant dense<0.5> : tensor<2x6x5x7xf32>
  %e = nn.div %d, %p : tensor<2x6x5x7xf32>
  %y = nn.contract %e [0, 1, 2, 3], %v [0, 3, 4] -> [0, 1, 2, 4] : tensor<2x6x5x7xf32>, tensor<2x7x4xf32>
  return %y : tensor<2x6x5x4xf32>
}

// CHECK-LABEL: func.func @wrong_axis
// CHECK-NOT: nn.attention
func.func @wrong_axis(%q: tensor<7x16xf32>, %k: tensor<7x16xf32>, %v: tensor<7x4xf32>) -> tensor<7x4xf32> {
  %s = nn.contract %q [0, 2], %k [1, 2] -> [0, 1] : tensor<7x16xf32>, tensor<7x16xf32>
  %a = nn.softmax %s axis 0 : tensor<7x7xf32>
  %y = nn.contract %a [0, 1], %v [1, 2] -> [0, 2] : tensor<7x7xf32>, tensor<7x4xf32>
  return %y : tensor<7x4xf32>
}

// CHECK-LABEL: func.func @weights_used
// CHECK-NOT: nn.attention
func.func @weights_used(%q: tensor<5x16xf32>, %k: tensor<7x16xf32>, %v: tensor<7x4xf32>) -> (tensor<5x4xf32>, tensor<5x7xf32>) {
  %s = nn.contract %q [0, 2], %k [1, 2] -> [0, 1] : tensor<5x16xf32>, tensor<7x16xf32>
  %a = nn.softmax %s axis 1 : tensor<5x7xf32>
  %y = nn.contract %a [0, 1], %v [1, 2] -> [0, 2] : tensor<5x7xf32>, tensor<7x4xf32>
  return %y, %a : tensor<5x4xf32>, tensor<5x7xf32>
}

// CHECK-LABEL: func.func @finite_mask
// CHECK-NOT: nn.attention
func.func @finite_mask(%q: tensor<5x16xf32>, %k: tensor<7x16xf32>, %v: tensor<7x4xf32>, %m: tensor<5x7xi1>) -> tensor<5x4xf32> {
  %s = nn.contract %q [0, 2], %k [1, 2] -> [0, 1] : tensor<5x16xf32>, tensor<7x16xf32>
  %low = nn.constant dense<-1.0e9> : tensor<5x7xf32>
  %t = nn.select %m, %s, %low : tensor<5x7xi1>, tensor<5x7xf32>
  %a = nn.softmax %t axis 1 : tensor<5x7xf32>
  %y = nn.contract %a [0, 1], %v [1, 2] -> [0, 2] : tensor<5x7xf32>, tensor<7x4xf32>
  return %y : tensor<5x4xf32>
}

// Hidden keys first: the mask of keys that are seen is its negation, a negation of a negation none.
// CHECK-LABEL: func.func @hidden_first
// CHECK: %[[SEEN:.*]] = nn.not %arg3 : tensor<5x7xi1>
// CHECK: nn.attention %arg0, %arg1, %arg2 mask %[[SEEN]] [0, 1] scale 1.000000e+00
// CHECK: nn.attention %arg0, %arg1, %arg2 mask %arg3 [0, 1] scale 1.000000e+00
func.func @hidden_first(%q: tensor<5x16xf32>, %k: tensor<7x16xf32>, %v: tensor<7x4xf32>, %m: tensor<5x7xi1>) -> (tensor<5x4xf32>, tensor<5x4xf32>) {
  %low = nn.constant dense<0xFF800000> : tensor<5x7xf32>
  %s = nn.contract %q [0, 2], %k [1, 2] -> [0, 1] : tensor<5x16xf32>, tensor<7x16xf32>
  %t = nn.select %m, %low, %s : tensor<5x7xi1>, tensor<5x7xf32>
  %a = nn.softmax %t axis 1 : tensor<5x7xf32>
  %y = nn.contract %a [0, 1], %v [1, 2] -> [0, 2] : tensor<5x7xf32>, tensor<7x4xf32>
  %n = nn.not %m : tensor<5x7xi1>
  %r = nn.contract %q [0, 2], %k [1, 2] -> [0, 1] : tensor<5x16xf32>, tensor<7x16xf32>
  %u = nn.select %n, %low, %r : tensor<5x7xi1>, tensor<5x7xf32>
  %b = nn.softmax %u axis 1 : tensor<5x7xf32>
  %z = nn.contract %b [0, 1], %v [1, 2] -> [0, 2] : tensor<5x7xf32>, tensor<7x4xf32>
  return %y, %z : tensor<5x4xf32>, tensor<5x4xf32>
}

// Keys are compared with an axis of the group and with the queries, in either order: one of the two is causal, the other a mask.
// CHECK-LABEL: func.func @two_comparisons
// CHECK: nn.attention %arg0, %arg1, %arg2 mask %{{.*}} [0, 1, 2] scale 1.000000e+00 causal
// CHECK: nn.attention %arg0, %arg1, %arg2 mask %{{.*}} [0, 1, 2] scale 2.000000e+00 causal
func.func @two_comparisons(%q: tensor<3x5x4xf32>, %k: tensor<3x5x4xf32>, %v: tensor<3x5x4xf32>) -> (tensor<3x5x4xf32>, tensor<3x5x4xf32>) {
  %h = nn.iota 0 : tensor<3x5x5xi32>
  %i = nn.iota 1 : tensor<3x5x5xi32>
  %j = nn.iota 2 : tensor<3x5x5xi32>
  %g = nn.compare le %j, %h : tensor<3x5x5xi32>
  %c = nn.compare ge %i, %j : tensor<3x5x5xi32>
  %first = nn.and %g, %c : tensor<3x5x5xi1>
  %second = nn.and %c, %g : tensor<3x5x5xi1>
  %inf = nn.constant dense<0xFF800000> : tensor<3x5x5xf32>
  %two = nn.constant dense<2.0> : tensor<3x5x5xf32>
  %s = nn.contract %q [0, 1, 3], %k [0, 2, 3] -> [0, 1, 2] : tensor<3x5x4xf32>, tensor<3x5x4xf32>
  %m = nn.select %first, %s, %inf : tensor<3x5x5xi1>, tensor<3x5x5xf32>
  %a = nn.softmax %m axis 2 : tensor<3x5x5xf32>
  %y = nn.contract %a [0, 1, 2], %v [0, 2, 3] -> [0, 1, 3] : tensor<3x5x5xf32>, tensor<3x5x4xf32>
  %t = nn.contract %q [0, 1, 3], %k [0, 2, 3] -> [0, 1, 2] : tensor<3x5x4xf32>, tensor<3x5x4xf32>
  %u = nn.mul %t, %two : tensor<3x5x5xf32>
  %n = nn.select %second, %u, %inf : tensor<3x5x5xi1>, tensor<3x5x5xf32>
  %b = nn.softmax %n axis 2 : tensor<3x5x5xf32>
  %z = nn.contract %b [0, 1, 2], %v [0, 2, 3] -> [0, 1, 3] : tensor<3x5x5xf32>, tensor<3x5x4xf32>
  return %y, %z : tensor<3x5x4xf32>, tensor<3x5x4xf32>
}

// A classifier's softmax has no queries and keys: nothing is expected of it.
// CHECK-LABEL: func.func @classifier
// CHECK: nn.softmax
func.func @classifier(%x: tensor<5x16xf32>, %v: tensor<16x4xf32>) -> tensor<5x4xf32> {
  %a = nn.softmax %x axis 1 : tensor<5x16xf32>
  %y = nn.contract %a [0, 1], %v [1, 2] -> [0, 2] : tensor<5x16xf32>, tensor<16x4xf32>
  return %y : tensor<5x4xf32>
}
