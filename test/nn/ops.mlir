// Every op of the nn dialect, as its documentation writes it: read, printed, read again.
// RUN: %nn-opt %s | %nn-opt | FileCheck %s

// CHECK-LABEL: func.func @elementwise
func.func @elementwise(%x: tensor<4x3xf32>, %a: tensor<4x3xf32>, %b: tensor<4x3xf32>, %i: tensor<4xi32>, %j: tensor<4xi32>,
                       %p: tensor<4xi1>, %q: tensor<4xi1>, %c: tensor<4x3xi1>) {
  // CHECK: nn.neg %{{.*}} : tensor<4x3xf32>
  %0 = nn.neg %x : tensor<4x3xf32>
  // CHECK: nn.abs
  %1 = nn.abs %x : tensor<4x3xf32>
  // CHECK: nn.exp
  %2 = nn.exp %x : tensor<4x3xf32>
  // CHECK: nn.expm1
  %3 = nn.expm1 %x : tensor<4x3xf32>
  // CHECK: nn.log
  %4 = nn.log %x : tensor<4x3xf32>
  // CHECK: nn.log1p
  %5 = nn.log1p %x : tensor<4x3xf32>
  // CHECK: nn.sqrt
  %6 = nn.sqrt %x : tensor<4x3xf32>
  // CHECK: nn.rsqrt
  %7 = nn.rsqrt %x : tensor<4x3xf32>
  // CHECK: nn.tanh
  %8 = nn.tanh %x : tensor<4x3xf32>
  // CHECK: nn.sin
  %9 = nn.sin %x : tensor<4x3xf32>
  // CHECK: nn.cos
  %10 = nn.cos %x : tensor<4x3xf32>
  // CHECK: nn.erf
  %11 = nn.erf %x : tensor<4x3xf32>
  // CHECK: nn.sigmoid
  %12 = nn.sigmoid %x : tensor<4x3xf32>
  // CHECK: nn.softplus
  %13 = nn.softplus %x : tensor<4x3xf32>
  // CHECK: nn.sign
  %14 = nn.sign %x : tensor<4x3xf32>
  // CHECK: nn.log2
  %new0 = nn.log2 %x : tensor<4x3xf32>
  // CHECK: nn.sinh
  %new1 = nn.sinh %x : tensor<4x3xf32>
  // CHECK: nn.cosh
  %new2 = nn.cosh %x : tensor<4x3xf32>
  // CHECK: nn.atan
  %new3 = nn.atan %x : tensor<4x3xf32>
  // CHECK: nn.round
  %new4 = nn.round %x : tensor<4x3xf32>
  // CHECK: nn.floor
  %15 = nn.floor %x : tensor<4x3xf32>
  // CHECK: nn.add %{{.*}}, %{{.*}} : tensor<4x3xf32>
  %16 = nn.add %a, %b : tensor<4x3xf32>
  // CHECK: nn.sub
  %17 = nn.sub %a, %b : tensor<4x3xf32>
  // CHECK: nn.mul
  %18 = nn.mul %a, %b : tensor<4x3xf32>
  // CHECK: nn.div
  %19 = nn.div %a, %b : tensor<4x3xf32>
  // CHECK: nn.pow
  %20 = nn.pow %a, %b : tensor<4x3xf32>
  // CHECK: nn.max
  %21 = nn.max %a, %b : tensor<4x3xf32>
  // CHECK: nn.min
  %22 = nn.min %a, %b : tensor<4x3xf32>
  // CHECK: nn.floordiv %{{.*}}, %{{.*}} : tensor<4xi32>
  %23 = nn.floordiv %i, %j : tensor<4xi32>
  // CHECK: nn.mod
  %24 = nn.mod %i, %j : tensor<4xi32>
  // CHECK: nn.and
  %25 = nn.and %p, %q : tensor<4xi1>
  // CHECK: nn.or
  %26 = nn.or %p, %q : tensor<4xi1>
  // CHECK: nn.xor
  %27 = nn.xor %p, %q : tensor<4xi1>
  // CHECK: nn.not
  %28 = nn.not %p : tensor<4xi1>
  // CHECK: nn.compare lt %{{.*}}, %{{.*}} : tensor<4x3xf32>
  %29 = nn.compare lt %a, %b : tensor<4x3xf32>
  // CHECK: nn.select %{{.*}}, %{{.*}}, %{{.*}} : tensor<4x3xi1>, tensor<4x3xf32>
  %30 = nn.select %c, %a, %b : tensor<4x3xi1>, tensor<4x3xf32>
  // CHECK: nn.cast %{{.*}} : tensor<4xi1> to tensor<4xf32>
  %31 = nn.cast %p : tensor<4xi1> to tensor<4xf32>
  // CHECK: nn.stop_gradient
  %32 = nn.stop_gradient %x : tensor<4x3xf32>
  return
}

