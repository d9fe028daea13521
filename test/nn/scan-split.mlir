// RUN: %nn-opt --nn-scan-split --canonicalize %s --split-input-file | FileCheck %s

// x[t] u needs no carry: it is one contraction before the loop.
// CHECK-LABEL: func.func @hoisted
// CHECK: %[[ALL:.*]] = nn.contract %arg1 [3, 0, 1], %arg2 [1, 2] -> [3, 0, 2] : tensor<8x3x5xf32>, tensor<5x4xf32>
// CHECK: nn.scan 8 carry(%arg0) inputs(%[[ALL]]) :
// CHECK-NOT: nn.contract
func.func @hoisted(%h0: tensor<3x4xf32>, %x: tensor<8x3x5xf32>, %u: tensor<5x4xf32>) -> tensor<3x4xf32> {
  %h = nn.scan 8 carry(%h0) inputs(%x) constants(%u) : (tensor<3x4xf32>, tensor<8x3x5xf32>, tensor<5x4xf32>) -> tensor<3x4xf32> {
  ^bb0(%t: tensor<i32>, %c: tensor<3x4xf32>, %p: tensor<3x5xf32>, %v: tensor<5x4xf32>):
    %0 = nn.contract %p [0, 1], %v [1, 2] -> [0, 2] : tensor<3x5xf32>, tensor<5x4xf32>
    %1 = nn.add %0, %c : tensor<3x4xf32>
    %2 = nn.tanh %1 : tensor<3x4xf32>
    nn.yield %2 : tensor<3x4xf32>
  }
  return %h : tensor<3x4xf32>
}

// -----

// concat(x, h) w: the rows of w that meet x move out with x, the others are a constant of the loop.
// CHECK-LABEL: func.func @concat
// CHECK: %[[WX:.*]] = nn.slice %arg2 [0, 0] [1, 1] : tensor<9x4xf32> to tensor<5x4xf32>
// CHECK: %[[ALL:.*]] = nn.contract %arg1 [3, 0, 1], %[[WX]] [1, 2] -> [3, 0, 2]
// CHECK: %[[WH:.*]] = nn.slice %arg2 [5, 0] [1, 1] : tensor<9x4xf32> to tensor<4x4xf32>
// CHECK: nn.scan 8 carry(%arg0) inputs(%[[ALL]]) constants(%[[WH]])
// CHECK: ^bb0(%{{.*}}, %[[H:.*]]: tensor<3x4xf32>, %[[P:.*]]: tensor<3x4xf32>, %[[V:.*]]: tensor<4x4xf32>):
// CHECK: %[[R:.*]] = nn.contract %[[H]] [0, 1], %[[V]] [1, 2] -> [0, 2]
// CHECK: nn.add %[[P]], %[[R]]
// CHECK-NOT: nn.contract
func.func @concat(%h0: tensor<3x4xf32>, %x: tensor<8x3x5xf32>, %w: tensor<9x4xf32>) -> tensor<3x4xf32> {
  %h = nn.scan 8 carry(%h0) inputs(%x) constants(%w) : (tensor<3x4xf32>, tensor<8x3x5xf32>, tensor<9x4xf32>) -> tensor<3x4xf32> {
  ^bb0(%t: tensor<i32>, %c: tensor<3x4xf32>, %p: tensor<3x5xf32>, %v: tensor<9x4xf32>):
    %xh = nn.concat %p, %c axis 1 : tensor<3x5xf32>, tensor<3x4xf32>
    %0 = nn.contract %xh [0, 1], %v [1, 2] -> [0, 2] : tensor<3x9xf32>, tensor<9x4xf32>
    %1 = nn.tanh %0 : tensor<3x4xf32>
    nn.yield %1 : tensor<3x4xf32>
  }
  return %h : tensor<3x4xf32>
}

// -----