// CHECK-LABEL: func.func @shape
func.func @shape(%x: tensor<4x3xf32>, %v: tensor<3xf32>, %w: tensor<4x8xf32>, %b: tensor<4x2xf32>, %t: tensor<i32>,
                 %z: tensor<4x8x3xf32>, %piece: tensor<4x3xf32>, %table: tensor<100x8xf32>, %words: tensor<4x5xi32>,
                 %updates: tensor<4x5x8xf32>, %image: tensor<8x16x30x30xf32>, %rows: tensor<8x28x3xf32>) {
  // CHECK: nn.constant dense<0.000000e+00> : tensor<4x3xf32>
  %0 = nn.constant dense<0.0> : tensor<4x3xf32>
  // CHECK: nn.iota 1 : tensor<4x3xi32>
  %1 = nn.iota 1 : tensor<4x3xi32>
  // CHECK: nn.broadcast %{{.*}} [1] : tensor<3xf32> to tensor<4x3xf32>
  %2 = nn.broadcast %v [1] : tensor<3xf32> to tensor<4x3xf32>
  // CHECK: nn.reshape %{{.*}} : tensor<4x3xf32> to tensor<12xf32>
  %3 = nn.reshape %x : tensor<4x3xf32> to tensor<12xf32>
  // CHECK: nn.transpose %{{.*}} [1, 0] : tensor<4x3xf32>
  %4 = nn.transpose %x [1, 0] : tensor<4x3xf32>
  // CHECK: nn.reverse %{{.*}} [1] : tensor<4x3xf32>
  %5 = nn.reverse %x [1] : tensor<4x3xf32>
  // CHECK: nn.slice %{{.*}} [0, 1] [1, 2] : tensor<4x8xf32> to tensor<4x3xf32>
  %6 = nn.slice %w [0, 1] [1, 2] : tensor<4x8xf32> to tensor<4x3xf32>
  // CHECK: nn.pad %{{.*}} [0, 1] [0, 1] [0, 0] value 1.000000e+00 : tensor<4x3xf32>
  %7 = nn.pad %x [0, 1] [0, 1] [0, 0] value 1.0 : tensor<4x3xf32>
  // CHECK: nn.concat %{{.*}}, %{{.*}} axis 1 : tensor<4x3xf32>, tensor<4x2xf32>
  %8 = nn.concat %x, %b axis 1 : tensor<4x3xf32>, tensor<4x2xf32>
  // CHECK: nn.at %{{.*}}, %{{.*}} axis 1 : tensor<4x8x3xf32>
  %9 = nn.at %z, %t axis 1 : tensor<4x8x3xf32>
  // CHECK: nn.put %{{.*}}, %{{.*}}, %{{.*}} axis 1 : tensor<4x8x3xf32>, tensor<4x3xf32>
  %10 = nn.put %z, %t, %piece axis 1 : tensor<4x8x3xf32>, tensor<4x3xf32>
  // CHECK: nn.gather %{{.*}}, %{{.*}} axis 0 : tensor<100x8xf32>, tensor<4x5xi32>
  %11 = nn.gather %table, %words axis 0 : tensor<100x8xf32>, tensor<4x5xi32>
  // CHECK: nn.scatter_add %{{.*}}, %{{.*}} axis 0 : tensor<4x5x8xf32>, tensor<4x5xi32> to tensor<100x8xf32>
  %12 = nn.scatter_add %updates, %words axis 0 : tensor<4x5x8xf32>, tensor<4x5xi32> to tensor<100x8xf32>
  // CHECK: nn.window %{{.*}} axes [2, 3] sizes [3, 3] strides [1, 1] : tensor<8x16x30x30xf32>
  %13 = nn.window %image axes [2, 3] sizes [3, 3] strides [1, 1] : tensor<8x16x30x30xf32>
  // CHECK: nn.unwindow %{{.*}} axes [1] sizes [3] strides [1] : tensor<8x28x3xf32> to tensor<8x30xf32>
  %14 = nn.unwindow %rows axes [1] sizes [3] strides [1] : tensor<8x28x3xf32> to tensor<8x30xf32>
  return
}