// The symbol before is carried, but the text is given: it is an input, one turn late, and its embedding moves out too.
// CHECK-LABEL: func.func @delayed
// CHECK: %[[FIRST:.*]] = nn.reshape %arg1 : tensor<3xi32> to tensor<1x3xi32>
// CHECK: %[[REST:.*]] = nn.slice %arg2 [0, 0] [1, 1] : tensor<8x3xi32> to tensor<7x3xi32>
// CHECK: %[[BEFORE:.*]] = nn.concat %[[FIRST]], %[[REST]] axis 0
// CHECK: %[[END:.*]] = nn.slice %arg2 [7, 0] [1, 1]
// CHECK: %[[LAST:.*]] = nn.reshape %[[END]]
// CHECK: %[[E:.*]] = nn.gather %arg3, %[[BEFORE]] axis 0
// CHECK: %[[ALL:.*]] = nn.contract %[[E]] [3, 0, 1], %arg4 [1, 2] -> [3, 0, 2]
// CHECK: %[[H:.*]] = nn.scan 8 carry(%arg0) inputs(%[[ALL]]) :
// CHECK-NOT: nn.gather
// CHECK: return %[[H]], %[[LAST]]
func.func @delayed(%h0: tensor<3x4xf32>, %s0: tensor<3xi32>, %text: tensor<8x3xi32>, %table: tensor<9x5xf32>, %u: tensor<5x4xf32>)
    -> (tensor<3x4xf32>, tensor<3xi32>) {
  %h, %s = nn.scan 8 carry(%h0, %s0) inputs(%text) constants(%table, %u)
      : (tensor<3x4xf32>, tensor<3xi32>, tensor<8x3xi32>, tensor<9x5xf32>, tensor<5x4xf32>) -> (tensor<3x4xf32>, tensor<3xi32>) {
  ^bb0(%t: tensor<i32>, %c: tensor<3x4xf32>, %last: tensor<3xi32>, %next: tensor<3xi32>, %e: tensor<9x5xf32>, %v: tensor<5x4xf32>):
    %x = nn.gather %e, %last axis 0 : tensor<9x5xf32>, tensor<3xi32>
    %0 = nn.contract %x [0, 1], %v [1, 2] -> [0, 2] : tensor<3x5xf32>, tensor<5x4xf32>
    %1 = nn.add %0, %c : tensor<3x4xf32>
    nn.yield %1, %next : tensor<3x4xf32>, tensor<3xi32>
  }
  return %h, %s : tensor<3x4xf32>, tensor<3xi32>
}

// -----

// In the other direction the turn before is the next one by number.
// CHECK-LABEL: func.func @reverse
// CHECK: %[[FIRST:.*]] = nn.reshape %arg0
// CHECK: %[[REST:.*]] = nn.slice %arg1 [1] [1] : tensor<8xf32> to tensor<7xf32>
// CHECK: %[[BEFORE:.*]] = nn.concat %[[REST]], %[[FIRST]] axis 0
// CHECK: nn.slice %arg1 [0] [1]
// CHECK: nn.scan 8 {{.*}} inputs(%[[BEFORE]]) reverse
func.func @reverse(%s0: tensor<f32>, %x: tensor<8xf32>) -> (tensor<f32>, tensor<f32>) {
  %z = nn.constant dense<0.0> : tensor<f32>
  %s, %h = nn.scan 8 carry(%s0, %z) inputs(%x) reverse : (tensor<f32>, tensor<f32>, tensor<8xf32>) -> (tensor<f32>, tensor<f32>) {
  ^bb0(%t: tensor<i32>, %last: tensor<f32>, %c: tensor<f32>, %p: tensor<f32>):
    %0 = nn.sub %c, %last : tensor<f32>
    %1 = nn.tanh %0 : tensor<f32>
    nn.yield %p, %1 : tensor<f32>, tensor<f32>
  }
  return %s, %h : tensor<f32>, tensor<f32>
}

// -----