// CHECK-LABEL: func.func @reduction
func.func @reduction(%x: tensor<4x3xf32>, %w: tensor<4x30xf32>, %logits: tensor<64x10xf32>, %labels: tensor<64xi32>) {
  // CHECK: nn.reduce sum %{{.*}} [1] : tensor<4x3xf32>
  %0 = nn.reduce sum %x [1] : tensor<4x3xf32>
  // CHECK: nn.argmax %{{.*}} axis 1 : tensor<4x3xf32>
  %1 = nn.argmax %x axis 1 : tensor<4x3xf32>
  // CHECK: nn.cumulative sum %{{.*}} axis 1 reverse : tensor<4x3xf32>
  %2 = nn.cumulative sum %x axis 1 reverse : tensor<4x3xf32>
  // CHECK: nn.top_k %{{.*}} 5 : tensor<4x30xf32>
  %3, %4 = nn.top_k %w 5 : tensor<4x30xf32>
  // CHECK: nn.softmax %{{.*}} axis 1 : tensor<4x3xf32>
  %5 = nn.softmax %x axis 1 : tensor<4x3xf32>
  // CHECK: nn.log_softmax %{{.*}} axis 1 : tensor<4x3xf32>
  %6 = nn.log_softmax %x axis 1 : tensor<4x3xf32>
  // CHECK: nn.logsumexp %{{.*}} axis 1 : tensor<4x3xf32>
  %7 = nn.logsumexp %x axis 1 : tensor<4x3xf32>
  // CHECK: nn.cross_entropy %{{.*}}, %{{.*}} : tensor<64x10xf32>, tensor<64xi32>
  %8 = nn.cross_entropy %logits, %labels : tensor<64x10xf32>, tensor<64xi32>
  return
}

// CHECK-LABEL: func.func @products
func.func @products(%a: tensor<4x8xf32>, %b: tensor<8x3xf32>, %q: tensor<2x8x64x32xf32>, %m: tensor<2x64xi1>,
                    %bias: tensor<64x64xf32>, %keep: tensor<2x8x64x64xi1>) {
  // CHECK: nn.contract %{{.*}} [0, 2], %{{.*}} [2, 1] -> [0, 1] : tensor<4x8xf32>, tensor<8x3xf32>
  %0 = nn.contract %a [0, 2], %b [2, 1] -> [0, 1] : tensor<4x8xf32>, tensor<8x3xf32>
  // CHECK: nn.attention %{{.*}}, %{{.*}}, %{{.*}} scale 1.250000e-01 causal :
  %1, %2 = nn.attention %q, %q, %q scale 0.125 causal : (tensor<2x8x64x32xf32>, tensor<2x8x64x32xf32>, tensor<2x8x64x32xf32>) -> (tensor<2x8x64x32xf32>, tensor<2x8x64xf32>)
  // CHECK: nn.attention %{{.*}}, %{{.*}}, %{{.*}} mask %{{.*}} [0, 3] bias %{{.*}} [2, 3] keep %{{.*}} 2.000000e+00 scale 1.250000e-01 :
  %3, %4 = nn.attention %q, %q, %q mask %m [0, 3] bias %bias [2, 3] keep %keep 2.0 scale 0.125 : (tensor<2x8x64x32xf32>, tensor<2x8x64x32xf32>, tensor<2x8x64x32xf32>, tensor<2x64xi1>, tensor<64x64xf32>, tensor<2x8x64x64xi1>) -> (tensor<2x8x64x32xf32>, tensor<2x8x64xf32>)
  // CHECK: nn.attention_grad %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} scale 1.250000e-01 causal :
  %5, %6, %7 = nn.attention_grad %q, %q, %q, %1, %2, %1 scale 0.125 causal : (tensor<2x8x64x32xf32>, tensor<2x8x64x32xf32>, tensor<2x8x64x32xf32>, tensor<2x8x64x32xf32>, tensor<2x8x64xf32>, tensor<2x8x64x32xf32>) -> (tensor<2x8x64x32xf32>, tensor<2x8x64x32xf32>, tensor<2x8x64x32xf32>)
  return
}

// CHECK-LABEL: func.func @random
func.func @random(%seed: tensor<i64>, %step: tensor<i64>, %turn: tensor<i32>) {
  // CHECK: nn.random uniform site 42(%{{.*}}, %{{.*}}, %{{.*}}) : tensor<4x3xf32>
  %0 = nn.random uniform site 42 (%seed, %step, %turn) : tensor<4x3xf32>
  return
}

// CHECK-LABEL: func.func @control
func.func @control(%h0: tensor<4xf32>, %xs: tensor<8x4xf32>, %w: tensor<4xf32>, %c: tensor<i1>, %t0: tensor<i32>) {
  // CHECK: nn.scan 8 carry(%{{.*}}) inputs(%{{.*}}) constants(%{{.*}}) reverse :
  %h, %ys = nn.scan 8 carry(%h0) inputs(%xs) constants(%w) reverse : (tensor<4xf32>, tensor<8x4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<8x4xf32>) {
  ^bb0(%t: tensor<i32>, %s: tensor<4xf32>, %x: tensor<4xf32>, %v: tensor<4xf32>):
    %n = nn.mul %s, %x : tensor<4xf32>
    // CHECK: nn.yield %{{.*}}, %{{.*}} : tensor<4xf32>, tensor<4xf32>
    nn.yield %n, %v : tensor<4xf32>, tensor<4xf32>
  }
  // CHECK: nn.scan 8 bounds(%{{.*}}, %{{.*}}) carry(%{{.*}}) constants(%{{.*}}) until :
  %k = nn.scan 8 bounds(%t0, %t0) carry(%h0) constants(%c) until : (tensor<i32>, tensor<i32>, tensor<4xf32>, tensor<i1>) -> tensor<4xf32> {
  ^bb0(%t: tensor<i32>, %s: tensor<4xf32>, %d: tensor<i1>):
    nn.yield %s, %d : tensor<4xf32>, tensor<i1>
  }
  // CHECK: nn.if %{{.*}}(%{{.*}}) : (tensor<i1>, tensor<4xf32>) -> tensor<4xf32>
  %y = nn.if %c (%h0) : (tensor<i1>, tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    nn.yield %a : tensor<4xf32>
  // CHECK: else
  } else {
  ^bb0(%a: tensor<4xf32>):
    %b = nn.neg %a : tensor<4xf32>
    nn.yield %b : tensor<4xf32>
  }
  // CHECK: nn.assert %{{.*}}, "the prompt is empty"
  nn.assert %c, "the prompt is empty"
  return
}