// The logits and the loss of a turn are no part of the recurrence: they are computed after it, and only the state is stacked.
// CHECK-LABEL: func.func @sunk
// CHECK: %[[S:.*]]:2 = nn.scan 8 carry(%arg0)
// CHECK-NOT: nn.contract
// CHECK: nn.yield
// CHECK: %[[L:.*]] = nn.contract %[[S]]#1 [3, 0, 1], %arg2 [1, 2] -> [3, 0, 2]
// CHECK: %[[B:.*]] = nn.broadcast %arg3 [2]
// CHECK: %[[Z:.*]] = nn.add %[[L]], %[[B]]
// CHECK: %[[E:.*]] = nn.cross_entropy %[[Z]], %arg1
// CHECK: return %[[S]]#0, %[[E]]
func.func @sunk(%h0: tensor<3x4xf32>, %text: tensor<8x3xi32>, %w: tensor<4x9xf32>, %b: tensor<9xf32>) -> (tensor<3x4xf32>, tensor<8x3xf32>) {
  %h, %l = nn.scan 8 carry(%h0) inputs(%text) constants(%w, %b)
      : (tensor<3x4xf32>, tensor<8x3xi32>, tensor<4x9xf32>, tensor<9xf32>) -> (tensor<3x4xf32>, tensor<8x3xf32>) {
  ^bb0(%t: tensor<i32>, %c: tensor<3x4xf32>, %next: tensor<3xi32>, %v: tensor<4x9xf32>, %bias: tensor<9xf32>):
    %1 = nn.tanh %c : tensor<3x4xf32>
    %2 = nn.contract %1 [0, 1], %v [1, 2] -> [0, 2] : tensor<3x4xf32>, tensor<4x9xf32>
    %3 = nn.broadcast %bias [1] : tensor<9xf32> to tensor<3x9xf32>
    %4 = nn.add %2, %3 : tensor<3x9xf32>
    %5 = nn.cross_entropy %4, %next : tensor<3x9xf32>, tensor<3xi32>
    nn.yield %1, %5 : tensor<3x4xf32>, tensor<3xf32>
  }
  return %h, %l : tensor<3x4xf32>, tensor<8x3xf32>
}

// -----

// What the carry needs stays, although an output needs it as well; so does a scan that may stop early.
// CHECK-LABEL: func.func @stays
// CHECK: nn.scan 8
// CHECK: nn.contract
// CHECK: nn.yield
// CHECK: nn.scan 8
// CHECK: nn.contract
// CHECK: nn.yield
// CHECK-NOT: nn.contract
func.func @stays(%h0: tensor<3x4xf32>, %x: tensor<8x3x4xf32>, %w: tensor<4x4xf32>) -> (tensor<8x3x4xf32>, tensor<3x4xf32>) {
  %h, %l = nn.scan 8 carry(%h0) constants(%w) : (tensor<3x4xf32>, tensor<4x4xf32>) -> (tensor<3x4xf32>, tensor<8x3x4xf32>) {
  ^bb0(%t: tensor<i32>, %c: tensor<3x4xf32>, %v: tensor<4x4xf32>):
    %1 = nn.contract %c [0, 1], %v [1, 2] -> [0, 2] : tensor<3x4xf32>, tensor<4x4xf32>
    %2 = nn.tanh %1 : tensor<3x4xf32>
    nn.yield %2, %1 : tensor<3x4xf32>, tensor<3x4xf32>
  }
  %s = nn.scan 8 carry(%h0) inputs(%x) constants(%w) until : (tensor<3x4xf32>, tensor<8x3x4xf32>, tensor<4x4xf32>) -> tensor<3x4xf32> {
  ^bb0(%t: tensor<i32>, %c: tensor<3x4xf32>, %p: tensor<3x4xf32>, %v: tensor<4x4xf32>):
    %1 = nn.contract %p [0, 1], %v [1, 2] -> [0, 2] : tensor<3x4xf32>, tensor<4x4xf32>
    %2 = nn.add %1, %c : tensor<3x4xf32>
    %m = nn.reduce max %2 [0, 1] : tensor<3x4xf32>
    %one = nn.constant dense<1.0> : tensor<f32>
    %done = nn.compare gt %m, %one : tensor<f32>
    nn.yield %2, %done : tensor<3x4xf32>, tensor<i1>
  }
  return %l, %s : tensor<8x3x4xf32>, tensor<3x4xf32>
}
